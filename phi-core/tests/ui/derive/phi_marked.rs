// A `Phi` is PHI whatever its mark says.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: Phi<i64>,
    #[phi(clear)]
    name: Phi<String>,
    #[phi(owner, class = "contact")]
    nurse: Option<Phi<String>>,
    #[phi(class = "contact", opaque)]
    phone: Phi<String>,
}

fn main() {}
