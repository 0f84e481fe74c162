// An open value is no key of a map: an unkeyed hash of it can be reversed.
use std::hash::{DefaultHasher, Hash};

use phi_core::Phi;

fn main() {
    let name = Phi::new(String::from("Ada Sample"));
    name.hash(&mut DefaultHasher::new());
}
