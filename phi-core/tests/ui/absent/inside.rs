// What an open value holds is out of reach.
use phi_core::Phi;

fn main() {
    let name = Phi::new(String::from("Ada Sample"));
    let _ = &name.0;
    let Phi(_inner) = name;
}
