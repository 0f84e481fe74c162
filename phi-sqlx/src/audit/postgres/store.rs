//! The writer's side: one connection, one statement a batch.

use phi_core::audit::AuditError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::PostgresAuditTables;
use super::connect::{connect, in_time};
use super::roles::Part;
use crate::audit::error::Place;
use crate::audit::queue::{self, Written};
use crate::audit::{AuditLogProblem, restore::stored};

const ONE: &str = "INSERT INTO phi_audit_queue (writer, writer_seq, event) VALUES ($1, $2, $3)";

const MANY: &str = "INSERT INTO phi_audit_queue (writer, writer_seq, event) \
                    SELECT $1, $2 + n - 1, event FROM unnest($3) WITH ORDINALITY AS t (event, n) ORDER BY n";

/// [`MANY`] after a batch of which nobody knows whether it was committed. It writes each row twice, so
/// it is not what every batch does.
const AGAIN: &str = "INSERT INTO phi_audit_queue (writer, writer_seq, event) \
                     SELECT $1, $2 + n - 1, event FROM unnest($3) WITH ORDINALITY AS t (event, n) ORDER BY n \
                     ON CONFLICT DO NOTHING";

/// Whether an event of a writer is there, sealed or not.
const THERE: &str = "SELECT EXISTS (SELECT FROM phi_audit_queue WHERE writer = $1 AND writer_seq = $2) \
                     OR EXISTS (SELECT FROM phi_audit_entry WHERE writer_seq = $2 AND writer = \
                     (SELECT id FROM phi_audit_writer WHERE uuid = uuid_send($1)))";

/// The queue, as one process writes to it.
#[derive(Debug)]
pub(super) struct Store {
    options: PgConnectOptions,
    tables: PostgresAuditTables,
    writer: Uuid,
    /// The number of the next event. A batch that failed had the same: if it was committed, its
    /// rows stand in the way of the next one's.
    next: u64,
    /// Whether that is not known: the last batch failed.
    in_doubt: bool,
    open: Option<PgConnection>,
}

impl Store {
    pub(super) fn new(
        options: PgConnectOptions,
        tables: PostgresAuditTables,
        writer: Uuid,
    ) -> Self {
        Self { options, tables, writer, next: 0, in_doubt: false, open: None }
    }

    async fn open(&self) -> Result<PgConnection, AuditLogProblem> {
        let mut db = connect(&self.options, &self.tables, Part::Application).await?;
        if let Some(last) = self.next.checked_sub(1) {
            let there = sqlx::query_scalar(THERE).bind(self.writer).bind(stored(last)?);
            let there: bool = in_time(async { Ok(there.fetch_one(&mut db).await?) }).await?;
            if !there {
                return Err(AuditLogProblem::Forgotten);
            }
        }
        Ok(db)
    }
}

impl queue::Store for Store {
    fn place(&self) -> Place {
        self.tables.place()
    }

    async fn write(&mut self, batch: &[&[Vec<u8>]]) -> Result<Written, AuditLogProblem> {
        let mut db = match self.open.take() {
            Some(db) => db,
            None => self.open().await?,
        };
        let events: Vec<&[u8]> = batch.iter().copied().flatten().map(Vec::as_slice).collect();
        let first = stored(self.next)?;
        let in_doubt = std::mem::replace(&mut self.in_doubt, true);
        in_time(async {
            let query = match events.as_slice() {
                many if in_doubt => sqlx::query(AGAIN).bind(self.writer).bind(first).bind(many),
                [one] => sqlx::query(ONE).bind(self.writer).bind(first).bind(*one),
                many => sqlx::query(MANY).bind(self.writer).bind(first).bind(many),
            };
            query.execute(&mut db).await?;
            Ok(())
        })
        .await?;
        self.in_doubt = false;
        self.open = Some(db); // not after an error: what it was about is not known
        self.next += events.len() as u64;
        Ok(Written { results: vec![Ok::<_, AuditError>(()); batch.len()], head: None })
    }

    async fn close(self) {
        if let Some(db) = self.open {
            let _ = db.close().await; // what matters is committed
        }
    }
}
