//! How many requests of one principal are under way: the log's slots are everybody's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use phi_core::Id;

/// Counts requests under way, by principal. As large as the number of requests under way.
pub(super) struct Crowd {
    limit: usize,
    inside: Mutex<HashMap<Id, usize>>,
}

/// One request under way; dropped, it is over.
pub(super) struct Inside {
    crowd: Arc<Crowd>,
    principal: Id,
}

impl Crowd {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, inside: Mutex::default() }
    }

    /// Lets one more request of a principal in; `None` if it has too many.
    pub(super) fn enter(self: &Arc<Self>, principal: &Id) -> Option<Inside> {
        let mut inside = self.lock();
        match inside.get_mut(principal) {
            Some(count) if *count >= self.limit => return None,
            Some(count) => *count += 1,
            None => drop(inside.insert(principal.clone(), 1)),
        }
        drop(inside);
        Some(Inside { crowd: Arc::clone(self), principal: principal.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, usize>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let mut inside = self.crowd.lock();
        match inside.get_mut(&self.principal) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(inside.remove(&self.principal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_principal_has_its_own_room_and_gets_it_back() {
        let crowd = Arc::new(Crowd::new(2));
        let (ada, bob) = (Id::from(1), Id::from(2));
        let (first, second) = (crowd.enter(&ada), crowd.enter(&ada));
        assert!(first.is_some() && second.is_some());
        assert!(crowd.enter(&ada).is_none());
        assert!(crowd.enter(&bob).is_some());
        drop(first);
        assert!(crowd.enter(&ada).is_some());
        drop(second);
        assert!(crowd.lock().is_empty(), "who is gone is not kept");
    }
}
