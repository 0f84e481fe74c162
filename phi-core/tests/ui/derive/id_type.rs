// An id is a UUID, an integer that a database gives, or opaque text.
use phi_core::PhiRecord;

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: u64,
}

fn main() {}
