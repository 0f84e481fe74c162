//! What the current request has opened, so that a log scrubber can remove it from log lines.
//!
//! A name in free text has no shape that a detector could find; but the request that logs it has
//! opened it a moment before. A scrubber asks for this once with [`collect`]; from then on every
//! value that is opened or sealed is kept, until the last holder of its [`KnownValues`] is gone,
//! and then wiped. Until somebody asks, nothing is kept and nothing is spent.
//!
//! ```
//! # #[cfg(feature = "testing")] {
//! use phi_core::known::{self, KnownValues};
//! use phi_core::{Phi, PhiRecord, testing};
//! use uuid::Uuid;
//!
//! #[derive(Debug, PhiRecord)]
//! #[phi(record = "patient")]
//! struct Patient {
//!     #[phi(id)]
//!     id: Uuid,
//!     #[phi(class = "contact")]
//!     name: Phi<String>,
//! }
//!
//! known::collect(); // what a scrubber does when it is installed
//! let request = KnownValues::new();
//! request.enter(|| {
//!     let patient = Patient { id: Uuid::from_u128(3), name: "Ada Sample".into() };
//!     testing::vault(1).seal(&patient).map(drop)
//! })?;
//! let mut hits = Vec::new();
//! request.find("call ADA SAMPLE back, or Ada Samples", |hit| hits.push(hit));
//! assert_eq!(hits, [5..15]); // whole words, in any case
//!
//! // Outside the request nobody is known.
//! known::with_current(|current| assert!(current.is_none()));
//! # }
//! # Ok::<(), phi_core::SealError>(())
//! ```
//!
//! # Security
//!
//! Literal and best effort: whole values of text, date and long numbers, as they are, in upper or
//! lower case, or escaped by `Debug` or JSON, also by one inside the other; and the beginning of a
//! long value with which a text ends. Another part of a value, another spelling, what is inside a
//! JSON value, and work off the request's task (`tokio::spawn`, `spawn_blocking`, a driver's own
//! thread), which belongs to it only with [`carry`](KnownValues::carry) or
//! [`enter`](KnownValues::enter), are not found.

mod list;
mod written;

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::ops::Range;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::list::List;
use crate::value::ValueType;

static COLLECTING: AtomicBool = AtomicBool::new(false);

thread_local! {
    static CURRENT: RefCell<Option<KnownValues>> = const { RefCell::new(None) };
}

/// Asks for values to be kept from now on, in the whole process. A log scrubber calls it.
pub fn collect() {
    COLLECTING.store(true, Relaxed);
}

/// Calls `f` with the values of the request that this thread works on just now, if any.
pub fn with_current<R>(f: impl FnOnce(Option<&KnownValues>) -> R) -> R {
    // A thread that ends, or logs from inside here, has none.
    let current = CURRENT.try_with(|current| current.try_borrow().ok()?.clone()).ok().flatten();
    f(current.as_ref())
}

/// The values that one request has opened or sealed. Clones share them.
#[derive(Clone, Default)]
pub struct KnownValues(Arc<Mutex<List>>);

impl KnownValues {
    /// The most values that are kept, of a mebibyte together; with more the set
    /// [`is_overflowing`](Self::is_overflowing).
    pub const MAX: usize = 1024;

    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The set of the request this thread works on, or an empty one.
    #[must_use]
    pub fn current() -> Self {
        with_current(|current| current.cloned().unwrap_or_default())
    }

    /// Runs `f` as part of the request: what it opens is known here, what it logs is searched.
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let before = CURRENT.try_with(|current| current.replace(Some(self.clone()))).ok().flatten();
        let _after = Restore(before);
        f()
    }

    /// Makes a future part of the request, for work that is spawned.
    pub async fn carry<F: Future>(self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|context| self.enter(|| future.as_mut().poll(context))).await
    }

    /// Calls `hit` with the place of each known value in a text, in bytes, from left to right.
    ///
    /// A hit begins and ends at the edge of a word; of several at one place the longest counts.
    pub fn find(&self, text: &str, hit: impl FnMut(Range<usize>)) {
        self.lock().find(text, hit);
    }

    /// Whether there were more values than are kept: then any text may hold one.
    #[must_use]
    pub fn is_overflowing(&self) -> bool {
        self.lock().is_overflowing()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Keeps a value by its canonical bytes.
    pub(crate) fn add(&self, kind: ValueType, canonical: &[u8]) {
        self.lock().add(kind, canonical);
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for KnownValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownValues(redacted)")
    }
}

/// The set to keep values in: `own` if there is one, else the current request's; none unless a
/// scrubber has asked.
pub(crate) fn keeping(own: Option<&KnownValues>) -> Option<KnownValues> {
    if !COLLECTING.load(Relaxed) {
        return None;
    }
    let current = |current: Option<&KnownValues>| current.cloned();
    own.cloned().or_else(|| with_current(current))
}

/// Puts back what was current before, also if `f` panics.
struct Restore(Option<KnownValues>);

impl Drop for Restore {
    fn drop(&mut self) {
        let before = self.0.take();
        drop(CURRENT.try_with(|current| current.replace(before)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(known: &KnownValues, text: &str) -> usize {
        let mut count = 0;
        known.find(text, |_| count += 1);
        count
    }

    #[test]
    fn requests_nest_and_end_with_their_work() {
        let (outer, inner) = (KnownValues::new(), KnownValues::new());
        outer.add(ValueType::Text, b"Ada Sample");
        outer.enter(|| {
            inner.enter(|| assert!(KnownValues::current().is_empty()));
            assert_eq!(hits(&KnownValues::current(), "Ada Sample"), 1);
            let unwound = std::panic::catch_unwind(|| inner.enter(|| panic!("sample")));
            assert!(unwound.is_err());
            assert_eq!(hits(&KnownValues::current(), "Ada Sample"), 1);
        });
        assert!(with_current(|current| current.is_none()));
    }

    #[test]
    fn spawned_work_knows_only_what_it_carries() {
        let request = KnownValues::new();
        request.add(ValueType::Text, b"Ada Sample");
        let knows = || async { with_current(|current| current.is_some_and(|k| !k.is_empty())) };
        let carried = request.clone().carry(knows());
        request.enter(|| {
            let spawned = std::thread::spawn(move || {
                (pollster::block_on(carried), pollster::block_on(knows()))
            });
            assert_eq!(spawned.join().unwrap(), (true, false));
        });
    }
}
