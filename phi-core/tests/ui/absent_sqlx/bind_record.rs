// An open record has no columns; its sealed twin has.
use phi_core::record::Columns;
use phi_core::{Phi, PhiRecord};
use sqlx::Sqlite;

#[derive(PhiRecord)]
#[phi(record = "patient", sqlx)]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    name: Phi<String>,
}

fn save<R: Columns<Sqlite>>(_: &R) {}

fn main() {
    save(&Patient { id: 1, name: "Ada Sample".into() });
}
