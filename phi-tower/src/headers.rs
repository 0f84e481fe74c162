//! What every answer of the guard says to caches and browsers.

use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, EXPIRES, HeaderMap, HeaderName, PRAGMA,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// Set whatever the handler said.
const FIXED: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// An answer of data loads nothing and is shown in nobody's frame.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// For guarded routes and refusals: only a content security policy may be the handler's own.
pub(crate) fn secure(headers: &mut HeaderMap) {
    forbid_caches(headers);
    make_room(headers);
    for (name, value) in FIXED {
        headers.insert(name, value);
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
}

/// For public routes: each unless the handler set it, since they may serve pages and style sheets.
pub(crate) fn secure_public(headers: &mut HeaderMap) {
    make_room(headers);
    for (name, value) in FIXED {
        headers.entry(name).or_insert(value);
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
}

/// Takes away what speaks to caches beside `cache-control`: a shared cache that has a field of its
/// own obeys that one, and not `no-store` (RFC 9213, section 2.2).
fn forbid_caches(headers: &mut HeaderMap) {
    let theirs: Vec<_> = headers.keys().filter(|name| speaks_to_caches(name)).cloned().collect();
    for name in theirs {
        headers.remove(name);
    }
}

fn speaks_to_caches(name: &HeaderName) -> bool {
    // A targeted field's name ends so by convention, whoever's cache it is for.
    let targeted = ["cache-control", "surrogate-control"];
    let name = name.as_str();
    targeted.iter().any(|end| name.ends_with(end))
        || [EXPIRES.as_str(), PRAGMA.as_str(), "edge-control", "x-accel-expires"].contains(&name)
}

/// For these, the policy, and the request's id. A map that is full would panic, and what has tens of thousands of headers
/// is no answer: its own are dropped.
fn make_room(headers: &mut HeaderMap) {
    if headers.try_reserve(FIXED.len() + 2).is_err() {
        headers.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A handler's answer with as many headers as a map can have once panicked here, behind the handler.
    #[test]
    fn an_answer_full_of_headers_is_secured_too() {
        for secure in [secure, secure_public] {
            for count in [24_000, 24_570, 24_576] {
                let mut headers = HeaderMap::new();
                for number in 0..count {
                    let name = HeaderName::try_from(format!("x-{number}")).unwrap();
                    if headers.try_insert(name, HeaderValue::from_static("1")).is_err() {
                        break;
                    }
                }
                secure(&mut headers);
                assert_eq!(headers[CACHE_CONTROL], "no-store", "{count}");
                assert!(headers.contains_key(CONTENT_SECURITY_POLICY));
            }
        }
    }
}
