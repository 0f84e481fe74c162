// What serde would write otherwise than `reveal` does is said at its field, not passed over.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
#[serde(tag = "kind", transparent)]
#[serde(untagged, into = "Other", remote = "Other", rename_all = "Camel")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    #[serde(flatten)]
    contact: Phi<String>,
    #[phi(clear)]
    #[serde(default, with = "seconds")]
    created_at: i64,
    #[phi(clear)]
    #[serde(rename = "changed", serialize_with = "seconds::serialize")]
    changed_at: i64,
    #[phi(clear)]
    #[serde(getter = "Patient::age")]
    age: i64,
    #[phi(clear)]
    #[serde(skip_serialising)]
    secret: i64,
    #[phi(clear)]
    #[serde(skip_serializing_if = "not a path", rename = 3)]
    flag: bool,
    #[phi(clear)]
    #[serde(rename = "a", rename(serialize = "b"))]
    twice: bool,
    // Nothing of these is shown.
    #[phi(clear)]
    #[serde(flatten, skip_serializing)]
    fine: i64,
    #[phi(clear)]
    #[serde(skip, with = "seconds")]
    fine_too: i64,
}

fn main() {}
