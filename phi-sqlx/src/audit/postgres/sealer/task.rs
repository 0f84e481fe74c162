//! The task: waits for the lease, seals, looks around, and begins again after a fault.

use std::time::Duration;

use phi_core::audit::{AuditError, Reason};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::Progress;
use super::core::Core;
use crate::DatabaseFault;
use crate::audit::{AuditLogError, AuditLogProblem, SignedCheckpoint};

/// How often the whole queue is looked at.
const SWEEP: Duration = Duration::from_secs(2);

/// How long after a fault it begins again, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long a round may take before the connection is given up.
const LONGEST_ROUND: Duration = Duration::from_secs(30);

/// How long its end may go on sealing.
const LAST_WORK: Duration = Duration::from_secs(5);

pub(super) struct Task {
    core: Core,
    every: Duration,
    heartbeat: Option<Duration>,
    progress: watch::Sender<Progress>,
    retry: Duration,
    sealed_at: Instant,
    swept_at: Option<Instant>,
    renewed_at: Instant,
}

impl Task {
    pub(super) fn new(
        core: Core,
        every: Duration,
        heartbeat: Option<Duration>,
        progress: watch::Sender<Progress>,
    ) -> Self {
        let now = Instant::now();
        let (retry, _) = RETRY;
        Self {
            core,
            every,
            heartbeat,
            progress,
            retry,
            sealed_at: now,
            swept_at: None,
            renewed_at: now,
        }
    }

    pub(super) async fn run(mut self, close: &Notify) {
        let mut next = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = close.notified() => break,
                () = sleep_until(next) => {}
            }
            let begun = Instant::now();
            // A server that does not answer keeps its locks no longer than that either.
            let round = timeout(LONGEST_ROUND, self.round()).await;
            let round = round.unwrap_or(Err(DatabaseFault::Io.into()));
            next = match self.judge(round) {
                Some(pause) => begun.checked_add(pause).unwrap_or(begun),
                None => begun,
            };
            if self.progress.is_closed() {
                break; // nobody can ask any more: end in good order
            }
        }
        let ended = timeout(LONGEST_ROUND, self.end()).await;
        let ended = ended.unwrap_or(Err(AuditError::Unavailable));
        self.core.release().await;
        self.progress.send_modify(|progress| {
            progress.at_work = false;
            progress.ended = Some(ended);
        });
    }

    /// One look; how long to wait for the next.
    async fn round(&mut self) -> Result<Duration, AuditLogProblem> {
        if self.core.work.is_none() {
            if !self.core.take().await? {
                self.show(false, None);
                if self.core.too_long {
                    return Err(AuditLogProblem::LeaseTooLong);
                }
                return Ok(self.core.lease / 3);
            }
            self.swept_at = None;
        }
        if self.swept_at.is_none_or(|at| at.elapsed() >= SWEEP) {
            self.sweep().await?;
        }
        let more = self.seal(&[]).await?;
        Ok(if more { Duration::ZERO } else { self.every })
    }

    /// Seals what is ready. The first time also the event that every writer begins with.
    async fn seal(&mut self, own: &[Reason]) -> Result<bool, AuditLogProblem> {
        let Some(work) = &mut self.core.work else { return Err(AuditLogProblem::Lease) };
        let ready = work.held_back.ready(&mut work.db, &work.state.log).await?;
        let begins = work.state.log.next_writer_seq(self.core.own) == 0;
        let mut reasons = Vec::new();
        if begins {
            reasons.push(Reason::WriterOpened);
        } else if own.is_empty() && ready.rows.is_empty() && self.beats() {
            reasons.push(Reason::Heartbeat);
        }
        reasons.extend_from_slice(own);
        if ready.rows.is_empty() && reasons.is_empty() {
            if self.renewed_at.elapsed() > self.core.lease / 3 {
                self.core.renew().await?;
                self.renewed_at = Instant::now();
            }
            let head = self.core.head();
            self.show(true, head);
            return Ok(false);
        }
        let sealed = self.core.write(ready.rows, &reasons).await?;
        (self.sealed_at, self.renewed_at) = (Instant::now(), Instant::now());
        if sealed.refused > 0 {
            self.refused(sealed.refused);
        }
        self.show(true, Some(sealed.head));
        Ok(ready.more)
    }

    fn beats(&self) -> bool {
        self.heartbeat.is_some_and(|beat| self.sealed_at.elapsed() >= beat)
    }

    async fn sweep(&mut self) -> Result<(), AuditLogProblem> {
        let swept = self.core.sweep().await?;
        self.swept_at = Some(Instant::now());
        if swept.refused > 0 {
            self.refused(swept.refused);
        }
        if *swept.held_back != *self.progress.borrow().held_back {
            let writers = swept.held_back.len();
            if writers > 0 {
                tracing::warn!(writers, "audit log: events wait behind one that is missing");
            }
            let held_back = swept.held_back.into();
            self.progress.send_modify(|progress| progress.held_back = held_back);
        }
        Ok(())
    }

    fn refused(&self, rows: u64) {
        tracing::error!(rows, "audit log: rows of the queue were no entries, and are kept aside");
        self.progress.send_modify(|progress| progress.refused += rows);
    }

    /// Seals what is there and says that it was the last.
    async fn end(&mut self) -> Result<(), AuditError> {
        let until = Instant::now() + LAST_WORK;
        // After a fault it is tried once more: that nobody has the work does not mean that another has.
        let taken = match &self.core.work {
            None => self.core.take().await,
            Some(_) => Ok(true),
        };
        let mut swept = match taken {
            Ok(false) if self.core.too_long => Err(AuditLogProblem::LeaseTooLong),
            Ok(false) => return Ok(()), // another has the lease
            Ok(true) => self.sweep().await,
            Err(problem) => Err(problem),
        };
        loop {
            let ended = match std::mem::replace(&mut swept, Ok(())).and(self.seal(&[]).await) {
                Ok(true) if Instant::now() < until => continue,
                Ok(_) => self.seal(&[Reason::WriterClosed]).await.map(|_| ()),
                Err(problem) => Err(problem),
            };
            return ended.map_err(|problem| {
                self.judge(Err(problem));
                AuditError::Unavailable
            });
        }
    }

    fn judge(&mut self, round: Result<Duration, AuditLogProblem>) -> Option<Duration> {
        let before = self.progress.borrow().problem;
        let (shortest, longest) = RETRY;
        match round {
            Ok(pause) => {
                self.retry = shortest;
                if before.is_some() {
                    tracing::info!("audit log is sealed again");
                    self.progress.send_modify(|progress| progress.problem = None);
                }
                (!pause.is_zero()).then_some(pause)
            }
            Err(problem) => {
                self.core.work = None;
                self.show(false, None);
                if before != Some(problem) {
                    let error = AuditLogError::new(self.core.tables.place(), problem);
                    tracing::error!(%error, "audit log is not sealed");
                    self.progress.send_modify(|progress| progress.problem = Some(problem));
                }
                let pause = self.retry;
                self.retry = (pause * 2).min(longest);
                Some(pause)
            }
        }
    }

    fn show(&self, at_work: bool, head: Option<SignedCheckpoint>) {
        let changes = |progress: &mut Progress| {
            let changed = progress.at_work != at_work || (head.is_some() && progress.head != head);
            progress.at_work = at_work;
            if head.is_some() {
                progress.head = head;
            }
            changed
        };
        self.progress.send_if_modified(changes);
    }
}
