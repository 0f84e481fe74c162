//! A grant on its way through a request: it ends in exactly one event, whatever happens.

use axum::response::Response;
use http::StatusCode;
use phi_core::Grant;
use phi_core::audit::{AuditError, Outcome, Reason, Receipt};

use super::crowd::Inside;
use crate::http_error::Told;

/// Holds the grant until its outcome is known. Dropped before, the client has hung up.
pub(super) struct Flight {
    grant: Option<Grant>,
    _inside: Inside,
}

impl Flight {
    pub(super) fn new(grant: Grant, inside: Inside) -> Self {
        Self { grant: Some(grant), _inside: inside }
    }

    /// Closes the grant and hands its event over. From here on the log has it, also if nobody
    /// waits for the receipt.
    pub(super) fn land(mut self, outcome: Outcome, reason: Option<Reason>) -> Receipt {
        match self.grant.take() {
            Some(grant) => grant.finish_as(outcome, reason),
            None => Receipt::ready(Err(AuditError::Closed)),
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(grant) = self.grant.take() {
            drop(grant.finish_as(Outcome::Aborted, Some(Reason::HangUp)));
        }
    }
}

/// What an answer says about how the request ended.
pub(super) fn outcome(grant: &Grant, response: &mut Response) -> (Outcome, Option<Reason>) {
    let told = response.extensions_mut().remove::<Told>().map(|Told(reason)| reason);
    let status = response.status();
    let denied = grant.denied();
    if status.is_server_error() {
        return (Outcome::Failed, told.or(denied).or(Some(Reason::HandlerError)));
    }
    match denied {
        // A page of rows, some of which were kept back, is a success: it says what was disclosed.
        Some(reason) if status.is_client_error() || !grant.has_reached() => {
            return (Outcome::Denied, Some(reason));
        }
        _ if !status.is_client_error() => return (Outcome::Success, None),
        _ => {}
    }
    match (status, told) {
        (StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS, Some(reason)) => {
            (Outcome::Denied, Some(reason))
        }
        (_, Some(reason)) => (Outcome::Failed, Some(reason)),
        (StatusCode::NOT_FOUND, None) => (Outcome::Failed, Some(Reason::NotFound)),
        (StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED, None) => {
            (Outcome::Failed, Some(Reason::Conflict))
        }
        _ => (Outcome::Failed, Some(Reason::BadRequest)),
    }
}
