// Nor by reference, nor as an optional one.
use phi_core::Phi;

fn main() {
    let name = Some(Phi::new(String::from("Ada Sample")));
    let _ = sqlx::query::<sqlx::Sqlite>("UPDATE patient SET name = ?").bind(name.as_ref());
}
