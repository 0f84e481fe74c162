use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, FromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::HttpError;

/// The parameters of the route's template.
///
/// ```
/// use phi_tower::Path;
/// use uuid::Uuid;
///
/// async fn read(Path(id): Path<Uuid>) {}
/// # let _ = read;
/// ```
///
/// # Errors
///
/// 400 if a parameter does not read as its type; 500 if the type does not fit the template. Which
/// parameter, and what it held, is not told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = HttpError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, HttpError> {
        // axum logs a rejection where it becomes an answer; this one never does.
        let read = extract::Path::from_request_parts(head, state).await;
        read.map(|extract::Path(value)| Self(value)).map_err(|rejection| match rejection {
            PathRejection::FailedToDeserializePathParams(error) => match error.kind() {
                ErrorKind::WrongNumberOfParameters { .. } | ErrorKind::UnsupportedType { .. } => {
                    HttpError::misuse("path type does not fit the route's template")
                }
                _ => HttpError::bad_request(),
            },
            _ => HttpError::misuse("path type does not fit the route's template"),
        })
    }
}
