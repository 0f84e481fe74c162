// Labels, columns and index names are each unique.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact", field = "phone")]
    home: Phi<String>,
    #[phi(class = "contact")]
    phone: Phi<String>,
    #[phi(class = "identifier", index(exact = "ssn"))]
    ssn: Phi<String>,
    #[phi(clear)]
    ssn_index: String,
    #[phi(class = "identifier", field = "ssn-2", index(exact = "ssn"))]
    SSN: Phi<String>,
    #[phi(class = "contact", index(exact = "text"))]
    name: Phi<String>,
    #[phi(class = "contact", field = "name_index")]
    other: Phi<String>,
}

fn main() {}
