//! P8: no record, no answer; and exactly one outcome for each request, however it ends.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http_body::Frame;
use http_body_util::BodyExt as _;
use phi_core::Needs;
use phi_core::audit::{Outcome, Reason};
use phi_tower::{Access, Guarded, HttpError, Json, Routes};
use support::http_calls::{self as calls, send};
use support::{CLINICIAN, Clinic, NAME};
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceExt as _;

const CHART: &str = "/patients/00000000-0000-0000-0000-000000000063";
const NEW: &str = r#"{"name":"Quentin Testperson","ssn":"078-05-1121","diagnosis":null}"#;

/// Sends, and hangs up a moment later.
async fn hang_up(app: &Guarded, request: Request) {
    let answer = timeout(Duration::from_millis(1), app.clone().oneshot(request)).await;
    assert!(answer.is_err(), "answered before the client hung up");
}

fn events(clinic: &Clinic) -> Vec<(Outcome, Option<Reason>)> {
    clinic.log.events().into_iter().map(|event| (event.outcome, event.reason)).collect()
}

fn outcomes(clinic: &Clinic) -> Vec<Outcome> {
    events(clinic).into_iter().map(|(outcome, _)| outcome).collect()
}

/// One guarded route of a handler, and how often the handler began.
fn one<H, F>(clinic: &Clinic, strict: bool, handler: H) -> (Guarded, Arc<AtomicUsize>)
where
    H: Fn() -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send,
{
    let begun = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&begun);
    let counted = move || {
        counter.fetch_add(1, SeqCst);
        handler()
    };
    let router = Router::new().route("/x", get(counted));
    let needs = Needs::read("patient");
    let routes = Routes::new().get("/x", if strict { needs.strict() } else { needs });
    (clinic.guard(router, routes).build().unwrap(), begun)
}

async fn fine() -> Response {
    NAME.into_response()
}

