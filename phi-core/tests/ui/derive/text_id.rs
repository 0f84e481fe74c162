// A text id is often a record number or a name, so it must be said to tell nothing.
use phi_core::PhiRecord;

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    mrn: String,
    #[phi(tenant)]
    clinic: Box<str>,
    #[phi(subject)]
    patient: String,
    #[phi(owner)]
    nurse: Option<String>,
    #[phi(clear, opaque)]
    note: String,
}

#[derive(PhiRecord)]
#[phi(record = "visit")]
struct Visit {
    #[phi(id)]
    id: u32,
    #[phi(tenant, opaque)]
    clinic: String,
}

fn main() {}
