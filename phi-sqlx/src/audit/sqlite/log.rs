//! The log as the application holds it.

use std::fmt;
use std::path::Path;

use phi_core::audit::note::SigningKey;
use phi_core::audit::{AuditError, AuditLog, Slot};
use uuid::Uuid;

use super::SqliteAuditLogBuilder;
use crate::audit::queue::Handle;
use crate::audit::{AuditLogError, AuditLogProblem, SignedCheckpoint};

/// An audit log in a `SQLite` file of its own, with one writer.
///
/// Events wait in a bounded queue; one task commits whatever is waiting in one transaction: the
/// leaves, the tree's edge and the signed checkpoint over them. A receipt is `Ok` after that
/// transaction is on disk (WAL, `synchronous=FULL`). Clones share one log.
///
/// The handle is an [`AuditLog`]: give it to `Safeguards`, and keep a clone to close it.
///
/// ```
/// use phi_core::audit::note::SigningKey;
/// use phi_core::audit::{Action, AuditError, AuditLog as _, Event, EventId, EventTime, Outcome};
/// use phi_sqlx::audit::{AuditLogProblem, SqliteAuditLog};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// # let folder = std::env::temp_dir().join(format!("phi-sqlx-doc-log-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let log = SqliteAuditLog::open(folder.join("audit.db"), SigningKey::generate("log.example/clinic")?).await?;
///
/// let slot = log.reserve()?; // when the request begins
/// let time = EventTime::new("2026-11-22T08:15:00Z".parse()?);
/// let event = Event::new(EventId::generate(time), time, Action::Read, Outcome::Success);
/// slot.append(vec![event]).await?; // durable: now the answer may leave
///
/// // A second writer: refused.
/// let key = SigningKey::generate("log.example/clinic")?;
/// let second = SqliteAuditLog::open(folder.join("audit.db"), key).await;
/// assert_eq!(second.unwrap_err().problem(), AuditLogProblem::InUse);
///
/// log.close().await?;
/// assert_eq!(log.reserve().unwrap_err(), AuditError::Closed); // after the end: refused
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// What is acknowledged survives the end of the process at any point (promise P11), and of the
/// machine as far as the disk keeps what it said it wrote. The file shows tampering, it does not
/// prevent it: keep checkpoints ([`next_checkpoint`](Self::next_checkpoint)) where the file's
/// keeper cannot write.
#[derive(Clone)]
pub struct SqliteAuditLog {
    handle: Handle,
    unclosed: Option<Uuid>,
}

impl SqliteAuditLog {
    /// Opens the log in this file, or begins one, with the defaults of
    /// [`builder`](Self::builder). The key's name is the log's origin.
    ///
    /// Needs a tokio runtime with its time driver, which must live as long as the log.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the file cannot be used, another process writes it, or what it holds is
    /// not what the key has signed: a log that lost entries is never continued.
    pub async fn open(path: impl AsRef<Path>, key: SigningKey) -> Result<Self, AuditLogError> {
        Self::builder(path, key).open().await
    }

    /// The same with settings.
    pub fn builder(path: impl AsRef<Path>, key: SigningKey) -> SqliteAuditLogBuilder {
        SqliteAuditLogBuilder::new(path.as_ref(), key)
    }

    pub(super) fn new(handle: Handle, unclosed: Option<Uuid>) -> Self {
        Self { handle, unclosed }
    }

    /// The writer before this one, if it ended without closing: the process was killed, the
    /// machine stopped, or the store was down at its end. What it acknowledged is there.
    pub fn opened_after_crash(&self) -> Option<Uuid> {
        self.unclosed
    }

    /// The newest checkpoint, signed, over all that is durable.
    pub fn checkpoint(&self) -> SignedCheckpoint {
        self.handle.checkpoint()
    }

    /// Waits for a checkpoint over more than `size` entries; `None` after the log has ended.
    ///
    /// For a task that keeps checkpoints elsewhere. An idle log writes a heartbeat from time to
    /// time, so that there is always a next one.
    pub async fn next_checkpoint(&self, size: u64) -> Option<SignedCheckpoint> {
        self.handle.next_checkpoint(size).await
    }

    /// What keeps the log from being written, if anything does.
    ///
    /// Events whose batch failed are kept, and written first when the store is back. Where an older
    /// copy was put in the file's place it does not come back: see [`AuditLogProblem`].
    pub fn problem(&self) -> Option<AuditLogProblem> {
        self.handle.problem()
    }

    /// Ends the log in good order: gives no slot any more, waits until those given are used or
    /// dropped, and writes the event that says so. Further calls wait for the same end.
    ///
    /// A request that never ends keeps its slot: put a time limit around this.
    ///
    /// # Errors
    ///
    /// [`AuditError::Unavailable`] if the last event could not be written; what was acknowledged
    /// before is safe. [`AuditError::Lost`] if the store failed and did not come back, so that
    /// events of refused callers, some of which may have done what they tell, are not in the log.
    pub async fn close(&self) -> Result<(), AuditError> {
        self.handle.close().await
    }
}

impl AuditLog for SqliteAuditLog {
    fn reserve(&self) -> Result<Slot, AuditError> {
        self.handle.reserve()
    }
}

impl fmt::Debug for SqliteAuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteAuditLog")
            .field("size", &self.handle.size())
            .field("free_slots", &self.handle.free_slots())
            .finish_non_exhaustive()
    }
}
