//! What only `PostgreSQL` has: its `CHECK` texts.

mod check;

pub use check::{sealed_check, token_check};
