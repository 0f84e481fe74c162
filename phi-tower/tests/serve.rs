//! Over a real socket: the client's address, layers outside the guard, and a client that hangs up.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_ENCODING,
    ORIGIN,
};
use http::{HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt as _, Full};
use phi_core::Needs;
use phi_core::audit::{Outcome, Reason};
use phi_tower::{RouteCheck, Routes};
use support::http_calls::{self as calls, send};
use support::tokens::token;
use support::{CLINICIAN, Clinic, NAME};
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn ask(address: SocketAddr, path: &str, account: i64) -> TcpStream {
    asked(TcpStream::connect(address).await.unwrap(), path, account).await
}

async fn asked<S: AsyncWrite + Unpin>(mut stream: S, path: &str, account: i64) -> S {
    let token = token(account);
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: clinic.example\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_served_application_records_the_clients_address() {
    let clinic = Clinic::new();
    let (listener, address) = listen().await;
    // A layer outside sees the request first, and the answer last.
    let app = clinic.app().outside(tower::util::MapResponseLayer::new(|mut response: Response| {
        response.headers_mut().insert("x-outside", HeaderValue::from_static("yes"));
        response
    }));
    assert_eq!(app.route_check(), RouteCheck::Checked);
    let app = app.outside(tower::util::MapRequestLayer::new(|request: Request| request));
    let serving = tokio::spawn(async move { axum::serve(listener, app.into_make_service()).await });

    let path = format!("/patients/{}", clinic.patient);
    let mut answer = String::new();
    ask(address, &path, CLINICIAN).await.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains(NAME) && answer.contains("x-outside: yes"));
    let event = clinic.log.events().pop().unwrap();
    assert_eq!(event.client.address.unwrap().as_str(), "127.0.0.1");
    serving.abort();
}

#[tokio::test]
async fn layers_with_bodies_of_their_own_could_not_be_served() {
    let clinic = Clinic::new();
    let (listener, address) = listen().await;
    let app = clinic
        .app()
        .outside(CompressionLayer::new())
        .outside(RequestBodyLimitLayer::new(1024))
        .outside(TraceLayer::new_for_http())
        .outside(CatchPanicLayer::new());
    let serving = tokio::spawn(async move { axum::serve(listener, app.into_make_service()).await });
    let path = format!("/patients/{}", clinic.patient);
    let mut answer = String::new();
    ask(address, &path, CLINICIAN).await.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(NAME), "{answer}");
    let event = clinic.log.events().pop().unwrap();
    assert_eq!(event.client.address.unwrap().as_str(), "127.0.0.1");
    serving.abort();
}

/// Which layer saw the request, from the outermost on.
type Order = Arc<Mutex<Vec<&'static str>>>;

/// A middleware as axum's users write them: of axum's request and answer, and no other body.
async fn passes(
    State((order, name)): State<(Order, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    order.lock().unwrap().push(name);
    next.run(request).await
}

#[tokio::test]
async fn layers_compiled_in_some_orders_only() {
    let clinic = Clinic::new();
    let order = Order::default();
    let own = |name| from_fn_with_state((order.clone(), name), passes);
    let trace = TraceLayer::new_for_http;
    let wait =
        || TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(9));
    let cors = || CorsLayer::new().allow_origin(HeaderValue::from_static("https://a.example"));
    let limit = || RequestBodyLimitLayer::new(1024);
    // Each layer stands once inside and once outside of each other one.
    let app = clinic
        .app()
        .outside(own("inner"))
        .outside(trace())
        .outside(cors())
        .outside(CompressionLayer::new())
        .outside(wait())
        .outside(limit())
        .outside(CatchPanicLayer::new())
        .outside(own("middle"))
        .outside(limit())
        .outside(wait())
        .outside(CompressionLayer::new())
        .outside(cors())
        .outside(trace())
        .outside(own("outer"))
        .outside(CatchPanicLayer::new());
    let mut request = calls::get(&format!("/patients/{}", clinic.patient), Some(CLINICIAN));
    request.headers_mut().insert(ORIGIN, HeaderValue::from_static("https://a.example"));
    request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    let answer = send(&app, request).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://a.example");
    assert_eq!(answer.headers[CONTENT_ENCODING], "gzip");
    assert!(answer.body.starts_with(&[0x1f, 0x8b]));
    assert_eq!(*order.lock().unwrap(), ["outer", "middle", "inner"]);

    // A body of unknown length is refused where it is read, and not before.
    let long = Full::from("x".repeat(2000)).map_frame(|frame| frame);
    let mut request = calls::post("/patients", Some(CLINICIAN), "");
    *request.body_mut() = Body::new(long);
    assert_eq!(send(&app, request).await.status, 413);
}

#[tokio::test]
async fn a_preflight_is_answered_by_cors_outside_the_guard_and_by_none_inside() {
    let clinic = Clinic::new();
    let preflight = || {
        let mut request = calls::request(Method::OPTIONS, "/health", None);
        let ask = HeaderValue::from_static("https://portal.example");
        request.headers_mut().insert(ORIGIN, ask);
        request
            .headers_mut()
            .insert(ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("GET"));
        request
    };
    let cors = CorsLayer::new().allow_origin(HeaderValue::from_static("https://portal.example"));
    let app = clinic.app().outside(cors.clone());
    let answer = send(&app, preflight()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://portal.example");

    let inside = support::router(&clinic.db).layer(cors);
    let app = clinic.guard(inside, support::routes()).build().unwrap();
    assert_eq!(send(&app, preflight()).await.status, 401);
}

#[cfg(unix)]
#[tokio::test]
async fn an_application_is_shared_on_a_unix_socket() {
    let clinic = Clinic::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clinic.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let app = tower::make::Shared::new(clinic.app());
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    let mut stream = asked(stream, &format!("/patients/{}", clinic.patient), CLINICIAN).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(NAME), "{answer}");
    assert!(clinic.log.events().pop().unwrap().client.address.is_none());
    serving.abort();
}

#[tokio::test]
async fn a_client_that_closes_its_socket_leaves_one_outcome() {
    /// Tells when the handler is dropped.
    struct Told(mpsc::UnboundedSender<&'static str>);
    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.send("dropped");
        }
    }

    let clinic = Clinic::new();
    let (tell, mut told) = mpsc::unbounded_channel();
    let waits = move || {
        let tell = Told(tell.clone());
        async move {
            tell.0.send("begun").unwrap();
            pending::<()>().await;
        }
    };
    let routes = Routes::new().get("/x", Needs::read("patient"));
    let app = clinic.guard(Router::new().route("/x", get(waits)), routes).build().unwrap();
    let (listener, address) = listen().await;
    let serving = tokio::spawn(async move { axum::serve(listener, app.into_make_service()).await });

    let client = ask(address, "/x", CLINICIAN).await;
    assert_eq!(told.recv().await, Some("begun"));
    drop(client);
    assert_eq!(told.recv().await, Some("dropped"));
    let events = clinic.log.events();
    let outcomes: Vec<_> = events.into_iter().map(|e| (e.outcome, e.reason)).collect();
    assert_eq!(outcomes, [(Outcome::Aborted, Some(Reason::HangUp))]);
    serving.abort();
}
