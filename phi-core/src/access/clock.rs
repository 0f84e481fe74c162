use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use jiff::Timestamp;

/// Where the time of audit events comes from: a seam for tests.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl<F: Fn() -> Timestamp + Send + Sync + 'static> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}

/// A clock that never goes backwards: events keep their order when the system's clock is set.
pub(crate) struct Ordered {
    clock: Box<dyn Clock>,
    latest: AtomicI64,
}

impl Ordered {
    pub(crate) fn new(clock: Box<dyn Clock>) -> Self {
        Self { clock, latest: AtomicI64::new(i64::MIN) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let now = self.clock.now();
        let latest = self.latest.fetch_max(now.as_microsecond(), Relaxed);
        if latest > now.as_microsecond() {
            return Timestamp::from_microsecond(latest).unwrap_or(now);
        }
        now
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_clock_set_back_does_not_reorder_events() {
        let times = Mutex::new(vec![30, 10, 20]);
        let clock = Ordered::new(Box::new(move || {
            Timestamp::from_second(times.lock().unwrap().pop().unwrap()).unwrap()
        }));
        let seen: Vec<_> = (0..3).map(|_| clock.now().as_second()).collect();
        assert_eq!(seen, [20, 20, 30]);
    }
}
