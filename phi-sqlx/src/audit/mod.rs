//! The audit log in `SQLite`: [`SqliteAuditLog`] writes it, [`SqliteAuditReader`] reads and checks it.

mod builder;
mod error;
mod file;
mod log;
mod reader;
mod restore;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use self::builder::SqliteAuditLogBuilder;
pub use self::error::{AuditLogError, AuditLogProblem};
pub use self::log::{SignedCheckpoint, SqliteAuditLog};
pub use self::reader::{
    ContentFinding, ContentKind, EventFilter, LoggedEvent, SqliteAuditReader, StoreReport,
    StoredEntry,
};
