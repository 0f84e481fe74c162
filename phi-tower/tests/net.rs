//! P7, the nets against a forgotten route. Each test first shows that the bare router answers it.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{any, delete, get, post};
use http::{Method, StatusCode};
use phi_core::Needs;
use phi_core::audit::{Outcome, Reason};
use phi_tower::{BuildError, RouteCheck, RouteFault, Routes};
use support::http_calls::{self as calls, request, send};
use support::{CLINICIAN, Clinic};
use tower::service_fn;

const FIRST: &str = "/patients/00000000-0000-0000-0000-000000000063";

async fn ok() -> &'static str {
    "open"
}

fn undeclared(route: &str) -> RouteFault {
    RouteFault::Undeclared { route: route.into() }
}

/// The faults for which this router is refused.
fn faults(clinic: &Clinic, router: Router, routes: Routes) -> Vec<RouteFault> {
    match clinic.guard(router, routes).build() {
        Err(BuildError::Routes(faults)) => faults,
        other => panic!("built, or refused otherwise: {other:?}"),
    }
}

#[test]
fn a_forgotten_route_is_refused_at_start_up_however_it_was_added() {
    let clinic = Clinic::new();
    let base = || support::router(&clinic.db);
    let forgotten = || Router::new().route("/export", get(ok));
    for router in [
        base().route("/export", get(ok)),
        base().merge(forgotten()),
        base().route_layer(tower::util::MapRequestLayer::new(|r: Request| r)).merge(forgotten()),
        base().layer(tower::util::MapRequestLayer::new(|r: Request| r)).merge(forgotten()),
    ] {
        assert_eq!(faults(&clinic, router, support::routes()), [undeclared("GET /export")]);
    }
    let nested = base().nest("/reports/{year}", forgotten());
    let expected = [undeclared("GET /reports/{year}/export")];
    assert_eq!(faults(&clinic, nested, support::routes()), expected);

    let method = base().route("/patients/{id}", delete(ok));
    assert_eq!(faults(&clinic, method, support::routes()), [undeclared("DELETE /patients/{id}")]);
    let everything = base().route("/tools", any(ok));
    assert_eq!(faults(&clinic, everything, support::routes()), [undeclared("any /tools")]);
    let opaque = base().route_service("/tools", service_fn(service));
    assert_eq!(faults(&clinic, opaque, support::routes()), [undeclared("any /tools")]);
    let nested = base().nest_service("/files", service_fn(service));
    let expected = [RouteFault::Nested { path: "/files".into() }];
    assert_eq!(faults(&clinic, nested, support::routes()), expected);

    // The control: with every route declared it builds, and the routes were compared.
    let app = clinic.app();
    assert_eq!(app.route_check(), RouteCheck::Checked);
}

async fn service(_: Request) -> Result<Response, Infallible> {
    Ok(Response::new(Body::from("open")))
}

#[test]
fn a_line_that_fits_nothing_is_refused_at_start_up() {
    let clinic = Clinic::new();
    let routes = support::routes()
        .get("/patient/{id}", Needs::read("patient"))
        .post("/health", Needs::read("prescription"))
        .get("/patients/{id}", Needs::read("patient"));
    let text = |fault: &RouteFault| fault.to_string();
    let found: Vec<_> =
        faults(&clinic, support::router(&clinic.db), routes).iter().map(text).collect();
    assert_eq!(
        found,
        [
            "GET /patients/{id} is declared twice",
            "GET /patient/{id} is declared and not served",
            "POST /health is declared and not served",
            "POST /health needs prescription, which is no record of the safeguards",
        ]
    );
}

#[test]
fn all_faults_are_told_at_once_in_one_line() {
    let clinic = Clinic::new();
    let router = support::router(&clinic.db).route("/a", get(ok)).route("/b", post(ok));
    let error = clinic.guard(router, support::routes()).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "declared access does not fit the router: GET /a has no declared access, \
         POST /b has no declared access"
    );
}

#[tokio::test]
async fn a_method_that_is_not_declared_is_refused_and_audited() {
    let clinic = Clinic::new();
    // `any` serves all methods; one is declared.
    let router = Router::new().route("/tools", any(ok));
    let bare = send(&router, request(Method::DELETE, "/tools", None)).await;
    assert_eq!(bare.status, StatusCode::OK);

    let routes = Routes::new().get("/tools", Needs::read("patient"));
    let app = clinic.guard(router, routes).build().unwrap();
    assert_eq!(send(&app, calls::get("/tools", Some(CLINICIAN))).await.status, 200);
    clinic.log.clear();
    for method in [Method::DELETE, Method::OPTIONS, Method::from_bytes(b"ZELDA").unwrap()] {
        let answer = send(&app, request(method.clone(), "/tools", Some(CLINICIAN))).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method}");
        let event = clinic.log.events().pop().unwrap();
        assert_eq!(event.reason, Some(Reason::UndeclaredRoute));
        assert!(event.principal.is_some());
        assert!(!event.route.unwrap().as_str().contains("ZELDA"));
        // Without a principal it is 401: who is nobody learns nothing of the routes.
        let nobody = send(&app, request(method, "/tools", None)).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(clinic.log.events().len(), 3, "one event for each refusal, none for nobody");
}

