//! The audit log, where the patients are: in a file beside theirs, or on their server.

#[cfg(feature = "postgres")]
use std::time::Duration;

use phi_core::audit::note::{SigningKey, VerifierKey};
use phi_core::audit::{AuditError, AuditLog, Outcome, Reason, Slot};
use phi_core::{Grant, SealedRecord};
use phi_sqlx::audit::{
    ContentFinding, EventFilter, LoggedEvent, SignedCheckpoint, SqliteAuditLog, SqliteAuditReader,
    StoreReport,
};
#[cfg(feature = "postgres")]
use phi_sqlx::audit::{PostgresAuditLog, PostgresAuditReader, PostgresAuditTables, PostgresSealer};

use super::Failure;
use super::database::{Database, Session};
use super::folder::Folder;

/// How many events are read at most: a tour makes a few dozen.
const EVENTS: usize = 100_000;

/// How long the sealer may take for what is there.
#[cfg(feature = "postgres")]
const LONGEST_SEAL: Duration = Duration::from_secs(10);

/// How often the queue is looked at meanwhile.
#[cfg(feature = "postgres")]
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// How long nobody seals after a program that was killed.
#[cfg(feature = "postgres")]
const LEASE: Duration = Duration::from_secs(3);

/// The log's writer, and whoever signs.
#[derive(Debug, Clone)]
pub enum Audit {
    /// A file: one task writes and signs.
    Sqlite(SqliteAuditLog, Folder),
    /// A server: the application writes, a sealer with a role and connections of its own signs.
    #[cfg(feature = "postgres")]
    Postgres(PostgresAuditLog, std::sync::Arc<Sealed>),
}

/// What the application does not need for writing.
#[cfg(feature = "postgres")]
#[derive(Debug)]
pub struct Sealed {
    sealer: PostgresSealer,
    tables: PostgresAuditTables,
    reads: sqlx::postgres::PgConnectOptions,
}

impl Audit {
    /// Opens the log that goes with this database. A kept checkpoint that it does not continue
    /// stops it.
    ///
    /// # Errors
    ///
    /// [`Failure::AuditLog`] if it cannot be used.
    pub async fn open(
        folder: &Folder,
        database: &Database,
        key: SigningKey,
    ) -> Result<Self, Failure> {
        let kept = std::fs::read_to_string(folder.checkpoint()).ok();
        #[cfg(feature = "postgres")]
        if let Some(logins) = database.log_logins(folder).await? {
            let (tables, reads) = (logins.tables, logins.application.clone());
            let mut sealer = PostgresSealer::builder(logins.sealer, &tables, key).lease(LEASE);
            if let Some(kept) = kept {
                sealer = sealer.kept(kept);
            }
            let sealer = sealer.start().await?;
            let log = PostgresAuditLog::open(logins.application, &tables).await?;
            return Ok(Self::Postgres(log, Sealed { sealer, tables, reads }.into()));
        }
        #[cfg(not(feature = "postgres"))]
        let _ = database; // it is the file beside the log's
        let mut log = SqliteAuditLog::builder(folder.audit(), key);
        if let Some(kept) = kept {
            log = log.kept(kept);
        }
        Ok(Self::Sqlite(log.open().await?, folder.clone()))
    }

