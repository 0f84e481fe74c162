//! An audit log in memory, for tests.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use super::{AuditError, AuditLog, Event, Outcome, Receipt, Slot, SlotImpl};

/// A log that keeps what it is given, for tests of promise P8, with switches for a log that is down, that loses its
/// store, or that is slow. Clones share one log.
///
/// Every event is checked as a real log would: it must fit one entry and survive its own encoding.
///
/// ```
/// use phi_core::audit::{AuditError, AuditLog, RecordingLog};
///
/// let log = RecordingLog::new();
/// let slot = log.reserve()?;
/// assert_eq!(log.open_slots(), 1);
/// drop(slot);
/// assert_eq!(log.open_slots(), 0);
///
/// log.refuse();
/// assert_eq!(log.reserve().unwrap_err(), AuditError::Unavailable);
/// # Ok::<(), AuditError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct RecordingLog(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    open: usize,
    capacity: Option<usize>,
    refusing: bool,
    losing: bool,
    holding: bool,
    /// Counts `release` calls, so that a receipt knows one came after it.
    released: u64,
    waiting: Vec<Waker>,
}

impl RecordingLog {
    /// A log that takes everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// A log with this many slots, the next one [`AuditError::Full`].
    #[must_use]
    pub fn with_capacity(slots: usize) -> Self {
        let log = Self::default();
        log.state().capacity = Some(slots);
        log
    }

    /// From now on the log is down: no slot is given.
    pub fn refuse(&self) {
        self.state().refusing = true;
    }

    /// From now on the store fails after the slot was given: nothing is kept, and receipts say so.
    pub fn lose(&self) {
        self.state().losing = true;
    }

    /// From now on receipts stay open until [`release`](Self::release).
    pub fn hold(&self) {
        self.state().holding = true;
    }

    /// Resolves the receipts held so far and holds no more.
    pub fn release(&self) {
        let mut state = self.state();
        state.holding = false;
        state.released += 1;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Takes everything again.
    pub fn accept(&self) {
        let mut state = self.state();
        (state.refusing, state.losing) = (false, false);
    }

    /// What was kept, in the order of its coming.
    pub fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// Forgets what was kept.
    pub fn clear(&self) {
        self.state().events.clear();
    }

    /// The outcomes kept for a request, intents and continuing parts left out. There should be exactly one.
    pub fn outcomes_of(&self, request: &str) -> Vec<Outcome> {
        let state = self.state();
        let of_request = state.events.iter().filter(|event| {
            event.request.as_ref().is_some_and(|id| id.as_str() == request)
                && event.outcome != Outcome::Intent
                && !event.is_continuation()
        });
        of_request.map(|event| event.outcome.clone()).collect()
    }

    /// How many slots are given and neither used nor dropped.
    pub fn open_slots(&self) -> usize {
        self.state().open
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere leaves nothing half-written here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditLog for RecordingLog {
    fn reserve(&self) -> Result<Slot, AuditError> {
        let mut state = self.state();
        if state.refusing {
            return Err(AuditError::Unavailable);
        }
        if state.capacity.is_some_and(|slots| state.open >= slots) {
            return Err(AuditError::Full);
        }
        state.open += 1;
        Ok(Slot::new(RecordingSlot(self.clone())))
    }
}

struct RecordingSlot(RecordingLog);

impl Drop for RecordingSlot {
    fn drop(&mut self) {
        self.0.state().open -= 1;
    }
}

impl SlotImpl for RecordingSlot {
    fn append(self: Box<Self>, events: Vec<Event>) -> Receipt {
        let log = self.0.clone();
        let mut state = log.state();
        if state.losing {
            return Receipt::ready(Err(AuditError::Unavailable));
        }
        if let Some(error) = events.iter().find_map(fault) {
            return Receipt::ready(Err(error));
        }
        state.events.extend(events);
        if !state.holding {
            return Receipt::ready(Ok(()));
        }
        let before = state.released;
        drop(state);
        Receipt::new(poll_fn(move |context| {
            let mut state = log.state();
            if state.released > before {
                return Poll::Ready(Ok(()));
            }
            state.waiting.push(context.waker().clone());
            Poll::Pending
        }))
    }
}

/// What a real log would find wrong with an event.
fn fault(event: &Event) -> Option<AuditError> {
    let bytes = event.encode();
    match Event::decode(&bytes) {
        _ if bytes.len() > Event::MAX_BYTES => Some(AuditError::TooLarge),
        Ok(read) if read == *event => None,
        _ => Some(AuditError::Rejected),
    }
}
