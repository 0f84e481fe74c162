//! The writer's side of the database: one connection, one transaction a batch.

use std::path::{Path, PathBuf};
use std::time::Duration;

use phi_core::audit::note::{SigningKey, VerifierKey};
use phi_core::audit::{AuditError, Checkpoint, LogEntry};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteSynchronous};
use sqlx::{Arguments as _, ConnectOptions as _, Connection as _, SqliteConnection};
use uuid::Uuid;

use super::file::{Files, WriterLock};
use super::schema;
use crate::DatabaseFault;
use crate::audit::error::Place;
use crate::audit::queue::{self, Written};
use crate::audit::restore::{MARK_EVERY, Restored, restore, stored};
use crate::audit::{AuditLogProblem, SignedCheckpoint};

/// How long to wait for another connection that writes. Nobody else should.
const BUSY: Duration = Duration::from_secs(1);

/// The stored log, and who writes it.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    key: SigningKey,
    /// Keys whose checkpoints are accepted, the signing one first.
    keys: Vec<VerifierKey>,
    writer: Uuid,
    /// What is open; nothing after a fault, so that the next batch starts from what is stored.
    open: Option<Open>,
    /// The newest checkpoint this process knows: what is opened again after a fault must go on
    /// from it, so that an older copy put in the file's place is refused.
    newest: Option<String>,
    /// The last batch, if its commit failed.
    unsure: Option<Unsure>,
}

/// An open database and the state it holds.
#[derive(Debug)]
struct Open {
    db: SqliteConnection,
    files: Files,
    state: Restored,
}

/// A batch that may or may not have been committed.
#[derive(Debug)]
struct Unsure {
    /// The writer's next number if it was.
    next: u64,
    results: Vec<Result<(), AuditError>>,
}

/// The store while this process may write it.
#[derive(Debug)]
pub(super) struct Locked {
    pub(super) store: Store,
    pub(super) lock: WriterLock,
}

impl queue::Store for Locked {
    fn place(&self) -> Place {
        self.lock.path.clone().into()
    }

    async fn write(&mut self, batch: &[&[Vec<u8>]]) -> Result<Written, AuditLogProblem> {
        self.store.write(batch).await
    }

    async fn close(mut self) {
        self.store.close().await;
    }
}

impl Store {
    /// Opens the database, makes the tables if it is empty, and restores the state.
    pub(super) async fn open(
        path: &Path,
        key: SigningKey,
        older: Vec<VerifierKey>,
        kept: Option<&str>,
        writer: Uuid,
    ) -> Result<Self, AuditLogProblem> {
        let keys = [key.verifier()].into_iter().chain(older).collect();
        let newest = kept.map(str::to_owned);
        let mut store =
            Self { path: path.into(), key, keys, writer, open: None, newest, unsure: None };
        store.reopen().await?;
        store.check_foreign().await?;
        Ok(store)
    }

    async fn check_foreign(&mut self) -> Result<(), AuditLogProblem> {
        let Some(Open { db, .. }) = &mut self.open else { return Ok(()) };
        let foreign: i64 = sqlx::query_scalar(schema::FOREIGN).fetch_one(db).await?;
        if foreign == 0 {
            return Ok(());
        }
        self.close().await;
        Err(AuditLogProblem::Altered)
    }

    /// The last writer before this one, if it did not close.
    pub(super) fn unclosed(&self) -> Option<Uuid> {
        self.open.as_ref()?.state.unclosed
    }

    /// Whether an empty database may become the log: not where there was one.
    fn begins(&self) -> Result<(), AuditLogProblem> {
        let Some(newest) = &self.newest else { return Ok(()) };
        let origin = self.keys.first().map_or("", VerifierKey::name);
        match Checkpoint::open(newest, origin, &self.keys) {
            Ok(head) if head.size == 0 => Ok(()),
            Ok(head) => Err(AuditLogProblem::Truncated { size: head.size, entries: 0 }),
            Err(error) => Err(AuditLogProblem::Kept(error)),
        }
    }

    async fn reopen(&mut self) -> Result<(), AuditLogProblem> {
        let mut db = connect(&self.path, || self.begins()).await?;
        let files = Files::of(&self.path);
        match self.restore(&mut db).await {
            Ok(mut state) => {
                self.newest = state.checkpoint.take().or(self.newest.take());
                self.open = Some(Open { db, files, state });
                Ok(())
            }
            Err(problem) => {
                let _ = db.close().await; // the first problem is the one to tell
                Err(problem)
            }
        }
    }

