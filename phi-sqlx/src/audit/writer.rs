//! The one task that writes: takes what is waiting, commits it together, tells everybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::Duration;

use jiff::Timestamp;
use phi_core::audit::{Action, AuditError, Event, EventId, EventTime, Outcome, Reason};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::AuditLogProblem;
use super::file::WriterLock;
use super::store::{Store, Written};

/// How many hand-overs one transaction takes at most.
const GROUP: usize = 512;

/// How long a store that failed is left alone before it is tried again unasked.
const RETRY: Duration = Duration::from_millis(100);

/// Events that belong together, encoded, and who waits for them.
#[derive(Debug)]
pub(super) struct HandOver {
    pub(super) events: Vec<Vec<u8>>,
    pub(super) durable: oneshot::Sender<Result<(), AuditError>>,
}

/// What the handles tell the task, and the other way round.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// The last batch failed.
    pub(super) down: AtomicBool,
    /// Somebody asked for a slot meanwhile.
    pub(super) wanted: Notify,
    /// Somebody asked to close.
    pub(super) close: Notify,
    /// The task is gone.
    gone: AtomicBool,
}

impl Signals {
    /// Whether nobody will ever look into the queue again. Asked after a hand-over: either the
    /// task, or what its end leaves in the queue, is told of it, or this is true.
    pub(super) fn gone(&self) -> bool {
        fence(Ordering::SeqCst); // what was sent comes before the question
        self.gone.load(Ordering::Relaxed)
    }
}

/// Says that the task is gone, also when its runtime drops it half-way.
#[derive(Debug)]
pub(super) struct Alive(pub(super) Arc<Signals>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.gone.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst); // ... and before the queue is emptied and dropped
    }
}

/// How far the log is.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    pub(super) size: u64,
    pub(super) checkpoint: Arc<str>,
    /// How the log ended, once it has.
    pub(super) ended: Option<Result<(), AuditError>>,
}

/// The task.
#[derive(Debug)]
pub(super) struct Writer {
    /// Before the queue: fields are dropped in this order.
    pub(super) alive: Alive,
    pub(super) store: Store,
    pub(super) lock: WriterLock,
    pub(super) queue: mpsc::Receiver<HandOver>,
    pub(super) progress: watch::Sender<Progress>,
    pub(super) heartbeat: Option<Duration>,
    pub(super) last: EventTime,
    pub(super) retry_at: Instant,
}

impl Writer {
    /// Writes the event that every writer begins with.
    pub(super) async fn begin(&mut self) -> Result<(), AuditLogProblem> {
        let event = self.event(Reason::WriterOpened);
        let written = self.store.write(&[&[event.encode()]]).await?;
        self.publish(&written);
        Ok(())
    }

    /// Runs until it is told to close and every slot is used or dropped, or until all handles are
    /// gone.
    pub(super) async fn run(mut self) {
        let signals = Arc::clone(&self.alive.0);
        let mut group = Vec::with_capacity(GROUP);
        let mut idle_since = Instant::now();
        loop {
            let beat = self.heartbeat.map(|beat| idle_since + beat);
            tokio::select! {
                biased;
                () = signals.close.notified() => self.queue.close(),
                taken = self.queue.recv_many(&mut group, GROUP) => {
                    if taken == 0 {
                        break;
                    }
                    self.write(&mut group).await;
                    idle_since = Instant::now();
                }
                () = signals.wanted.notified() => {
                    sleep_until(self.retry_at).await;
                    if signals.down.load(Ordering::Relaxed) {
                        let _ = self.own(Reason::Heartbeat).await; // `judge` has told it
                        idle_since = Instant::now();
                    }
                }
                () = sleep_until(beat.unwrap_or_else(Instant::now)), if beat.is_some() => {
                    let _ = self.own(Reason::Heartbeat).await; // `judge` has told it
                    idle_since = Instant::now();
                }
            }
        }
        let ended = self.own(Reason::WriterClosed).await;
        self.store.close().await;
        // The next writer may start as soon as anybody knows of the end.
        drop(self.lock);
        self.progress.send_modify(|progress| progress.ended = Some(ended));
    }

    /// Commits a group, then tells each how it went.
    async fn write(&mut self, group: &mut Vec<HandOver>) {
        let events: Vec<_> = group.iter().map(|one| one.events.as_slice()).collect();
        let written = self.store.write(&events).await;
        match self.judge(written) {
            Ok(results) => {
                for (one, result) in group.drain(..).zip(results) {
                    let _ = one.durable.send(result); // nobody need wait
                }
            }
            Err(error) => {
                for one in group.drain(..) {
                    let _ = one.durable.send(Err(error));
                }
            }
        }
    }

    /// Writes an event of the log itself.
    async fn own(&mut self, reason: Reason) -> Result<(), AuditError> {
        let event = self.event(reason).encode();
        let written = self.store.write(&[&[event]]).await;
        self.judge(written)?.into_iter().collect()
    }

    fn judge(
        &mut self,
        written: Result<Written, AuditLogProblem>,
    ) -> Result<Vec<Result<(), AuditError>>, AuditError> {
        let was_down = self.alive.0.down.swap(written.is_err(), Ordering::Relaxed);
        match written {
            Ok(written) => {
                if was_down {
                    tracing::info!("audit log is back");
                }
                self.publish(&written);
                Ok(written.results)
            }
            Err(problem) => {
                self.retry_at = Instant::now() + RETRY;
                if !was_down {
                    let error = super::AuditLogError::new(&self.lock.path, problem);
                    tracing::error!(%error, "audit log is down, nothing may be disclosed");
                }
                Err(AuditError::Unavailable)
            }
        }
    }

    fn publish(&self, written: &Written) {
        if let Some(checkpoint) = &written.checkpoint {
            self.progress.send_modify(|progress| {
                progress.size = written.size;
                progress.checkpoint = checkpoint.as_str().into();
            });
        }
    }

    fn event(&mut self, reason: Reason) -> Event {
        // A clock that was set back does not set these back.
        self.last = self.last.max(EventTime::new(Timestamp::now()));
        let id = EventId::generate(self.last);
        let mut event = Event::new(id, self.last, Action::Execute, Outcome::Success);
        event.reason = Some(reason);
        event
    }
}
