//! Routes for whoever is signed in: no record is read there, so none stands in the log.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use std::collections::HashMap;
use std::future::pending;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::header::CACHE_CONTROL;
use http::{Method, StatusCode};
use phi_core::audit::{Outcome, Reason};
use phi_core::{Id, Needs};
use phi_tower::{
    Access, BuildError, GuardExt as _, Guarded, Json, Jwt, RouteCheck, RouteFault, Routes, SignedIn,
};
use support::http_calls::{self as calls, request, send};
use support::tokens::{AUDIENCE, ISSUER, SECRET};
use support::{BOTH, CLINICIAN, Clinic, DESK, ROLELESS};
use tower::ServiceExt as _;

/// As careless about caches as a handler can be.
async fn me(SignedIn(who): SignedIn) -> Response {
    let headers = [("cache-control", "public"), ("cdn-cache-control", "public, max-age=600")];
    (headers, format!("{} as {}", who.id(), who.membership().role)).into_response()
}

async fn opens(access: Access) {
    drop(access);
}

async fn panics() -> StatusCode {
    std::panic::resume_unwind(Box::new("sample"))
}

fn router() -> Router {
    Router::new()
        .route("/me", get(me).delete(|| async { "never" }))
        .route("/opens", get(opens))
        .route("/note", post(|Json(note): Json<String>| async move { note }))
        .route("/waits", get(pending::<()>))
        .route("/panics", get(panics))
}

fn routes() -> Routes {
    Routes::new()
        .signed_in(Method::GET, "/me")
        .get("/opens", Needs::read("patient"))
        .signed_in(Method::POST, "/note")
        .signed_in(Method::GET, "/waits")
        .signed_in(Method::GET, "/panics")
        .delete("/me", Needs::read("patient"))
}

fn app(clinic: &Clinic) -> Guarded {
    clinic.guard(router(), routes()).build().unwrap()
}

/// Outcome, reason and route of every event.
fn events(clinic: &Clinic) -> Vec<(Outcome, Option<Reason>, String)> {
    let told = |event: phi_core::audit::Event| {
        let route = event.route.map(|route| route.as_str().to_owned());
        (event.outcome, event.reason, route.unwrap_or_default())
    };
    clinic.log.events().into_iter().map(told).collect()
}

#[tokio::test]
async fn a_page_about_oneself_stood_in_the_log_as_the_reading_of_a_record() {
    let clinic = Clinic::new();
    let app = app(&clinic);
    // A role that policy does not know may sign in: what it may do is not asked here.
    for (account, text) in
        [(CLINICIAN, "7 as clinician"), (DESK, "8 as front-desk"), (ROLELESS, "12 as gardener")]
    {
        let answer = send(&app, calls::get("/me", Some(account))).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, text));
        assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
        assert!(!answer.headers.contains_key("cdn-cache-control"));
        assert_eq!(answer.headers["x-frame-options"], "DENY");
        assert!(answer.headers.contains_key("x-request-id"));
    }
    let head = send(&app, request(Method::HEAD, "/me", Some(CLINICIAN))).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    app.flush().await.unwrap();
    assert!(clinic.log.events().is_empty());

    // The control: a route that needs a record.
    assert_eq!(send(&app, calls::get("/opens", Some(CLINICIAN))).await.status, StatusCode::OK);
    assert_eq!(events(&clinic), [(Outcome::Success, None, "GET /opens".to_owned())]);
}

