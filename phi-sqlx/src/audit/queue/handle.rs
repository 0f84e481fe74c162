//! The side of the queue that requests see.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};

use phi_core::audit::{AuditError, Event, Receipt, Slot};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{OwnedPermit, Sender};
use tokio::sync::{Notify, oneshot, watch};

use crate::audit::AuditLogProblem;

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
    /// How many events are kept for when the store is back.
    pub(super) kept: AtomicU64,
    /// How many could not even be kept.
    pub(super) lost: AtomicU64,
    /// The task is gone.
    gone: AtomicBool,
}

impl Signals {
    /// Whether nobody will ever look into the queue again. Asked after a hand-over: either the
    /// task, or what its end leaves in the queue, is told of it, or this is true.
    fn gone(&self) -> bool {
        fence(Ordering::SeqCst); // what was sent comes before the question
        self.gone.load(Ordering::Relaxed)
    }

    /// What the end of the log comes to, if events were left.
    pub(super) fn end(&self) -> Result<(), AuditError> {
        let left = self.kept.load(Ordering::Relaxed) + self.lost.load(Ordering::Relaxed);
        if left == 0 { Ok(()) } else { Err(AuditError::Lost { events: left }) }
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
    /// What keeps it from being written, if anything does.
    pub(super) problem: Option<AuditLogProblem>,
    /// How the log ended, once it has.
    pub(super) ended: Option<Result<(), AuditError>>,
}

/// The log as its task's clients hold it.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Handle {
    pub(super) queue: Sender<HandOver>,
    pub(super) signals: Arc<Signals>,
    pub(super) progress: watch::Receiver<Progress>,
}

impl Handle {
    pub(in crate::audit) fn free_slots(&self) -> usize {
        self.queue.capacity()
    }

    pub(in crate::audit) fn problem(&self) -> Option<AuditLogProblem> {
        self.progress.borrow().problem
    }

    pub(in crate::audit) async fn close(&self) -> Result<(), AuditError> {
        self.signals.close.notify_one();
        let mut progress = self.progress.clone();
        let ended = progress.wait_for(|progress| progress.ended.is_some()).await;
        let ended = ended.ok().and_then(|progress| progress.ended);
        // A task that its runtime dropped could say nothing.
        ended.unwrap_or_else(|| self.signals.end().and(Err(AuditError::Unavailable)))
    }

    pub(in crate::audit) fn reserve(&self) -> Result<Slot, AuditError> {
        if self.signals.down.load(Ordering::Relaxed) {
            self.signals.wanted.notify_one();
            return Err(AuditError::Unavailable);
        }
        match self.queue.clone().try_reserve_owned() {
            Ok(room) => {
                let signals = Arc::clone(&self.signals);
                Ok(Slot::new(move |events: Vec<Event>| hand_over(room, &signals, &events)))
            }
            Err(TrySendError::Full(_)) => Err(AuditError::Full),
            Err(TrySendError::Closed(_)) => Err(AuditError::Closed),
        }
    }
}

/// What a log that signs in the same transaction knows of it.
#[cfg(feature = "sqlite")]
impl Handle {
    pub(in crate::audit) fn size(&self) -> u64 {
        self.progress.borrow().size
    }

    pub(in crate::audit) fn checkpoint(&self) -> SignedCheckpoint {
        SignedCheckpoint::of(&self.progress.borrow())
    }

    pub(in crate::audit) async fn next_checkpoint(&self, size: u64) -> Option<SignedCheckpoint> {
        let mut progress = self.progress.clone();
        let more = |progress: &Progress| progress.size > size || progress.ended.is_some();
        let progress = progress.wait_for(more).await.ok()?;
        (progress.size > size).then(|| SignedCheckpoint::of(&progress))
    }
}

fn hand_over(room: OwnedPermit<HandOver>, signals: &Signals, events: &[Event]) -> Receipt {
    let events: Vec<_> = events.iter().map(Event::encode).collect();
    if events.iter().any(|event| event.len() > Event::MAX_BYTES) {
        return Receipt::ready(Err(AuditError::TooLarge));
    }
    if events.is_empty() {
        return Receipt::ready(Ok(()));
    }
    let (durable, receipt) = oneshot::channel();
    drop(room.send(HandOver { events, durable }));
    // The task ends before its time only with its runtime. A queue that nobody reads any more
    // keeps what comes later, and with it the other end of the receipt.
    if signals.gone() {
        return Receipt::ready(Err(AuditError::Unavailable));
    }
    Receipt::new(async { receipt.await.unwrap_or(Err(AuditError::Unavailable)) })
}

/// A checkpoint as it is kept and shown to others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedCheckpoint {
    /// How many entries it covers.
    pub size: u64,
    /// The signed note (`c2sp.org/tlog-checkpoint`).
    pub text: Arc<str>,
}

impl SignedCheckpoint {
    pub(in crate::audit) fn new(size: u64, text: impl Into<Arc<str>>) -> Self {
        Self { size, text: text.into() }
    }

    #[cfg(feature = "sqlite")]
    fn of(progress: &Progress) -> Self {
        Self { size: progress.size, text: Arc::clone(&progress.checkpoint) }
    }
}
