// `sqlx` without the feature of its name is one mistake, and it says which feature.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient", sqlx)]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact", index(exact = "text"))]
    name: Phi<String>,
}

fn main() {}
