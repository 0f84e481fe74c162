// Records are structs with named fields and no generics.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "a")]
enum Enum {
    A,
}

#[derive(PhiRecord)]
#[phi(record = "b")]
struct Tuple(Phi<String>);

#[derive(PhiRecord)]
#[phi(record = "c")]
union Union {
    id: i64,
}

#[derive(PhiRecord)]
#[phi(record = "d")]
struct Unit;

#[derive(PhiRecord)]
#[phi(record = "e")]
struct Generic<'a, T: Clone> {
    #[phi(id)]
    id: i64,
    #[phi(clear)]
    value: &'a T,
}

fn main() {}
