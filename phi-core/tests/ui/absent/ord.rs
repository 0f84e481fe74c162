// An open value is not ordered: a sorted list tells values.
use phi_core::Phi;

fn main() {
    let one = Phi::new(String::from("Ada Sample"));
    let other = Phi::new(String::from("Bo Sample"));
    let _ = one < other;
}
