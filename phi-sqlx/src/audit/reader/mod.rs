//! Reading the log and checking it, beside the writer.

mod content;
mod pack;
mod page;
mod verify;

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};

pub use self::content::{ContentFinding, ContentKind};
pub use self::page::{EventFilter, LoggedEvent, StoredEntry};
pub use self::verify::StoreReport;
use super::file::existing;
use super::store::is_log;
use super::{AuditLogError, AuditLogProblem, SignedCheckpoint};

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
#[derive(Debug)]
pub struct SqliteAuditReader {
    path: PathBuf,
    db: SqliteConnection,
}

impl SqliteAuditReader {
    /// Opens a log for reading only.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if there is no such file, others may read or write it, or it is no log.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, AuditLogError> {
        let path = path.as_ref();
        let opened = Self::connect(path).await;
        opened.map_err(|problem| AuditLogError::new(path, problem))
    }

    async fn connect(path: &Path) -> Result<Self, AuditLogProblem> {
        let path = existing(path)?;
        let options = SqliteConnectOptions::new().filename(&path).read_only(true);
        let mut db = options.disable_statement_logging().connect().await?;
        if is_log(&mut db).await? { Ok(Self { path, db }) } else { Err(AuditLogProblem::NotALog) }
    }

    /// The newest checkpoint as it is stored, checked by nobody yet; `None` before the first event.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the file cannot be read.
    pub async fn checkpoint(&mut self) -> Result<Option<SignedCheckpoint>, AuditLogError> {
        let head = read_head(&mut self.db).await.map_err(|problem| self.error(problem))?;
        Ok(head.map(|head| SignedCheckpoint { size: head.size, text: head.checkpoint.into() }))
    }

    fn error(&self, problem: AuditLogProblem) -> AuditLogError {
        AuditLogError::new(&self.path, problem)
    }
}

/// The head as it is stored.
struct Head {
    size: u64,
    edge: Vec<u8>,
    checkpoint: String,
}

async fn read_head(db: &mut SqliteConnection) -> Result<Option<Head>, AuditLogProblem> {
    let head: Option<(i64, Vec<u8>, String)> =
        sqlx::query_as("SELECT size, edge, checkpoint FROM phi_audit_head")
            .fetch_optional(db)
            .await?;
    let Some((size, edge, checkpoint)) = head else { return Ok(None) };
    Ok(Some(Head { size: super::restore::number(size)?, edge, checkpoint }))
}
