//! One transaction: leaves, edge, signed head, and out of the queue. Fenced by the lease.

use std::collections::HashSet;

use phi_core::audit::{Id, LogEntry, Reason, SealLogError};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::super::copy::Rows;
use super::batch::Waiting;
use super::core::{Core, RENEW, Work};
use crate::DatabaseFault;
use crate::audit::restore::{MARK_EVERY, Restored, stored};
use crate::audit::{AuditLogProblem, SignedCheckpoint};

const WRITERS: &str = "INSERT INTO phi_audit_writer (uuid) SELECT unnest($1) RETURNING id, uuid";

const TENANT: &str = "INSERT INTO phi_audit_tenant (name) VALUES ($1) RETURNING id";

const ENTRIES: &str = "
COPY phi_audit_entry (idx, tenant, tenant_seq, writer, writer_seq, hash, leaf)
FROM STDIN (FORMAT binary)";

const MARK: &str = "INSERT INTO phi_audit_mark (size, edge) VALUES ($1, $2) ON CONFLICT DO NOTHING";

/// The head moves on only from where this sealer left it.
const MOVE_HEAD: &str = "
INSERT INTO phi_audit_head (id, size, edge, checkpoint) VALUES (1, $1, $2, $3)
ON CONFLICT (id) DO UPDATE SET size = excluded.size, edge = excluded.edge, checkpoint = excluded.checkpoint
WHERE phi_audit_head.size = $4";

const REFUSED: &str = "
INSERT INTO phi_audit_refused (writer, writer_seq, why, event) VALUES ($1, $2, $3, $4)";

const TAKEN: &str = "
DELETE FROM phi_audit_queue q USING unnest($1, $2, $3) AS r (writer, first, last)
WHERE q.writer = r.writer AND q.writer_seq BETWEEN r.first AND r.last";

/// Why a row is kept aside.
const NO_EVENT: &str = "not an event";
const UNSTORABLE: &str = "tenant cannot be stored";

/// What a transaction writes.
#[derive(Debug, Default)]
struct Batch<'a> {
    entries: Vec<(Uuid, LogEntry)>,
    /// Numbers taken out of the queue: a writer's first and last.
    taken: Vec<(Uuid, u64, u64)>,
    /// What is kept aside, and why.
    refused: Vec<(&'a Waiting, &'static str)>,
}

/// What a batch is made of.
#[derive(Debug)]
struct Parts {
    rows: Vec<Waiting>,
    /// Events of the log itself, and their writer.
    own: Vec<Vec<u8>>,
    writer: Uuid,
    /// What takes the number of a row that is kept aside.
    stand_in: Vec<u8>,
}

/// What was sealed.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) head: SignedCheckpoint,
    /// How many events stood where there was none that could be read.
    pub(super) refused: u64,
}

impl Core {
    /// Seals rows of the queue, then events of the log itself. After an error the work is given up:
    /// whether it was committed is for the next restoring to see, and no head of it was shown.
    pub(super) async fn write(
        &mut self,
        rows: Vec<Waiting>,
        own: &[Reason],
    ) -> Result<Sealed, AuditLogProblem> {
        let own = own.iter().map(|reason| self.event(reason.clone())).collect();
        let stand_in = self.event(Reason::BadRequest);
        let parts = Parts { rows, own, writer: self.own, stand_in };
        let Some(mut work) = self.work.take() else { return Err(AuditLogProblem::Lease) };
        let (checkpoint, refused) = self.commit(&mut work, &parts).await?;
        work.state.log.commit();
        let head = SignedCheckpoint::new(work.state.log.edge().size(), checkpoint.as_str());
        self.newest = Some(checkpoint);
        self.work = Some(work);
        Ok(Sealed { head, refused })
    }

