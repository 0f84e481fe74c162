//! Bearer tokens: what holds, and everything that does not.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use http::Request;
use http::request::Parts;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use phi_core::{Id, Membership};
use phi_tower::{AuthError, Authenticate, Jwt};
use serde_json::{Value, json};
use support::tokens::{AUDIENCE, ISSUER, SECRET, claims, now, signed, token};
use support::{BOTH, CLINICIAN, HERE, auth, staff};

/// Tokens of the synthetic issuer for account 7, good until the year 2100, with the public keys
/// they were signed under: made once by another implementation; the private keys were
/// not kept.
const RS256: (&str, &str) = (include_str!("keys/rs256.pem"), include_str!("keys/rs256.jwt"));
const ES256: (&str, &str) = (include_str!("keys/es256.pem"), include_str!("keys/es256.jwt"));
const EDDSA: (&str, &str) = (include_str!("keys/ed25519.pem"), include_str!("keys/ed25519.jwt"));
const RSA_1024: &str = include_str!("keys/rsa1024.pem");
const P384: &str = include_str!("keys/p384.pem");
const SECP256K1: &str = include_str!("keys/secp256k1.pem");

fn head(authorization: &[&str]) -> Parts {
    let mut request = Request::builder();
    for value in authorization {
        request = request.header("authorization", *value);
    }
    request.body(()).unwrap().into_parts().0
}

async fn account(auth: &impl Authenticate, token: &str) -> Result<Option<Id>, AuthError> {
    let principal = auth.authenticate(&head(&[&format!("Bearer {token}")])).await?;
    Ok(principal.map(|principal| principal.id().clone()))
}

const BAD: Result<Option<Id>, AuthError> = Err(AuthError::BadCredentials);

#[allow(clippy::unnecessary_wraps, reason = "it is what results are compared with")]
fn good() -> Result<Option<Id>, AuthError> {
    Ok(Some(CLINICIAN.into()))
}

#[tokio::test]
async fn a_good_token_is_the_stores_membership() {
    let principal = auth().authenticate(&head(&[&format!("bearer {}", token(CLINICIAN))])).await;
    let principal = principal.unwrap().unwrap();
    assert_eq!(principal.id(), &Id::from(CLINICIAN));
    assert_eq!(principal.membership(), &Membership::new(17, HERE, "clinician"));
}

#[tokio::test]
async fn no_header_is_nobody_and_two_are_refused() {
    assert_eq!(auth().authenticate(&head(&[])).await, Ok(None));
    let one = format!("Bearer {}", token(CLINICIAN));
    assert!(auth().authenticate(&head(&[&one])).await.is_ok());
    assert_eq!(auth().authenticate(&head(&[&one, &one])).await, Err(AuthError::BadCredentials));
}

#[tokio::test]
async fn each_claim_that_does_not_hold_is_refused() {
    let mut cases: Vec<(&str, Value)> = vec![
        ("iss", json!("https://other.example")),
        ("iss", Value::Null),
        ("aud", json!("another-audience")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", json!(now() - 120)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("nbf", json!(now() + 120)),
        ("nbf", json!("later")),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!("x".repeat(256))),
        ("membership", json!({"id": 17})),
    ];
    assert_eq!(account(&auth(), &signed(&claims(CLINICIAN))).await, good());
    for (claim, value) in cases.drain(..) {
        let mut claims = claims(CLINICIAN);
        claims[claim] = value.clone();
        assert_eq!(account(&auth(), &signed(&claims)).await, BAD, "{claim} = {value}");
    }
    // Clocks may be 30 seconds apart.
    for (claim, value) in [("exp", now() - 5), ("nbf", now() + 5), ("nbf", now() - 5)] {
        let mut claims = claims(CLINICIAN);
        claims[claim] = value.into();
        assert_eq!(account(&auth(), &signed(&claims)).await, good(), "{claim}");
    }
}

