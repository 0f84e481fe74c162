//! Maps for the way every record takes, where the standard hash would cost as much as the rest.
//!
//! Their keys are addresses of statics, and ids of tenants and records that were judged before:
//! no client chooses them freely, and the hash is seeded for each map.

use std::collections::{HashMap, HashSet};

use foldhash::quality::RandomState;

pub(crate) type FastMap<K, V> = HashMap<K, V, RandomState>;
pub(crate) type FastSet<T> = HashSet<T, RandomState>;
