// Every ciphertext is bound to the record's id.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(clear)]
    id: i64,
    #[phi(class = "contact")]
    name: Phi<String>,
}

fn main() {}
