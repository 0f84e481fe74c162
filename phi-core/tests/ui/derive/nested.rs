// `Phi` inside anything but `Option` is not understood, so it is refused.
use std::collections::HashMap;

use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    names: Vec<Phi<String>>,
    #[phi(clear)]
    notes: HashMap<String, Phi<String>>,
    #[phi(class = "contact")]
    phone: Option<Option<Phi<String>>>,
    #[phi(class = "contact")]
    pair: (Phi<String>, bool),
    #[phi(class = "contact")]
    boxed: Box<Phi<String>>,
    // Without a mark, and still told how.
    bare: [Phi<String>; 2],
}

fn main() {}
