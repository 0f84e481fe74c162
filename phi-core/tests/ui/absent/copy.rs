// An open value is moved, never copied.
use phi_core::Phi;

fn main() {
    let year = Phi::new(1982_i64);
    let _moved = year;
    let _ = year.expose();
}
