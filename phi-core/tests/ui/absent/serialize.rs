// An open value cannot be serialised; the message says what can.
use phi_core::Phi;

fn main() {
    let name = Phi::new(String::from("Ada Sample"));
    let _ = serde_json::to_string(&name);
}
