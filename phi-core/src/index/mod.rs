//! Exact-match search over sealed columns: keyed tokens over normalised values (FORMAT.md section 7).

mod digits;
mod fold;
mod normal;
mod search;
#[cfg(feature = "sqlx")]
mod sqlx;
mod token;

pub use normal::{Normal, NormalError, Normaliser};
pub use search::{Index, Search};
pub use token::IndexToken;
pub(crate) use token::make as make_token;
