//! The ciphertext of a value: format 1 of FORMAT.md.

mod envelope;
mod padding;
mod serde;
#[cfg(feature = "sqlx")]
mod sqlx;

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

pub(crate) use envelope::{Envelope, HEADER_LEN, VERSION};
pub use envelope::{OVERHEAD, SealedError};
pub(crate) use padding::{padded_len, unpadded_len, write_padding};

use crate::keys::KeyId;

/// The ciphertext of one PHI value: what is stored, cached and queued.
///
/// It dereferences to its bytes, so it can be bound to any `BLOB`, `BYTEA` or `VARBINARY` column.
/// Its structure was checked when it was made; whether it opens, only a vault can tell.
///
/// ```
/// use phi_core::Sealed;
///
/// // Clear text in a sealed column is refused when the row is read, not when it is opened.
/// let clear = Sealed::<String>::from_bytes(b"Ada Sample".to_vec());
/// assert!(clear.is_err());
/// ```
///
/// # Security
///
/// Two ciphertexts of one value differ, so they tell nothing about equality. What shows: the key
/// id, the nonce prefix (which values one writer's session sealed), and the padded length.
pub struct Sealed<T> {
    bytes: Box<[u8]>,
    value: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    /// Takes bytes from a column.
    ///
    /// # Errors
    ///
    /// [`SealedError`] if they are not a sealed value of a known version: clear text, most often.
    /// The refusal is counted (see [`refusals`](crate::refusals)).
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Result<Self, SealedError> {
        let bytes = bytes.into();
        Envelope::parse(&bytes)?;
        Ok(Self::from_parsed(bytes))
    }

    /// Takes bytes whose structure is known.
    pub(crate) fn from_parsed(bytes: Box<[u8]>) -> Self {
        Self { bytes, value: PhantomData }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_vec()
    }

    /// The id of the key that sealed it.
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        Envelope::parse(&self.bytes).ok().map(|envelope| envelope.key_id)
    }
}

impl<T> Deref for Sealed<T> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self::from_parsed(self.bytes.clone())
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key_id() {
            Some(id) => write!(f, "Sealed(v1, key {id})"),
            None => f.write_str("Sealed(v1)"),
        }
    }
}
