//! For tests of applications: keys without files, a log that remembers, and a comparison that
//! prints nothing.
//!
//! ```
//! use phi_core::{Phi, PhiRecord, testing};
//! use uuid::Uuid;
//!
//! #[derive(Debug, PhiRecord)]
//! #[phi(record = "note")]
//! struct Note {
//!     #[phi(id)]
//!     id: Uuid,
//!     #[phi(class = "clinical")]
//!     text: Phi<String>,
//! }
//!
//! let vault = testing::vault(1);
//! let note = Note { id: Uuid::from_u128(1), text: "sample".into() };
//! let opened = vault.open(vault.seal(&note).unwrap()).unwrap();
//! testing::assert_same!(opened.text, note.text);
//! ```
//!
//! # Security
//!
//! The keys follow from a number. Nothing here belongs into a release: keep the feature in
//! `dev-dependencies`.

pub use crate::assert_same;
pub use crate::audit::RecordingLog;

use crate::Vault;
use crate::crypto::Random;
use crate::keys::KeyFile;
use crate::vault::Engine;

/// A keyring that is in no file, the same for the same seed.
#[must_use]
pub fn keys(seed: u64) -> KeyFile {
    KeyFile::in_memory(seed)
}

/// A vault over [`keys`] whose nonces are repeatable too.
#[must_use]
pub fn vault(seed: u64) -> Vault {
    Vault::from_engine(Engine::with_random(keys(seed), Random::seeded(seed)))
}

/// Runs every parser of key files over the bytes, past the checks that a fuzzer cannot meet: as a
/// root, as a keyring, as the lines of a keyring in front of a right `mac`, and as an unwrapped ring.
#[doc(hidden)]
pub fn parse_as_key_files(bytes: &[u8]) {
    crate::keys::parse_as_key_files(bytes);
}

/// Asserts that two open values are the same, and shows neither when they are not.
///
/// ```should_panic
/// use phi_core::{Phi, testing};
/// testing::assert_same!(Phi::new(1), Phi::new(2)); // panics, without the numbers
/// ```
#[macro_export]
macro_rules! assert_same {
    ($left:expr, $right:expr $(,)?) => {
        assert!(
            $left.same_as(&$right),
            concat!(stringify!($left), " and ", stringify!($right), " differ")
        )
    };
}
