//! What only `MySQL` and `MariaDB` have: their `CHECK` texts.

mod check;

pub use check::{sealed_check, token_check};