#[tokio::test]
async fn the_algorithm_is_ours_and_never_the_tokens() {
    let key = EncodingKey::from_secret(&SECRET);
    let with = |header: &Header| encode(header, &claims(CLINICIAN), &key).unwrap();
    assert_eq!(account(&auth(), &with(&Header::default())).await, good());
    assert_eq!(account(&auth(), &with(&Header::new(Algorithm::HS512))).await, BAD);

    // No signature at all: `{"alg":"none"}`.
    let payload = signed(&claims(CLINICIAN)).split('.').nth(1).unwrap().to_owned();
    assert_eq!(account(&auth(), &format!("eyJhbGciOiJub25lIn0.{payload}.")).await, BAD);

    // The public key of RS256 used as an HMAC secret.
    let confused = EncodingKey::from_secret(RS256.0.as_bytes());
    let confused = encode(&Header::default(), &claims(CLINICIAN), &confused).unwrap();
    let rs256 = Jwt::rs256_pem(RS256.0, ISSUER, AUDIENCE).memberships(staff());
    assert_eq!(account(&rs256, &confused).await, BAD);
    assert_eq!(account(&rs256, RS256.1.trim()).await, good());
}

#[tokio::test]
async fn what_a_header_calls_critical_is_refused() {
    let header = Header { crit: Some(vec!["exp".to_owned()]), ..Header::default() };
    let key = EncodingKey::from_secret(&SECRET);
    let token = encode(&header, &claims(CLINICIAN), &key).unwrap();
    assert_eq!(account(&auth(), &token).await, BAD);
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let good_one = token(CLINICIAN);
    assert_eq!(account(&auth(), &good_one).await, good());
    for at in 0..good_one.len() {
        let mut changed = good_one.clone().into_bytes();
        changed[at] ^= 1;
        let Ok(changed) = String::from_utf8(changed) else { continue };
        assert_eq!(account(&auth(), &changed).await, BAD, "byte {at}");
    }
}

#[tokio::test]
async fn each_public_key_verifies_its_own_tokens_only() {
    let auths = [
        (Jwt::rs256_pem(RS256.0, ISSUER, AUDIENCE).memberships(staff()), RS256.1),
        (Jwt::es256_pem(ES256.0, ISSUER, AUDIENCE).memberships(staff()), ES256.1),
        (Jwt::ed25519_pem(EDDSA.0, ISSUER, AUDIENCE).memberships(staff()), EDDSA.1),
    ];
    for (n, (auth, _)) in auths.iter().enumerate() {
        assert_eq!(auth.check(), Ok(()));
        for (m, (_, token)) in auths.iter().enumerate() {
            let expected = if n == m { good() } else { BAD };
            assert_eq!(account(auth, token.trim()).await, expected, "key {n}, token {m}");
        }
    }
}

#[test]
fn a_key_that_cannot_be_used_is_refused_at_start_up() {
    let text = |jwt: Jwt| jwt.memberships(staff()).check().unwrap_err().to_string();
    let weak = "HS256 secret must have at least 32 bytes; generate a new one";
    assert_eq!(text(Jwt::hs256([0; 31], ISSUER, AUDIENCE)), weak);
    let unfit =
        "token key is no PEM public key of its algorithm, or too short; ask the issuer for it";
    for jwt in [
        Jwt::rs256_pem(RSA_1024, ISSUER, AUDIENCE),
        Jwt::rs256_pem(ES256.0, ISSUER, AUDIENCE),
        Jwt::es256_pem(P384, ISSUER, AUDIENCE),
        // As long as a key of P-256.
        Jwt::es256_pem(SECP256K1, ISSUER, AUDIENCE),
        Jwt::es256_pem(RS256.0, ISSUER, AUDIENCE),
        Jwt::ed25519_pem(ES256.0, ISSUER, AUDIENCE),
        Jwt::ed25519_pem("", ISSUER, AUDIENCE),
    ] {
        assert_eq!(text(jwt), unfit);
    }
    let private = "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n";
    let expected = "token key is private; give the issuer's public key";
    assert_eq!(text(Jwt::rs256_pem(private, ISSUER, AUDIENCE)), expected);
    assert_eq!(Jwt::rs256_pem(RS256.0, ISSUER, AUDIENCE).memberships(staff()).check(), Ok(()));
}

#[tokio::test]
async fn an_unusable_key_signs_nobody_in_even_without_a_guard() {
    let weak = Jwt::hs256(b"", ISSUER, AUDIENCE).memberships(staff());
    let key = EncodingKey::from_secret(b"");
    let forged = encode(&Header::default(), &claims(CLINICIAN), &key).unwrap();
    assert_eq!(account(&weak, &forged).await, BAD);
}