    /// Reads the state as it is at one moment: a writer that is still at work must not look like a log whose numbers
    /// contradict each other.
    async fn restore(&self, db: &mut SqliteConnection) -> Result<Restored, AuditLogProblem> {
        let mut moment = db.begin().await?;
        let restored = restore(&mut *moment, &self.keys, self.newest.as_deref()).await?;
        moment.commit().await?;
        Ok(restored)
    }

    /// Appends a batch of hand-overs in one transaction. After an error nothing of it is stored
    /// that was not stored before, or all is: then the next batch, which begins with the same
    /// hand-overs, finds that.
    pub(super) async fn write(&mut self, batch: &[&[Vec<u8>]]) -> Result<Written, AuditLogProblem> {
        if self.open.is_none() {
            self.reopen().await?;
        }
        let Some(open) = &mut self.open else { return Err(AuditLogProblem::Inconsistent) };
        let (writer, state) = (self.writer, &mut open.state);
        let before = state.log.edge().size();
        let unsure = self.unsure.take();
        let done = unsure.filter(|unsure| unsure.next == state.log.next_writer_seq(writer));
        let found = done.is_some();
        let mut results = done.map(|unsure| unsure.results).unwrap_or_default();
        let mut entries = Vec::new();
        for events in batch.iter().skip(results.len()) {
            let seq = state.log.next_writer_seq(writer);
            let appended = state.log.append(writer, seq, events);
            results.push(match appended {
                Ok(batch) => {
                    entries.extend(batch.entries);
                    Ok(())
                }
                Err(_) => Err(AuditError::Rejected),
            });
        }
        if entries.is_empty() {
            let head = self.newest.clone().filter(|_| found);
            let head = head.map(|text| SignedCheckpoint::new(before, text));
            return Ok(Written { results, head });
        }
        let next = state.log.next_writer_seq(writer);
        let origin = self.keys.first().map_or("", VerifierKey::name);
        let signed = state.log.checkpoint(origin, &self.key);
        let committed = match signed {
            Ok(checkpoint) => open.commit(writer, before, entries, checkpoint).await,
            Err(_) => Err(DatabaseFault::Other.into()),
        };
        // What is on disk under no name is read by nobody.
        let committed = committed.and_then(|checkpoint| {
            let now = Files::of(&self.path);
            let still = open.files.are_still(now);
            open.files = now;
            if still { Ok(checkpoint) } else { Err(AuditLogProblem::Moved) }
        });
        match committed {
            Ok(checkpoint) => {
                open.state.log.commit();
                let size = open.state.log.edge().size();
                self.newest = Some(checkpoint.clone());
                Ok(Written { results, head: Some(SignedCheckpoint::new(size, checkpoint)) })
            }
            Err(problem) => {
                self.unsure = Some(Unsure { next, results });
                self.close().await;
                Err(problem)
            }
        }
    }

    /// Closes the database; the next batch would open it again.
    pub(super) async fn close(&mut self) {
        if let Some(Open { db, .. }) = self.open.take() {
            // What matters is in the file already; a transaction left open is rolled back.
            let _ = db.close().await;
        }
    }

    /// As if the last batch's commit had answered with an error after it took place.
    #[cfg(test)]
    pub(super) async fn lose_sight_of(&mut self, results: Vec<Result<(), AuditError>>) {
        let next = self.open.as_ref().unwrap().state.log.next_writer_seq(self.writer);
        self.unsure = Some(Unsure { next, results });
        self.close().await;
    }

    #[cfg(test)]
    pub(super) fn db(&mut self) -> &mut SqliteConnection {
        &mut self.open.as_mut().unwrap().db
    }
}

