// An open value cannot be written into a text.
use phi_core::Phi;

fn main() {
    let name = Phi::new(String::from("Ada Sample"));
    let _ = format!("{name}");
}
