use std::fmt;

use http::header::AUTHORIZATION;
use http::request::Parts;
use jsonwebtoken::crypto::rust_crypto;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use phi_core::{Id, Membership, Principal};
use serde::Deserialize;
use tokio::time::Instant;

use super::cache::{Cache, Said};
use super::der::modulus_bits;
use super::{AuthError, AuthSetupError, Authenticate, Memberships};

/// Longer `Authorization` headers are refused unread.
const MAX_HEADER: usize = 8 * 1024;

/// How far the clocks of issuer and server may be apart, in seconds.
const LEEWAY: u64 = 30;

/// Bearer tokens (RFC 6750) that are signed JWTs (RFC 7519).
///
/// One algorithm and one key, chosen here and never by the token. Checked are signature, `iss`,
/// `aud`, `exp` and `nbf`, with 30 seconds of leeway. `sub` is the account. The roles come from the
/// application's [`Memberships`], kept for at most 60 seconds; a claim `membership` may only choose
/// one of them, by its id, and must if there are several.
///
/// ```
/// use std::collections::HashMap;
///
/// use phi_core::{Id, Membership};
/// use phi_tower::{Authenticate, Jwt};
///
/// let staff = HashMap::from([(Id::from(7), vec![Membership::new(1, 1, "clinician")])]);
/// let secret = [7; 32]; // sample: take yours from the file that the issuer shares with you
/// let auth = Jwt::hs256(&secret, "https://issuer.example", "clinic").memberships(staff.clone());
/// assert!(auth.check().is_ok());
///
/// // A secret that can be guessed is refused when the guard is built.
/// let weak = Jwt::hs256(b"secret", "https://issuer.example", "clinic").memberships(staff);
/// assert!(weak.check().is_err());
/// ```
///
/// # Security
///
/// A token holds until it expires, also after its account was closed at the issuer; what it may do
/// ends within 60 seconds of the membership's end. Token text is in no error, log or event. Claims
/// that a header marks as critical (`crit`) are not understood and refused.
pub struct Jwt<M = ()> {
    key: Result<DecodingKey, AuthSetupError>,
    validation: Validation,
    memberships: M,
    cache: Cache,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    membership: Option<MembershipId>,
}

/// The id of a membership, as text or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum MembershipId {
    Text(String),
    Int(i64),
}

impl Jwt {
    /// HMAC with SHA-256 and a secret shared with the issuer, of at least 32 bytes (RFC 7518,
    /// section 3.2). A shorter one is refused when the guard is built.
    #[must_use]
    pub fn hs256(secret: impl AsRef<[u8]>, issuer: &str, audience: &str) -> Self {
        let secret = secret.as_ref();
        let key = if secret.len() < 32 {
            Err(AuthSetupError::new("HS256 secret must have at least 32 bytes; generate a new one"))
        } else {
            Ok(DecodingKey::from_secret(secret))
        };
        Self::new(Algorithm::HS256, key, issuer, audience)
    }

    /// RSA (PKCS #1 v1.5) with SHA-256 and the issuer's public key in PEM, of at least 2,048 bits.
    /// Another key is refused when the guard is built.
    #[must_use]
    pub fn rs256_pem(pem: impl AsRef<[u8]>, issuer: &str, audience: &str) -> Self {
        let long_enough = |der: &[u8]| modulus_bits(der).is_some_and(|bits| bits >= 2048);
        let key = public(pem.as_ref(), DecodingKey::from_rsa_pem, long_enough);
        Self::new(Algorithm::RS256, key, issuer, audience)
    }

    /// ECDSA on P-256 with SHA-256 and the issuer's public key in PEM. Another key is refused when
    /// the guard is built.
    #[must_use]
    pub fn es256_pem(pem: impl AsRef<[u8]>, issuer: &str, audience: &str) -> Self {
        // Keys of other curves read as well, and would refuse every token.
        let on_curve = |point: &[u8]| p256::PublicKey::from_sec1_bytes(point).is_ok();
        let key = public(pem.as_ref(), DecodingKey::from_ec_pem, on_curve);
        Self::new(Algorithm::ES256, key, issuer, audience)
    }

    /// Ed25519 and the issuer's public key in PEM. Another key is refused when the guard is built.
    #[must_use]
    pub fn ed25519_pem(pem: impl AsRef<[u8]>, issuer: &str, audience: &str) -> Self {
        let key = public(pem.as_ref(), DecodingKey::from_ed_pem, |point| point.len() == 32);
        Self::new(Algorithm::EdDSA, key, issuer, audience)
    }

