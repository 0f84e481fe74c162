// PHI is spelled `Phi<T>`, so that a reader sees it.
use phi_core::{Phi, PhiRecord};

type Secret = Phi<String>;

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    name: Secret,
    #[phi(index(exact = "ssn"), clear)]
    ssn: String,
}

fn main() {}
