// Every field says what it is; all mistakes show in one compile.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    ssn: String,
    #[phi(class = "contact")]
    name: Phi<String>,
    diagnosis: Option<String>,
    phone: Phi<String>,
}

fn main() {}
