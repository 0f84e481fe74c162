//! The log as the application holds it.

use std::fmt;
use std::sync::Arc;

use phi_core::Grant;
use phi_core::audit::{AuditError, AuditLog, Slot};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Postgres, Transaction};

use super::lane::Lanes;
use super::{CommitError, PostgresAuditLogBuilder, PostgresAuditTables, commit};
use crate::audit::queue::Handle;
use crate::audit::{AuditLogError, AuditLogProblem};

/// An audit log on `PostgreSQL`, as one of many processes writes it.
///
/// Each process is a writer of its own and numbers its events without a gap and without a lock. One
/// task commits whatever is waiting with one statement, on a connection of its own. A receipt is
/// `Ok` after the rows are durable in the queue; the log's [sealer](super::PostgresSealer), which
/// may run anywhere, gives them their place in the tree a moment later. Clones share one log.
///
/// ```no_run
/// use phi_core::audit::{AuditLog as _, note::SigningKey};
/// use phi_sqlx::audit::{PostgresAuditLog, PostgresAuditTables, PostgresSealer};
/// use sqlx::postgres::PgConnectOptions;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let tables = PostgresAuditTables::new("phi_audit")?;
///
/// // In every process that shows or writes PHI. Each role may do its part of the log and no more.
/// let web: PgConnectOptions = "postgres://clinic_web@localhost/clinic".parse()?;
/// let log = PostgresAuditLog::open(web, &tables).await?;
/// let slot = log.reserve()?; // `Safeguards` does this for each grant
/// # drop(slot);
///
/// // In one process, or in several of which one is at work: the only place with the key.
/// let sealer: PgConnectOptions = "postgres://clinic_sealer@localhost/clinic".parse()?;
/// let key = SigningKey::from_file("/etc/clinic/log.key")?;
/// let sealer = PostgresSealer::start(sealer, &tables, key).await?;
/// let kept = sealer.next_checkpoint(0).await; // … sent to where this server cannot write
///
/// log.close().await?;
/// sealer.close().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Security
///
/// What is acknowledged survives the end of the process and of the server at any point (promise
/// P11), as far as the disk keeps what it said it wrote: a server with `fsync` off, or with tables
/// that are not logged, is refused, and so is a role that may do more than its part. What is in the
/// queue and not sealed yet can be removed by whoever may write the database, unseen; the sealer
/// keeps that time short, and a hole among a writer's numbers is reported.
///
/// A hand-over with an event of a tenant whose name has a NUL is refused
/// ([`AuditError::Rejected`]): no text column of the server holds
/// it, so that it could be acknowledged and never be sealed.
///
/// Connect to the server itself: a pooler in transaction mode loses the session's settings.
#[derive(Clone)]
pub struct PostgresAuditLog {
    handle: Handle,
    lanes: Arc<Lanes>,
}

impl PostgresAuditLog {
    /// Connects as a new writer, with the defaults of [`builder`](Self::builder).
    ///
    /// Needs a tokio runtime with its time driver, which must live as long as the log.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the server cannot be reached or is not durable, the tables are not
    /// there, or the role may do more than write to the queue and read.
    pub async fn open(
        options: PgConnectOptions,
        tables: &PostgresAuditTables,
    ) -> Result<Self, AuditLogError> {
        Self::builder(options, tables).open().await
    }

    /// The same with settings.
    pub fn builder(
        options: PgConnectOptions,
        tables: &PostgresAuditTables,
    ) -> PostgresAuditLogBuilder {
        PostgresAuditLogBuilder::new(options, tables.clone())
    }

    pub(super) fn new(handle: Handle, lanes: Arc<Lanes>) -> Self {
        Self { handle, lanes }
    }

    /// Commits a transaction on the log's database and, in it, the event of the grant under which
    /// it was written: the data is there if, and only if, its event is. The last step of a write,
    /// in place of [`Grant::finish`].
    ///
    /// In a handler behind a guard it takes a clone of the handler's grant: the guard answers once
    /// this is committed, and not if it is not.
    ///
    /// If the connection is lost meanwhile, the database is asked how the transaction ended.
    ///
    /// # Errors
    ///
    /// [`CommitError`]. Unless it is [`CommitError::Unknown`], nothing was committed, and the log
    /// says that the write failed; to try again begin with a new grant.
    ///
    /// # Security
    ///
    /// The grant must be of `Safeguards` that write to this log, and the transaction's role must be
    /// the application's. Disclose nothing unless it is `Ok`.
    pub async fn commit(
        &self,
        transaction: Transaction<'_, Postgres>,
        grant: Grant,
    ) -> Result<(), CommitError> {
        self.commit_all(transaction, vec![grant]).await
    }

    /// The same for work under several grants, as a job's that writes records of several kinds: the
    /// data is there if, and only if, the events of all of them are.
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit); [`AuditError::Closed`] also if there is no grant.
    pub async fn commit_all(
        &self,
        transaction: Transaction<'_, Postgres>,
        grants: Vec<Grant>,
    ) -> Result<(), CommitError> {
        let otherwise = self.handle.reserve().map_err(CommitError::Log)?;
        commit::commit(&self.lanes, otherwise, transaction, &grants).await
    }

    /// What keeps the log from being written, if anything does.
    ///
    /// Events whose batch failed are kept, and written first when the server is back.
    pub fn problem(&self) -> Option<AuditLogProblem> {
        self.handle.problem()
    }

    /// Ends this writer in good order: gives no slot any more, waits until those given are used or
    /// dropped, and writes the event that says so. Further calls wait for the same end.
    ///
    /// A request that never ends keeps its slot: put a time limit around this.
    ///
    /// # Errors
    ///
    /// [`AuditError::Unavailable`] if the last event could not be written; what was acknowledged
    /// before is safe. [`AuditError::Lost`] if the server failed and did not come back, or
    /// somebody else wrote under this writer's numbers, so that events of refused callers, some of which
    /// may have done what they tell, are not in the log.
    pub async fn close(&self) -> Result<(), AuditError> {
        let lanes = self.lanes.close().await;
        self.handle.close().await?;
        lanes.map_err(|_| AuditError::Unavailable)
    }
}

impl AuditLog for PostgresAuditLog {
    fn reserve(&self) -> Result<Slot, AuditError> {
        self.handle.reserve()
    }
}

impl fmt::Debug for PostgresAuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresAuditLog")
            .field("schema", &self.lanes.tables().schema())
            .field("free_slots", &self.handle.free_slots())
            .finish_non_exhaustive()
    }
}
