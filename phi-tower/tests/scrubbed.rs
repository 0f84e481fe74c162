//! P2: a handler that writes what it has opened into free text leaves no trace of it in the log, if
//! phi-log stands in front: the guard tells it what the request knows.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

mod support;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http_body::Frame;
use phi_core::Needs;
use phi_core::known::KnownValues;
use phi_tower::{Access, HttpError, Json, Path, Routes};
use support::http_calls::{self as calls, send};
use support::{CLINICIAN, Clinic, DIAGNOSIS, Db, NAME, SSN, scrubbed_log};
use uuid::Uuid;

/// Logs all it opens, in words that no detector could know, and lets others do so too.
async fn careless(
    Access(grant): Access,
    State(db): State<Db>,
    Path(id): Path<Uuid>,
) -> Result<Json<&'static str>, HttpError> {
    let patient = grant.open(db.get(id).ok_or_else(HttpError::not_found)?)?;
    let (name, diagnosis) = (patient.name.expose(), patient.diagnosis.as_ref().unwrap().expose());
    tracing::info!("then {name} came in");
    tracing::warn!(seen = %diagnosis, who = ?(name.to_uppercase(), 3), "written down");
    let span = tracing::info_span!("visit", what = name.as_str());
    span.in_scope(|| tracing::debug!("{} again", patient.ssn.expose()));
    let text = format!("{name} is told by a task");
    let carried = KnownValues::current().carry(async move { tracing::info!("{text}") });
    tokio::spawn(carried).await.unwrap();
    Ok(Json("seen"))
}

async fn asked(clinic: &Clinic) {
    let router = Router::new().route("/patients/{id}", get(careless)).with_state(clinic.db.clone());
    let routes = Routes::new().get("/patients/{id}", Needs::read("patient"));
    let app = clinic.guard(router, routes).build().unwrap();
    let answer = send(&app, calls::get(&format!("/patients/{}", clinic.patient), Some(CLINICIAN)));
    assert_eq!(answer.await.status, 200);
}

#[tokio::test]
async fn what_a_handler_has_opened_is_not_in_its_log_lines() {
    let clinic = Clinic::new();
    asked(&clinic).await;
    let text = scrubbed_log::text();
    for value in [NAME, SSN, DIAGNOSIS, "ZELDA", "Testperson"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
    // It was there, and its words still are.
    for words in ["then ", " came in", "written down", " is told by a task", "route="] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// A body of two pieces, which logs whose they are.
struct Chatty {
    name: String,
    left: usize,
}

impl HttpBody for Chatty {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        tracing::info!("sending a piece of {}", self.name);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"piece ")))))
    }
}

impl Drop for Chatty {
    fn drop(&mut self) {
        tracing::info!("all of {} is sent", self.name);
    }
}

async fn streams(
    Access(grant): Access,
    State(db): State<Db>,
    Path(id): Path<Uuid>,
) -> Result<Response, HttpError> {
    let patient = grant.open(db.get(id).ok_or_else(HttpError::not_found)?)?;
    Ok(Response::new(Body::new(Chatty { name: patient.name.expose().clone(), left: 2 })))
}

async fn streamed(clinic: &Clinic) {
    let router = Router::new().route("/stream/{id}", get(streams)).with_state(clinic.db.clone());
    let routes = Routes::new().get("/stream/{id}", Needs::read("patient"));
    let app = clinic.guard(router, routes).build().unwrap();
    let uri = format!("/stream/{}", clinic.patient);
    let answer = send(&app, calls::get(&uri, Some(CLINICIAN))).await;
    assert_eq!(answer.text(), "piece piece ");
    // An answer that is not sent is dropped before its first piece.
    clinic.log.lose();
    assert_eq!(send(&app, calls::get(&uri, Some(CLINICIAN))).await.status, 503);
    clinic.log.accept();
}

#[tokio::test]
async fn a_body_logged_in_clear_what_its_handler_had_opened() {
    let clinic = Clinic::new();
    streamed(&clinic).await;
    let text = scrubbed_log::text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("piece of ")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    let is_dropped = |line: &&str| line.contains("is sent") && !line.contains("/waits");
    let dropped = text.lines().filter(is_dropped);
    for line in lines.into_iter().chain(dropped) {
        assert!(!line.contains(NAME), "{line}");
        assert!(line.contains("route=\"/stream/{id}\""), "outside its request: {line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_was_dropped_logged_in_clear_what_it_had_opened() {
    let clinic = Clinic::new();
    let (db, id) = (clinic.db.clone(), clinic.patient);
    let waits = move |Access(grant): Access| async move {
        let patient = grant.open(db.get(id).unwrap()).unwrap();
        let chatty = Chatty { name: patient.name.expose().clone(), left: 0 };
        std::future::pending::<()>().await;
        drop(chatty);
    };
    let routes = Routes::new().get("/waits", Needs::read("patient"));
    let app = clinic.guard(Router::new().route("/waits", get(waits)), routes).build().unwrap();
    assert_eq!(send(&app, calls::get("/waits", Some(CLINICIAN))).await.status, 503);
    let text = scrubbed_log::text();
    let told =
        text.lines().find(|line| line.contains("route=\"/waits\"") && line.contains("is sent"));
    assert!(!told.unwrap().contains(NAME), "{text}");
}

#[tokio::test]
async fn the_control_plain_fmt_writes_all_of_it() {
    let clinic = Clinic::new();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let writer = Arc::clone(&lines);
    let plain = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || Lines(Arc::clone(&writer)))
        .finish();
    {
        let _plain = tracing::subscriber::set_default(plain);
        asked(&clinic).await;
        streamed(&clinic).await;
    }
    let text = String::from_utf8(lines.lock().unwrap().clone()).unwrap();
    for value in [NAME, SSN, DIAGNOSIS, "ZELDA", "is told by a task", "piece of Zelda"] {
        assert!(text.contains(value), "{value}: {text}");
    }
}

struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
