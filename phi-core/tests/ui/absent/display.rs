// An open value has no text form.
use phi_core::Phi;

fn main() {
    let name = Phi::new(String::from("Ada Sample"));
    let _ = name.to_string();
}
