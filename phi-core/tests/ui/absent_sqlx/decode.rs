// An open value cannot be read from a column: what stands there must be sealed.
use phi_core::Phi;
use sqlx::Row;

fn read(row: &sqlx::sqlite::SqliteRow) {
    let _: Phi<String> = row.get("name");
}

fn main() {}
