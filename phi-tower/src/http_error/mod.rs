//! What a handler answers when it cannot answer.

mod convert;
mod problem;

use std::fmt;
use std::panic::Location;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use phi_core::audit::Reason;

pub(crate) use self::problem::{problem, status_problem};

/// An error as a client may see it: a status and, where policy denied a field, that field's label.
///
/// Errors convert into it by `?`. Those of phi-core become the status that fits them, also where they
/// are the [`source`](std::error::Error::source) of an application's own error; any other becomes
/// 500 (a `Box<dyn Error>` by [`of`](HttpError::of)), of which only the error's Rust type and the place of the `?` are kept, for a
/// tracing event on the operator's side. The answer is a problem document (RFC 9457).
///
/// ```
/// use axum::response::IntoResponse;
/// use phi_tower::HttpError;
///
/// fn parse(text: &str) -> Result<u32, HttpError> {
///     Ok(text.parse()?) // any error: its text goes nowhere
/// }
///
/// assert_eq!(parse("7").unwrap(), 7);
/// let refused = parse("Jane Sample").unwrap_err();
/// assert!(!format!("{refused:?}").contains("Jane"));
/// assert_eq!(refused.into_response().status(), 500);
/// ```
///
/// # Security
///
/// It holds no input, and no text of the error it was made of: those quote rows, values and paths.
pub struct HttpError {
    status: StatusCode,
    place: Place,
    detail: Option<&'static str>,
    reason: Option<Reason>,
    cause: Option<Cause>,
}

/// Labels of what was denied: they come from the program.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    record: Option<&'static str>,
    field: Option<&'static str>,
}

/// Where a foreign error came in.
#[derive(Clone, Copy)]
struct Cause {
    kind: &'static str,
    at: &'static Location<'static>,
}

/// Why, in the words of the audit log: travels from the answer to the guard.
#[derive(Debug, Clone)]
pub(crate) struct Told(pub(crate) Reason);

impl HttpError {
    /// 400: the request cannot be read, or asks for something that makes no sense.
    #[must_use]
    pub fn bad_request() -> Self {
        Self::new(StatusCode::BAD_REQUEST)
    }

    /// 403: the principal may not do this.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN)
    }

    /// 404: there is no such record, or none that the principal may see. Both read the same.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND)
    }

    /// 409: somebody else changed the record first, or it is there already.
    #[must_use]
    pub fn conflict() -> Self {
        Self::new(StatusCode::CONFLICT)
    }

    /// 412: the record is not in the state that the request takes for granted, by `If-Match` for
    /// instance.
    #[must_use]
    pub fn precondition_failed() -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED)
    }

    /// 413: the request holds more than is taken.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// 415: what the request holds is of a kind that is not read here.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    }

    /// 422: the request can be read, but a value in it cannot be used.
    #[must_use]
    pub fn unprocessable() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// 429: the principal asks too often. In the audit log it is denied, as by the guard's own limit.
    ///
    /// ```
    /// use axum::response::IntoResponse;
    /// use http::header::RETRY_AFTER;
    /// use phi_tower::HttpError;
    ///
    /// let refused = ([(RETRY_AFTER, "60")], HttpError::too_many_requests()).into_response();
    /// assert_eq!(refused.status(), 429);
    /// ```
    #[must_use]
    pub fn too_many_requests() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS).because(Reason::RateLimited)
    }

    /// 500: a fault on this side.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// 503: something that is needed is not to be had now.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE)
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// A fault of the program, told by a fixed text.
    pub(crate) fn misuse(detail: &'static str) -> Self {
        Self { detail: Some(detail), ..Self::internal() }
    }

    fn new(status: StatusCode) -> Self {
        Self { status, place: Place::default(), detail: None, reason: None, cause: None }
    }

    fn at_place(mut self, record: &'static str, field: Option<&'static str>) -> Self {
        self.place = Place { record: Some(record), field };
        self
    }

    fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        if let Some(Cause { kind, at }) = self.cause {
            // The guard's span names route and request; the error's own text may quote PHI.
            tracing::error!(error = kind, %at, "handler failed");
        } else if let Some(detail) = self.detail {
            tracing::error!(detail, "handler failed");
        }
        let mut response = problem(self.status, self.place.record, self.place.field, self.detail);
        if let Some(reason) = self.reason {
            response.extensions_mut().insert(Told(reason));
        }
        response
    }
}

impl fmt::Debug for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut error = f.debug_struct("HttpError");
        error.field("status", &self.status.as_u16());
        if let Some(Cause { kind, at }) = self.cause {
            error.field("error", &kind).field("at", &format_args!("{at}"));
        }
        error.finish_non_exhaustive()
    }
}
