//! The writer's side: one connection, one statement a batch.

use phi_core::audit::{AuditError, Entry, Event};
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

/// What stands under a writer's numbers, sealed or not: all of one moment.
const FOUND: &str = "SELECT q.event, e.leaf FROM generate_series($2, $3) AS n \
                     LEFT JOIN phi_audit_queue q ON q.writer = $1 AND q.writer_seq = n \
                     LEFT JOIN phi_audit_entry e ON e.writer_seq = n AND e.writer = \
                     (SELECT id FROM phi_audit_writer WHERE uuid = uuid_send($1)) ORDER BY n";

/// An event that waits under a number, and the leaf that is sealed under it.
type Found = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Whether the sealer can store an event: the name of its tenant goes into a text column, and none
/// holds a NUL. What could never be sealed must not be acknowledged.
pub(super) fn is_storable(event: &[u8]) -> bool {
    // There is one way to write it in JSON, and hardly an event has it.
    let nul = event.windows(6).any(|bytes| bytes == b"\\u0000");
    let in_tenant = |event: Event| event.tenant.is_some_and(|id| id.as_str().contains('\0'));
    !(nul && Event::decode(event).is_ok_and(in_tenant))
}

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

    async fn insert(
        &self,
        db: &mut PgConnection,
        events: &[&[u8]],
        in_doubt: bool,
    ) -> Result<(), AuditLogProblem> {
        let first = stored(self.next)?;
        let query = match events {
            many if in_doubt => sqlx::query(AGAIN).bind(self.writer).bind(first).bind(many),
            [one] => sqlx::query(ONE).bind(self.writer).bind(first).bind(*one),
            many => sqlx::query(MANY).bind(self.writer).bind(first).bind(many),
        };
        query.execute(db).await?;
        Ok(())
    }

    /// Which events stand under their numbers. Another may, from somebody else who has the
    /// application's role: then ours was not committed, and never will be under that number.
    async fn compare(
        &self,
        db: &mut PgConnection,
        events: &[&[u8]],
    ) -> Result<Vec<bool>, AuditLogProblem> {
        let (first, last) = (self.next, self.next + events.len() as u64 - 1);
        let found = sqlx::query_as(FOUND).bind(self.writer).bind(stored(first)?);
        let found: Vec<Found> = found.bind(stored(last)?).fetch_all(db).await?;
        let mut ours = Vec::with_capacity(events.len());
        for (event, found) in events.iter().zip(found) {
            ours.push(match found {
                // What is sealed under a number counts: the sealer puts aside what comes later.
                (_, Some(leaf)) => Entry::parse(&leaf).is_ok_and(|entry| entry.event == *event),
                (Some(waiting), None) => waiting == *event,
                (None, None) => return Err(AuditLogProblem::Forgotten),
            });
        }
        let taken = ours.iter().filter(|ours| !**ours).count();
        if taken > 0 {
            tracing::error!(
                taken,
                "audit log: somebody else wrote under numbers of this writer; check who has the application's role"
            );
        }
        Ok(ours)
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
        let storable = |events: &&[Vec<u8>]| events.iter().all(|event| is_storable(event));
        let whole: Vec<bool> = batch.iter().map(storable).collect();
        let written = batch.iter().zip(&whole).filter(|(_, whole)| **whole);
        let events: Vec<&[u8]> =
            written.flat_map(|(events, _)| events.iter()).map(Vec::as_slice).collect();
        let mut ours = vec![true; events.len()];
        if !events.is_empty() {
            let in_doubt = std::mem::replace(&mut self.in_doubt, true);
            in_time(self.insert(&mut db, &events, in_doubt)).await?;
            if in_doubt {
                ours = in_time(self.compare(&mut db, &events)).await?;
            }
            self.in_doubt = false;
            self.next += events.len() as u64;
        }
        self.open = Some(db); // not after an error: what it was about is not known
        let mut ours = ours.into_iter();
        let mut result = |(events, whole): (&&[Vec<u8>], bool)| {
            let written = if whole { events.len() } else { 0 };
            let taken = ours.by_ref().take(written).filter(|ours| !ours).count();
            if whole && taken == 0 { Ok(()) } else { Err(AuditError::Rejected) }
        };
        let results = batch.iter().zip(whole).map(&mut result).collect();
        Ok(Written { results, head: None })
    }

    async fn close(self) {
        if let Some(db) = self.open {
            let _ = db.close().await; // what matters is committed
        }
    }
}
