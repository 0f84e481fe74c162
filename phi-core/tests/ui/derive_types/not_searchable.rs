// An index over values with few forms would give them away.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "clinical", index(exact = "text"))]
    positive: Phi<bool>,
}

fn main() {}
