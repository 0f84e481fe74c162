// A record cannot be serialised: its derive gives no `Serialize`.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    name: Phi<String>,
}

fn main() {
    let patient = Patient { id: 1, name: "Ada Sample".into() };
    let _ = serde_json::to_string(&patient);
}
