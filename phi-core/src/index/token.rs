use std::fmt;

use serde::{Deserialize, Deserializer};

use super::Normal;
use crate::crypto::Mac;
use crate::keys::KeyId;

/// The search token of one value under one index key: stored beside the sealed column.
///
/// Equal values of one tenant have equal tokens; that is what makes the search work and what an
/// index gives away.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IndexToken(Box<[u8]>);

impl IndexToken {
    /// Takes bytes from a column.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes that are stored; empty if the token was left out of a serialised row.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The id of the key that made it.
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        self.0.first_chunk::<4>().copied().map(KeyId::from)
    }

    /// The token of a row that was serialised without its tokens: it cannot be stored.
    #[doc(hidden)]
    #[must_use]
    pub fn left_out() -> Self {
        Self(Box::default())
    }
}

impl fmt::Debug for IndexToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key_id() {
            Some(id) => write!(f, "IndexToken(key {id})"),
            None => f.write_str("IndexToken(left out)"),
        }
    }
}

/// A row's JSON leaves tokens out; reading it back gives one that cannot be stored.
impl Default for IndexToken {
    fn default() -> Self {
        Self::left_out()
    }
}

impl<'de> Deserialize<'de> for IndexToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self::left_out())
    }
}

/// The key id, then the first `bits` of the HMAC over the normal form; bits over are zero.
pub(crate) fn make(key_id: KeyId, key: &Mac, normal: &Normal, bits: u16) -> IndexToken {
    let tag = key.tag(&[normal.as_bytes()]);
    let bits = usize::from(bits.clamp(8, 256));
    let mut bytes = Vec::with_capacity(4 + bits.div_ceil(8));
    bytes.extend_from_slice(&key_id.to_bytes());
    bytes.extend(tag.iter().take(bits.div_ceil(8)));
    if let (Some(last), over @ 1..) = (bytes.last_mut(), bits % 8) {
        *last &= 0xff << (8 - over);
    }
    IndexToken(bytes.into_boxed_slice())
}