#[tokio::test]
async fn who_is_not_signed_in_is_refused_as_everywhere() {
    let clinic = Clinic::new();
    let app = app(&clinic);
    assert_eq!(send(&app, calls::get("/me", None)).await.status, StatusCode::UNAUTHORIZED);
    let mut forged = calls::get("/me", None);
    forged.headers_mut().insert("authorization", "Bearer forged".parse().unwrap());
    assert_eq!(send(&app, forged).await.status, StatusCode::UNAUTHORIZED);
    app.flush().await.unwrap();
    let sums = clinic.log.events();
    assert_eq!(sums.iter().filter_map(|event| event.count).collect::<Vec<_>>(), [1, 1]);

    // No membership, or several and none chosen.
    clinic.log.clear();
    let staff = HashMap::from([(Id::from(CLINICIAN), Vec::new())]);
    let auth = Jwt::hs256(SECRET, ISSUER, AUDIENCE).memberships(staff);
    let dismissed = clinic.safeguards.guard(router(), auth, routes()).build().unwrap();
    let answers = [(dismissed, CLINICIAN), (app.clone(), BOTH)].map(|(app, account)| async move {
        send(&app, calls::get("/me", Some(account))).await.status
    });
    for (answer, account) in answers.into_iter().zip([CLINICIAN, BOTH]) {
        assert_eq!(answer.await, StatusCode::FORBIDDEN);
        let event = clinic.log.events().pop().unwrap();
        assert_eq!(event.principal.unwrap().id.as_str(), account.to_string());
    }
    let denied = (Outcome::Denied, Some(Reason::NoMembership), "GET /me".to_owned());
    assert_eq!(events(&clinic), [denied.clone(), denied]);

    // A refusal waits for its event; an answer has none to wait for.
    clinic.log.refuse();
    let refused = send(&app, calls::get("/me", Some(BOTH))).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(send(&app, calls::get("/me", Some(CLINICIAN))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_route_for_whoever_is_signed_in_opens_nothing() {
    let clinic = Clinic::new();
    let routes = Routes::new().signed_in(Method::GET, "/x");
    let app = clinic.guard(Router::new().route("/x", get(opens)), routes).build().unwrap();
    let answer = send(&app, calls::get("/x", Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.text().contains("route declares no record"), "{}", answer.text());
    assert!(clinic.log.events().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_guarded_routes_hold() {
    let clinic = Clinic::new();
    let guard = clinic.guard(router(), routes()).requests_at_once(2).body_limit(8);
    let app = guard.handler_limit(Duration::from_secs(3)).build().unwrap();
    let waits = || tokio::spawn(app.clone().oneshot(calls::get("/waits", Some(CLINICIAN))));
    let under_way = [waits(), waits()];
    tokio::time::advance(Duration::from_millis(1)).await;
    let refused = send(&app, calls::get("/me", Some(CLINICIAN))).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let limited = (Outcome::Denied, Some(Reason::RateLimited), "GET /me".to_owned());
    assert_eq!(events(&clinic), [limited]);
    assert_eq!(send(&app, calls::get("/me", Some(DESK))).await.status, StatusCode::OK);

    // They end at their limit, and a client that hangs up gives its room back.
    clinic.log.clear();
    let [first, second] = under_way;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(send(&app, calls::get("/me", Some(CLINICIAN))).await.status, StatusCode::OK);
    assert_eq!(second.await.unwrap().unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    let panicked = send(&app, calls::get("/panics", Some(CLINICIAN))).await;
    assert_eq!(panicked.status, StatusCode::INTERNAL_SERVER_ERROR);
    let long = send(&app, calls::post("/note", Some(CLINICIAN), "\"sample\" ")).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
    let fits = send(&app, calls::post("/note", Some(CLINICIAN), "\"sample\"")).await;
    assert_eq!(fits.status, StatusCode::OK);
    assert!(clinic.log.events().is_empty());
}

#[tokio::test]
async fn the_nets_know_routes_for_whoever_is_signed_in() {
    let clinic = Clinic::new();
    assert_eq!(app(&clinic).route_check(), RouteCheck::Checked);
    assert_eq!(routes().check(&router()), Ok(RouteCheck::Checked));

    let wrong = routes()
        .get("/me", Needs::read("patient"))
        .signed_in(Method::HEAD, "/opens")
        .signed_in(Method::GET, "/nowhere")
        .signed_in(Method::OPTIONS, "/me")
        .signed_in(Method::from_bytes(b"ZELDA").unwrap(), "/me");
    let Err(BuildError::Routes(faults)) = clinic.guard(router(), wrong).build() else {
        panic!("built, or refused otherwise");
    };
    let twice = |route: &str| RouteFault::Twice { route: route.into() };
    let absent = |route: &str| RouteFault::Absent { route: route.into() };
    let method = RouteFault::Method { path: "/me".into() };
    let expected = [
        twice("GET /me"),
        twice("GET /opens"),
        method,
        absent("GET /nowhere"),
        absent("OPTIONS /me"),
    ];
    assert_eq!(faults, expected);

    // One method of a route says nothing of another.
    let routes = Routes::new().signed_in(Method::GET, "/tools");
    let router = Router::new().route("/tools", any(|| async { "open" }));
    let app = clinic.guard(router, routes).build().unwrap();
    assert_eq!(send(&app, calls::get("/tools", Some(CLINICIAN))).await.status, StatusCode::OK);
    let other = send(&app, request(Method::PUT, "/tools", Some(CLINICIAN))).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    let undeclared = (Outcome::Denied, Some(Reason::UndeclaredRoute), "PUT /tools".to_owned());
    assert_eq!(events(&clinic), [undeclared]);
}
