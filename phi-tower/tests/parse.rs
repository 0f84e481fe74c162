//! P12: whatever bytes come in, the answer is a 4xx or the handler's, never a panic and never a 5xx.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{HeaderValue, Method, StatusCode, Uri};
use phi_core::audit::Outcome;
use phi_core::{Needs, Phi};
use phi_tower::{Guarded, Json, Path, Query, Routes};
use proptest::prelude::*;
use serde::Deserialize;
use support::http_calls::{self as calls, send};
use support::{CLINICIAN, Clinic};
use uuid::Uuid;

#[derive(Deserialize)]
#[allow(dead_code, reason = "only read")]
struct Page {
    after: Option<u64>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only read")]
struct New {
    name: Phi<String>,
    born: Option<Phi<u32>>,
    list: Vec<u8>,
}

fn app(clinic: &Clinic) -> Guarded {
    let router = Router::new()
        .route("/json", post(|Json(_): Json<New>| async {}))
        .route("/query", get(|Query(_): Query<Page>| async {}))
        .route("/path/{id}/{n}", get(|Path(_): Path<(Uuid, u8)>| async {}));
    let routes = Routes::new()
        .post("/json", Needs::read("patient"))
        .get("/query", Needs::read("patient"))
        .get("/path/{id}/{n}", Needs::read("patient"));
    clinic.guard(router, routes).build().unwrap()
}

/// Runs one request through a guard of its own.
fn answer(request: axum::extract::Request) -> (StatusCode, Vec<Outcome>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let clinic = Clinic::new();
        let answer = send(&app(&clinic), request).await;
        (answer.status, clinic.log.outcomes_of(answer.id()))
    })
}

/// Bytes that are often nearly JSON.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "[{}\\[\\]\":,0-9a-z\\\\ ]{0,80}".prop_map(String::into_bytes),
        "\\{\"name\":(\"[a-z]*\"|[0-9]{1,30}|null),\"list\":\\[[0-9, ]{0,9}\\]\\}"
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_authorization_header_is_401_or_less(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            "(Bearer|bearer|Basic) [A-Za-z0-9._=-]{0,300}".prop_map(String::into_bytes),
            "Bearer eyJhbGciOiJIUzI1NiJ9\\.[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{43}"
                .prop_map(String::into_bytes),
        ],
    ) {
        let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
        let mut request = calls::get("/query", None);
        request.headers_mut().insert("authorization", value);
        prop_assert_eq!(answer(request).0, StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn any_body_is_read_or_refused(bytes in nearly_json()) {
        let mut request = calls::post("/json", Some(CLINICIAN), "");
        *request.body_mut() = Body::from(bytes);
        let (status, outcomes) = answer(request);
        prop_assert!([200, 400].contains(&status.as_u16()), "{}", status);
        prop_assert_eq!(outcomes.len(), 1);
    }

    #[test]
    fn any_query_is_read_or_refused(query in "[a-zA-Z0-9=&%+._~!$'()*,;:@/?-]{0,80}") {
        let Ok(uri) = format!("/query?{query}").parse::<Uri>() else { return Ok(()) };
        let mut request = calls::get("/query", Some(CLINICIAN));
        *request.uri_mut() = uri;
        let (status, outcomes) = answer(request);
        prop_assert!([200, 400].contains(&status.as_u16()), "{}", status);
        prop_assert_eq!(outcomes.len(), 1);
    }

    #[test]
    fn any_path_is_read_refused_or_missing(path in "[a-zA-Z0-9=&%+._~!$'()*,;:@/-]{0,60}") {
        let Ok(uri) = format!("/path/{path}").parse::<Uri>() else { return Ok(()) };
        let mut request = calls::get("/", Some(CLINICIAN));
        *request.uri_mut() = uri;
        let status = answer(request).0;
        prop_assert!([200, 400, 404].contains(&status.as_u16()), "{}", status);
    }

    #[test]
    fn any_request_id_and_content_type_are_bounded(
        id in proptest::collection::vec(any::<u8>(), 0..100),
        kind in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut request = calls::post("/json", Some(CLINICIAN), "{}");
        if let Ok(id) = HeaderValue::from_bytes(&id) {
            request.headers_mut().insert("x-request-id", id);
        }
        if let Ok(kind) = HeaderValue::from_bytes(&kind) {
            request.headers_mut().insert("content-type", kind);
        }
        let status = answer(request).0;
        prop_assert!([400, 415].contains(&status.as_u16()), "{}", status);
    }
}

#[test]
fn the_controls_good_input_is_read() {
    let json = r#"{"name":"Quentin Testperson","list":[1,2]}"#;
    assert_eq!(answer(calls::post("/json", Some(CLINICIAN), json)).0, StatusCode::OK);
    let query = calls::get("/query?after=7&name=x", Some(CLINICIAN));
    assert_eq!(answer(query).0, StatusCode::OK);
    let path = calls::get("/path/00000000-0000-0000-0000-000000000063/7", Some(CLINICIAN));
    assert_eq!(answer(path).0, StatusCode::OK);
}

#[tokio::test]
async fn a_body_above_the_limit_is_413_and_one_of_the_limit_is_read() {
    let clinic = Clinic::new();
    let router = Router::new().route("/json", post(|Json(text): Json<String>| async move { text }));
    let routes = Routes::new().post("/json", Needs::read("patient"));
    let default = clinic.guard(router.clone(), routes.clone()).build().unwrap();
    let small = clinic.guard(router, routes).body_limit(10).build().unwrap();
    let of = |bytes: usize| {
        let text = "x".repeat(bytes - 2);
        calls::post("/json", Some(CLINICIAN), format!("\"{text}\""))
    };
    let limit = 2 * 1024 * 1024;
    assert_eq!(send(&default, of(limit)).await.status, StatusCode::OK);
    assert_eq!(send(&default, of(limit + 1)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(send(&small, of(10)).await.status, StatusCode::OK);
    assert_eq!(send(&small, of(11)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn json_nested_too_deep_is_refused() {
    let clinic = Clinic::new();
    let deep = "[".repeat(100_000);
    let answer = send(&app(&clinic), calls::post("/json", Some(CLINICIAN), deep)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_json_is_read_as_json() {
    let clinic = Clinic::new();
    let app = app(&clinic);
    let good = r#"{"name":"Quentin Testperson","list":[]}"#;
    for (kind, status) in [
        (Some("application/json"), 200),
        (Some("Application/JSON; charset=utf-8"), 200),
        (Some("application/fhir+json"), 200),
        (Some("text/plain"), 415),
        (Some("text/json"), 415),
        (Some("application/jsonp"), 415),
        (None, 415),
    ] {
        let mut request = calls::post("/json", Some(CLINICIAN), good);
        request.headers_mut().remove("content-type");
        if let Some(kind) = kind {
            request.headers_mut().insert("content-type", kind.parse().unwrap());
        }
        assert_eq!(send(&app, request).await.status.as_u16(), status, "{kind:?}");
    }
}

#[tokio::test]
async fn a_path_type_that_does_not_fit_its_template_is_the_programs_fault() {
    let clinic = Clinic::new();
    let router = Router::new().route("/p/{a}/{b}", get(|Path(_): Path<u8>| async {}));
    let routes = Routes::new().get("/p/{a}/{b}", Needs::read("patient"));
    let app = clinic.guard(router, routes).build().unwrap();
    let answer = send(&app, calls::request(Method::GET, "/p/1/2", Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.text().contains("path type does not fit the route's template"));
}
