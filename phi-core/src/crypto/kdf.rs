use hkdf::Hkdf;
use sha2::Sha256;

use super::{Secret, encode_parts};

/// An extracted HKDF-SHA256 key (RFC 5869) from which labelled keys are expanded.
pub(crate) struct Prk(Hkdf<Sha256>);

impl Prk {
    /// Extracts from key material under a fixed, public salt.
    pub(crate) fn extract(salt: &str, material: &[u8; 32]) -> Self {
        Self(Hkdf::new(Some(salt.as_bytes()), material))
    }

    /// Expands 32 bytes; the label and its parts are length-prefixed.
    pub(crate) fn expand(&self, label: &[&[u8]]) -> Secret {
        let mut key = Secret::default();
        // HKDF refuses only outputs over 255 hashes; 32 bytes are one.
        let _ = self.0.expand(&encode_parts(label), key.as_mut_slice());
        key
    }
}
