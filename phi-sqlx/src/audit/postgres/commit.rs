//! Data and the event about it, in one transaction.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use phi_core::Grant;
use phi_core::audit::{AuditError, Event, EventTime, Outcome, Reason, Receipt, Slot};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use tokio::sync::oneshot;

use super::lane::{Ended, Lane, Lanes};
use super::store::is_storable;
use crate::DatabaseFault;
use crate::audit::queue::own_event;
use crate::audit::{AuditLogProblem, restore::stored};

/// Why data and event were not committed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommitError {
    /// The log does not take events, or not these ([`AuditError::Rejected`]), or the grant was closed
    /// before. Nothing was committed.
    Log(AuditError),
    /// The transaction is one inside another. Nothing was committed.
    Nested,
    /// The database refused. Nothing was committed, and the log says that the write failed.
    NotCommitted(DatabaseFault),
    /// The connection was lost while the database committed, and it could not be asked since. The log
    /// will say what became of it.
    Unknown,
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => write!(f, "not committed: {error}"),
            Self::Nested => f.write_str(
                "not committed: transaction is inside another; commit the outermost with the log",
            ),
            Self::NotCommitted(fault) => write!(f, "not committed: {fault}"),
            Self::Unknown => f.write_str(
                "connection was lost during the commit; read the data again before repeating the work",
            ),
        }
    }
}

impl Error for CommitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Log(error) => Some(error),
            Self::NotCommitted(fault) => Some(fault),
            Self::Nested | Self::Unknown => None,
        }
    }
}

/// Puts events into the queue, in the transaction of the data. Durable whatever the application has
/// set; true for each if the transaction is not inside another.
const INSERT: &str = "(writer, writer_seq, event) \
    SELECT $1, $2 + n - 1, event FROM unnest($3) WITH ORDINALITY AS t (event, n), \
        (SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') \
            WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true) AS set) AS durable \
    WHERE durable.set IS NOT NULL ORDER BY n \
    RETURNING xmin = pg_current_xact_id()::xid";

/// Commits a transaction together with the events of grants.
pub(super) async fn commit(
    lanes: &Arc<Lanes>,
    otherwise: Slot,
    mut transaction: Transaction<'_, Postgres>,
    grants: &[Grant],
) -> Result<(), CommitError> {
    let lane = lanes.take().await.map_err(CommitError::Log)?;
    let (mut attempt, whole) = Attempt::new(lanes, lane, otherwise, grants);
    if !whole {
        let _ = transaction.rollback().await; // what is not committed is not there
        attempt.did_not_happen().await;
        return Err(CommitError::Log(AuditError::Closed));
    }
    if !attempt.rows.iter().all(|row| is_storable(row)) {
        let _ = transaction.rollback().await; // what is not committed is not there
        // The log takes no event of that tenant, and must not refuse those of others for it.
        attempt.failed.retain(|event| is_storable(&event.encode()));
        attempt.did_not_happen().await;
        return Err(CommitError::Log(AuditError::Rejected));
    }
    match attempt.insert(&mut transaction).await {
        Ok(true) => {}
        refused => {
            let _ = transaction.rollback().await; // what is not committed is not there
            attempt.did_not_happen().await;
            let fault = refused.as_ref().err().map(DatabaseFault::of);
            return Err(fault.map_or(CommitError::Nested, CommitError::NotCommitted));
        }
    }
    match transaction.commit().await {
        Ok(()) => {
            attempt.happened();
            Ok(())
        }
        // The server's word: it has rolled back.
        Err(error @ sqlx::Error::Database(_)) => {
            attempt.did_not_happen().await;
            Err(CommitError::NotCommitted(DatabaseFault::of(&error)))
        }
        Err(_) => match attempt.settle().await {
            Ok(Ended::Committed) => Ok(()),
            Ok(Ended::RolledBack) => {
                tell(attempt.otherwise.take(), attempt.others()).await;
                Err(CommitError::NotCommitted(DatabaseFault::Io))
            }
            Err(_) => Err(CommitError::Unknown), // the attempt goes on asking
        },
    }
}

/// A transaction's events on their way. Dropped half-way, as when a client hangs up, it finds out
/// what became of them.
struct Attempt<'a> {
    lanes: &'a Arc<Lanes>,
    lane: Option<Lane>,
    rows: Vec<Vec<u8>>,
    /// The same events if the write fails.
    failed: Vec<Event>,
    otherwise: Option<Slot>,
    /// For a guard that ends the request: dropped unless it is committed.
    receipts: Vec<oneshot::Sender<Result<(), AuditError>>>,
    /// Whether the database may have the rows.
    sent: bool,
    /// Whether the lane's next number is known.
    settled: bool,
}

