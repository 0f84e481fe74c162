//! What the membership store said lately: bounded in number and in age.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use phi_core::{Id, Membership};
use tokio::time::Instant;

/// The longest that a membership which is gone may still be used.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(60);

/// Accounts in one generation; twice as many are kept at most.
const GENERATION: usize = 4096;

type Known = (Instant, Arc<[Membership]>);

/// Two generations: when the newer is full the older is forgotten, so that nothing has to be
/// searched for what to drop.
pub(crate) struct Cache {
    generations: Mutex<[HashMap<Id, Known>; 2]>,
    capacity: usize,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self { generations: Mutex::default(), capacity: GENERATION }
    }

    pub(crate) fn get(&self, account: &Id) -> Option<Arc<[Membership]>> {
        let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        // The newer first: it holds what was asked last.
        let (read, known) = generations.iter().find_map(|known| known.get(account))?;
        (read.elapsed() < MAX_AGE).then(|| Arc::clone(known))
    }

    /// Keeps what the store said when it was asked at `asked`.
    pub(crate) fn put(&self, account: Id, asked: Instant, memberships: &Arc<[Membership]>) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let [newer, older] = &mut *generations;
        if newer.len() >= self.capacity && !newer.contains_key(&account) {
            *older = mem::take(newer);
        }
        newer.insert(account, (asked, Arc::clone(memberships)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Arc<[Membership]> {
        vec![Membership::new(1, 1, "clinician")].into()
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_store_said_is_forgotten_after_a_minute() {
        let cache = Cache::new();
        cache.put(Id::from(7), Instant::now(), &list());
        tokio::time::advance(Duration::from_millis(59_999)).await;
        assert!(cache.get(&Id::from(7)).is_some());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(cache.get(&Id::from(7)).is_none());
    }

    #[test]
    fn the_cache_is_bounded_and_keeps_the_latest() {
        let cache = Cache { generations: Mutex::default(), capacity: 4 };
        for account in 0..100 {
            cache.put(Id::from(account), Instant::now(), &list());
        }
        let kept = (0..100).filter(|account| cache.get(&Id::from(*account)).is_some()).count();
        assert!((4..=8).contains(&kept), "{kept} accounts are kept");
        assert!(cache.get(&Id::from(99)).is_some());
    }
}
