// The twin has its derives, and with `sqlx` its columns have the names of its fields.
use phi_core::PhiRecord;

#[derive(PhiRecord)]
#[phi(record = "a", sqlx, sealed(derive(Clone, sqlx::FromRow), sqlx(rename_all = "camelCase")))]
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
