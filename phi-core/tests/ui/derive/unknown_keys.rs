// A misspelt word never passes for a mark.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient", table = "patients")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact", secret)]
    name: Phi<String>,
    #[phi(cleer)]
    note: String,
    #[phi(class = "contact", index(exact = "text", size = 3))]
    city: Phi<String>,
    #[phi(class = "contact", class = "clinical")]
    phone: Phi<String>,
    #[phi]
    other: String,
}

fn main() {}
