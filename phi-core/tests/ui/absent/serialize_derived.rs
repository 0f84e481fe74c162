// A record cannot derive `Serialize` either; the message says what to serialise.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord, serde::Serialize)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    name: Phi<String>,
}

fn main() {}
