// Labels stand in policies and audit events: they print plainly.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "Patient Chart")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "")]
    name: Phi<String>,
    #[phi(class = "contact", field = "e.mail")]
    email: Phi<String>,
    #[phi(class = "all")]
    phone: Phi<String>,
    #[phi(class = "contact")]
    straße: Phi<String>,
}

fn main() {}
