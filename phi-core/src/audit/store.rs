//! The seam between those who write events and those who keep them.

use std::error::Error;
use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Event;

/// A place that keeps audit events.
///
/// A slot is reserved when a request begins, so that a full or absent log is known *before* any PHI is opened, and
/// so that the hand-over at the end is a plain call: it cannot be cancelled half-way when the client hangs up. A
/// strict operation reserves two, one for its intent and one for its outcome.
///
/// # Security
///
/// Promise P8 rests on the caller: nothing leaves before the receipt is `Ok`.
///
/// ```
/// # #[cfg(feature = "testing")] {
/// use phi_core::audit::{Action, AuditError, AuditLog, Event, EventId, EventTime, Outcome, RecordingLog};
///
/// let log = RecordingLog::new();
/// let slot = log.reserve()?;
/// let time = EventTime::new("2026-11-22T08:15:00Z".parse()?);
/// let receipt = slot.append(vec![Event::new(EventId::new(time, [7; 10]), time, Action::Read, Outcome::Success)]);
/// # drop(receipt);
/// // … await the receipt, and answer only if it is `Ok`.
/// assert_eq!(log.events().len(), 1);
///
/// log.refuse();
/// assert_eq!(log.reserve().unwrap_err(), AuditError::Unavailable); // no log, no answer
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait AuditLog: Send + Sync + 'static {
    /// Reserves room for one hand-over, without waiting.
    ///
    /// # Errors
    ///
    /// [`AuditError::Full`] if all slots are taken, [`AuditError::Unavailable`] if the store is down,
    /// [`AuditError::Closed`] after the log has ended.
    fn reserve(&self) -> Result<Slot, AuditError>;
}

impl<L: AuditLog + ?Sized> AuditLog for Arc<L> {
    fn reserve(&self) -> Result<Slot, AuditError> {
        (**self).reserve()
    }
}

/// What stands behind a [`Slot`]: an implementation's half of the hand-over. Closures are slots too.
///
/// Dropping it without a call frees the room.
pub trait SlotImpl: Send + 'static {
    /// Takes the events over. They belong together, in this order, and each fits one entry.
    ///
    /// Must not wait; must keep the events even if the receipt is dropped.
    fn append(self: Box<Self>, events: Vec<Event>) -> Receipt;
}

impl<F> SlotImpl for F
where
    F: FnOnce(Vec<Event>) -> Receipt + Send + 'static,
{
    fn append(self: Box<Self>, events: Vec<Event>) -> Receipt {
        self(events)
    }
}

/// Reserved room for one hand-over. Dropped unused, it is free again.
#[must_use = "a slot that is dropped at once reserves nothing"]
pub struct Slot(Box<dyn SlotImpl>);

impl Slot {
    /// Wraps an implementation.
    pub fn new(slot: impl SlotImpl) -> Self {
        Self(Box::new(slot))
    }

    /// Hands the events over, each split into parts if it is too long for one entry.
    ///
    /// When this returns the log has them: dropping the receipt only means not to learn how it went.
    pub fn append(self, events: Vec<Event>) -> Receipt {
        // Events are large and nearly all of them fit: they are not moved.
        let whole = events.iter().all(Event::fits_one_entry);
        self.0.append(if whole {
            events
        } else {
            events.into_iter().flat_map(Event::into_parts).collect()
        })
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot(..)")
    }
}

/// Resolves when the events are durable, or have failed to become so.
#[must_use = "nothing may be disclosed before the receipt is `Ok`"]
pub struct Receipt(Pin<Box<dyn Future<Output = Result<(), AuditError>> + Send>>);

impl Receipt {
    /// Wraps a future.
    pub fn new(durable: impl Future<Output = Result<(), AuditError>> + Send + 'static) -> Self {
        Self(Box::pin(durable))
    }

    /// A receipt whose answer is known.
    pub fn ready(result: Result<(), AuditError>) -> Self {
        Self::new(future::ready(result))
    }
}

impl Future for Receipt {
    type Output = Result<(), AuditError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt(..)")
    }
}

/// Why the log did not take events. In every case nothing may be disclosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditError {
    /// The store cannot be reached or written.
    Unavailable,
    /// Every slot is taken.
    Full,
    /// An event is too large for one entry.
    TooLarge,
    /// The log has ended.
    Closed,
    /// The store found the events wrong, or the writer's numbers do not follow.
    Rejected,
    /// The events were not durable in time.
    Timeout,
    /// The log ended before events were stored that it had kept since its store failed.
    Lost {
        /// How many; their callers were refused.
        events: u64,
    },
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lost { events } => {
                return write!(
                    f,
                    "audit log ended with {events} events not stored; their callers were refused"
                );
            }
            Self::Unavailable => {
                "audit log is unavailable; nothing may be disclosed until it is back"
            }
            Self::Full => "audit log has no free slot; try again later",
            Self::TooLarge => "audit event is too large for one entry; split it with into_parts",
            Self::Closed => "audit log is closed",
            Self::Rejected => "audit log refused the events",
            Self::Timeout => "audit events were not durable in time",
        })
    }
}

impl Error for AuditError {}
