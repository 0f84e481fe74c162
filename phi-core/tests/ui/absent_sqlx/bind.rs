// An open value cannot be bound to a column; the message says what can.
use phi_core::Phi;

fn main() {
    let name = Phi::new(String::from("Ada Sample"));
    let _ = sqlx::query::<sqlx::Sqlite>("UPDATE patient SET name = ?").bind(name);
}
