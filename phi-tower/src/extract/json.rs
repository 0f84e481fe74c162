use std::error::Error;
use std::iter::successors;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{BODY_LIMIT, Context};
use crate::HttpError;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A JSON body, in requests and answers.
///
/// ```
/// use phi_tower::{HttpError, Json};
///
/// #[derive(serde::Deserialize)]
/// struct Filter {
///     limit: u32,
/// }
///
/// async fn list(Json(filter): Json<Filter>) -> Result<Json<u32>, HttpError> {
///     Ok(Json(filter.limit.min(50)))
/// }
/// # let _ = list;
/// ```
///
/// # Errors
///
/// 415 if the content type is no JSON, 413 above the body limit (2 MiB unless
/// [`Guard::body_limit`](crate::Guard::body_limit) says otherwise), 400 if the body does not read
/// as `T`. What did not read, and where, is not told.
///
/// # Security
///
/// The buffers of hyper and of this extractor are freed without being wiped; what is wiped is each
/// `Phi` that `T` holds. A type that is to be answered holds PHI only as
/// [`Grant::reveal`](phi_core::Grant::reveal) gives it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, _: &S) -> Result<Self, HttpError> {
        if !is_json(request.headers()) {
            return Err(HttpError::unsupported_media_type());
        }
        let context = request.extensions().get::<Context>();
        let limit = context.map_or(BODY_LIMIT, |context| context.body_limit);
        let body = Limited::new(request.into_body(), limit).collect().await;
        // serde's and hyper's errors may quote the body: they end here.
        let body = body.map_err(|error| {
            if is_too_long(&*error) { HttpError::too_large() } else { HttpError::bad_request() }
        })?;
        let read = serde_json::from_slice(&body.to_bytes());
        read.map(Self).map_err(|_| HttpError::bad_request())
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let Ok(body) = serde_json::to_vec(&self.0) else {
            return HttpError::misuse("answer has no JSON form").into_response();
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::OK;
        response.headers_mut().insert(CONTENT_TYPE, JSON);
        response
    }
}

/// Whether it is this limit, or one of a layer outside the guard, that a body goes beyond.
fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |&error| error.source()).any(<dyn Error>::is::<LengthLimitError>)
}

/// `application/json`, or a type with the suffix `+json` (RFC 6839).
fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}
