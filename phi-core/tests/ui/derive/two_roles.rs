// One id, one tenant, one owner, one subject; one mark for each field.
use phi_core::PhiRecord;

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(id)]
    other: i64,
    #[phi(tenant)]
    clinic: i64,
    #[phi(tenant)]
    agency: i64,
    #[phi(owner)]
    nurse: i64,
    #[phi(owner)]
    doctor: i64,
    #[phi(subject)]
    patient: i64,
    #[phi(subject)]
    donor: i64,
    #[phi(clear, owner)]
    note: i64,
}

fn main() {}