#[tokio::test]
async fn a_log_without_room_lets_no_handler_begin() {
    let clinic = Clinic::new();
    let (app, begun) = one(&clinic, false, fine);
    assert_eq!(send(&app, calls::get("/x", Some(CLINICIAN))).await.text(), NAME, "the control");
    clinic.log.refuse();
    let answer = send(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!((answer.status, begun.load(SeqCst)), (StatusCode::SERVICE_UNAVAILABLE, 1));
    assert!(!answer.text().contains(NAME));
}

#[tokio::test]
async fn a_log_that_loses_the_event_lets_no_byte_of_the_answer_out() {
    let clinic = Clinic::new();
    let app = clinic.app();
    assert!(send(&app, calls::get(CHART, Some(CLINICIAN))).await.text().contains(NAME));
    clinic.log.lose();
    let answer = send(&app, calls::get(CHART, Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        answer.text(),
        r#"{"type":"about:blank","title":"Service Unavailable","status":503}"#
    );
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_slow_is_waited_for_and_then_given_up() {
    let clinic = Clinic::new();
    let app = clinic.app();
    clinic.log.hold();
    let began = Instant::now();
    let answer = send(&app, calls::get(CHART, Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.text().contains(NAME));
    assert_eq!(began.elapsed().as_millis(), 250);

    // The control: durable in time, it is answered.
    let log = clinic.log.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(200)).await;
        log.release();
    });
    let answer = send(&app, calls::get(CHART, Some(CLINICIAN))).await;
    assert!(answer.text().contains(NAME));
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_the_wait_is_the_builders() {
    let clinic = Clinic::new();
    let guard = clinic.guard(support::router(&clinic.db), support::routes());
    let app = guard.receipt_limit(Duration::from_secs(2)).build().unwrap();
    clinic.log.hold();
    let began = Instant::now();
    assert_eq!(send(&app, calls::get(CHART, Some(CLINICIAN))).await.status, 503);
    assert_eq!(began.elapsed().as_secs(), 2);
}

#[tokio::test]
async fn a_write_begins_only_when_its_intent_is_durable() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let answer = send(&app, calls::post("/patients", Some(CLINICIAN), NEW)).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let outcomes: Vec<_> = events(&clinic).into_iter().map(|(outcome, _)| outcome).collect();
    assert_eq!(outcomes, [Outcome::Intent, Outcome::Success]);

    let (app, begun) = one(&clinic, true, fine);
    clinic.log.lose();
    let answer = send(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!((answer.status, begun.load(SeqCst)), (StatusCode::SERVICE_UNAVAILABLE, 0));
}

#[tokio::test(start_paused = true)]
async fn an_intent_that_is_not_durable_in_time_ends_as_failed() {
    let clinic = Clinic::new();
    let (app, begun) = one(&clinic, true, fine);
    clinic.log.hold();
    let answer = send(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!((answer.status, begun.load(SeqCst)), (StatusCode::SERVICE_UNAVAILABLE, 0));
    let failed = (Outcome::Failed, Some(Reason::LogUnavailable));
    assert_eq!(events(&clinic), [(Outcome::Intent, None), failed]);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_before_the_handler_leaves_one_outcome() {
    let clinic = Clinic::new();
    let (app, begun) = one(&clinic, true, fine);
    clinic.log.hold(); // it waits for the intent
    hang_up(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(begun.load(SeqCst), 0);
    let aborted = (Outcome::Aborted, Some(Reason::HangUp));
    assert_eq!(events(&clinic), [(Outcome::Intent, None), aborted]);
    assert_eq!(clinic.log.open_slots(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_in_the_handler_leaves_one_outcome() {
    let clinic = Clinic::new();
    let (app, begun) = one(&clinic, false, pending);
    hang_up(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(begun.load(SeqCst), 1);
    assert_eq!(events(&clinic), [(Outcome::Aborted, Some(Reason::HangUp))]);
    assert_eq!(outcomes(&clinic), [Outcome::Aborted]);
}

#[tokio::test(start_paused = true)]
async fn what_was_opened_before_the_client_hung_up_is_in_the_event() {
    let clinic = Clinic::new();
    let db = clinic.db.clone();
    let id = clinic.patient;
    let opens = move |Access(grant): Access| async move {
        let patient = grant.open(db.get(id).unwrap()).unwrap();
        pending::<()>().await;
        drop(patient);
    };
    let routes = Routes::new().get("/x", Needs::read("patient"));
    let app = clinic.guard(Router::new().route("/x", get(opens)), routes).build().unwrap();
    hang_up(&app, calls::get("/x", Some(CLINICIAN))).await;
    let event = clinic.log.events().pop().unwrap();
    assert_eq!((event.outcome, event.items.len()), (Outcome::Aborted, 1));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_while_the_log_writes_leaves_one_outcome() {
    let clinic = Clinic::new();
    let (app, begun) = one(&clinic, false, fine);
    clinic.log.hold();
    hang_up(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(begun.load(SeqCst), 1);
    // The log has it already: it says what was about to be disclosed.
    assert_eq!(outcomes(&clinic), [Outcome::Success]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_recorded_once_also_if_nobody_waits_for_it() {
    let clinic = Clinic::new();
    let app = clinic.app();
    clinic.log.hold();
    hang_up(&app, calls::get(CHART, Some(support::BILLING))).await;
    assert_eq!(outcomes(&clinic), [Outcome::Denied]);
}

#[tokio::test]
async fn a_panic_is_an_outcome_and_an_answer() {
    let clinic = Clinic::new();
    let panics = || async { std::panic::resume_unwind(Box::new(NAME)) };
    let (app, _) = one(&clinic, false, panics);
    let answer = send(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.text().contains(NAME));
    assert_eq!(events(&clinic), [(Outcome::Panic, Some(Reason::Panic))]);
    // A panic is no way around the log either.
    clinic.log.lose();
    assert_eq!(send(&app, calls::get("/x", Some(CLINICIAN))).await.status, 503);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_too_long_is_dropped_and_recorded() {
    let clinic = Clinic::new();
    let (app, _) = one(&clinic, false, pending);
    let began = Instant::now();
    let answer = send(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(events(&clinic), [(Outcome::Timeout, Some(Reason::Deadline))]);
}

/// Panics where it is dropped, as a guard of somebody's own may.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::resume_unwind(Box::new(NAME));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_drop_of_a_handler_took_the_answer_and_its_outcome_along() {
    async fn waits() -> Response {
        let fragile = Fragile;
        pending::<()>().await;
        drop(fragile);
        fine().await
    }
    let clinic = Clinic::new();
    let (app, _) = one(&clinic, false, waits);
    let answer = send(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(events(&clinic), [(Outcome::Timeout, Some(Reason::Deadline))]);
    // A client that hangs up drops it too, and takes nothing else along.
    clinic.log.clear();
    hang_up(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(events(&clinic), [(Outcome::Aborted, Some(Reason::HangUp))]);
}

#[tokio::test]
async fn a_panic_in_the_drop_of_a_body_that_is_not_sent_takes_no_refusal_along() {
    let clinic = Clinic::new();
    let holds = || async {
        let fragile = Fragile;
        let body = Never.map_frame(move |frame| {
            let _ = &fragile;
            frame
        });
        Response::new(Body::new(body))
    };
    let (app, _) = one(&clinic, false, holds);
    clinic.log.lose();
    assert_eq!(send(&app, calls::get("/x", Some(CLINICIAN))).await.status, 503);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_counts_as_the_handlers_time() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let mut request = calls::post("/patients", Some(CLINICIAN), "");
    *request.body_mut() = Body::new(Never);
    let answer = send(&app, request).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(events(&clinic).last(), Some(&(Outcome::Timeout, Some(Reason::Deadline))));
}

#[tokio::test]
async fn a_task_that_outlives_its_request_opens_nothing() {
    let clinic = Clinic::new();
    let (kept, mut later) = tokio::sync::mpsc::unbounded_channel();
    let keeps = move |Access(grant): Access| async move { kept.send(grant).unwrap() };
    let routes = Routes::new().post("/x", Needs::read("patient"));
    let app = clinic.guard(Router::new().route("/x", post(keeps)), routes).build().unwrap();
    assert_eq!(send(&app, calls::post("/x", Some(CLINICIAN), "")).await.status, 200);
    let grant = later.recv().await.unwrap();
    let row = clinic.db.get(clinic.patient).unwrap();
    assert_eq!(grant.open(row).unwrap_err(), phi_core::OpenError::Closed);
}

#[tokio::test]
async fn a_handler_that_ends_its_own_grant_gets_no_answer_out() {
    let clinic = Clinic::new();
    let ends = |Access(grant): Access| async move {
        grant.finish().await?;
        Ok::<_, HttpError>(Json(NAME))
    };
    let routes = Routes::new().get("/x", Needs::read("patient"));
    let app = clinic.guard(Router::new().route("/x", get(ends)), routes).build().unwrap();
    let answer = send(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(outcomes(&clinic), [Outcome::Success]);
}

#[tokio::test(start_paused = true)]
async fn slow_requests_of_one_account_leave_the_log_to_others() {
    let clinic = Clinic::new();
    let waits = |access: Access, request: Request| async move {
        if request.headers().contains_key("slow") {
            std::future::pending::<()>().await;
        }
        drop(access);
    };
    let routes = Routes::new().get("/x", Needs::read("patient"));
    let guard = clinic.guard(Router::new().route("/x", get(waits)), routes);
    let app = guard.requests_at_once(2).build().unwrap();
    let slow = || {
        let mut request = calls::get("/x", Some(CLINICIAN));
        request.headers_mut().insert("slow", "1".parse().unwrap());
        tokio::spawn(app.clone().oneshot(request))
    };
    let under_way = [slow(), slow()];
    tokio::time::advance(Duration::from_millis(1)).await;
    let refused = send(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(events(&clinic), [(Outcome::Denied, Some(Reason::RateLimited))]);
    // Everybody else is answered, and so is the account once its requests are over.
    assert_eq!(send(&app, calls::get("/x", Some(support::DESK))).await.status, 200);
    for request in under_way {
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
    }
    assert_eq!(send(&app, calls::get("/x", Some(CLINICIAN))).await.status, 200);
}

#[tokio::test]
async fn a_client_cannot_choose_the_id_that_pairs_events() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let mut ids = std::collections::HashSet::new();
    for brought in ["0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000", "mine"] {
        let mut request = calls::get(CHART, Some(CLINICIAN));
        request.headers_mut().insert("x-request-id", brought.parse().unwrap());
        let answer = send(&app, request).await;
        assert_ne!(answer.id(), brought);
        ids.insert(answer.id().to_owned());
    }
    let logged = clinic.log.events().into_iter().filter_map(|event| event.request);
    assert_eq!(
        logged.map(|id| id.as_str().to_owned()).collect::<std::collections::HashSet<_>>(),
        ids
    );
}

/// A body whose next piece never comes.
struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}
