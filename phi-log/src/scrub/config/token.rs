//! Keyed tokens: HMAC-SHA-256 (RFC 2104), with the kind in front of the value.

use core::fmt;

use crate::scrub::kind::Kind;

/// Characters of a token: 80 bits.
const LENGTH: usize = 16;
/// The alphabet of RFC 4648 base 32 with extended hex, in lower case.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// A key for tokens, with the number that names it.
#[derive(Clone)]
pub(crate) struct TokenKey {
    id: u32,
    #[cfg(feature = "token")]
    state: hmac::Hmac<sha2::Sha256>,
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl TokenKey {
    #[cfg(feature = "token")]
    pub(super) fn new(id: u32, key: &[u8; 32]) -> Self {
        use hmac::KeyInit as _;
        // RFC 2104 fills a key that is shorter than a block with zeros.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        Self { id, state: hmac::Hmac::new(&block.into()) }
    }

    /// The token of a value, as it is spelled.
    #[cfg(feature = "token")]
    pub(super) fn token(&self, kind: Kind, value: &str) -> String {
        use hmac::Mac as _;
        let mut state = self.state.clone();
        state.update(b"phi-log token 1\0");
        state.update(kind.label().as_bytes());
        state.update(b"\0");
        state.update(value.as_bytes());
        let bytes = state.finalize().into_bytes();
        let mut token = format!("k{}.", self.id);
        let bits = bytes.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        for place in (0..LENGTH).rev() {
            let code = usize::try_from(bits >> (place * 5) & 31).unwrap_or(0);
            token.push(ALPHABET.get(code).copied().map_or('0', char::from));
        }
        token
    }

    #[cfg(not(feature = "token"))]
    #[expect(clippy::unused_self, reason = "without the feature no key can be made")]
    pub(super) fn token(&self, _kind: Kind, _value: &str) -> String {
        String::new()
    }
}

/// Whether these bytes have the form of a token.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"k") else { return false };
    let id = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let token = rest.get(id..).and_then(|rest| rest.strip_prefix(b"."));
    (1..=10).contains(&id)
        && token.is_some_and(|token| {
            token.len() == LENGTH && token.iter().all(|byte| ALPHABET.contains(byte))
        })
}
