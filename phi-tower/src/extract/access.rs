use std::ops::Deref;

use axum::extract::FromRequestParts;
use http::request::Parts;
use phi_core::{Grant, Principal};

use super::{Caller, Context};
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
/// On a public route, or where there is no guard, the answer is 500: `route is not guarded`. On one
/// for whoever is [signed in](crate::Routes::signed_in) it is 500 as well: `route declares no record`.
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
        match caller(head) {
            Some(Caller::Granted(grant)) => Ok(Self(grant.clone())),
            Some(Caller::SignedIn(_)) => Err(HttpError::misuse("route declares no record")),
            Some(Caller::Anybody) | None => Err(HttpError::misuse(NOT_GUARDED)),
        }
    }
}

/// The principal of this request, on a route that needs records or is for whoever is
/// [signed in](crate::Routes::signed_in).
///
/// ```
/// use phi_tower::{HttpError, SignedIn};
///
/// async fn users(SignedIn(who): SignedIn) -> Result<&'static str, HttpError> {
///     // On a route that declares no record, what a role may do is the handler's to check.
///     if &*who.membership().role == "admin" { Ok("…") } else { Err(HttpError::forbidden()) }
/// }
/// # let _ = users;
/// ```
///
/// # Errors
///
/// On a public route, or where there is no guard, the answer is 500: `route is not guarded`. Nobody
/// is asked for there, so that it cannot be told whether somebody is signed in.
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
        match caller(head) {
            Some(Caller::Granted(grant)) => Ok(Self(grant.principal().clone())),
            Some(Caller::SignedIn(principal)) => Ok(Self(principal.clone())),
            Some(Caller::Anybody) | None => Err(HttpError::misuse(NOT_GUARDED)),
        }
    }
}

const NOT_GUARDED: &str = "route is not guarded";

fn caller(head: &Parts) -> Option<&Caller> {
    head.extensions.get::<Context>().map(|context| &context.caller)
}
