//! Tokens of a synthetic issuer.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

pub(crate) const SECRET: [u8; 32] = [7; 32];
pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "clinic";

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// What a good token of an account claims.
pub(crate) fn claims(account: i64) -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": account.to_string(), "exp": now() + 3600})
}

pub(crate) fn signed(claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(&SECRET)).unwrap()
}

pub(crate) fn token(account: i64) -> String {
    signed(&claims(account))
}
