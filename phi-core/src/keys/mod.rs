//! Keys: a root in a file of its own, and under it one keyring for everybody and one for each tenant.
//!
//! ```
//! use phi_core::keys::{KeyFile, RootKey};
//!
//! # let dir = std::env::temp_dir().join(format!("phi-keys-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&dir)?;
//! # let (root, ring) = (dir.join("root.key"), dir.join("keyring"));
//! RootKey::create(&root)?; // once; keep a copy offline: a lost root means lost charts
//! let keys = KeyFile::create(&ring, RootKey::open(&root)?)?;
//!
//! // Refused: another root cannot read this keyring, and a root is never overwritten.
//! let other = dir.join("other.key");
//! RootKey::create(&other)?;
//! assert!(KeyFile::open(&ring, RootKey::open(&other)?).is_err());
//! assert!(RootKey::create(&root).is_err());
//! # drop(keys);
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Security
//!
//! Whoever reads the root file and the keyring file reads everything; keep them apart from the
//! database and its backups. File modes are checked on Unix only.

mod error;
mod file;
mod lock;
mod owner_only;
mod ring;
mod root;
mod scope;
mod stored;
mod text;
mod version;

pub use error::{KeyError, KeyErrorKind};
pub use file::KeyFile;
pub use owner_only::read_owner_only;
pub(crate) use ring::{Columns, Ring};
pub use root::RootKey;
pub use scope::Scope;
pub(crate) use version::KeyVersion;

#[cfg(any(test, feature = "testing"))]
pub(crate) use file::parse_as_key_files;

use std::fmt;

/// The id of one version of a key: random, never reused, and in front of every sealed value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// The four bytes, as they stand in a sealed value and in a token.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0
    }
}

impl From<[u8; 4]> for KeyId {
    fn from(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}
