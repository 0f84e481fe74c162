// There is no PHI nobody gave: an empty value would look like a known one.
use phi_core::Phi;

fn main() {
    let _ = Phi::<String>::default();
}