    fn new(
        algorithm: Algorithm,
        key: Result<DecodingKey, AuthSetupError>,
        issuer: &str,
        audience: &str,
    ) -> Self {
        // Unless the application has chosen one. With two in the build and none chosen
        // jsonwebtoken panics at the first token.
        let _ = rust_crypto::DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        Self { key, validation, memberships: (), cache: Cache::new() }
    }

    /// Where the roles of an account are looked up.
    #[must_use]
    pub fn memberships<M: Memberships>(self, store: M) -> Jwt<M> {
        let Self { key, validation, memberships: (), cache } = self;
        Jwt { key, validation, memberships: store, cache }
    }
}

/// Reads a public key, and nothing that holds a private one.
fn public(
    pem: &[u8],
    read: fn(&[u8]) -> jsonwebtoken::errors::Result<DecodingKey>,
    fits: fn(&[u8]) -> bool,
) -> Result<DecodingKey, AuthSetupError> {
    if pem.windows(11).any(|text| text == b"PRIVATE KEY") {
        return Err(AuthSetupError::new("token key is private; give the issuer's public key"));
    }
    let key = read(pem).ok().filter(|key| key.try_get_as_bytes().is_ok_and(fits));
    key.ok_or(AuthSetupError::new(
        "token key is no PEM public key of its algorithm, or too short; ask the issuer for it",
    ))
}

impl<M: Memberships> Jwt<M> {
    /// The claims of a token that holds.
    fn claims(&self, token: &str) -> Option<Claims> {
        let key = self.key.as_ref().ok()?;
        if decode_header(token).ok()?.crit.is_some() {
            return None;
        }
        // The error may quote the token: it ends here.
        let claims = decode::<Claims>(token, key, &self.validation).ok()?.claims;
        let usable = !claims.sub.is_empty() && claims.sub.len() <= 255;
        usable.then_some(claims)
    }

    async fn said(&self, account: &Id) -> Result<Said, AuthError> {
        if let Some(said) = self.cache.get(account) {
            return Ok(said);
        }
        let asked = Instant::now();
        let said = match self.memberships.memberships(account).await {
            Ok(memberships) => Said::Known(memberships.into()),
            Err(AuthError::NoMembership { account: None }) => Said::Unknown,
            Err(AuthError::NoMembership { account: Some(_) }) => Said::Known([].into()),
            Err(error) => return Err(error),
        };
        self.cache.put(account.clone(), asked, said.clone());
        Ok(said)
    }
}

impl<M: Memberships> Authenticate for Jwt<M> {
    async fn authenticate(&self, head: &Parts) -> Result<Option<Principal>, AuthError> {
        let Some(token) = bearer(head)? else { return Ok(None) };
        let claims = self.claims(token).ok_or(AuthError::BadCredentials)?;
        let account = Id::parse(&claims.sub);
        let Said::Known(known) = self.said(&account).await? else {
            return Err(AuthError::NoMembership { account: None });
        };
        match choose(&known, claims.membership.as_ref()) {
            Some(active) => Ok(Some(Principal::person(account, active.clone()))),
            // The token held and the store knows the account: its refusal is in its name.
            None => Err(AuthError::NoMembership { account: Some(account) }),
        }
    }

    fn check(&self) -> Result<(), AuthSetupError> {
        self.key.as_ref().map(|_| ()).map_err(|error| *error)
    }
}

/// The token of the one `Authorization` header, if there is one.
fn bearer(head: &Parts) -> Result<Option<&str>, AuthError> {
    let mut headers = head.headers.get_all(AUTHORIZATION).iter();
    let (header, more) = (headers.next(), headers.next());
    let Some(header) = header else { return Ok(None) };
    if more.is_some() || header.len() > MAX_HEADER {
        return Err(AuthError::BadCredentials);
    }
    let text = header.to_str().map_err(|_| AuthError::BadCredentials)?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Ok(Some(token.trim_matches(' ')))
        }
        _ => Err(AuthError::BadCredentials),
    }
}

/// The membership that the token names, or the only one.
fn choose<'a>(known: &'a [Membership], named: Option<&MembershipId>) -> Option<&'a Membership> {
    let id = match named {
        Some(MembershipId::Text(text)) => Id::parse(text),
        Some(MembershipId::Int(number)) => Id::from(*number),
        None => return known.first().filter(|_| known.len() == 1),
    };
    // By text: a claim is text even where the store has a number or a UUID.
    let id = id.to_string();
    known.iter().find(|membership| membership.id.to_string() == id)
}

impl<M> fmt::Debug for Jwt<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt")
            .field("algorithms", &self.validation.algorithms)
            .field("usable", &self.key.is_ok())
            .finish_non_exhaustive()
    }
}
