// Nor is a record that holds one.
use phi_core::{Phi, PhiRecord};

#[derive(Clone, PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    name: Phi<String>,
}

fn main() {}
