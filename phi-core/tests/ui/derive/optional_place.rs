// What every row is bound to is always there.
use phi_core::PhiRecord;

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: Option<i64>,
    #[phi(tenant)]
    clinic: Option<i64>,
    #[phi(subject)]
    patient: Option<i64>,
}

fn main() {}
