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

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderValue, Method};
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
    let app = clinic.app().outside(tower::util::MapResponseLayer::new(
        |mut response: axum::response::Response| {
            response.headers_mut().insert("x-outside", HeaderValue::from_static("yes"));
            response
        },
    ));
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
