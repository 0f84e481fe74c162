// With `sqlx` the twin reads its own rows, and its columns have the names of its fields.
use phi_core::PhiRecord;

#[derive(PhiRecord)]
#[phi(record = "a", sqlx, sealed(derive(sqlx::FromRow), sqlx(rename_all = "camelCase")))]
struct A {
    #[phi(id)]
    id: i64,
}

fn main() {}
