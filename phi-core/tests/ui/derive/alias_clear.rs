// An alias hides the word `Phi` from the derive, but not from the twin, which must be stored.
use phi_core::{Phi, PhiRecord};

type Secret = Phi<String>;

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(clear)]
    name: Secret,
}

fn main() {}
