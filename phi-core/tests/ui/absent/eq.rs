// An open value is not compared with `==`; `same_as` takes constant time.
use phi_core::Phi;

fn main() {
    let one = Phi::new(String::from("Ada Sample"));
    let other = Phi::new(String::from("Bo Sample"));
    let _ = one == other;
}
