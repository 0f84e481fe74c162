// Only values whose stored form is fixed can be sealed.
use phi_core::{Phi, PhiRecord};

struct Visit;

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "clinical")]
    visit: Phi<Visit>,
}

fn main() {}
