//! A client that goes away while its body is read has hung up, and nothing else has.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use std::future::poll_fn;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use http_body::Frame;
use http_body_util::{BodyExt as _, Limited};
use phi_core::Needs;
use phi_core::audit::{Outcome, Reason};
use phi_tower::{Guarded, HttpError, Json, Routes};
use support::http_calls::{self as calls, send};
use support::tokens::token;
use support::{CLINICIAN, Clinic};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

const HUNG_UP: (Outcome, Option<Reason>) = (Outcome::Aborted, Some(Reason::HangUp));

async fn json(Json(_): Json<String>) -> &'static str {
    "read"
}

async fn bytes(_: Bytes) -> &'static str {
    "read"
}

/// Reads piece by piece, as an upload is read.
async fn pieces(request: Request) -> Result<&'static str, HttpError> {
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        frame?;
    }
    Ok("read")
}

fn app(clinic: &Clinic) -> Guarded {
    let router = Router::new()
        .route("/json", post(json))
        .route("/bytes", post(bytes))
        .route("/pieces", post(pieces));
    let needs = || Needs::read("patient");
    let routes = ["/json", "/bytes", "/pieces"]
        .iter()
        .fold(Routes::new(), |routes, path| routes.post(path, needs()));
    clinic.guard(router, routes).build().unwrap()
}

async fn serve(app: Guarded) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app.into_make_service()).await });
    address
}

/// The one event of what was just done, once it is there.
async fn event(clinic: &Clinic) -> (Outcome, Option<Reason>) {
    let came = async {
        while clinic.log.events().is_empty() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(10), came).await.unwrap();
    let mut events = clinic.log.events();
    clinic.log.clear();
    assert_eq!(events.len(), 1);
    events.pop().map(|event| (event.outcome, event.reason)).unwrap()
}

#[tokio::test]
async fn a_client_that_hung_up_in_its_body_stood_in_the_log_as_a_bad_request() {
    let clinic = Clinic::new();
    let address = serve(app(&clinic)).await;
    let token = token(CLINICIAN);
    let begin = async |path: &str, body: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: clinic.example\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\n{body}"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    };
    for path in ["/json", "/bytes", "/pieces"] {
        for body in
            ["Content-Length: 1000\r\n\r\n\"ab", "Transfer-Encoding: chunked\r\n\r\n5\r\n\"ab"]
        {
            let stream = begin(path, body).await;
            sleep(Duration::from_millis(20)).await;
            drop(stream);
            assert_eq!(event(&clinic).await, HUNG_UP, "closed: {path} {body}");

            let stream = begin(path, body).await;
            sleep(Duration::from_millis(20)).await;
            stream.set_zero_linger().unwrap();
            drop(stream);
            assert_eq!(event(&clinic).await, HUNG_UP, "reset: {path} {body}");
        }
        // The controls: a whole body, and one that cannot be read on a connection that lasts.
        let mut stream = begin(path, "Content-Length: 4\r\n\r\n\"ab\"").await;
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 8);
        assert_eq!(event(&clinic).await, (Outcome::Success, None), "{path}");
        let mut stream = begin(path, "Transfer-Encoding: chunked\r\n\r\nzz\r\n").await;
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 8);
        assert_eq!(event(&clinic).await.0, Outcome::Failed, "{path}");
    }
}

/// A body of one piece, and then this error.
struct Ends(Option<Bytes>, Option<Error>);

impl HttpBody for Ends {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Self(piece, error) = self.get_mut();
        let piece = piece.take().map(|piece| Ok(Frame::data(piece)));
        Poll::Ready(piece.or_else(|| error.take().map(Err)))
    }
}

fn ends(kind: ErrorKind) -> Body {
    Body::new(Ends(Some(Bytes::from_static(b"\"ab")), Some(kind.into())))
}

/// What the log says of a request with this body to a handler.
async fn outcome_of<H, F>(handler: H, body: Body) -> (Outcome, Option<Reason>)
where
    H: Fn(Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send,
{
    let clinic = Clinic::new();
    let routes = Routes::new().post("/x", Needs::read("patient"));
    let app = clinic.guard(Router::new().route("/x", post(handler)), routes).build().unwrap();
    let mut request = calls::post("/x", Some(CLINICIAN), "");
    *request.body_mut() = body;
    send(&app, request).await;
    event(&clinic).await
}

/// Reads the body, and answers so whatever came of that.
async fn reads(request: Request, answer: impl IntoResponse) -> Response {
    drop(request.into_body().collect().await);
    answer.into_response()
}

#[tokio::test]
async fn a_handlers_own_answer_is_no_hang_up() {
    let failed = |reason| (Outcome::Failed, Some(reason));
    let gone = || ends(ErrorKind::UnexpectedEof);
    // The control: what says no more than that the body could not be used.
    for answer in [HttpError::bad_request, HttpError::unprocessable, HttpError::internal] {
        assert_eq!(outcome_of(move |request| reads(request, answer()), gone()).await, HUNG_UP);
    }
    // What was answered all the same, and what says why.
    let fine = outcome_of(|request| reads(request, "fine"), gone()).await;
    assert_eq!(fine, (Outcome::Success, None));
    let conflict = outcome_of(|request| reads(request, HttpError::conflict()), gone()).await;
    assert_eq!(conflict, failed(Reason::Conflict));
    let closed = || HttpError::from(phi_core::OpenError::Closed);
    let closed = outcome_of(move |request| reads(request, closed()), gone()).await;
    assert_eq!(closed, failed(Reason::GrantClosed));
    // A connection of the handler's own that breaks, behind a body that is whole or was not read.
    let upstream =
        |_| async { HttpError::from(Error::from(ErrorKind::UnexpectedEof)).into_response() };
    for body in [Body::from("\"ab\""), gone()] {
        assert_eq!(outcome_of(upstream, body).await, failed(Reason::HandlerError));
    }
}

#[tokio::test]
async fn a_body_that_is_refused_is_no_hang_up() {
    let failed = (Outcome::Failed, Some(Reason::BadRequest));
    for kind in [ErrorKind::InvalidData, ErrorKind::Other] {
        let refused = |request| reads(request, HttpError::bad_request());
        assert_eq!(outcome_of(refused, ends(kind)).await, failed, "{kind:?}");
    }
    let limited = Body::new(Limited::new(Body::from("\"ab\""), 2));
    let refused = |request| reads(request, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(outcome_of(refused, limited).await, failed);
}

/// A server of HTTP/2 fails the body first, and lets go of the request at the end of the same turn.
#[tokio::test]
async fn a_server_that_lets_go_of_a_request_after_its_body_leaves_one_outcome() {
    let clinic = Clinic::new();
    let mut request = calls::post("/json", Some(CLINICIAN), "");
    *request.body_mut() = ends(ErrorKind::Other);
    let mut answer = Box::pin(app(&clinic).oneshot(request));
    let polled = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
    assert!(polled.is_pending(), "answered before the server could let go");
    drop(answer);
    assert_eq!(event(&clinic).await, HUNG_UP);
}
