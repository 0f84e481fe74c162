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

/// What the store said of an account.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// There is none of that name, which may be any text then.
    Unknown,
    /// Its memberships; an account that has lost them has none.
    Known(Arc<[Membership]>),
}

/// When the store was asked, and what it said.
type Kept = (Instant, Said);

/// Two generations: when the newer is full the older is forgotten, so that nothing has to be
/// searched for what to drop.
pub(crate) struct Cache {
    generations: Mutex<[HashMap<Id, Kept>; 2]>,
    capacity: usize,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self { generations: Mutex::default(), capacity: GENERATION }
    }

    pub(crate) fn get(&self, account: &Id) -> Option<Said> {
        let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        // The newer first: it holds what was asked last.
        let (read, said) = generations.iter().find_map(|kept| kept.get(account))?;
        (read.elapsed() < MAX_AGE).then(|| said.clone())
    }

    /// Keeps what the store said when it was asked at `asked`.
    pub(crate) fn put(&self, account: Id, asked: Instant, said: Said) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let [newer, older] = &mut *generations;
        if newer.len() >= self.capacity && !newer.contains_key(&account) {
            *older = mem::take(newer);
        }
        newer.insert(account, (asked, said));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Said {
        Said::Known(vec![Membership::new(1, 1, "clinician")].into())
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_store_said_is_forgotten_after_a_minute() {
        let cache = Cache::new();
        cache.put(Id::from(7), Instant::now(), list());
        tokio::time::advance(Duration::from_millis(59_999)).await;
        assert!(cache.get(&Id::from(7)).is_some());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(cache.get(&Id::from(7)).is_none());
    }

    #[test]
    fn the_cache_is_bounded_and_keeps_the_latest() {
        let cache = Cache { generations: Mutex::default(), capacity: 4 };
        for account in 0..100 {
            cache.put(Id::from(account), Instant::now(), list());
        }
        let kept = (0..100).filter(|account| cache.get(&Id::from(*account)).is_some()).count();
        assert!((4..=8).contains(&kept), "{kept} accounts are kept");
        assert!(cache.get(&Id::from(99)).is_some());
    }
}