impl Open {
    async fn commit(
        &mut self,
        writer: Uuid,
        before: u64,
        entries: Vec<LogEntry>,
        checkpoint: String,
    ) -> Result<String, AuditLogProblem> {
        let Self { db, state, .. } = self;
        let mut transaction = db.begin_with("BEGIN IMMEDIATE").await?;
        let db = &mut *transaction;
        let writer = if let Some(row) = state.writers.get(&writer) {
            *row
        } else {
            let sql = "INSERT INTO phi_audit_writer (uuid) VALUES (?) RETURNING id";
            let uuid = writer.as_bytes().as_slice();
            let row = sqlx::query_scalar(sql).bind(uuid).fetch_one(&mut *db).await?;
            state.writers.insert(writer, row);
            row
        };
        for (tenant, _) in entries.iter().filter_map(|entry| entry.tenant.as_ref()) {
            if !state.tenants.contains_key(tenant) {
                let sql = "INSERT INTO phi_audit_tenant (name) VALUES (?) RETURNING id";
                let name = tenant.as_str();
                let row = sqlx::query_scalar(sql).bind(name).fetch_one(&mut *db).await?;
                state.tenants.insert(tenant.clone(), row);
            }
        }
        let (mut left, mut entries) = (entries.len() as u64, entries.into_iter());
        while let Some((rows, sql)) = schema::insert(entries.len()) {
            let mut arguments = SqliteArguments::default();
            arguments.reserve(rows * 7, 0);
            for entry in entries.by_ref().take(rows) {
                state.bind(&mut arguments, writer, entry)?;
            }
            let done = sqlx::query_with(sql, arguments).execute(&mut *db).await?;
            left = left.saturating_sub(done.rows_affected());
        }
        if left > 0 {
            return Err(AuditLogProblem::Altered); // a trigger has passed over some
        }
        let edge = state.log.edge();
        let size = stored(edge.size())?;
        if edge.size().saturating_sub(state.marked) >= MARK_EVERY {
            let sql = "INSERT OR REPLACE INTO phi_audit_mark (size, edge) VALUES (?, ?)";
            sqlx::query(sql).bind(size).bind(edge.to_bytes()).execute(&mut *db).await?;
            state.marked = edge.size();
        }
        let moved = sqlx::query(schema::MOVE_HEAD)
            .bind(size)
            .bind(edge.to_bytes())
            .bind(checkpoint.as_str())
            .bind(stored(before)?)
            .execute(&mut *db)
            .await?;
        if moved.rows_affected() != 1 {
            return Err(AuditLogProblem::InUse);
        }
        transaction.commit().await?;
        Ok(checkpoint)
    }
}

impl Restored {
    /// One row of the entries' table.
    fn bind(
        &self,
        arguments: &mut SqliteArguments,
        writer: i64,
        entry: LogEntry,
    ) -> Result<(), AuditLogProblem> {
        let (tenant, tenant_seq) = match &entry.tenant {
            Some((tenant, seq)) => (self.tenants.get(tenant).copied(), Some(stored(*seq)?)),
            None => (None, None),
        };
        let bind = || {
            arguments.add(stored(entry.index).ok())?;
            arguments.add(tenant)?;
            arguments.add(tenant_seq)?;
            arguments.add(writer)?;
            arguments.add(stored(entry.writer_seq).ok())?;
            arguments.add(entry.hash.as_bytes().to_vec())?;
            arguments.add(entry.leaf)
        };
        bind().map_err(|_| DatabaseFault::Value.into())
    }
}

async fn connect(
    path: &Path,
    begins: impl Fn() -> Result<(), AuditLogProblem>,
) -> Result<SqliteConnection, AuditLogProblem> {
    let mut db = SqliteConnectOptions::new()
        .filename(path)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .foreign_keys(false)
        .disable_statement_logging()
        .connect()
        .await?;
    match prepare(&mut db, begins).await {
        Ok(()) => Ok(db),
        Err(problem) => {
            let _ = db.close().await; // the first problem is the one to tell
            Err(problem)
        }
    }
}

/// Makes the tables in an empty database if it may begin a log, leaves any other alone, and makes
/// commits durable.
pub(super) async fn prepare(
    db: &mut SqliteConnection,
    begins: impl Fn() -> Result<(), AuditLogProblem>,
) -> Result<(), AuditLogProblem> {
    if !is_log(db).await? {
        begins()?;
        let mut transaction = db.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(schema::CREATE).execute(&mut *transaction).await?;
        transaction.commit().await?;
    }
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut *db).await?;
    let sync: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *db).await?;
    // 2 is FULL, 3 is EXTRA. Less loses acknowledged events when the power fails.
    if mode == "wal" && sync >= 2 { Ok(()) } else { Err(AuditLogProblem::NotDurable) }
}

/// Whether the database is a log already; false for an empty one.
pub(super) async fn is_log(db: &mut SqliteConnection) -> Result<bool, AuditLogProblem> {
    let (id, version, tables): (i64, i64, i64) = sqlx::query_as(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) \
         FROM pragma_application_id, pragma_user_version",
    )
    .fetch_one(db)
    .await?;
    match (id, version) {
        (schema::APPLICATION_ID, schema::VERSION) => Ok(true),
        (schema::APPLICATION_ID, version) if version > schema::VERSION => {
            Err(AuditLogProblem::Version)
        }
        (0, 0) if tables == 0 => Ok(false),
        _ => Err(AuditLogProblem::NotALog),
    }
}
