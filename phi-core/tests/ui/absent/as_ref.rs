// An open value lends itself by `expose` only.
use phi_core::Phi;

fn main() {
    let name = Phi::new(String::from("Ada Sample"));
    let _: &str = name.as_ref();
}
