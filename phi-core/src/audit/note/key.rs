//! The public half of a note key.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::{NoteError, is_name};
use crate::audit::event::push_hex;

/// The type byte of an Ed25519 key and signature in C2SP signed notes.
pub(super) const ED25519: u8 = 0x01;

/// A public key with its name.
///
/// Written `name+hash+base64`, as Go's `sumdb/note` does; that text is what an auditor is given.
///
/// ```
/// use phi_core::audit::note::{NoteError, VerifierKey};
///
/// // The example key of Go's sumdb/note package.
/// let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
/// let key: VerifierKey = text.parse()?;
/// assert_eq!(key.name(), "PeterNeumann");
/// assert_eq!(key.to_string(), text);
///
/// let other = text.replacen("c74f", "c74e", 1);
/// assert_eq!(other.parse::<VerifierKey>().unwrap_err(), NoteError::Key); // hash does not fit: refused
/// # Ok::<(), NoteError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: Box<str>,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    pub(super) fn new(name: &str, key: VerifyingKey) -> Self {
        Self { name: name.into(), id: key_id(name, &key), key }
    }

    /// The key's name: for a log, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id: the first four bytes of SHA-256(name ‖ 0x0a ‖ 0x01 ‖ public key).
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Strict: a key of small order, or a signature whose parts are not reduced, never verifies.
    pub(super) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text, &signature).is_ok())
    }
}

fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest = Sha256::new()
        .chain_update(name.as_bytes())
        .chain_update([b'\n', ED25519])
        .chain_update(key.as_bytes())
        .finalize();
    let digest: [u8; 32] = digest.into();
    digest.first_chunk().copied().unwrap_or_default()
}

/// The eight hex digits of a key id.
pub(super) fn id_hex(id: [u8; 4]) -> String {
    let mut hex = String::with_capacity(8);
    push_hex(&mut hex, &id);
    hex
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, rest) = text.split_once('+').ok_or(NoteError::Key)?;
        let (hash, base64) = rest.split_once('+').ok_or(NoteError::Key)?;
        if !is_name(name) {
            return Err(NoteError::Name);
        }
        let bytes = STANDARD.decode(base64).map_err(|_| NoteError::Key)?;
        let Some((&ED25519, public)) = bytes.split_first() else {
            return Err(NoteError::Key);
        };
        let public = public.try_into().map_err(|_| NoteError::Key)?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| NoteError::Key)?;
        let key = Self::new(name, key);
        if id_hex(key.id) == hash { Ok(key) } else { Err(NoteError::Key) }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![ED25519];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, id_hex(self.id), STANDARD.encode(bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierKey")
            .field("name", &self.name)
            .field("id", &id_hex(self.id))
            .finish_non_exhaustive()
    }
}
