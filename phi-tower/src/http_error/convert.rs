//! How errors become statuses: those of phi-core by what they say, all others as 500.

use std::any::Any;
use std::error::Error;
use std::panic::Location;

use phi_core::audit::{AuditError, Reason};
use phi_core::{GrantError, NoTenant, OpenError, SealError, SearchError};

use super::{Cause, HttpError};

impl<E: Error + Send + Sync + 'static> From<E> for HttpError {
    /// Keeps the error's type and the place of the `?`, never its text.
    #[track_caller]
    fn from(error: E) -> Self {
        let mut answer = known(&error).unwrap_or_else(Self::internal);
        // A refusal is no fault: only what the operator must look at is traced.
        if answer.status.is_server_error() {
            let (kind, at) = (std::any::type_name::<E>(), Location::caller());
            answer.cause = Some(Cause { kind, at });
        }
        answer
    }
}

fn known(error: &(dyn Any + Send + Sync)) -> Option<HttpError> {
    None.or_else(|| error.downcast_ref().map(opening))
        .or_else(|| error.downcast_ref().map(sealing))
        .or_else(|| error.downcast_ref().map(searching))
        .or_else(|| error.downcast_ref().map(granting))
        .or_else(|| error.downcast_ref().copied().map(auditing))
        .or_else(|| error.downcast_ref().map(|NoTenant| no_tenant()))
}

fn opening(error: &OpenError) -> HttpError {
    match *error {
        OpenError::NotFound => HttpError::not_found(),
        OpenError::Denied { record, field } => denied(record, Some(field)),
        OpenError::NotGranted { record } => denied(record, None),
        OpenError::Closed => HttpError::internal().because(Reason::GrantClosed),
        // Opaque to the client; the log and the refusal counters tell the operator.
        _ => HttpError::internal().because(Reason::NotOpened),
    }
}

fn sealing(error: &SealError) -> HttpError {
    match *error {
        SealError::Value { record, field } | SealError::NotIndexable { record, field, .. } => {
            HttpError::unprocessable().at_place(record, Some(field))
        }
        SealError::Denied { record, field } => denied(record, field),
        SealError::Closed => HttpError::internal().because(Reason::GrantClosed),
        SealError::Keys | SealError::Random => {
            HttpError::unavailable().because(Reason::KeyUnavailable)
        }
        SealError::NoKey => HttpError::internal().because(Reason::KeyUnavailable),
        _ => HttpError::internal(),
    }
}

fn searching(error: &SearchError) -> HttpError {
    match *error {
        SearchError::Value(_) => HttpError::unprocessable(),
        SearchError::Denied { record, field } => denied(record, Some(field)),
        SearchError::Closed => HttpError::internal().because(Reason::GrantClosed),
        SearchError::Keys => HttpError::unavailable().because(Reason::KeyUnavailable),
        SearchError::NoKey => HttpError::internal().because(Reason::KeyUnavailable),
        _ => HttpError::internal(),
    }
}

fn denied(record: &'static str, field: Option<&'static str>) -> HttpError {
    let reason = if field.is_some() { Reason::FieldClass } else { Reason::NoRole };
    HttpError::forbidden().at_place(record, field).because(reason)
}

fn granting(error: &GrantError) -> HttpError {
    match error {
        GrantError::Denied(reason) => HttpError::forbidden().because(reason.clone()),
        GrantError::Audit(error) => auditing(*error),
        _ => HttpError::internal(),
    }
}

fn auditing(_: AuditError) -> HttpError {
    HttpError::unavailable().because(Reason::LogUnavailable)
}

fn no_tenant() -> HttpError {
    HttpError::forbidden().because(Reason::NoMembership)
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn errors_of_the_library_have_their_own_status() {
        let (record, field) = ("patient", "diagnosis");
        let denied = HttpError::from(OpenError::Denied { record, field });
        assert_eq!(denied.status, StatusCode::FORBIDDEN);
        assert_eq!((denied.place.record, denied.place.field), (Some(record), Some(field)));

        let statuses: [(HttpError, u16); 9] = [
            (OpenError::NotFound.into(), 404),
            (OpenError::NotGranted { record }.into(), 403),
            (OpenError::Refused.into(), 500),
            (OpenError::Closed.into(), 500),
            (SealError::Value { record, field }.into(), 422),
            (SealError::Denied { record, field: None }.into(), 403),
            (SearchError::Denied { record, field }.into(), 403),
            (NoTenant.into(), 403),
            (AuditError::Full.into(), 503),
        ];
        for (error, status) in statuses {
            assert_eq!(error.status.as_u16(), status);
        }
    }

    #[test]
    fn a_foreign_error_leaves_its_type_and_place_but_no_text() {
        let foreign = "Zelda".parse::<u8>().unwrap_err();
        assert!(!foreign.to_string().is_empty());
        let shown = format!("{:?}", HttpError::from(foreign));
        assert!(shown.contains("ParseIntError") && shown.contains("convert.rs"), "{shown}");

        // The control: this error's own text quotes what it met.
        let quoting = serde_json::from_str::<u8>("\"Zelda\"").unwrap_err();
        assert!(quoting.to_string().contains("Zelda"));
        assert!(!format!("{:?}", HttpError::from(quoting)).contains("Zelda"));
    }

    #[test]
    fn the_question_mark_is_where_the_error_came_in() {
        fn read() -> Result<u8, HttpError> {
            Ok("x".parse::<u8>()?)
        }
        let line = line!() - 2;
        let shown = format!("{:?}", read().unwrap_err());
        assert!(shown.contains(&format!("convert.rs:{line}:")), "{shown}");
    }
}
