// Nor totally ordered.
use phi_core::Phi;

fn main() {
    let one = Phi::new(String::from("Ada Sample"));
    let other = Phi::new(String::from("Bo Sample"));
    let _ = std::cmp::max(one, other);
}