#[tokio::test(start_paused = true)]
async fn memberships_are_asked_for_once_a_minute() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let store = move |_: Id| {
        let n = counter.fetch_add(1, SeqCst);
        // From the second time on the account has no membership any more.
        let list = if n == 0 { vec![Membership::new(17, HERE, "clinician")] } else { vec![] };
        async move { Ok(list) }
    };
    let auth = Jwt::hs256(SECRET, ISSUER, AUDIENCE).memberships(store);
    let token = token(CLINICIAN);
    for _ in 0..10 {
        assert_eq!(account(&auth, &token).await, good());
        tokio::time::advance(Duration::from_secs(5)).await;
    }
    assert_eq!(asked.load(SeqCst), 1);
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(account(&auth, &token).await, Err(no_membership(Some(CLINICIAN))));
    assert_eq!(asked.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn an_account_whose_memberships_were_taken_away_was_nobody_in_the_log() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let store = move |account: Id| {
        counter.fetch_add(1, SeqCst);
        let unknown = Err(AuthError::NoMembership { account: None });
        async move { if account == Id::from(CLINICIAN) { Ok(Vec::new()) } else { unknown } }
    };
    let auth = Jwt::hs256(SECRET, ISSUER, AUDIENCE).memberships(store);
    let mut stranger = claims(CLINICIAN);
    stranger["sub"] = "Zelda Testperson".into();
    let (former, stranger) = (token(CLINICIAN), signed(&stranger));
    for _ in 0..3 {
        assert_eq!(account(&auth, &former).await, Err(no_membership(Some(CLINICIAN))));
        // The control: whom the store does not know is not named, since its name may be any text.
        assert_eq!(account(&auth, &stranger).await, Err(no_membership(None)));
    }
    assert_eq!(asked.load(SeqCst), 2, "either answer is kept for a minute");

    // A map tells the two apart as well.
    let mut staff = staff();
    staff.insert(Id::from(CLINICIAN), Vec::new());
    let auth = Jwt::hs256(SECRET, ISSUER, AUDIENCE).memberships(staff);
    assert_eq!(account(&auth, &former).await, Err(no_membership(Some(CLINICIAN))));
    assert_eq!(account(&auth, &stranger).await, Err(no_membership(None)));
}

fn no_membership(account: Option<i64>) -> AuthError {
    AuthError::NoMembership { account: account.map(Id::from) }
}

#[tokio::test]
async fn a_store_that_fails_is_no_answer_and_is_asked_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let store = move |_: Id| {
        let n = counter.fetch_add(1, SeqCst);
        async move {
            if n == 0 {
                return Err(AuthError::Unavailable);
            }
            Ok(vec![Membership::new(17, HERE, "clinician")])
        }
    };
    let auth = Jwt::hs256(SECRET, ISSUER, AUDIENCE).memberships(store);
    assert_eq!(account(&auth, &token(CLINICIAN)).await, Err(AuthError::Unavailable));
    assert_eq!(account(&auth, &token(CLINICIAN)).await, good());
}

#[tokio::test]
async fn several_memberships_are_chosen_by_id_and_only_among_ones_own() {
    let mut claims = claims(BOTH);
    assert_eq!(account(&auth(), &signed(&claims)).await, Err(no_membership(Some(BOTH))));
    claims["membership"] = json!("51");
    assert_eq!(account(&auth(), &signed(&claims)).await, Ok(Some(BOTH.into())));
    claims["membership"] = json!("17");
    assert_eq!(account(&auth(), &signed(&claims)).await, Err(no_membership(Some(BOTH))));
    // An account that the store does not know has none, whatever its token says.
    claims["sub"] = json!("4711");
    claims["role"] = json!("clinician");
    assert_eq!(account(&auth(), &signed(&claims)).await, Err(no_membership(None)));
}

#[tokio::test]
async fn a_header_above_eight_kibibytes_is_refused() {
    let mut claims = claims(CLINICIAN);
    let mut padded = |n: usize| {
        claims["pad"] = json!("x".repeat(n));
        signed(&claims)
    };
    let (fits, too_long) = (padded(5_000), padded(7_000));
    assert!(fits.len() < 8_000 && too_long.len() > 8_192);
    assert_eq!(account(&auth(), &fits).await, good());
    assert_eq!(account(&auth(), &too_long).await, BAD);
}

#[test]
fn debug_shows_no_key_and_no_account() {
    let shown = format!("{:?}", auth());
    assert_eq!(shown, "Jwt { algorithms: [HS256], usable: true, .. }");
}
