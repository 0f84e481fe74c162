//! Reading the log and checking it, beside the writer.

mod content;
mod pack;
mod page;
#[cfg(all(test, feature = "sqlite"))]
mod tests;
mod verify;

use std::fmt;

pub use self::content::{ContentFinding, ContentKind};
pub(super) use self::pack::{Filed, Pack};
pub use self::page::{EventFilter, LoggedEvent, StoredEntry};
pub use self::verify::StoreReport;
use super::error::Place;
use super::tables::Tables;
use super::{AuditLogError, AuditLogProblem, SignedCheckpoint};

/// Reads an audit log and checks it, also while it is written: as `SqliteAuditReader` in a file, as
/// `PostgresAuditReader` on a server.
pub struct AuditReader<C> {
    place: Place,
    pub(super) db: C,
}

impl<C> AuditReader<C> {
    pub(super) fn new(place: Place, db: C) -> Self {
        Self { place, db }
    }

    pub(super) fn error(&self, problem: AuditLogProblem) -> AuditLogError {
        AuditLogError::new(self.place.clone(), problem)
    }
}

impl<C: Tables> AuditReader<C> {
    /// The newest checkpoint as it is stored, checked by nobody yet; `None` before the first event.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the log cannot be read.
    pub async fn checkpoint(&mut self) -> Result<Option<SignedCheckpoint>, AuditLogError> {
        let head = self.db.head().await.map_err(|problem| self.error(problem))?;
        Ok(head.map(|head| SignedCheckpoint::new(head.size, head.checkpoint)))
    }
}

impl<C> fmt::Debug for AuditReader<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditReader").field("place", &self.place).finish_non_exhaustive()
    }
}
