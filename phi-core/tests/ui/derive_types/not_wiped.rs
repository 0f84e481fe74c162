// What cannot be wiped cannot be sealed, and the message says what is missing.
use std::collections::HashMap;

use phi_core::value::Json;
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "clinical")]
    answers: Phi<Json<HashMap<String, String>>>,
}

fn main() {}
