//! Refusals before authentication, summed: one event per address prefix and minute, so that whoever
//! knocks without credentials cannot fill the log.

mod timer;

use std::collections::HashMap;
use std::fmt;
use std::mem;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use phi_core::Safeguards;
use phi_core::audit::{AuditError, Reason, Receipt};
use tokio::time::Instant;

use self::timer::Timer;

/// Prefixes told apart; all further ones are counted together.
const MAX_PREFIXES: usize = 1024;

/// How long refusals are summed.
const MINUTE: Duration = Duration::from_secs(60);

/// Events handed over at once: a request must not pay for a whole attack, nor the log's other users.
const AT_ONCE: usize = 16;

/// The part of an address that stands for one network: /24 of IPv4, /48 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Prefix {
    V4([u8; 3]),
    V6([u16; 3]),
    /// The listener did not tell the address.
    Unknown,
    /// One of too many.
    Other,
}

impl From<Option<IpAddr>> for Prefix {
    fn from(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            Some(IpAddr::V6(address)) => {
                let [a, b, c, ..] = address.segments();
                Self::V6([a, b, c])
            }
            None => Self::Unknown,
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4([a, b, c]) => write!(f, "{a}.{b}.{c}.0/24"),
            Self::V6([a, b, c]) => write!(f, "{a:x}:{b:x}:{c:x}::/48"),
            Self::Unknown => f.write_str("unknown"),
            Self::Other => f.write_str("other"),
        }
    }
}

/// Which refusal it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    NoPrincipal,
    BadCredentials,
}

impl From<Kind> for Reason {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::NoPrincipal => Self::NoPrincipal,
            Kind::BadCredentials => Self::BadCredentials,
        }
    }
}

/// The sums of this minute, and those of past minutes that no event tells yet.
pub(crate) struct Sums {
    safeguards: Safeguards,
    began: Instant,
    /// Whether there is anything to hand over, now or later.
    any: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    minute: u64,
    open: Counts,
    due: Counts,
    /// Whether a task waits for the end of the minute.
    timed: bool,
}

/// Bounded: two kinds for each prefix, and `Other`.
#[derive(Default)]
struct Counts(HashMap<(Prefix, Kind), u64>);

impl Counts {
    fn add(&mut self, prefix: Prefix, kind: Kind, count: u64) {
        let full = self.0.len() >= 2 * MAX_PREFIXES && !self.0.contains_key(&(prefix, kind));
        let prefix = if full { Prefix::Other } else { prefix };
        let sum = self.0.entry((prefix, kind)).or_default();
        *sum = sum.saturating_add(count);
    }

    fn take(&mut self, most: usize) -> Vec<(Prefix, Kind, u64)> {
        let keys: Vec<_> = self.0.keys().copied().take(most).collect();
        let taken = keys.into_iter().filter_map(|(prefix, kind)| {
            self.0.remove(&(prefix, kind)).map(|count| (prefix, kind, count))
        });
        taken.collect()
    }
}

impl State {
    /// Moves the sums of a minute that is over to those that are due.
    fn roll(&mut self, minute: u64) {
        if minute != self.minute {
            self.minute = minute;
            self.close();
        }
    }

    fn close(&mut self) {
        for ((prefix, kind), count) in mem::take(&mut self.open.0) {
            self.due.add(prefix, kind, count);
        }
    }
}

impl Sums {
    pub(crate) fn new(safeguards: Safeguards) -> Self {
        Self {
            safeguards,
            began: Instant::now(),
            any: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Counts a refusal. Nobody waits for its event.
    pub(crate) fn count(self: &Arc<Self>, prefix: Prefix, kind: Kind) {
        let minute = self.minute();
        let mut state = self.lock();
        state.roll(minute);
        state.open.add(prefix, kind, 1);
        self.any.store(true, Relaxed);
        let timed = mem::replace(&mut state.timed, true);
        drop(state);
        if !timed {
            Timer::start(self);
        }
    }

    /// Hands over some of the sums of past minutes, if there are any. Called by every request, so
    /// that sums of a runtime that is gone are told as well.
    pub(crate) fn tick(&self) {
        if self.any.load(Relaxed) {
            let minute = self.minute();
            self.lock().roll(minute);
            drop(self.hand_over(AT_ONCE));
        }
    }

    /// Hands over some of the sums of past minutes, for the timer.
    fn hand_over_some(&self) -> Result<Vec<Receipt>, AuditError> {
        let minute = self.minute();
        self.lock().roll(minute);
        self.hand_over(AT_ONCE)
    }

    /// Whether the timer may end: there is nothing that it could wait for. The next refusal then
    /// starts another.
    fn is_done(&self) -> bool {
        let mut state = self.lock();
        let done = state.open.0.is_empty() && state.due.0.is_empty();
        state.timed = !done;
        done
    }

    /// Hands over every sum, that of the current minute too.
    ///
    /// # Errors
    ///
    /// [`AuditError`] if the log does not take them; they are kept then.
    pub(crate) fn hand_over_all(&self) -> Result<Vec<Receipt>, AuditError> {
        self.lock().close();
        self.hand_over(usize::MAX)
    }

    fn hand_over(&self, most: usize) -> Result<Vec<Receipt>, AuditError> {
        let taken = self.lock().due.take(most);
        let mut receipts = Vec::with_capacity(taken.len());
        let mut result = Ok(());
        for (prefix, kind, count) in taken {
            let event = result.and_then(|()| {
                self.safeguards.refuse_many(&prefix.to_string(), kind.into(), count)
            });
            match event {
                Ok(receipt) => receipts.push(receipt),
                Err(error) => {
                    self.lock().due.add(prefix, kind, count);
                    result = Err(error);
                }
            }
        }
        let state = self.lock();
        self.any.store(!(state.open.0.is_empty() && state.due.0.is_empty()), Relaxed);
        result.map(|()| receipts)
    }

    /// Minutes since the start: a clock that is set back does not reorder them.
    fn minute(&self) -> u64 {
        self.began.elapsed().as_secs() / MINUTE.as_secs()
    }

    /// How long the current minute goes on.
    fn rest_of_minute(&self) -> Duration {
        let elapsed = self.began.elapsed();
        let gone = Duration::new(elapsed.as_secs() % MINUTE.as_secs(), elapsed.subsec_nanos());
        MINUTE.saturating_sub(gone)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sums {
    fn drop(&mut self) {
        // The log keeps the events; nobody is left to wait for them.
        drop(self.hand_over_all());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(address: &str) -> String {
        Prefix::from(Some(address.parse().unwrap())).to_string()
    }

    #[test]
    fn a_prefix_is_a_network_and_no_address() {
        assert_eq!(prefix("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(prefix("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(prefix("2001:db8:1:2::3"), "2001:db8:1::/48");
        assert_eq!(Prefix::from(None).to_string(), "unknown");
    }

    #[test]
    fn counts_are_bounded_and_lose_nothing() {
        let mut counts = Counts::default();
        for n in 0..5000_u16 {
            counts.add(Prefix::V6([n, 0, 0]), Kind::NoPrincipal, 1);
        }
        assert_eq!(counts.0.len(), 2 * MAX_PREFIXES + 1);
        let total: u64 = counts.take(usize::MAX).iter().map(|(_, _, count)| count).sum();
        assert_eq!(total, 5000);
    }
}
