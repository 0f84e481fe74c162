// Numbers and kinds are checked where they are written.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact", pad = 0)]
    a: Phi<String>,
    #[phi(class = "contact", pad = "some")]
    b: Phi<String>,
    #[phi(class = "contact", pad = 4097)]
    c: Phi<String>,
    #[phi(class = "contact", index(exact = "name"))]
    d: Phi<String>,
    #[phi(class = "contact", index(exact = "text", bits = 7))]
    e: Phi<String>,
    #[phi(class = "contact", index(exact = "text", bits = 257))]
    f: Phi<String>,
    #[phi(class = "contact", index(bits = 64))]
    g: Phi<String>,
    #[phi(class = contact)]
    h: Phi<String>,
    #[phi(class = "contact", pad = 16u8)]
    i: Phi<String>,
}

fn main() {}
