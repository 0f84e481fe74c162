//! The audit log in a database: in a `SQLite` file of its own, or on a `PostgreSQL` server that many
//! processes share. The leaves, the tree and the checkpoints are the same, and so is what a reader
//! finds.
//!
//! | | `SQLite` | `PostgreSQL` |
//! |---|---|---|
//! | writes | `SqliteAuditLog`, one process | `PostgresAuditLog`, any number of processes |
//! | numbers, hashes, signs | the same, in the same transaction | `PostgresSealer`, one at a time, some 50 ms later |
//! | event and data in one transaction | no: two files | `PostgresAuditLog::commit` |
//! | reads and checks | `SqliteAuditReader` | `PostgresAuditReader` |
//!
//! # When the store is away
//!
//! A hand-over whose batch fails is refused, so that nothing is disclosed, and kept all the same: a
//! write that it tells of may have happened. Kept events are written first, in order and once, when the
//! store is back; what is kept is bounded, and closing says how many could not be written: those beyond
//! the bound, and on `PostgreSQL` those whose numbers somebody else took meanwhile. A store that no
//! longer holds what it acknowledged, because an older copy was put in its place, is not written to.
//!
//! # A write on `PostgreSQL`
//!
//! ```no_run
//! # #[cfg(feature = "postgres")] mod example {
//! use phi_core::policy::{Action, Purpose};
//! use phi_core::{Principal, Safeguards};
//! use phi_sqlx::audit::{CommitError, PostgresAuditLog};
//! use sqlx::PgPool;
//!
//! /// The sealed row and the event about it become durable together, or neither does.
//! async fn admit(
//!     safeguards: &Safeguards,
//!     log: &PostgresAuditLog,
//!     pool: &PgPool,
//!     nurse: &Principal,
//! ) -> Result<(), Box<dyn std::error::Error>> {
//!     let grant = safeguards.begin(nurse, Action::Create, "patient", Purpose::Treatment).await?;
//!     let mut transaction = pool.begin().await?;
//!     // let row = grant.seal(&patient)?; … INSERT it in the transaction
//!     match log.commit(transaction, grant).await {
//!         Ok(()) => Ok(()), // now the answer may leave
//!         // Nothing is there, and the log says that the write failed: refused.
//!         Err(error @ CommitError::NotCommitted(_)) => Err(error.into()),
//!         Err(error) => Err(error.into()),
//!     }
//! }
//! # }
//! ```

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
