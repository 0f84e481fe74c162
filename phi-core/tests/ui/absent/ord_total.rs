// Nor totally ordered.
use phi_core::Phi;

fn largest<T: Ord>(_: T) {}

fn main() {
    largest(Phi::new(String::from("Ada Sample")));
}
