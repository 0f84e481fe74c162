//! Transactions that are tried again where that is safe.

mod error;
mod pause;
mod transaction;

pub use error::{RetryError, Transient};
pub use pause::{Jitter, Pause};
#[cfg(feature = "postgres")]
pub(crate) use transaction::retry;
pub use transaction::{Retry, retry_transaction};