impl<'a> Attempt<'a> {
    /// Closes the grants. False beside it if one of them was closed before, or there is none.
    fn new(lanes: &'a Arc<Lanes>, lane: Lane, otherwise: Slot, grants: &[Grant]) -> (Self, bool) {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let mut receipts = Vec::new();
        for grant in grants {
            let put = Arc::clone(&taken);
            let (committed, receipt) = oneshot::channel();
            let slot = Slot::new(move |events: Vec<Event>| {
                put.lock().unwrap_or_else(PoisonError::into_inner).push(events);
                Receipt::new(async { receipt.await.unwrap_or(Err(AuditError::Unavailable)) })
            });
            if grant.finish_through(slot, Outcome::Success, None) {
                receipts.push(committed);
            }
        }
        let taken = std::mem::take(&mut *taken.lock().unwrap_or_else(PoisonError::into_inner));
        let whole = !receipts.is_empty() && receipts.len() == grants.len();
        let events: Vec<_> = taken.into_iter().flatten().collect();
        let opened = (lane.next == 0)
            .then(|| own_event(EventTime::new(Timestamp::now()), Reason::WriterOpened));
        let rows = opened.iter().chain(&events).map(Event::encode).collect();
        let failed = events.into_iter().map(|mut event| {
            event.outcome = Outcome::Failed;
            event.reason.get_or_insert(Reason::StoreUnavailable);
            event
        });
        let (failed, otherwise) = (failed.collect(), Some(otherwise));
        let lane = Some(lane);
        let (sent, settled) = (false, true);
        (Self { lanes, lane, rows, failed, otherwise, receipts, sent, settled }, whole)
    }

    async fn insert(&mut self, db: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let Some(lane) = &self.lane else { return Ok(false) };
        let seq = stored(lane.next).map_err(|_| sqlx::Error::RowNotFound)?;
        (self.sent, self.settled) = (true, false);
        let sql = format!("INSERT INTO {} {INSERT}", self.lanes.tables().queue());
        let query = sqlx::query_scalar(AssertSqlSafe(sql)); // a name that was checked
        let outermost: Vec<bool> =
            query.bind(lane.writer).bind(seq).bind(&self.rows).fetch_all(db).await?;
        Ok(outermost.len() == self.rows.len() && outermost.iter().all(|outermost| *outermost))
    }

    /// It is committed.
    fn happened(&mut self) {
        if let Some(lane) = &mut self.lane {
            lane.next += self.rows.len() as u64;
        }
        self.settled();
        self.tell_guards();
    }

    fn tell_guards(&mut self) {
        for receipt in self.receipts.drain(..) {
            let _ = receipt.send(Ok(())); // nobody need wait
        }
    }

    /// It is not, and never will be: the lane's number is free, and the log is told by another way.
    async fn did_not_happen(&mut self) {
        self.settled();
        tell(self.otherwise.take(), std::mem::take(&mut self.failed)).await;
    }

    /// What one stand-in does not tell: the failures under the other grants.
    fn others(&mut self) -> Vec<Event> {
        let failed = std::mem::take(&mut self.failed).into_iter().skip(1);
        failed.filter(|event| !event.is_continuation()).collect()
    }

    /// The lane's next number is known.
    fn settled(&mut self) {
        self.settled = true;
        if let Some(lane) = self.lane.take() {
            self.lanes.give_back(lane);
        }
    }

    /// Asks the database what became of it.
    async fn settle(&mut self) -> Result<Ended, AuditLogProblem> {
        let Some(lane) = &mut self.lane else { return Err(AuditLogProblem::Inconsistent) };
        let ended = self.lanes.settle(lane, &self.rows, &stand_in(&self.failed)).await?;
        self.settled();
        if ended == Ended::Committed {
            self.tell_guards();
        }
        Ok(ended)
    }
}

/// Tells the log of failures by the way that every event takes.
async fn tell(slot: Option<Slot>, failed: Vec<Event>) {
    if let Some(slot) = slot.filter(|_| !failed.is_empty()) {
        let _ = slot.append(failed).await; // the caller fails anyway
    }
}

/// What stands in the place of events that were not committed. What does not fit one row is left
/// out: the items say what would have been written.
fn stand_in(failed: &[Event]) -> Vec<u8> {
    let Some(first) = failed.first() else { return Vec::new() };
    let whole = first.encode();
    if whole.len() <= Event::MAX_BYTES {
        return whole;
    }
    let mut short = first.clone();
    short.items.clear();
    short.encode()
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let Some(lane) = self.lane.take() else { return };
        if self.settled {
            self.lanes.give_back(lane);
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let rows = std::mem::take(&mut self.rows);
            let lanes = Arc::clone(self.lanes);
            let stand_in = stand_in(&self.failed);
            let (otherwise, others) = (self.otherwise.take(), self.others());
            drop(runtime.spawn(async move {
                if lanes.settle_at_last(lane, rows, stand_in).await == Ended::RolledBack {
                    tell(otherwise, others).await;
                }
            }));
        }
        // Without a runtime the lane is never used again, and shows as a writer that did not close.
        if !self.sent
            && let Some(slot) = self.otherwise.take()
        {
            drop(slot.append(std::mem::take(&mut self.failed)));
        }
    }
}
