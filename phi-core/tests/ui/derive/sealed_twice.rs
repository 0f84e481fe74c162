// The twin has its derives.
use phi_core::PhiRecord;

#[derive(PhiRecord)]
#[phi(record = "a", sealed(derive(Clone)))]
struct A {
    #[phi(id)]
    id: i64,
}

#[derive(PhiRecord)]
#[phi(record = "b", sealed(derive(serde::Serialize), phi(record = "c")))]
struct B {
    #[phi(id)]
    id: i64,
}

fn main() {}
