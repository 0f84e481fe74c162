// What `crate` says is one path, in a string.
use phi_core::{PhiCode, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient", crate = phi_core)]
struct Patient {
    #[phi(id)]
    id: i64,
}

#[derive(PhiRecord)]
#[phi(record = "visit", crate = "phi core", crate = "phi_core")]
struct Visit {
    #[phi(id)]
    id: i64,
}

#[derive(Clone, Copy, PhiCode)]
#[phi(crate = "", code = "smoking")]
enum Smoking {
    #[phi(code = "never")]
    Never,
}

fn main() {}
