//! Requests and answers, without a socket.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use tower::{Service, ServiceExt as _};

use super::tokens::token;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The id under which its events stand in the log.
    pub(crate) fn id(&self) -> &str {
        self.headers["x-request-id"].to_str().unwrap()
    }
}

pub(crate) async fn read(response: Response) -> Answer {
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: head.status, headers: head.headers, body }
}

pub(crate) async fn send<S>(app: &S, request: Request) -> Answer
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    read(app.clone().oneshot(request).await.unwrap()).await
}

/// A request of an account; of nobody without one.
pub(crate) fn request(method: Method, uri: &str, account: Option<i64>) -> Request {
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(account) = account {
        request = request.header(AUTHORIZATION, format!("Bearer {}", token(account)));
    }
    request.body(Body::empty()).unwrap()
}

pub(crate) fn get(uri: &str, account: Option<i64>) -> Request {
    request(Method::GET, uri, account)
}

pub(crate) fn post(uri: &str, account: Option<i64>, body: impl Into<String>) -> Request {
    let mut request = request(Method::POST, uri, account);
    request.headers_mut().insert(CONTENT_TYPE, "application/json".parse().unwrap());
    *request.body_mut() = Body::from(body.into());
    request
}
