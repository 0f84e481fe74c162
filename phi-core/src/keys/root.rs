use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::text::{hex, unhex};
use super::{KeyError, KeyErrorKind, owner_only};
use crate::crypto::{Mac, Prk, Random, Secret, XaesKey};

/// First part of the one line of a root file.
const MARK: &str = "phi-root-1";

/// The root of all keys: it wraps keyrings and nothing else.
///
/// # Security
///
/// A lost root means lost charts. Keep a copy offline, away from the database's backups.
pub struct RootKey {
    fingerprint: [u8; 8],
    wrap: XaesKey,
    check: Mac,
}

impl RootKey {
    /// Makes a new root in a file that only its owner may read.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the file exists or cannot be written, or if the system has no random bytes.
    pub fn create(path: impl AsRef<Path>) -> Result<(), KeyError> {
        let path = path.as_ref();
        let mut material = Secret::default();
        let random = Random::System.system(material.as_mut_slice());
        random.map_err(|_| KeyError::new(KeyErrorKind::Random, path))?;
        let fingerprint = Self::derive(&material).fingerprint;
        let mut line = Zeroizing::new(String::with_capacity(128));
        line.push_str(MARK);
        line.push(':');
        line.push_str(&hex(&fingerprint));
        line.push(':');
        line.push_str(&Zeroizing::new(hex(material.as_slice())));
        line.push('\n');
        owner_only::create(path, line.as_bytes())
    }

    /// Reads a root file.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the file cannot be read, is not a plain file, may be read by others, or is
    /// not a root.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let bytes = owner_only::read(path)?;
        Self::parse(&bytes).ok_or_else(|| KeyError::new(KeyErrorKind::Malformed { line: 1 }, path))
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(bytes).ok()?;
        let line = line.strip_suffix('\n').unwrap_or(line);
        let (fingerprint, material) =
            line.strip_prefix(MARK)?.strip_prefix(':')?.split_once(':')?;
        let mut key = Secret::default();
        unhex(material, key.as_mut_slice())?;
        let root = Self::derive(&key);
        // A mistyped key says so here, not when the first chart does not open.
        (hex(&root.fingerprint) == fingerprint).then_some(root)
    }

    fn derive(material: &[u8; 32]) -> Self {
        let prk = Prk::extract("phi/1 root", material);
        let mut fingerprint = [0; 8];
        fingerprint
            .copy_from_slice(prk.expand(&[b"fingerprint"]).first_chunk::<8>().unwrap_or(&[0; 8]));
        Self {
            fingerprint,
            wrap: XaesKey::new(&prk.expand(&[b"wrap"])),
            check: Mac::new(&prk.expand(&[b"check"])),
        }
    }

    pub(crate) fn fingerprint(&self) -> String {
        hex(&self.fingerprint)
    }

    pub(crate) fn wrap(&self) -> &XaesKey {
        &self.wrap
    }

    /// Authenticates a keyring file as a whole.
    pub(crate) fn check(&self, bytes: &[u8]) -> [u8; 32] {
        self.check.tag(&[bytes])
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootKey({})", self.fingerprint())
    }
}

#[cfg(any(test, feature = "testing"))]
impl RootKey {
    pub(crate) fn from_material(material: &[u8; 32]) -> Self {
        Self::derive(material)
    }
}