    /// Gives the new checkpoint, and how many rows are kept aside.
    async fn commit(
        &mut self,
        work: &mut Work,
        parts: &Parts,
    ) -> Result<(String, u64), AuditLogProblem> {
        let Work { db, epoch, state, .. } = work;
        let before = state.log.edge().size();
        let mut batch = Batch::of(parts, state, &HashSet::new())?;
        let mut transaction = db.begin().await?;
        let db = &mut *transaction;
        self.step()?;
        let renew = sqlx::query(RENEW).bind(*epoch).bind(self.lease.as_secs_f64());
        // From here to the end nobody else can take the lease.
        if renew.execute(&mut *db).await?.rows_affected() != 1 {
            return Err(AuditLogProblem::Lease);
        }
        self.step()?;
        let unstorable = state.make_rows(db, &batch.entries).await?;
        if !unstorable.is_empty() {
            state.log.rollback();
            batch = Batch::of(parts, state, &unstorable)?;
        }
        self.step()?;
        batch.insert(db, state).await?;
        self.step()?;
        let edge = state.log.edge();
        let size = stored(edge.size())?;
        if edge.size().saturating_sub(state.marked) >= MARK_EVERY {
            sqlx::query(MARK).bind(size).bind(edge.to_bytes()).execute(&mut *db).await?;
            state.marked = edge.size();
        }
        let checkpoint = state.log.checkpoint(self.origin(), &self.key);
        let checkpoint = checkpoint.map_err(|_| AuditLogProblem::from(DatabaseFault::Other))?;
        let moved = sqlx::query(MOVE_HEAD).bind(size).bind(edge.to_bytes()).bind(&checkpoint);
        let moved = moved.bind(stored(before)?).execute(&mut *db).await?;
        if moved.rows_affected() != 1 {
            return Err(AuditLogProblem::Lease);
        }
        self.step()?;
        batch.take_out(db).await?;
        self.step()?;
        transaction.commit().await?;
        self.step()?;
        Ok((checkpoint, batch.refused.len() as u64))
    }
}

impl<'a> Batch<'a> {
    /// Numbers all of it. What names one of these tenants is kept aside.
    fn of(
        parts: &'a Parts,
        state: &mut Restored,
        unstorable: &HashSet<Id>,
    ) -> Result<Self, AuditLogProblem> {
        let mut batch = Self::default();
        for run in parts.rows.chunk_by(|one, next| one.writer == next.writer) {
            batch.number(state, run, &parts.stand_in, unstorable)?;
        }
        let seq = state.log.next_writer_seq(parts.writer);
        let own = state.log.append(parts.writer, seq, &parts.own);
        let own = own.map_err(|_| AuditLogProblem::Inconsistent)?;
        batch.entries.extend(own.entries.into_iter().map(|entry| (parts.writer, entry)));
        Ok(batch)
    }

    /// Numbers rows of one writer that follow each other.
    fn number(
        &mut self,
        state: &mut Restored,
        run: &'a [Waiting],
        stand_in: &[u8],
        unstorable: &HashSet<Id>,
    ) -> Result<(), AuditLogProblem> {
        let Some(first) = run.first() else { return Ok(()) };
        let (writer, seq) = (first.writer, first.writer_seq);
        self.taken.push((writer, seq, seq + run.len() as u64 - 1));
        if run.iter().any(|row| row.names(unstorable)) {
            return self.one_by_one(state, run, stand_in, unstorable);
        }
        let events: Vec<_> = run.iter().map(|row| row.event.as_slice()).collect();
        match state.log.append(writer, seq, &events) {
            Ok(appended) => {
                self.entries.extend(appended.entries.into_iter().map(|entry| (writer, entry)));
                Ok(())
            }
            Err(SealLogError::Event { .. }) => self.one_by_one(state, run, stand_in, unstorable),
            Err(_) => Err(AuditLogProblem::Inconsistent),
        }
    }

    /// What cannot be read, or not be stored, must not hold its writer up for ever: an event of the
    /// log's own takes its number, and the bytes are kept aside.
    fn one_by_one(
        &mut self,
        state: &mut Restored,
        run: &'a [Waiting],
        stand_in: &[u8],
        unstorable: &HashSet<Id>,
    ) -> Result<(), AuditLogProblem> {
        for row in run {
            let (writer, seq) = (row.writer, row.writer_seq);
            let appended = if row.names(unstorable) {
                Err(UNSTORABLE)
            } else {
                state.log.append(writer, seq, &[&row.event]).map_err(|_| NO_EVENT)
            };
            let appended = match appended {
                Ok(appended) => appended,
                Err(why) => {
                    self.refused.push((row, why));
                    let stood_in = state.log.append(writer, seq, &[stand_in]);
                    stood_in.map_err(|_| AuditLogProblem::Inconsistent)?
                }
            };
            self.entries.extend(appended.entries.into_iter().map(|entry| (writer, entry)));
        }
        Ok(())
    }

