//! Hand-overs that were not written yet although their callers have been answered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::handle::Signals;

/// How many bytes are kept beyond the first batch that failed.
const MAX_BYTES: usize = if cfg!(test) { 4096 } else { 64 << 20 };

/// What is owed to the log: events of hand-overs whose batch failed. Their callers were told so and
/// disclosed nothing, but what they tell of may have happened, so it is written first, in order,
/// when the store is back.
#[derive(Debug)]
pub(super) struct Kept {
    hand_overs: VecDeque<Owed>,
    bytes: usize,
    /// Where the handles read how many events there are.
    signals: Arc<Signals>,
}

#[derive(Debug)]
struct Owed {
    events: Vec<Vec<u8>>,
    /// An event of the log itself, which nobody handed over.
    own: bool,
}

impl Kept {
    pub(super) fn new(signals: Arc<Signals>) -> Self {
        Self { hand_overs: VecDeque::new(), bytes: 0, signals }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.hand_overs.is_empty()
    }

    /// Keeps a batch that was tried, whatever its size: the store may find that it holds it already,
    /// and then must be given all of it again.
    pub(super) fn keep_tried(&mut self, batch: impl Iterator<Item = Vec<Vec<u8>>>) {
        for events in batch {
            self.push(Owed { events, own: false });
        }
    }

    /// Keeps an event of the log itself.
    pub(super) fn keep_own(&mut self, event: Vec<u8>) {
        self.push(Owed { events: vec![event], own: true });
    }

    /// Keeps a hand-over that was not tried, as long as there is room.
    pub(super) fn keep(&mut self, events: Vec<Vec<u8>>) {
        let owed = Owed { events, own: false };
        if self.bytes.saturating_add(owed.bytes()) <= MAX_BYTES {
            self.push(owed);
        } else {
            self.lose(&owed);
        }
    }

    fn push(&mut self, owed: Owed) {
        self.bytes = self.bytes.saturating_add(owed.bytes());
        self.signals.kept.fetch_add(owed.count(), Ordering::Relaxed);
        self.hand_overs.push_back(owed);
    }

    /// The first of them, as a batch.
    pub(super) fn first(&self, most: usize) -> Vec<&[Vec<u8>]> {
        self.hand_overs.iter().take(most).map(|owed| owed.events.as_slice()).collect()
    }

    /// The first one is settled.
    pub(super) fn settle(&mut self, stored: bool) {
        let Some(owed) = self.hand_overs.pop_front() else { return };
        self.bytes = self.bytes.saturating_sub(owed.bytes());
        self.signals.kept.fetch_sub(owed.count(), Ordering::Relaxed);
        if !stored {
            self.lose(&owed);
        }
    }

    fn lose(&self, owed: &Owed) {
        let events = owed.count();
        self.signals.lost.fetch_add(events, Ordering::Relaxed);
        tracing::error!(events, "audit log: events are lost; their callers were refused");
    }
}

impl Owed {
    fn bytes(&self) -> usize {
        self.events.iter().map(Vec::len).sum()
    }

    fn count(&self) -> u64 {
        if self.own { 0 } else { self.events.len() as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_what_is_lost_is_counted() {
        let signals = Arc::new(Signals::default());
        let mut kept = Kept::new(Arc::clone(&signals));
        let hand_over = |n: u8| vec![vec![n; MAX_BYTES / 2]];
        kept.keep_tried((0..3).map(hand_over)); // one batch, beyond the bound
        kept.keep(hand_over(3));
        let read = || [&signals.kept, &signals.lost].map(|count| count.load(Ordering::Relaxed));
        assert_eq!(read(), [3, 1]);
        kept.settle(true);
        kept.settle(true);
        kept.keep(hand_over(4)); // there is room again
        assert_eq!(read(), [2, 1]);
        let left: Vec<_> = kept.first(9).iter().map(|events| events[0][0]).collect();
        assert_eq!(left, [2, 4]); // in order
        kept.settle(false);
        kept.settle(true);
        kept.settle(true); // nothing is left to settle
        assert!(kept.is_empty());
        assert_eq!((read(), kept.bytes), ([0, 2], 0));
    }
}
