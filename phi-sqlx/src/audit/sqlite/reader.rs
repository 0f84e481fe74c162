use std::path::Path;
use std::{fs, io};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};

use super::file::existing;
use super::store::is_log;
use crate::DatabaseFault;
use crate::audit::reader::AuditReader;
use crate::audit::{AuditLogError, AuditLogProblem};

/// Reads an audit log's file, also while it is written.
///
/// ```
/// use phi_core::audit::Verdict;
/// use phi_core::audit::note::SigningKey;
/// use phi_sqlx::audit::{EventFilter, SqliteAuditLog, SqliteAuditReader};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// # let folder = std::env::temp_dir().join(format!("phi-sqlx-doc-reader-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("audit.db");
/// let key = SigningKey::generate("log.example/clinic")?;
/// let (verifier, other) = (key.verifier(), SigningKey::generate("log.example/clinic")?.verifier());
/// let log = SqliteAuditLog::open(&path, key).await?;
/// let kept = log.checkpoint(); // … sent to where this machine cannot write
///
/// let mut reader = SqliteAuditReader::open(&path).await?;
/// let events = reader.events(&EventFilter::all(), 0, 100).await?;
/// assert_eq!(events.len(), 1); // the writer's first event
///
/// let report = reader.verify(&[verifier], Some(&kept.text)).await?;
/// assert_eq!(report.verdict(), Verdict::Intact);
/// // With a key that did not sign it: refused.
/// let report = reader.verify(&[other], None).await?;
/// assert_eq!(report.verdict(), Verdict::Broken);
/// # log.close().await?;
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type SqliteAuditReader = AuditReader<SqliteConnection>;

impl SqliteAuditReader {
    /// Opens a log for reading only.
    ///
    /// A log that was closed opens also where nothing can be written: in a folder without the right
    /// to, or on a medium that is read only and keeps modes. It must not be written from elsewhere
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if there is no such file, others may read or write it, or it is no log;
    /// [`AuditLogProblem::NeedsWriting`] if its writer has not closed it and nothing can be written
    /// beside it.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, AuditLogError> {
        let path = path.as_ref();
        let opened = connect(path).await;
        let db = opened.map_err(|problem| AuditLogError::new(path, problem))?;
        Ok(Self::new(path.into(), db))
    }
}

async fn connect(path: &Path) -> Result<SqliteConnection, AuditLogProblem> {
    let path = existing(path)?;
    let options = SqliteConnectOptions::new().filename(&path).read_only(true);
    match open(options.clone()).await {
        // SQLite writes beside a log even to read it, so that writers and readers see each other;
        // where it cannot, there is no writer either, and a log that is whole is read as it lies.
        Err(AuditLogProblem::Database(DatabaseFault::Io | DatabaseFault::ReadOnly)) => {
            if entries_beside(&path)? {
                return Err(AuditLogProblem::NeedsWriting);
            }
            open(options.immutable(true)).await
        }
        opened => opened,
    }
}

async fn open(options: SqliteConnectOptions) -> Result<SqliteConnection, AuditLogProblem> {
    let mut db = options.disable_statement_logging().connect().await?;
    if is_log(&mut db).await? { Ok(db) } else { Err(AuditLogProblem::NotALog) }
}

/// Whether entries may be in the write-ahead log and not in the file yet.
fn entries_beside(path: &Path) -> io::Result<bool> {
    let mut wal = path.to_owned().into_os_string();
    wal.push("-wal");
    match fs::metadata(wal) {
        Ok(wal) => Ok(wal.len() > 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
