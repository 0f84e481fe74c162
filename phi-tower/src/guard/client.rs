//! What a request says of itself, for its audit event.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::ConnectInfo;
use http::HeaderValue;
use http::header::{HeaderMap, HeaderName, USER_AGENT};
use http::request::Parts;
use phi_core::Circumstances;
use uuid::{Builder, Uuid};

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Makes ids for requests. They pair intents with outcomes in the log, so no client chooses one.
pub(crate) struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(super) fn new() -> Self {
        // The standard library seeds these from the operating system. An id is no secret: it must
        // only never come twice.
        let random = || RandomState::new().build_hasher().finish();
        Self { process: random(), next: AtomicU64::new(random()) }
    }

    /// A `UUIDv7` (RFC 9562, section 5.7).
    pub(super) fn make(&self) -> HeaderValue {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let mut random = [0; 10];
        let count = self.next.fetch_add(1, Relaxed).to_be_bytes();
        let bytes = self.process.to_be_bytes().into_iter().take(4).chain(count.into_iter().skip(2));
        random.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        let id = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        HeaderValue::from_str(id.as_hyphenated().encode_lower(&mut text))
            .unwrap_or(HeaderValue::from_static("none"))
    }
}

/// The id that a request brings, if it is a UUID: whatever else it is may be PHI.
pub(super) fn brought(headers: &HeaderMap) -> Option<Uuid> {
    Uuid::try_parse_ascii(headers.get(X_REQUEST_ID)?.as_bytes()).ok()
}

/// An id as text; it is one by construction.
pub(super) fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or("none")
}

/// The address of the connection: behind a proxy, the proxy's.
pub(super) fn address(head: &Parts) -> Option<IpAddr> {
    let connection = head.extensions.get::<ConnectInfo<SocketAddr>>();
    connection.map(|ConnectInfo(address)| address.ip().to_canonical())
}

/// What the audit event tells besides who and what.
pub(super) fn circumstances(head: &Parts, route: &str, id: &HeaderValue) -> Circumstances {
    let agent = head.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    Circumstances {
        route: Some(route.to_owned()),
        request: Some(text(id).to_owned()),
        address: address(head).map(|address| address.to_string()),
        // ASCII by now; the event keeps no more of it than this.
        agent: agent.map(|agent| agent.get(..256).unwrap_or(agent).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_that_a_request_brings_is_a_uuid_or_nothing() {
        let of = |id: &'static [u8]| {
            let value = HeaderValue::from_bytes(id).unwrap();
            brought(&HeaderMap::from_iter([(X_REQUEST_ID, value)]))
        };
        let uuid = b"0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000";
        assert!(of(uuid).is_some());
        for refused in [b"".as_slice(), b"123-45-6789", b"a/b", b"\xc3\xa9", &[b'a'; 65]] {
            assert_eq!(of(refused), None);
        }
    }

    #[test]
    fn made_ids_never_come_twice() {
        let ids = RequestIds::new();
        let made: HashSet<_> = (0..10_000).map(|_| ids.make()).collect();
        assert_eq!(made.len(), 10_000);
    }
}
