#![doc = include_str!("../README.md")]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub mod audit;
mod check;
mod columns;
mod dialect;
mod fault;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod retry;
mod row_error;
mod rows;
mod scope;
mod sqlx_toml;
mod table_name;

pub use check::{sealed_check, token_check};
pub use columns::{ColumnError, ColumnFault, check_columns};
pub use dialect::Dialect;
pub use fault::DatabaseFault;
pub use phi_core::index::IndexToken;
pub use phi_core::record::{ColumnKind, Columns};
pub use phi_core::{Sealed, SealedError};
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub use retry::{Jitter, Pause, Retry, RetryError, Transient, retry_transaction};
pub use row_error::RowError;
pub use rows::{insert, update, update_owned};
pub use scope::{IdType, ScopePredicate};
pub use sqlx_toml::SqlxToml;
