// The label is what ciphertexts are bound to; it is not guessed from the name.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    name: Phi<String>,
}

fn main() {}
