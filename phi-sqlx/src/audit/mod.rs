//! The audit log in `SQLite`: [`SqliteAuditLog`] writes it, [`SqliteAuditReader`] reads and checks it.

mod error;
#[cfg(feature = "postgres")]
mod postgres;
mod queue;
mod reader;
mod restore;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tables;

pub use self::error::{AuditLogError, AuditLogProblem};
#[cfg(feature = "postgres")]
pub use self::postgres::{
    CommitError, PostgresAuditLog, PostgresAuditLogBuilder, PostgresAuditReader,
    PostgresAuditTables, PostgresSealer, PostgresSealerBuilder, QueueReport, RoleProblem,
    WaitingWriter,
};
pub use self::queue::SignedCheckpoint;
pub use self::reader::{
    AuditReader, ContentFinding, ContentKind, EventFilter, LoggedEvent, StoreReport, StoredEntry,
};
#[cfg(feature = "sqlite")]
pub use self::sqlite::{SqliteAuditLog, SqliteAuditLogBuilder, SqliteAuditReader};
