//! What a sealer knows and holds: the lease, and the state of the log while it has it.

use std::time::Duration;

use jiff::Timestamp;
use phi_core::audit::note::{SigningKey, VerifierKey};
use phi_core::audit::{Checkpoint, EventTime, Reason};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::super::PostgresAuditTables;
use super::super::connect::{connect, in_time};
use super::super::roles::Part;
use super::batch::HeldBack;
use crate::audit::queue::own_event;
use crate::audit::restore::{Restored, restore};
use crate::audit::tables::Tables as _;
use crate::audit::{AuditLogProblem, SignedCheckpoint};

const TAKE: &str = "UPDATE phi_audit_lease SET epoch = epoch + 1, holder = $1, \
                    until = clock_timestamp() + make_interval(secs => $2) \
                    WHERE until < clock_timestamp() OR holder = $1 RETURNING epoch";

pub(super) const RENEW: &str = "UPDATE phi_audit_lease SET \
                                until = clock_timestamp() + make_interval(secs => $2) WHERE epoch = $1";

/// Whether the lease ends later than this from now.
const TOO_LONG: &str =
    "SELECT until > clock_timestamp() + make_interval(secs => $1) FROM phi_audit_lease";

/// No sealer takes the lease for longer, unless it has a setting far above this one's.
const LONGEST_LEASE: Duration = Duration::from_hours(1);

const RELEASE: &str = "UPDATE phi_audit_lease SET until = '-infinity' WHERE epoch = $1";

const GIVE_UP: &str = "UPDATE phi_audit_lease SET until = '-infinity' WHERE holder = $1";

/// A sealer's settings, and what it remembers while it is not at work.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) options: PgConnectOptions,
    pub(super) tables: PostgresAuditTables,
    pub(super) key: SigningKey,
    /// Keys whose checkpoints are accepted, the signing one first.
    pub(super) keys: Vec<VerifierKey>,
    /// The newest checkpoint this process knows: what it finds must go on from it.
    pub(super) newest: Option<String>,
    /// This sealer as a writer of the log's own events.
    pub(super) own: Uuid,
    pub(super) lease: Duration,
    /// Whether another has it for so long that it may not be at work at all.
    pub(super) too_long: bool,
    pub(super) last: EventTime,
    pub(super) work: Option<Work>,
    /// Tests stop it after so many steps, as a kill would.
    #[cfg(test)]
    pub(super) steps: Option<u32>,
}

/// What a sealer holds while it has the lease. Dropped at any fault: the next one starts from what
/// is stored.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) db: PgConnection,
    pub(super) epoch: i64,
    pub(super) state: Restored,
    pub(super) held_back: HeldBack,
}

impl Core {
    pub(super) fn origin(&self) -> &str {
        self.keys.first().map_or("", VerifierKey::name)
    }

    /// Takes the lease if it is free, or this sealer's own, and restores the log's state. False if
    /// another has it.
    pub(super) async fn take(&mut self) -> Result<bool, AuditLogProblem> {
        self.work = None;
        let mut db = connect(&self.options, &self.tables, Part::Sealer).await?;
        let (own, seconds) = (self.own, self.lease.as_secs_f64());
        let taken = sqlx::query_scalar(TAKE).bind(own).bind(seconds);
        let epoch: Option<i64> =
            in_time(async { Ok(taken.fetch_optional(&mut db).await?) }).await?;
        self.too_long = false;
        let Some(epoch) = epoch else {
            let longest = LONGEST_LEASE.max(self.lease.saturating_mul(4));
            let too_long = sqlx::query_scalar(TOO_LONG).bind(longest.as_secs_f64());
            let too_long = in_time(async { Ok(too_long.fetch_optional(&mut db).await?) }).await?;
            self.too_long = too_long.unwrap_or(false);
            self.watch(&mut db).await?;
            let _ = db.close().await; // it has nothing to say
            return Ok(false);
        };
        self.step()?;
        // A sealer before this one that does not know yet may be about to commit. It holds the row
        // that the lease is in until it has, so what is read from here on does not change.
        let mut state = restore(&mut db, &self.keys, self.newest.as_deref()).await?;
        self.newest = state.checkpoint.take().or(self.newest.take());
        self.work = Some(Work { db, epoch, state, held_back: HeldBack::default() });
        Ok(true)
    }

    /// Remembers how far the one at work is, so that an older copy is not gone on with if that one is
    /// not there any more to tell.
    async fn watch(&mut self, db: &mut PgConnection) -> Result<(), AuditLogProblem> {
        let open = |text: &str| Checkpoint::open(text, self.origin(), &self.keys);
        let Some(head) = in_time(db.head()).await? else { return Ok(()) };
        let seen = open(&head.checkpoint).map_err(AuditLogProblem::Checkpoint)?;
        let known = self.newest.as_deref().map(open).transpose().map_err(AuditLogProblem::Kept)?;
        match known {
            Some(known) if known.size > seen.size => {
                Err(AuditLogProblem::Truncated { size: known.size, entries: seen.size })
            }
            // Which of them goes on from the other is told when this one is at work.
            Some(known) if known.size == seen.size => Ok(()),
            _ => {
                self.newest = Some(head.checkpoint);
                Ok(())
            }
        }
    }

    /// Lets the lease go after a start that failed.
    pub(super) async fn give_up(&mut self) {
        if let Ok(mut db) = connect(&self.options, &self.tables, Part::Sealer).await {
            let give_up = sqlx::query(GIVE_UP).bind(self.own);
            let _ = in_time(async { Ok(give_up.execute(&mut db).await?) }).await; // it ends by itself
            let _ = db.close().await;
        }
    }

    /// Says that it is still here. An error if another has taken over.
    pub(super) async fn renew(&mut self) -> Result<(), AuditLogProblem> {
        let seconds = self.lease.as_secs_f64();
        let Some(work) = &mut self.work else { return Err(AuditLogProblem::Lease) };
        let renewed = sqlx::query(RENEW).bind(work.epoch).bind(seconds);
        let renewed = in_time(async { Ok(renewed.execute(&mut work.db).await?) }).await?;
        if renewed.rows_affected() == 1 { Ok(()) } else { Err(AuditLogProblem::Lease) }
    }

    /// Lets the lease go, so that another need not wait for its end.
    pub(super) async fn release(&mut self) {
        let Some(Work { mut db, epoch, .. }) = self.work.take() else { return };
        let release = sqlx::query(RELEASE).bind(epoch);
        let _ = in_time(async { Ok(release.execute(&mut db).await?) }).await; // it ends by itself
        let _ = db.close().await;
    }

    /// The stored head, for those who ask this sealer.
    pub(super) fn head(&self) -> Option<SignedCheckpoint> {
        let size = self.work.as_ref()?.state.log.edge().size();
        self.newest.as_deref().map(|text| SignedCheckpoint::new(size, text))
    }

    /// An event of the log itself.
    pub(super) fn event(&mut self, reason: Reason) -> Vec<u8> {
        // A clock that was set back does not set these back.
        self.last = self.last.max(EventTime::new(Timestamp::now()));
        own_event(self.last, reason).encode()
    }

    /// A place where a test may end this sealer.
    #[cfg(test)]
    pub(super) fn step(&mut self) -> Result<(), AuditLogProblem> {
        match &mut self.steps {
            Some(0) => {
                self.work = None; // the server finds the connection gone
                Err(AuditLogProblem::Inconsistent)
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    #[cfg(not(test))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "only tests stop it")]
    pub(super) fn step(&mut self) -> Result<(), AuditLogProblem> {
        Ok(())
    }
}
