// An open value is not copied by accident; `duplicate` is easy to find.
use phi_core::Phi;

fn main() {
    let name = Phi::new(String::from("Ada Sample"));
    let _: Phi<String> = name.clone();
}
