//! The log's settings.

use std::path::{Path, PathBuf};
use std::time::Duration;

use phi_core::audit::note::{SigningKey, VerifierKey};

use super::SqliteAuditLog;
use super::file::WriterLock;
use super::store::{Locked, Store};
use crate::audit::queue::{Writer, new_writer};
use crate::audit::{AuditLogError, AuditLogProblem};

/// Settings of a [`SqliteAuditLog`].
#[derive(Debug)]
#[must_use = "settings do nothing until the log is opened"]
pub struct SqliteAuditLogBuilder {
    path: PathBuf,
    key: SigningKey,
    older: Vec<VerifierKey>,
    kept: Option<String>,
    slots: usize,
    heartbeat: Option<Duration>,
}

impl SqliteAuditLogBuilder {
    pub(super) fn new(path: &Path, key: SigningKey) -> Self {
        let heartbeat = Some(Duration::from_mins(5));
        Self { path: path.into(), key, older: Vec::new(), kept: None, slots: 1024, heartbeat }
    }

    /// How many hand-overs may be reserved or waiting, 1,024 by default; between 1 and 65,536.
    /// The next one is [`AuditError::Full`](phi_core::audit::AuditError::Full).
    pub fn slots(mut self, slots: usize) -> Self {
        self.slots = slots.clamp(1, 65_536);
        self
    }

    /// After how long without events the log writes one of its own, so that a checkpoint dates
    /// itself: five minutes by default. `None` for never.
    pub fn heartbeat(mut self, after: Option<Duration>) -> Self {
        self.heartbeat = after;
        self
    }

    /// Accepts a last checkpoint that an older key has signed. It must bear the same name.
    pub fn trust(mut self, older: VerifierKey) -> Self {
        self.older.push(older);
        self
    }

    /// A checkpoint kept elsewhere: the log must continue it.
    ///
    /// # Security
    ///
    /// The file alone cannot show that it is an older copy of itself. With a kept checkpoint a
    /// restored backup, or a file begun anew, is refused.
    pub fn kept(mut self, checkpoint: impl Into<String>) -> Self {
        self.kept = Some(checkpoint.into());
        self
    }

    /// Opens the log, or begins one.
    ///
    /// # Errors
    ///
    /// As [`SqliteAuditLog::open`].
    pub async fn open(self) -> Result<SqliteAuditLog, AuditLogError> {
        let path = self.path.clone();
        self.start().await.map_err(|problem| AuditLogError::new(path, problem))
    }

    async fn start(self) -> Result<SqliteAuditLog, AuditLogProblem> {
        let lock = WriterLock::take(&self.path)?;
        let kept = self.kept.as_deref();
        let store = Store::open(&lock.path, self.key, self.older, kept, new_writer()).await?;
        let unclosed = store.unclosed();
        let store = Locked { store, lock };
        let handle = Writer::start(store, self.slots, self.heartbeat).await?;
        if unclosed.is_some() {
            tracing::warn!("audit log: the writer before this one ended without closing");
        }
        Ok(SqliteAuditLog::new(handle, unclosed))
    }
}