    async fn insert(&self, db: &mut PgConnection, state: &Restored) -> Result<(), AuditLogProblem> {
        let mut rows = Rows::new();
        for (uuid, entry) in &self.entries {
            let of_tenant = entry.tenant.as_ref();
            let tenant_seq = of_tenant.map(|(_, seq)| stored(*seq)).transpose()?;
            rows.row(7);
            rows.int(Some(stored(entry.index)?));
            rows.int(of_tenant.and_then(|(name, _)| state.tenants.get(name).copied()));
            rows.int(tenant_seq);
            rows.int(state.writers.get(uuid).copied());
            rows.int(Some(stored(entry.writer_seq)?));
            rows.bytes(entry.hash.as_bytes());
            rows.bytes(&entry.leaf);
        }
        let mut copy = db.copy_in_raw(ENTRIES).await?;
        copy.send(rows.finish()).await?;
        copy.finish().await?;
        Ok(())
    }

    async fn take_out(&self, db: &mut PgConnection) -> Result<(), AuditLogProblem> {
        for (row, why) in &self.refused {
            let seq = stored(row.writer_seq)?;
            let query = sqlx::query(REFUSED).bind(row.writer).bind(seq).bind(why);
            query.bind(row.event.as_slice()).execute(&mut *db).await?;
        }
        if self.taken.is_empty() {
            return Ok(());
        }
        let writers: Vec<_> = self.taken.iter().map(|(writer, ..)| *writer).collect();
        let (mut first, mut last) = (Vec::new(), Vec::new());
        for (_, from, to) in &self.taken {
            first.push(stored(*from)?);
            last.push(stored(*to)?);
        }
        sqlx::query(TAKEN).bind(writers).bind(first).bind(last).execute(db).await?;
        Ok(())
    }
}

impl Restored {
    /// Gives new writers and tenants their rows, and back those tenants that the database has no
    /// room for in any row: a NUL, a letter that its encoding lacks, a rule that somebody added.
    async fn make_rows(
        &mut self,
        db: &mut PgConnection,
        entries: &[(Uuid, LogEntry)],
    ) -> Result<HashSet<Id>, AuditLogProblem> {
        let mut writers: Vec<_> = entries.iter().map(|(writer, _)| *writer).collect();
        writers.retain(|writer| !self.writers.contains_key(writer));
        writers.sort_unstable();
        writers.dedup();
        if !writers.is_empty() {
            let uuids: Vec<_> = writers.iter().map(|writer| writer.as_bytes().as_slice()).collect();
            let made: Vec<(i64, Vec<u8>)> =
                sqlx::query_as(WRITERS).bind(uuids).fetch_all(&mut *db).await?;
            for (row, uuid) in made {
                let uuid = Uuid::from_slice(&uuid).map_err(|_| AuditLogProblem::Inconsistent)?;
                self.writers.insert(uuid, row);
            }
        }
        let named = entries.iter().filter_map(|(_, entry)| entry.tenant.as_ref());
        let mut tenants: Vec<_> = named.map(|(tenant, _)| tenant).collect();
        tenants.retain(|tenant| !self.tenants.contains_key(tenant));
        tenants.sort_unstable();
        tenants.dedup();
        let mut unstorable = HashSet::new();
        for tenant in tenants {
            // Each in a part of its own, so that what is refused does not end the transaction.
            let mut part = db.begin().await?;
            let row = sqlx::query_scalar(TENANT).bind(tenant.as_str()).fetch_one(&mut *part).await;
            match row {
                Ok(row) => {
                    part.commit().await?;
                    self.tenants.insert(tenant.clone(), row);
                }
                Err(error) if refuses_the_value(&error) => {
                    part.rollback().await?;
                    unstorable.insert(tenant.clone());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(unstorable)
    }
}

/// Whether it is the value that the database does not take, now or later, and not the database's
/// own trouble.
fn refuses_the_value(error: &sqlx::Error) -> bool {
    let from_there = matches!(error, sqlx::Error::Database(_));
    from_there
        && matches!(DatabaseFault::of(error), DatabaseFault::Value | DatabaseFault::Constraint)
}
