//! P2: what a client sends, and what a row holds, is in no refusal, no event, no span and no log
//! line of ours. One name is planted wherever a client can put it.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::routing::{get, post};
use http::{Method, StatusCode};
use phi_core::Needs;
use phi_tower::{Access, HttpError, Json, Path, Query, Routes};
use serde::Deserialize;
use support::http_calls::{self as calls, send};
use support::{CLINICIAN, Clinic};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::{MakeWriter, format::FmtSpan};

const NAME: &str = "Zelda";

#[derive(Deserialize)]
struct Number {
    n: u8,
}

/// What tracing was told, at every level, with the fields of every span.
#[derive(Clone, Default)]
struct Traced(Arc<Mutex<Vec<u8>>>);

impl Traced {
    fn listen(&self) -> DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(self.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Traced {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Handlers as careless as their extractors let them be.
fn router() -> Router {
    async fn path(Access(_): Access, Path(n): Path<u8>) -> Json<u8> {
        Json(n)
    }
    async fn query(Access(_): Access, Query(number): Query<Number>) -> Json<u8> {
        Json(number.n)
    }
    async fn body(Access(_): Access, Json(number): Json<Number>) -> Json<u8> {
        Json(number.n)
    }
    async fn fails(
        Access(_): Access,
        Json(text): Json<String>,
    ) -> Result<Json<Number2>, HttpError> {
        // The error of a driver or a parser quotes what it met.
        Ok(Json(serde_json::from_str(&text)?))
    }
    async fn panics(Access(_): Access, Json(text): Json<String>) {
        std::panic::resume_unwind(Box::new(text));
    }
    Router::new()
        .route("/path/{n}", get(path))
        .route("/query", get(query))
        .route("/body", post(body))
        .route("/fails", post(fails))
        .route("/panics", post(panics))
}

#[derive(Deserialize, serde::Serialize)]
struct Number2 {
    n: u8,
}

fn routes() -> Routes {
    let needs = || Needs::read("patient");
    Routes::new()
        .get("/path/{n}", needs())
        .get("/query", needs())
        .post("/body", needs())
        .post("/fails", needs())
        .post("/panics", needs())
}

/// Requests with the name in every place, and the status each is refused with.
fn planted() -> Vec<(Request, u16)> {
    let quoted = format!("\"{NAME}\"");
    let with = |name: &'static str, value: &str| {
        let mut request = calls::get("/query?n=1", None);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let mut claims = support::tokens::claims(CLINICIAN);
    claims["sub"] = NAME.into();
    let signed = support::tokens::signed(&claims);
    vec![
        (calls::get("/path/Zelda", Some(CLINICIAN)), 400),
        (calls::get("/path/%FFZelda", Some(CLINICIAN)), 400),
        (calls::get("/query?n=Zelda", Some(CLINICIAN)), 400),
        (calls::get("/query?Zelda=1", Some(CLINICIAN)), 400),
        (calls::get("/Zelda?n=Zelda", Some(CLINICIAN)), 404),
        (calls::request(Method::from_bytes(b"Zelda").unwrap(), "/query", Some(CLINICIAN)), 403),
        (calls::post("/body", Some(CLINICIAN), format!("{{\"n\":{quoted}}}")), 400),
        (calls::post("/body", Some(CLINICIAN), format!("{{{quoted}:1}}")), 400),
        (calls::post("/body", Some(CLINICIAN), NAME), 400),
        (calls::post("/fails", Some(CLINICIAN), quoted.clone()), 500),
        (calls::post("/panics", Some(CLINICIAN), quoted), 500),
        (with("authorization", "Bearer Zelda"), 401),
        (with("authorization", "Zelda"), 401),
        (with("authorization", &format!("Bearer {signed}")), 403),
        (with("x-note", NAME), 401),
        (with("referer", "https://clinic.example/?name=Zelda"), 401),
        (with("user-agent", NAME), 401),
        (with("x-request-id", "Zelda was here"), 401),
    ]
}

#[tokio::test]
async fn what_a_client_sends_comes_back_nowhere() {
    let traced = Traced::default();
    let _listening = traced.listen();
    let clinic = Clinic::new();
    let app = clinic.guard(router(), routes()).build().unwrap();
    let requests = planted();
    let count = requests.len();
    for (n, (request, status)) in requests.into_iter().enumerate() {
        let answer = send(&app, request).await;
        assert_eq!(answer.status.as_u16(), status, "request {n}");
        let shown = format!("{:?} {}", answer.headers, answer.text());
        assert!(!shown.contains(NAME), "request {n}: {shown}");
    }
    app.flush().await.unwrap();
    for event in clinic.log.events() {
        let stored = String::from_utf8(event.encode()).unwrap();
        assert!(!stored.contains(NAME), "{stored}");
    }
    let text = traced.text();
    assert!(!text.contains(NAME), "{text}");

    // The controls: the log and the spans are there, and do see what is meant for them.
    assert!(clinic.log.events().len() > count / 2);
    assert!(text.contains("route=\"/path/{n}\"") && text.contains("status=400"), "{text}");
    assert!(text.contains("serde_json::error::Error"), "{text}");
    assert!(text.contains("silence.rs"), "the place of the `?` is told");
    tracing::info!(NAME);
    assert!(traced.text().contains(NAME));
}

#[tokio::test]
async fn the_control_axums_own_extractors_quote_what_they_refuse() {
    async fn body(axum::Json(number): axum::Json<Number>) -> String {
        number.n.to_string()
    }
    async fn query(axum::extract::Query(number): axum::extract::Query<Number>) -> String {
        number.n.to_string()
    }
    let router: Router = Router::new().route("/body", post(body)).route("/query", get(query));
    let quoted = send(&router, calls::post("/body", None, r#"{"n":"Zelda"}"#)).await;
    assert_eq!(quoted.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(quoted.text().contains(NAME), "{}", quoted.text());
    let quoted = send(&router, calls::get("/query?n=1&n=2", None)).await;
    assert!(quoted.text().contains("duplicate field"), "{}", quoted.text());
}

#[tokio::test]
async fn a_rows_values_are_in_the_answer_only() {
    let traced = Traced::default();
    let _listening = traced.listen();
    let clinic = Clinic::new();
    let app = clinic.app();
    let chart = format!("/patients/{}", clinic.patient);
    let answer = send(&app, calls::get(&chart, Some(CLINICIAN))).await;
    assert!(answer.text().contains(support::NAME), "the control");
    let denied = send(&app, calls::get(&chart, Some(support::DESK))).await;
    let events = clinic.log.events();
    let stored: String =
        events.iter().map(|event| String::from_utf8(event.encode()).unwrap()).collect();
    for value in [support::NAME, support::SSN, support::DIAGNOSIS] {
        assert!(!denied.text().contains(value));
        assert!(!stored.contains(value));
        assert!(!traced.text().contains(value));
    }
    // The id is in the event, which is its place, and not in a span: a URL is none of a log's business.
    assert!(stored.contains(&clinic.patient.to_string()));
    assert!(!traced.text().contains(&clinic.patient.to_string()));
}
