use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use uuid::Uuid;

use super::PostgresAuditTables;
use super::connect::connect_to_read;
use super::sealer::WaitingWriter;
use crate::audit::reader::AuditReader;
use crate::audit::restore::number;
use crate::audit::{AuditLogError, AuditLogProblem};

/// Reads an audit log on `PostgreSQL`, also while it is written. Any role with the application's
/// rights may; better one that has no others.
///
/// What waits in the queue is not in the log yet: see [`queue`](Self::queue).
///
/// ```no_run
/// use phi_core::audit::{Verdict, note::VerifierKey};
/// use phi_sqlx::audit::{PostgresAuditReader, PostgresAuditTables};
///
/// # async fn example(kept: &str, verifier: VerifierKey) -> Result<(), Box<dyn std::error::Error>> {
/// let tables = PostgresAuditTables::new("phi_audit")?;
/// let auditor = "postgres://auditor@localhost/clinic".parse()?;
/// let mut reader = PostgresAuditReader::open(auditor, &tables).await?;
/// let report = reader.verify(&[verifier], Some(kept)).await?;
/// assert_ne!(report.verdict(), Verdict::Broken);
/// assert!(reader.queue().await?.held_back.is_empty()); // no writer's numbers have a hole
/// # Ok(())
/// # }
/// ```
pub type PostgresAuditReader = AuditReader<PgConnection>;

/// What is durable and not in the log yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueReport {
    /// How many events wait.
    pub waiting: u64,
    /// Writers whose events wait behind one that is missing: it is still being committed, or was
    /// removed.
    pub held_back: Vec<WaitingWriter>,
    /// How many rows could not become entries and were kept aside.
    pub refused: u64,
}

const QUEUE: &str = "
SELECT q.writer, min(q.writer_seq), count(*), (
    SELECT coalesce(max(e.writer_seq), -1) + 1 FROM phi_audit_entry e
    WHERE e.writer = (SELECT id FROM phi_audit_writer w WHERE w.uuid = uuid_send(q.writer))
) FROM phi_audit_queue q GROUP BY q.writer ORDER BY q.writer";

impl PostgresAuditReader {
    /// Connects for reading only.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the server cannot be reached or the tables are not there.
    pub async fn open(
        options: PgConnectOptions,
        tables: &PostgresAuditTables,
    ) -> Result<Self, AuditLogError> {
        let opened = connect_to_read(&options, tables).await;
        let db = opened.map_err(|problem| AuditLogError::new(tables.place(), problem))?;
        Ok(Self::new(tables.place(), db))
    }

    /// What waits for the sealer.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the log cannot be read.
    pub async fn queue(&mut self) -> Result<QueueReport, AuditLogError> {
        let report = read_queue(&mut self.db).await;
        report.map_err(|problem| self.error(problem))
    }
}

async fn read_queue(db: &mut PgConnection) -> Result<QueueReport, AuditLogProblem> {
    let mut report = QueueReport::default();
    let rows: Vec<(Uuid, i64, i64, i64)> = sqlx::query_as(QUEUE).fetch_all(&mut *db).await?;
    for (writer, lowest, count, expected) in rows {
        let (lowest, expected) = (number(lowest.max(0))?, number(expected)?);
        let waiting = number(count)?;
        report.waiting += waiting;
        if lowest > expected {
            report.held_back.push(WaitingWriter { writer, expected, lowest, waiting });
        }
    }
    let refused = "SELECT count(*) FROM phi_audit_refused";
    report.refused = number(sqlx::query_scalar(refused).fetch_one(db).await?)?;
    Ok(report)
}
