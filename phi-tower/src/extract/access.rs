use std::ops::Deref;

use axum::extract::FromRequestParts;
use http::request::Parts;
use phi_core::{Grant, Principal};

use super::Context;
use crate::HttpError;

/// The grant of this request: the only way to open, seal and search.
///
/// ```
/// use axum::response::{IntoResponse, Response};
/// use phi_core::{Phi, PhiRecord};
/// use phi_tower::{Access, HttpError, Json};
/// use uuid::Uuid;
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "note")]
/// struct Note {
///     #[phi(id)]
///     id: Uuid,
///     #[phi(class = "clinical")]
///     text: Phi<String>,
/// }
///
/// # fn row() -> Option<SealedNote> { None }
/// async fn read(Access(grant): Access) -> Result<Response, HttpError> {
///     let note = grant.open(row().ok_or_else(HttpError::not_found)?)?;
///     Ok(Json(grant.reveal(&note)?).into_response())
/// }
/// # let _ = read;
/// ```
///
/// # Errors
///
/// On a public route, or where there is no guard, the answer is 500: `route is not guarded`.
///
/// # Security
///
/// The grant is closed before the answer leaves. A task that the handler left behind, or a body
/// that is made piece by piece, opens nothing with it any more.
#[derive(Debug, Clone)]
pub struct Access(pub Grant);

impl Deref for Access {
    type Target = Grant;

    fn deref(&self) -> &Grant {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Access {
    type Rejection = HttpError;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, HttpError> {
        grant(head).map(Self)
    }
}

/// The principal of this request.
///
/// # Errors
///
/// As [`Access`].
#[derive(Debug, Clone)]
pub struct SignedIn(pub Principal);

impl Deref for SignedIn {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = HttpError;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, HttpError> {
        grant(head).map(|grant| Self(grant.principal().clone()))
    }
}

fn grant(head: &Parts) -> Result<Grant, HttpError> {
    let context = head.extensions.get::<Context>();
    let grant = context.and_then(|context| context.grant.clone());
    grant.ok_or_else(|| HttpError::misuse("route is not guarded"))
}
