//! Problem documents (RFC 9457) that hold nothing of the request.

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

#[derive(Serialize)]
struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

/// The answer for a status alone. The same status is the same bytes, whoever answers it.
pub(crate) fn status_problem(status: StatusCode) -> Response {
    problem(status, None, None, None)
}

/// The answer for a status, with labels and texts of the program.
pub(crate) fn problem(
    status: StatusCode,
    record: Option<&'static str>,
    field: Option<&'static str>,
    detail: Option<&'static str>,
) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let problem =
        Problem { r#type: "about:blank", title, status: status.as_u16(), detail, record, field };
    // Strings and a number always have a JSON form; an empty body is a safe answer too.
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    // axum sets it on routes and not on fallbacks: a refusal must not show which it was.
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, PROBLEM);
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_problem_names_labels_and_nothing_that_is_not_given() {
        let plain = status_problem(StatusCode::NOT_FOUND).into_body().collect().await.unwrap();
        assert_eq!(plain.to_bytes(), r#"{"type":"about:blank","title":"Not Found","status":404}"#);
        let denied = problem(StatusCode::FORBIDDEN, Some("patient"), Some("diagnosis"), None);
        let denied = denied.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(
            denied,
            r#"{"type":"about:blank","title":"Forbidden","status":403,"record":"patient","field":"diagnosis"}"#
        );
    }
}
