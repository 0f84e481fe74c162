//! Writers that one transaction uses at a time: their numbers have no gap, whatever becomes of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use phi_core::audit::{AuditError, EventTime, Reason};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::PostgresAuditTables;
use super::connect::{connect, in_time};
use super::roles::Part;
use crate::audit::queue::{new_writer, own_event};
use crate::audit::{AuditLogProblem, restore::stored};

/// How long an unsettled lane is left alone before it is looked at again, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long a transaction waits for a lane.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How long the end of the log waits for transactions under way.
const LAST_WAIT: Duration = Duration::from_secs(2);

const STAND_IN: &str = "INSERT INTO phi_audit_queue (writer, writer_seq, stands_in, event) \
                        VALUES ($1, $2, true, $3) ON CONFLICT DO NOTHING";

const CLOSE: &str = "INSERT INTO phi_audit_queue (writer, writer_seq, event) VALUES ($1, $2, $3)";

/// The entry with a writer's number, if it is sealed, and whether what is in the queue under that
/// number is a stand-in: both of one moment.
const LOOK: &str = "SELECT (SELECT leaf FROM phi_audit_entry WHERE writer_seq = $2 AND writer = \
                    (SELECT id FROM phi_audit_writer WHERE uuid = uuid_send($1))), \
                    (SELECT stands_in FROM phi_audit_queue WHERE writer = $1 AND writer_seq = $2)";

/// The lanes of one log.
#[derive(Debug)]
pub(super) struct Lanes {
    options: PgConnectOptions,
    tables: PostgresAuditTables,
    count: u32,
    room: Arc<Semaphore>,
    idle: Mutex<Vec<Lane>>,
}

/// A writer and the number of its next event.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) writer: Uuid,
    pub(super) next: u64,
    /// Held as long as somebody uses the lane.
    permit: Option<OwnedSemaphorePermit>,
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Committed,
    RolledBack,
}

impl Lanes {
    pub(super) fn new(
        options: PgConnectOptions,
        tables: PostgresAuditTables,
        count: usize,
    ) -> Self {
        let room = Arc::new(Semaphore::new(count));
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Self { options, tables, count, room, idle: Mutex::new(Vec::new()) }
    }

    pub(super) fn tables(&self) -> &PostgresAuditTables {
        &self.tables
    }

    /// Waits a while for a free lane.
    pub(super) async fn take(&self) -> Result<Lane, AuditError> {
        let permit = timeout(LONGEST_WAIT, Arc::clone(&self.room).acquire_owned()).await;
        let permit = permit.map_err(|_| AuditError::Timeout)?.map_err(|_| AuditError::Closed)?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut lane = idle.unwrap_or_else(|| Lane { writer: new_writer(), next: 0, permit: None });
        lane.permit = Some(permit);
        Ok(lane)
    }

    pub(super) fn give_back(&self, mut lane: Lane) {
        let permit = lane.permit.take();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(lane);
        drop(permit); // the lane is there before anybody is let in for it
    }

    /// Finds out how a transaction ended: puts a stand-in in its event's place, which goes in only
    /// if the event is not there and, since the database waits for the transaction, never will be.
    pub(super) async fn settle(
        &self,
        lane: &mut Lane,
        rows: &[Vec<u8>],
        stand_in: &[u8],
    ) -> Result<Ended, AuditLogProblem> {
        let (writer, seq) = (lane.writer, stored(lane.next)?);
        let mut db = connect(&self.options, &self.tables, Part::Application).await?;
        let ended = in_time(async {
            let put = sqlx::query(STAND_IN).bind(writer).bind(seq).bind(stand_in);
            put.execute(&mut db).await?;
            // The event may have been sealed, and so have left the queue before the stand-in came.
            let look = sqlx::query_as(LOOK).bind(writer).bind(seq);
            let seen: (Option<Vec<u8>>, Option<bool>) = look.fetch_one(&mut db).await?;
            let committed = match seen {
                (Some(leaf), _) => leaf
                    .strip_suffix(b"}")
                    .zip(rows.first())
                    .is_some_and(|(event, row)| event.ends_with(row)),
                (None, Some(stands_in)) => !stands_in,
                (None, None) => return Err(AuditLogProblem::Forgotten),
            };
            Ok(if committed { Ended::Committed } else { Ended::RolledBack })
        })
        .await?;
        lane.next += match ended {
            Ended::Committed => rows.len() as u64,
            Ended::RolledBack => 1,
        };
        let _ = db.close().await;
        Ok(ended)
    }

    /// The same until it is known, however long the database is away.
    pub(super) async fn settle_at_last(
        self: Arc<Self>,
        mut lane: Lane,
        rows: Vec<Vec<u8>>,
        stand_in: Vec<u8>,
    ) -> Ended {
        let (mut wait, longest) = RETRY;
        loop {
            if let Ok(ended) = self.settle(&mut lane, &rows, &stand_in).await {
                self.give_back(lane);
                return ended;
            }
            sleep(wait).await;
            wait = (wait * 2).min(longest);
        }
    }

    /// Gives no lane any more, waits a little for those in use, and writes the last event of each.
    pub(super) async fn close(&self) -> Result<(), AuditLogProblem> {
        let all = timeout(LAST_WAIT, self.room.acquire_many(self.count)).await;
        self.room.close();
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        let used: Vec<_> = idle.into_iter().filter(|lane| lane.next > 0).collect();
        if !used.is_empty() {
            let mut db = connect(&self.options, &self.tables, Part::Application).await?;
            in_time(write_ends(&mut db, &used)).await?;
            let _ = db.close().await;
        }
        match all {
            Ok(_) => Ok(()),
            Err(_) => Err(crate::DatabaseFault::Busy.into()),
        }
    }
}

async fn write_ends(db: &mut PgConnection, lanes: &[Lane]) -> Result<(), AuditLogProblem> {
    let time = EventTime::new(Timestamp::now());
    for lane in lanes {
        let event = own_event(time, Reason::WriterClosed).encode();
        let query = sqlx::query(CLOSE).bind(lane.writer).bind(stored(lane.next)?).bind(event);
        query.execute(&mut *db).await?;
    }
    Ok(())
}