#[tokio::test]
async fn a_refusal_waits_for_its_event() {
    let clinic = Clinic::new();
    let routes = Routes::new().get("/tools", Needs::read("patient"));
    let app = clinic.guard(Router::new().route("/tools", any(ok)), routes).build().unwrap();
    let forbidden = request(Method::PUT, "/tools", Some(CLINICIAN));
    assert_eq!(send(&app, forbidden).await.status, StatusCode::FORBIDDEN);
    for broken in [phi_core::testing::RecordingLog::lose, phi_core::testing::RecordingLog::refuse] {
        clinic.log.accept();
        broken(&clinic.log);
        let unavailable = request(Method::PUT, "/tools", Some(CLINICIAN));
        assert_eq!(send(&app, unavailable).await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn what_has_no_template_is_missing_and_never_reached() {
    let clinic = Clinic::new();
    let nested = Router::new().route("/deep", get(ok)).fallback(|| async { "nested fallback" });
    let router =
        support::router(&clinic.db).nest("/inner", nested).fallback(|| async { "fallback" });
    let routes = support::routes().get("/inner/deep", Needs::read("patient"));
    let app = clinic.guard(router.clone(), routes).build().unwrap();
    assert_eq!(send(&app, calls::get("/inner/deep", Some(CLINICIAN))).await.status, 200);
    for path in ["/nowhere", "/", "/inner/nowhere", "/inner/", "/inner"] {
        assert_eq!(send(&router, calls::get(path, None)).await.status, StatusCode::OK, "{path}");
        for account in [None, Some(CLINICIAN)] {
            let answer = send(&app, calls::get(path, account)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!answer.text().contains("fallback"), "{path}");
        }
    }
}

#[tokio::test]
async fn an_odd_spelling_of_a_path_never_gets_past_the_table() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let straight = send(&app, calls::get(FIRST, Some(CLINICIAN))).await;
    assert_eq!(straight.status, StatusCode::OK, "the control");
    let id = FIRST.strip_prefix("/patients/").unwrap();
    for path in [
        format!("//patients/{id}"),
        format!("/patients//{id}"),
        format!("/patients%2f{id}"),
        format!("/./patients/{id}"),
        format!("/health/../patients/{id}"),
        format!("/health%2f..%2fpatients/{id}"),
        format!("/PATIENTS/{id}"),
        format!("/patients/{id}/"),
        format!("/health;/patients/{id}"),
    ] {
        // Nobody never gets further than 401 or 404, a clinician never to something undeclared.
        let nobody = send(&app, calls::get(&path, None)).await;
        assert!([401, 404].contains(&nobody.status.as_u16()), "{path}: {}", nobody.status);
        let clinician = send(&app, calls::get(&path, Some(CLINICIAN))).await;
        assert!([400, 404].contains(&clinician.status.as_u16()), "{path}: {}", clinician.status);
        assert!(!clinician.text().contains(support::NAME), "{path}");
    }
}

#[tokio::test]
async fn head_follows_get() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let answer = send(&app, request(Method::HEAD, FIRST, Some(CLINICIAN))).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
    assert_eq!(clinic.log.outcomes_of(answer.id()), [Outcome::Success]);
    let answer = send(&app, request(Method::HEAD, FIRST, None)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_public_route_has_no_grant_and_no_event() {
    let clinic = Clinic::new();
    let router = support::router(&clinic.db).route(
        "/leak",
        get(|phi_tower::Access(grant): phi_tower::Access| async move { drop(grant) }),
    );
    let routes = support::routes().public(Method::GET, "/leak");
    let app = clinic.guard(router, routes).build().unwrap();
    assert_eq!(send(&app, calls::get("/health", None)).await.text(), "ok");
    let answer = send(&app, calls::get("/leak", Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.text().contains("route is not guarded"));
    assert!(clinic.log.events().is_empty());
}

#[tokio::test]
async fn a_template_matched_further_out_opens_nothing() {
    let clinic = Clinic::new();
    let router = support::router(&clinic.db).fallback(|| async { "fallback" });
    let app = clinic.guard(router, support::routes()).build().unwrap();
    // The outer template reads like the inner public one, and the path leads to the fallback.
    let elsewhere = |mut request: Request| {
        *request.uri_mut() = "/nowhere".parse().unwrap();
        request
    };
    let rewritten = tower::util::MapRequest::new(app.clone(), elsewhere);
    let outer: Router = Router::new().route_service("/health", rewritten);
    let answer = send(&outer, calls::get("/health", None)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let outer: Router = Router::new().route_service("/health", app);
    assert_eq!(send(&outer, calls::get("/health", None)).await.text(), "ok", "the control");
}
