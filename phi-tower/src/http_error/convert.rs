//! How errors become statuses: those of phi-core by what they say, all others as 500.

use std::error::Error;
use std::panic::Location;

use phi_core::audit::{AuditError, Reason};
use phi_core::{GrantError, NoTenant, OpenError, SealError, SearchError, Unwritten};

use super::{Cause, HttpError};

impl<E: Error + Send + Sync + 'static> From<E> for HttpError {
    /// Keeps the error's type and the place of the `?`, never its text.
    #[track_caller]
    fn from(error: E) -> Self {
        answer(&error, std::any::type_name::<E>(), Location::caller())
    }
}

impl HttpError {
    /// The same for an error whose type is not known any more.
    ///
    /// `?` does not take `Box<dyn Error>` and its like, since they are no `Error` themselves.
    ///
    /// ```
    /// use phi_tower::HttpError;
    ///
    /// fn load() -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    ///     Ok("Jane Sample".parse()?)
    /// }
    ///
    /// let refused = load().map_err(|error| HttpError::of(&*error)).unwrap_err();
    /// assert_eq!(refused.status(), 500);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        answer(error, "dyn Error", Location::caller())
    }
}

fn answer(
    error: &(dyn Error + 'static),
    kind: &'static str,
    at: &'static Location<'static>,
) -> HttpError {
    let mut answer = known(error).unwrap_or_else(HttpError::internal);
    // A refusal is no fault: only what the operator must look at is traced.
    if answer.status.is_server_error() {
        answer.cause = Some(Cause { kind, at });
    }
    answer
}

/// How many errors inside one another are looked at.
const MAX_DEPTH: usize = 16;

/// The answer to the first error of phi-core in the chain: one that an application has wrapped says
/// the same as one that it has not.
fn known(error: &(dyn Error + 'static)) -> Option<HttpError> {
    let mut next = Some(error);
    for _ in 0..MAX_DEPTH {
        let error = next?;
        if let Some(answer) = of_phi_core(error) {
            return Some(answer);
        }
        next = error.source();
    }
    None
}

fn of_phi_core(error: &(dyn Error + 'static)) -> Option<HttpError> {
    None.or_else(|| error.downcast_ref().map(opening))
        .or_else(|| error.downcast_ref().map(sealing))
        .or_else(|| error.downcast_ref().map(searching))
        .or_else(|| error.downcast_ref().map(granting))
        .or_else(|| error.downcast_ref().copied().map(auditing))
        .or_else(|| error.downcast_ref().map(|NoTenant| no_tenant()))
        .or_else(|| error.downcast_ref().copied().map(writing))
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
        SealError::NotFound => HttpError::not_found(),
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

fn writing(error: Unwritten) -> HttpError {
    match error {
        Unwritten::NotFound => HttpError::not_found(),
        Unwritten::Taken => HttpError::conflict(),
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

        let statuses: [(HttpError, u16); 12] = [
            (OpenError::NotFound.into(), 404),
            (SealError::NotFound.into(), 404),
            (OpenError::NotGranted { record }.into(), 403),
            (OpenError::Refused.into(), 500),
            (OpenError::Closed.into(), 500),
            (SealError::Value { record, field }.into(), 422),
            (SealError::Denied { record, field: None }.into(), 403),
            (SearchError::Denied { record, field }.into(), 403),
            (NoTenant.into(), 403),
            (AuditError::Full.into(), 503),
            (Unwritten::NotFound.into(), 404),
            (Unwritten::Taken.into(), 409),
        ];
        for (error, status) in statuses {
            assert_eq!(error.status.as_u16(), status);
        }
    }

    /// An application's own error.
    #[derive(Debug)]
    struct Wrapped(Option<Box<dyn Error + Send + Sync>>);

    impl std::fmt::Display for Wrapped {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("application")
        }
    }

    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.0.as_deref().map(|error| error as _)
        }
    }

    fn wrapped(error: impl Error + Send + Sync + 'static, times: usize) -> Wrapped {
        (1..times).fold(Wrapped(Some(error.into())), |error, _| Wrapped(Some(error.into())))
    }

    #[test]
    fn a_wrapped_error_told_a_foreign_row_from_an_unknown_one() {
        for times in [1, 2, MAX_DEPTH - 1] {
            assert_eq!(HttpError::from(wrapped(OpenError::NotFound, times)).status, 404);
            assert_eq!(HttpError::from(wrapped(SealError::NotFound, times)).status, 404);
        }
        let boxed: Box<dyn Error + Send + Sync> = Box::new(wrapped(OpenError::NotFound, 1));
        assert_eq!(HttpError::of(&*boxed).status, 404);
        // The control: what holds none of ours, and what holds it too deep.
        assert_eq!(HttpError::from(Wrapped(None)).status, 500);
        assert_eq!(HttpError::from(wrapped(OpenError::NotFound, MAX_DEPTH)).status, 500);
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