    /// What the tour calls its file; a server's log is where the patients are.
    #[must_use]
    pub fn file(&self) -> Option<&'static str> {
        match self {
            Self::Sqlite(..) => Some("audit.db"),
            #[cfg(feature = "postgres")]
            Self::Postgres(..) => None,
        }
    }

    /// The signed head over everything that was acknowledged.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the sealer does not come so far.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(clippy::unused_async, reason = "a file's writer signs at once")
    )]
    pub async fn head(&self) -> Result<SignedCheckpoint, Failure> {
        match self {
            Self::Sqlite(log, _) => Ok(log.checkpoint()),
            #[cfg(feature = "postgres")]
            Self::Postgres(_, sealed) => sealed.head().await,
        }
    }

    /// A reader of everything that was acknowledged.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or the sealer does not come so far.
    pub async fn reader(&self) -> Result<Reader, Failure> {
        match self {
            Self::Sqlite(_, folder) => {
                Ok(Reader::Sqlite(SqliteAuditReader::open(folder.audit()).await?))
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_, sealed) => {
                sealed.head().await?;
                Ok(Reader::Postgres(sealed.reader().await?))
            }
        }
    }

    /// Keeps what a handler wrote, on a server together with its event. Where they are apart the
    /// guard writes the event when the handler has ended.
    ///
    /// # Errors
    ///
    /// [`Failure::Commit`] or [`Failure::Database`] if nothing was kept.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(unused_variables, reason = "the guard ends the grant")
    )]
    pub async fn keep(&self, session: Session, grant: &Grant) -> Result<(), Failure> {
        match (self, session) {
            #[cfg(feature = "postgres")]
            (Self::Postgres(log, _), Session::Postgres(transaction)) => {
                Ok(log.commit(transaction, grant.clone()).await?)
            }
            (_, session) => session.commit().await,
        }
    }

    /// Keeps what was written under these grants, and their outcome in the log: on a server in one
    /// transaction, else one after the other.
    ///
    /// # Errors
    ///
    /// [`Failure::Commit`] or [`Failure::Database`] if nothing was kept; [`Failure::Audit`] if only
    /// the outcome is missing.
    pub async fn commit(&self, session: Session, grants: Vec<Grant>) -> Result<(), Failure> {
        #[cfg(feature = "postgres")]
        let session = match (self, session) {
            (Self::Postgres(log, _), Session::Postgres(transaction)) => {
                return Ok(log.commit_all(transaction, grants).await?);
            }
            (_, session) => session,
        };
        if let Err(error) = session.commit().await {
            for grant in grants {
                grant.finish_as(Outcome::Failed, Some(Reason::StoreUnavailable)).await?;
            }
            return Err(error);
        }
        // The rows are stored: every outcome is handed over before any of them is waited for.
        let receipts: Vec<_> =
            grants.iter().map(|grant| grant.finish_as(Outcome::Success, None)).collect();
        for receipt in receipts {
            receipt.await?;
        }
        Ok(())
    }

    /// Ends the log in good order.
    ///
    /// # Errors
    ///
    /// [`Failure::Audit`] if its last event could not be written.
    pub async fn close(&self) -> Result<(), Failure> {
        match self {
            Self::Sqlite(log, _) => log.close().await?,
            #[cfg(feature = "postgres")]
            Self::Postgres(log, sealed) => {
                log.close().await?;
                sealed.sealer.close().await?;
            }
        }
        Ok(())
    }
}

impl AuditLog for Audit {
    fn reserve(&self) -> Result<Slot, AuditError> {
        match self {
            Self::Sqlite(log, _) => log.reserve(),
            #[cfg(feature = "postgres")]
            Self::Postgres(log, _) => log.reserve(),
        }
    }
}

#[cfg(feature = "postgres")]
impl Sealed {
    async fn reader(&self) -> Result<PostgresAuditReader, Failure> {
        Ok(PostgresAuditReader::open(self.reads.clone(), &self.tables).await?)
    }

    /// The head, once the queue is empty.
    async fn head(&self) -> Result<SignedCheckpoint, Failure> {
        let head = tokio::time::timeout(LONGEST_SEAL, self.sealed()).await;
        head.unwrap_or(Err(AuditError::Timeout.into()))
    }

    async fn sealed(&self) -> Result<SignedCheckpoint, Failure> {
        let mut reader = self.reader().await?;
        // Whichever sealer is at work: another process may have the lease.
        while reader.queue().await?.waiting > 0 {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        let head = reader.checkpoint().await?;
        head.ok_or(Failure::Program("the audit log has no head"))
    }
}

/// Reads the log and checks it.
#[derive(Debug)]
pub enum Reader {
    /// In a file.
    Sqlite(SqliteAuditReader),
    /// On a server.
    #[cfg(feature = "postgres")]
    Postgres(PostgresAuditReader),
}

/// Runs the same words with each kind of reader.
macro_rules! read {
    ($reader:expr, $it:ident => $read:expr) => {
        match $reader {
            Reader::Sqlite($it) => $read,
            #[cfg(feature = "postgres")]
            Reader::Postgres($it) => $read,
        }
    };
}

impl Reader {
    /// All events from this index on.
    ///
    /// # Errors
    ///
    /// [`Failure::AuditLog`] if the log cannot be read.
    pub async fn events(&mut self, from: u64) -> Result<Vec<LoggedEvent>, Failure> {
        let all = EventFilter::all();
        Ok(read!(self, reader => reader.events(&all, from, EVENTS).await)?)
    }

    /// Checks the whole log.
    ///
    /// # Errors
    ///
    /// As [`events`](Self::events).
    pub async fn verify(&mut self, key: &VerifierKey, kept: &str) -> Result<StoreReport, Failure> {
        let keys = std::slice::from_ref(key);
        Ok(read!(self, reader => reader.verify(keys, Some(kept)).await)?)
    }

    /// Compares the rows of a table with what the log says was written.
    ///
    /// # Errors
    ///
    /// As [`events`](Self::events).
    pub async fn check_all_rows<S: SealedRecord>(
        &mut self,
        rows: &[S],
    ) -> Result<Vec<ContentFinding>, Failure> {
        Ok(read!(self, reader => reader.check_all_rows(rows).await)?)
    }
}
