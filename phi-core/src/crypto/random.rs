use std::sync::{Mutex, PoisonError};

use rand::rngs::{StdRng, SysRng};
use rand::{Rng, TryRng};

/// Where random bytes come from: a seam, so that tests and vectors are repeatable.
#[derive(Default)]
pub(crate) enum Random {
    /// The operating system for keys and prefixes, the thread's generator for the rest.
    #[default]
    System,
    /// A seeded generator: tests and vectors only.
    #[cfg_attr(
        not(any(test, feature = "testing")),
        allow(dead_code, reason = "made by tests only")
    )]
    Seeded(Box<Mutex<StdRng>>),
}

impl Random {
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn seeded(seed: u64) -> Self {
        use rand::SeedableRng as _;
        Self::Seeded(Box::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Bytes straight from the operating system: keys, key ids and nonce prefixes.
    pub(crate) fn system(&self, out: &mut [u8]) -> Result<(), Unavailable> {
        match self {
            Self::System => SysRng.try_fill_bytes(out).map_err(|_| Unavailable),
            Self::Seeded(rng) => {
                lock(rng).fill_bytes(out);
                Ok(())
            }
        }
    }

    /// Bytes from a fast generator in this process. A fork or a cloned machine may repeat them: callers hedge.
    pub(crate) fn generator(&self, out: &mut [u8]) {
        match self {
            Self::System => rand::rng().fill_bytes(out),
            Self::Seeded(rng) => lock(rng).fill_bytes(out),
        }
    }
}

fn lock(rng: &Mutex<StdRng>) -> std::sync::MutexGuard<'_, StdRng> {
    rng.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The operating system gave no random bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unavailable;
