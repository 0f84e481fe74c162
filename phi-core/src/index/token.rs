use std::fmt;

use serde::{Deserialize, Deserializer};

use super::Normal;
use crate::crypto::Mac;
use crate::keys::KeyId;

/// A key id and the whole HMAC: the longest token.
const MAX_LEN: usize = 4 + 32;

/// The search token of one value under one index key: stored beside the sealed column.
///
/// Equal values of one tenant have equal tokens; that is what makes the search work and what an
/// index gives away.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(align(8))]
pub struct IndexToken {
    len: u8,
    /// Zeros behind `len`.
    bytes: [u8; MAX_LEN],
}

impl IndexToken {
    /// Takes bytes from a column; `None` if they are no token: fewer than 5 or more than 36.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() > 4).then(|| Self::of(bytes)).flatten()
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let mut token = Self { len: u8::try_from(bytes.len()).ok()?, bytes: [0; MAX_LEN] };
        token.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(token)
    }

    /// The bytes that are stored; empty if the token was left out of a serialised row.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The id of the key that made it.
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        self.as_bytes().first_chunk::<4>().copied().map(KeyId::from)
    }

    /// The token of a row that was serialised without its tokens: it cannot be stored.
    #[doc(hidden)]
    #[must_use]
    pub fn left_out() -> Self {
        Self { len: 0, bytes: [0; MAX_LEN] }
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
    let kept = bits.div_ceil(8);
    let mut token = IndexToken::left_out();
    if let Some((id, cut)) = token.bytes.split_first_chunk_mut::<4>()
        && let (Some(to), Some(from)) = (cut.get_mut(..kept), tag.get(..kept))
    {
        *id = key_id.to_bytes();
        to.copy_from_slice(from);
    }
    if let (Some(last), over @ 1..) = (token.bytes.get_mut(3 + kept), bits % 8) {
        *last &= 0xff << (8 - over);
    }
    token.len = u8::try_from(4 + kept).unwrap_or(0); // at most 36
    token
}
