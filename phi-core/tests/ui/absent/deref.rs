// An open value does not stand in for what it holds.
use phi_core::Phi;

fn main() {
    let name = Phi::new(String::from("Ada Sample"));
    let _: &String = &*name;
}
