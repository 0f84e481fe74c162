use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::HttpError;

/// The query string.
///
/// ```
/// use phi_tower::Query;
///
/// #[derive(serde::Deserialize)]
/// struct Page {
///     after: Option<u64>,
/// }
///
/// async fn list(Query(page): Query<Page>) {}
/// # let _ = list;
/// ```
///
/// # Errors
///
/// 400 if it does not read as `T`. Which key, and what it held, is not told.
///
/// # Security
///
/// URLs end up in the logs of proxies and browsers: paging belongs there, a name or a number of a
/// patient does not. Search by a `POST` body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = HttpError;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let query = head.uri.query().unwrap_or_default();
        // serde's error quotes the value: it ends here.
        serde_urlencoded::from_str(query).map(Self).map_err(|_| HttpError::bad_request())
    }
}
