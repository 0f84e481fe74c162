//! Tests of the audit log. Every name and id in them is made up.

mod entry;
mod event;
mod facts;
mod log;
mod merkle;
mod note;
mod parts;
mod store;
mod tamper;

use uuid::Uuid;

use super::note::SigningKey;
use super::{Action, Event, EventId, EventTime, LogState, Outcome};

pub(super) const ORIGIN: &str = "log.example/clinic";

pub(super) fn writer(n: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 | n)
}

pub(super) fn time(text: &str) -> EventTime {
    EventTime::new(text.parse().unwrap())
}

/// A key that every run of the tests has alike.
pub(super) fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap()
}

/// A small event of a tenant, or of none.
pub(super) fn event(n: u8, tenant: Option<&'static str>) -> Event {
    let time = time("2026-11-22T08:15:00.00025Z");
    let mut event = Event::new(EventId::new(time, [n; 10]), time, Action::Read, Outcome::Success);
    event.tenant = tenant.map(Into::into);
    event
}

/// A sealed log: its leaves, and a way to sign its head.
pub(super) struct Log {
    pub(super) state: LogState,
    pub(super) leaves: Vec<Vec<u8>>,
}

impl Log {
    pub(super) fn new() -> Self {
        Self { state: LogState::new(), leaves: Vec::new() }
    }

    /// Ten entries: two writers, two tenants and some without.
    pub(super) fn of_ten() -> Self {
        let mut log = Self::new();
        let tenants = [Some("a"), Some("b"), None];
        for n in 0..10_u8 {
            log.append(u128::from(n % 2), &event(n, tenants[usize::from(n % 3)]));
        }
        log
    }

    pub(super) fn append(&mut self, who: u128, event: &Event) {
        let writer = writer(who);
        let seq = self.state.next_writer_seq(writer);
        let batch = self.state.append(writer, seq, &[event.encode()]).unwrap();
        self.leaves.extend(batch.entries.into_iter().map(|entry| entry.leaf));
        self.state.commit();
    }

    pub(super) fn checkpoint(&self) -> String {
        self.state.checkpoint(ORIGIN, &key()).unwrap()
    }
}
