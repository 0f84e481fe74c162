// Each code is written, unique, printable, and on a variant that holds nothing.
use phi_core::PhiCode;

#[derive(Clone, Copy, PhiCode)]
enum Status {
    Missing,
    #[phi(code = "a")]
    First,
    #[phi(code = "a")]
    Second,
    #[phi(code = "")]
    Empty,
    #[phi(code = " b")]
    Spaced,
    #[phi(code = "c")]
    Holds(u8),
    #[phi(class = "d")]
    Unknown,
}

#[derive(Clone, Copy, PhiCode)]
struct NoEnum;

#[derive(Clone, Copy, PhiCode)]
enum NoVariant {}

#[derive(Clone, Copy, PhiCode)]
#[phi(code = "e")]
enum Outside<T> {
    #[phi(code = "f")]
    Of(T),
}

fn main() {}
