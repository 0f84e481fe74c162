//! P7 inside another router: whatever is in front, the guard decides by its own routes.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Extension, OriginalUri, Request};
use axum::routing::get;
use axum::{Router, body::Body};
use http::{Method, StatusCode};
use phi_core::Needs;
use phi_core::audit::Outcome;
use phi_tower::{Guarded, Path, Routes};
use support::http_calls::{self as calls, request, send};
use support::{CLINICIAN, Clinic, NAME};
use tower::util::{MapRequest, MapRequestLayer};

const CHART: &str = "/patients/00000000-0000-0000-0000-000000000063";

/// A guarded report, and a public page whose template is the report's behind `/public`.
fn reports(clinic: &Clinic) -> Guarded {
    let router = Router::new()
        .route("/report", get(|| async { NAME }))
        .route("/public/report", get(|| async { "page" }));
    let routes =
        Routes::new().get("/report", Needs::read("patient")).public(Method::GET, "/public/report");
    clinic.guard(router, routes).build().unwrap()
}

#[tokio::test]
async fn a_guarded_route_under_a_prefix_was_served_as_a_public_one() {
    let clinic = Clinic::new();
    let outer: Router = Router::new().nest_service("/public", reports(&clinic));
    for method in [Method::GET, Method::HEAD] {
        let nobody = send(&outer, request(method.clone(), "/public/report", None)).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{method}");
        assert!(!nobody.text().contains(NAME));
        let answer = send(&outer, request(method, "/public/report", Some(CLINICIAN))).await;
        assert_eq!(clinic.log.outcomes_of(answer.id()), [Outcome::Success]);
    }
    // The control: the page is where it is.
    let page = send(&outer, calls::get("/public/public/report", None)).await;
    assert_eq!(page.text(), "page");
}

