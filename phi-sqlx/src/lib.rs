#![doc = include_str!("../README.md")]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub mod audit;
mod check;
mod fault;
mod row_error;
mod rows;

pub use check::{sealed_check, token_check};
pub use fault::DatabaseFault;
pub use phi_core::index::IndexToken;
pub use phi_core::record::Columns;
pub use phi_core::{Sealed, SealedError};
pub use row_error::RowError;
pub use rows::{insert, update, update_owned};
