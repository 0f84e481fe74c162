//! Bearer tokens. In a real clinic an identity provider makes them; here the demo does.

use std::fmt;
use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header, encode};
use serde::Serialize;
use uuid::Uuid;

use super::Failure;

/// Who makes the tokens.
pub const ISSUER: &str = "https://issuer.example";

/// Whom they are for.
pub const AUDIENCE: &str = "clinic";

/// Makes tokens.
pub struct Tokens {
    key: EncodingKey,
}

#[derive(Serialize)]
struct Claims {
    iss: &'static str,
    aud: &'static str,
    sub: Uuid,
    exp: u64,
}

impl Tokens {
    /// Signs with this key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self { key: EncodingKey::from_secret(key) }
    }

    /// A token for an account. It says who, never what the account may do.
    ///
    /// # Errors
    ///
    /// [`Failure::Program`] if it cannot be signed.
    pub fn issue(&self, account: Uuid, valid: Duration) -> Result<String, Failure> {
        let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default();
        let exp = now.saturating_add(valid.as_secs());
        let claims = Claims { iss: ISSUER, aud: AUDIENCE, sub: account, exp };
        let token = encode(&Header::default(), &claims, &self.key);
        token.map_err(|_| Failure::Program("a token could not be signed"))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}