#[tokio::test]
async fn a_guard_between_routers_of_routers_was_no_safer() {
    let clinic = Clinic::new();
    let report = |outer: Router, uri: &'static str| async move {
        send(&outer, calls::get(uri, None)).await.status
    };
    let nested = Router::new().nest_service("/public", reports(&clinic));
    let deep = Router::new().nest("/deep", nested.clone());
    assert_eq!(report(deep, "/deep/public/report").await, StatusCode::UNAUTHORIZED);
    let opaque = Router::new().nest_service("/deep", nested);
    assert_eq!(report(opaque, "/deep/public/report").await, StatusCode::UNAUTHORIZED);
    let captured = Router::new().nest_service("/{public}", reports(&clinic));
    assert_eq!(report(captured, "/public/report").await, StatusCode::UNAUTHORIZED);
    let inside = Router::new().fallback_service(reports(&clinic));
    let fallback = Router::new().nest("/public", inside);
    assert_eq!(report(fallback, "/public/report").await, StatusCode::UNAUTHORIZED);
    let layered = reports(&clinic).outside(MapRequestLayer::new(|request: Request| request));
    let layered = Router::new().nest_service("/public", layered);
    assert_eq!(report(layered, "/public/report").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn two_guards_under_two_prefixes_both_answer() {
    let clinic = Clinic::new();
    let outer: Router =
        Router::new().nest_service("/clinic", clinic.app()).nest_service("/lab", clinic.app());
    for prefix in ["/clinic", "/lab"] {
        let chart = format!("{prefix}{CHART}");
        let answer = send(&outer, calls::get(&chart, Some(CLINICIAN))).await;
        assert!(answer.text().contains(NAME), "{prefix}: {}", answer.status);
        let route = clinic.log.events().pop().unwrap().route.unwrap();
        assert_eq!(route.as_str(), "GET /patients/{id}");
        assert_eq!(send(&outer, calls::get(&chart, None)).await.status, StatusCode::UNAUTHORIZED);
        let health = send(&outer, calls::get(&format!("{prefix}/health"), None)).await;
        assert_eq!(health.text(), "ok");
        let nowhere = format!("{prefix}/nowhere");
        assert_eq!(send(&outer, calls::get(&nowhere, Some(CLINICIAN))).await.status, 404);
    }
}

#[tokio::test]
async fn a_strict_route_under_a_prefix_was_served_by_the_weaker_line() {
    let clinic = Clinic::new();
    let router = Router::new()
        .route("/chart", get(|| async { NAME }))
        .route("/old/chart", get(|| async { NAME }));
    let routes = Routes::new()
        .get("/chart", Needs::read("patient").strict())
        .get("/old/chart", Needs::read("patient"));
    let app = clinic.guard(router, routes).build().unwrap();
    let outer: Router = Router::new().nest_service("/old", app);
    assert_eq!(send(&outer, calls::get("/old/chart", Some(CLINICIAN))).await.text(), NAME);
    let events = clinic.log.events();
    let outcomes: Vec<_> = events.iter().map(|event| event.outcome.clone()).collect();
    assert_eq!(outcomes, [Outcome::Intent, Outcome::Success]);
    assert!(events.iter().all(|event| event.route.as_ref().unwrap().as_str() == "GET /chart"));
}

#[tokio::test]
async fn parameters_of_an_outer_route_piled_up_with_those_of_the_guards_own() {
    let clinic = Clinic::new();
    let wild = Router::new().route_service("/{*rest}", clinic.app());
    let same = Router::new().route_service("/patients/{id}", clinic.app());
    let fallback = Router::new().fallback_service(clinic.app());
    for outer in [wild, same, fallback] {
        let answer = send(&outer, calls::get(CHART, Some(CLINICIAN))).await;
        assert!(answer.text().contains(NAME), "{}", answer.status);
        assert_eq!(send(&outer, calls::get(CHART, None)).await.status, StatusCode::UNAUTHORIZED);
    }
    let named = Router::new().nest_service("/{clinic}", clinic.app());
    let answer = send(&named, calls::get(&format!("/north{CHART}"), Some(CLINICIAN))).await;
    assert!(answer.text().contains(NAME), "{}", answer.status);
    // What is no text does not reach the guard's handlers either.
    let answer = send(&named, calls::get(&format!("/%FF{CHART}"), Some(CLINICIAN))).await;
    assert!(answer.text().contains(NAME), "{}", answer.status);
}

/// What a handler behind the guard finds of what was put in front of it.
async fn found(
    OriginalUri(uri): OriginalUri,
    layer: Option<Extension<u8>>,
    Path(id): Path<u8>,
) -> String {
    format!("{uri} {} {id}", layer.map_or(0, |Extension(n)| n))
}

#[tokio::test]
async fn extensions_of_layers_in_front_are_kept_unless_the_outer_route_has_parameters() {
    let clinic = Clinic::new();
    let routes = || Routes::new().get("/x/{id}", Needs::read("patient"));
    let app =
        || clinic.guard(Router::new().route("/x/{id}", get(found)), routes()).build().unwrap();
    let layered = |router: Router| router.layer(Extension(7_u8));
    let address: SocketAddr = "192.0.2.7:1000".parse().unwrap();
    for (outer, uri, expected) in [
        (layered(Router::new().nest_service("/api", app())), "/api/x/1", "/api/x/1 7 1"),
        (layered(Router::new().fallback_service(app())), "/x/1", "/x/1 7 1"),
        (layered(Router::new().nest_service("/{a}", app())), "/api/x/1", "/api/x/1 0 1"),
    ] {
        let mut request = calls::get(uri, Some(CLINICIAN));
        request.extensions_mut().insert(ConnectInfo(address));
        assert_eq!(send(&outer, request).await.text(), expected);
        let client = clinic.log.events().pop().unwrap().client;
        assert_eq!(client.address.unwrap().as_str(), "192.0.2.7", "{uri}");
    }
    // Without a router in front nothing is taken away.
    let mut bare = calls::get("/x/1", Some(CLINICIAN));
    bare.extensions_mut().insert(7_u8);
    assert_eq!(send(&app(), bare).await.text(), "/x/1 7 1");
}

#[tokio::test]
async fn an_original_uri_that_somebody_took_away_is_not_made_up() {
    let clinic = Clinic::new();
    let routes = Routes::new().get("/x/{id}", Needs::read("patient"));
    let app = clinic.guard(Router::new().route("/x/{id}", get(found)), routes).build().unwrap();
    let taken = MapRequest::new(app, |mut request: Request<Body>| {
        request.extensions_mut().remove::<OriginalUri>();
        request
    });
    let outer: Router = Router::new().nest_service("/api", taken);
    let answer = send(&outer, calls::get("/api/x/1", Some(CLINICIAN))).await;
    assert_eq!(answer.text(), "/x/1 0 1");
}
