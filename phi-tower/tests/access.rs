//! P7 behind the net: no grant, no plaintext; what may not be read is denied, and what is another
//! tenant's looks as if it were missing.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, put};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use phi_core::audit::{Outcome, Reason};
use phi_core::policy::Purpose;
use phi_core::{Needs, OpenError};
use phi_tower::{Access, HttpError, Path, Routes};
use support::http_calls::{self as calls, Answer, send};
use support::{
    BILLING, BOTH, CLINICIAN, Clinic, Contact, DESK, DIAGNOSIS, Db, FOREIGN, NAME, ROLELESS, SSN,
};
use uuid::Uuid;

const CHART: &str = "/patients/00000000-0000-0000-0000-000000000063";
const MISSING: &str = "/patients/00000000-0000-0000-0000-000000000064";
const CONTACT: &str = "/patients/00000000-0000-0000-0000-000000000063/contact";
const NEW: &str = r#"{"name":"Quentin Testperson","ssn":"078-05-1121","diagnosis":null}"#;

/// The outcome and the reason of the one event of an answer.
fn event(clinic: &Clinic, answer: &Answer) -> (Outcome, Option<Reason>) {
    let events = clinic.log.events();
    let mut of_answer = events.into_iter().filter(|event| {
        event.outcome != Outcome::Intent
            && event.request.as_ref().is_some_and(|id| id.as_str() == answer.id())
    });
    let event = of_answer.next().unwrap();
    assert!(of_answer.next().is_none(), "more than one outcome");
    (event.outcome, event.reason)
}

#[tokio::test]
async fn a_chart_is_read_by_whom_policy_lets_and_recorded() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let answer = send(&app, calls::get(CHART, Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::OK);
    for value in [NAME, SSN, DIAGNOSIS] {
        assert!(answer.text().contains(value));
    }
    assert_eq!(event(&clinic, &answer), (Outcome::Success, None));
    let event = clinic.log.events().pop().unwrap();
    assert_eq!(event.route.unwrap().as_str(), "GET /patients/{id}");
    let fields: Vec<_> = event.items[0].fields.iter().map(phi_core::audit::Id::as_str).collect();
    assert_eq!(fields, ["name", "ssn", "diagnosis"]);
}

#[tokio::test]
async fn a_record_is_made_in_the_principals_own_tenant() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let answer = send(&app, calls::post("/patients", Some(CLINICIAN), NEW)).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let id: Uuid = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(clinic.db.get(id).unwrap().clinic_id, support::HERE);
    assert_eq!(event(&clinic, &answer), (Outcome::Success, None));
}

#[tokio::test]
async fn a_field_outside_the_role_is_denied_by_its_label() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let answer = send(&app, calls::get(CHART, Some(DESK))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(
        answer.text(),
        r#"{"type":"about:blank","title":"Forbidden","status":403,"record":"patient","field":"ssn"}"#
    );
    assert_eq!(event(&clinic, &answer), (Outcome::Denied, Some(Reason::FieldClass)));

    // The control: the same principal reads the smaller record.
    let answer = send(&app, calls::get(CONTACT, Some(DESK))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text().contains(NAME) && !answer.text().contains(SSN));
}

#[tokio::test]
async fn without_a_right_there_is_no_grant_and_the_handler_never_runs() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let before = clinic.db.len();
    for (account, reason) in
        [(DESK, Reason::NoRole), (ROLELESS, Reason::NoRole), (BILLING, Reason::NoRole)]
    {
        let answer = send(&app, calls::post("/patients", Some(account), NEW)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(event(&clinic, &answer), (Outcome::Denied, Some(reason)));
    }
    assert_eq!(clinic.db.len(), before);
    let answer = send(&app, calls::post("/patients", Some(CLINICIAN), NEW)).await;
    assert_eq!((answer.status, clinic.db.len()), (StatusCode::CREATED, before + 1), "the control");
}

#[tokio::test]
async fn the_wrong_purpose_is_told_apart_from_a_missing_right() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let answer = send(&app, calls::get(CONTACT, Some(BILLING))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(event(&clinic, &answer), (Outcome::Denied, Some(Reason::WrongPurpose)));

    // The control: the same route, declared for the purpose that billing has.
    let routes = Routes::new()
        .post("/patients", Needs::create("patient"))
        .get("/patients/{id}", Needs::read("patient"))
        .get("/patients/{id}/contact", Needs::read("patient").purpose(Purpose::Payment))
        .public(Method::GET, "/health");
    let app = clinic.guard(support::router(&clinic.db), routes).build().unwrap();
    assert_eq!(send(&app, calls::get(CONTACT, Some(BILLING))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_tenants_row_answers_as_a_missing_one_and_is_recorded_as_denied() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let foreign = send(&app, calls::get(CHART, Some(FOREIGN))).await;
    let missing = send(&app, calls::get(MISSING, Some(FOREIGN))).await;
    let unmatched = send(&app, calls::get("/nowhere", Some(FOREIGN))).await;
    for answer in [&foreign, &missing, &unmatched] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.body, foreign.body);
        let without_id = |headers: &HeaderMap| {
            let mut headers = headers.clone();
            headers.remove("x-request-id");
            headers
        };
        assert_eq!(without_id(&answer.headers), without_id(&foreign.headers));
    }
    assert_eq!(event(&clinic, &foreign), (Outcome::Denied, Some(Reason::ForeignTenant)));
    assert_eq!(event(&clinic, &missing), (Outcome::Failed, Some(Reason::NotFound)));
    // The control: in its own tenant the row is there.
    assert_eq!(send(&app, calls::get(CHART, Some(CLINICIAN))).await.status, StatusCode::OK);
}

/// Changes a name as one writes it: the row says whose it is, the body what is new.
async fn rename(
    Access(grant): Access,
    State(db): State<Db>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, HttpError> {
    let row = db.get(id).ok_or_else(HttpError::not_found)?;
    let contact = Contact { id, clinic_id: row.clinic_id, name: "Quentin".into() };
    grant.seal(&contact)?;
    Ok(StatusCode::NO_CONTENT)
}

#[tokio::test]
async fn a_write_told_another_tenants_row_from_a_missing_one() {
    let policy = support::POLICY.replace("\"create\", ", "\"create\", \"update\", ");
    let clinic = Clinic::with_policy(&policy);
    let router = Router::new().route("/patients/{id}", put(rename)).with_state(clinic.db.clone());
    let routes = Routes::new().put("/patients/{id}", Needs::update("patient"));
    let app = clinic.guard(router, routes).build().unwrap();
    let put = |path, account| send(&app, calls::request(Method::PUT, path, Some(account)));
    let (foreign, missing) = (put(CHART, FOREIGN).await, put(MISSING, FOREIGN).await);
    assert_eq!((foreign.status, &foreign.body), (StatusCode::NOT_FOUND, &missing.body));
    assert_eq!(event(&clinic, &foreign), (Outcome::Denied, Some(Reason::ForeignTenant)));
    assert_eq!(event(&clinic, &missing), (Outcome::Failed, Some(Reason::NotFound)));
    assert_eq!(put(CHART, CLINICIAN).await.status, StatusCode::NO_CONTENT, "the control");
}

/// Makes of a row that does not open what the handler likes.
async fn answers(clinic: &Clinic, account: i64, ids: &[Uuid], otherwise: StatusCode) -> Answer {
    let (db, ids) = (clinic.db.clone(), ids.to_vec());
    let handler = move |Access(grant): Access| async move {
        let rows = ids.iter().map(|id| db.get(*id).unwrap());
        let opened = rows.filter_map(|row| grant.open(row).ok()).count();
        if opened == 0 { otherwise } else { StatusCode::OK }
    };
    let routes = Routes::new().get("/x", Needs::read("patient"));
    let app = clinic.guard(Router::new().route("/x", get(handler)), routes).build().unwrap();
    send(&app, calls::get("/x", Some(account))).await
}

#[tokio::test]
async fn a_row_that_was_denied_was_recorded_as_a_success_if_the_handler_answered_so() {
    let clinic = Clinic::new();
    let foreign = Uuid::from_u128(98);
    clinic.db.put(support::SealedPatient {
        id: foreign,
        clinic_id: support::THERE,
        ..clinic.db.get(clinic.patient).unwrap()
    });
    let denied = (Outcome::Denied, Some(Reason::ForeignTenant));
    for status in [StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::NOT_MODIFIED] {
        let answer = answers(&clinic, FOREIGN, &[clinic.patient], status).await;
        assert_eq!((answer.status, event(&clinic, &answer)), (status, denied.clone()));
    }
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let answer = answers(&clinic, FOREIGN, &[clinic.patient], status).await;
    assert_eq!(event(&clinic, &answer), (Outcome::Failed, Some(Reason::ForeignTenant)));
    // The control: what was disclosed beside it is no denial, and says what was kept back.
    let answer = answers(&clinic, CLINICIAN, &[clinic.patient, foreign], status).await;
    assert_eq!(event(&clinic, &answer), (Outcome::Success, Some(Reason::ForeignTenant)));
    let items = clinic.log.events().pop().unwrap().items;
    assert_eq!(items.iter().map(|item| item.fields.len()).collect::<Vec<_>>(), [3, 0]);
}

#[tokio::test]
async fn every_route_for_everybody() {
    // 2xx where allowed; else the refusal. Read column by column: nobody, clinician, front desk,
    // billing, clinician of another tenant, somebody without a role.
    let accounts =
        [None, Some(CLINICIAN), Some(DESK), Some(BILLING), Some(FOREIGN), Some(ROLELESS)];
    let matrix: [(&str, &str, [u16; 6]); 6] = [
        ("POST", "/patients", [401, 201, 403, 403, 201, 403]),
        ("GET", CHART, [401, 200, 403, 403, 404, 403]),
        ("GET", CONTACT, [401, 200, 200, 403, 404, 403]),
        ("GET", MISSING, [401, 404, 404, 403, 404, 403]),
        ("DELETE", CHART, [401, 403, 403, 403, 403, 403]),
        ("GET", "/health", [200, 200, 200, 200, 200, 200]),
    ];
    let clinic = Clinic::new();
    let app = clinic.app();
    for (method, path, expected) in matrix {
        for (account, expected) in accounts.into_iter().zip(expected) {
            let request = match method {
                "POST" => calls::post(path, account, NEW),
                _ => calls::request(method.parse().unwrap(), path, account),
            };
            let answer = send(&app, request).await;
            assert_eq!(answer.status.as_u16(), expected, "{method} {path} by {account:?}");
            let shown = answer.text().contains(NAME);
            assert_eq!(shown, expected == 200 && path.contains("63"), "{path} by {account:?}");
            // Exactly one outcome, but where there was no principal or nothing to guard.
            let outcomes = clinic.log.outcomes_of(answer.id()).len();
            let none = account.is_none() || path == "/health";
            assert_eq!(outcomes, usize::from(!none), "{method} {path} by {account:?}");
        }
    }
}

#[tokio::test]
async fn several_memberships_need_a_choice_and_the_choice_is_the_stores() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let with = |claim: serde_json::Value| {
        let mut claims = support::tokens::claims(BOTH);
        claims["membership"] = claim;
        let mut request = calls::get(CHART, None);
        let token = format!("Bearer {}", support::tokens::signed(&claims));
        request.headers_mut().insert("authorization", token.parse().unwrap());
        request
    };
    for (claim, status) in [
        (serde_json::json!("50"), 200),
        (serde_json::json!(50), 200),
        // The other clinic: the row is not there.
        (serde_json::json!("51"), 404),
        // Somebody else's, and none.
        (serde_json::json!("17"), 403),
        (serde_json::Value::Null, 403),
    ] {
        let answer = send(&app, with(claim.clone())).await;
        assert_eq!(answer.status.as_u16(), status, "{claim}");
        if status == 403 {
            assert_eq!(event(&clinic, &answer), (Outcome::Denied, Some(Reason::NoMembership)));
            let named = clinic.log.events().pop().and_then(|event| event.principal);
            assert_eq!(named.unwrap().id.as_str(), BOTH.to_string(), "the account is lost");
        }
    }
}

#[tokio::test]
async fn every_guarded_answer_tells_caches_and_browsers_to_keep_out() {
    let clinic = Clinic::new();
    let app = clinic.app();
    for (path, account, status) in [
        (CHART, Some(CLINICIAN), 200),
        (CHART, Some(DESK), 403),
        (CHART, None, 401),
        ("/nowhere", None, 404),
        ("/health", None, 200),
    ] {
        let answer = send(&app, calls::get(path, account)).await;
        assert_eq!(answer.status.as_u16(), status);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        assert_eq!(answer.headers.contains_key(WWW_AUTHENTICATE), status == 401);
        if status >= 400 {
            assert_eq!(answer.headers["content-type"], "application/problem+json");
        }
    }
}

#[tokio::test]
async fn a_handler_may_choose_its_content_policy_but_not_its_caching() {
    let clinic = Clinic::new();
    let own = || async {
        let headers = [(CACHE_CONTROL, "public"), (CONTENT_SECURITY_POLICY, "default-src 'self'")];
        (headers, "page")
    };
    let router = axum::Router::new()
        .route("/guarded", axum::routing::get(own))
        .route("/public", axum::routing::get(own));
    let routes =
        Routes::new().get("/guarded", Needs::read("patient")).public(Method::GET, "/public");
    let app = clinic.guard(router, routes).build().unwrap();
    let guarded = send(&app, calls::get("/guarded", Some(CLINICIAN))).await;
    assert_eq!(guarded.headers[CACHE_CONTROL], "no-store");
    assert_eq!(guarded.headers[CONTENT_SECURITY_POLICY], "default-src 'self'");
    let public = send(&app, calls::get("/public", None)).await;
    assert_eq!(public.headers[CACHE_CONTROL], "public");
}

#[tokio::test]
async fn a_shared_cache_was_told_to_keep_what_no_store_forbids() {
    const TARGETED: [&str; 9] = [
        "cdn-cache-control",
        "cloudflare-cdn-cache-control",
        "akamai-cache-control",
        "x-litespeed-cache-control",
        "surrogate-control",
        "edge-control",
        "x-accel-expires",
        "expires",
        "pragma",
    ];
    let keeps = || async {
        let mut headers = HeaderMap::new();
        for name in TARGETED {
            headers.append(name, "public, max-age=600".parse().unwrap());
            headers.append(name, "max-age=600".parse().unwrap());
        }
        headers.insert("etag", "\"7\"".parse().unwrap());
        (headers, NAME)
    };
    let clinic = Clinic::new();
    let router = Router::new().route("/guarded", get(keeps)).route("/public", get(keeps));
    let routes =
        Routes::new().get("/guarded", Needs::read("patient")).public(Method::GET, "/public");
    let app = clinic.guard(router, routes).build().unwrap();
    let guarded = send(&app, calls::get("/guarded", Some(CLINICIAN))).await;
    assert_eq!(
        (guarded.status, &guarded.headers[CACHE_CONTROL]),
        (StatusCode::OK, &HeaderValue::from_static("no-store"))
    );
    let public = send(&app, calls::get("/public", None)).await;
    for name in TARGETED {
        assert!(!guarded.headers.contains_key(name), "{name}");
        assert_eq!(public.headers.get_all(name).iter().count(), 2, "the control: {name}");
    }
    // What a form needs for its next write says nothing to caches.
    assert_eq!(guarded.headers["etag"], "\"7\"");
}

#[tokio::test]
async fn what_a_handler_fails_with_is_in_the_event() {
    type Fails = fn() -> HttpError;
    let failing: [(Fails, u16, Outcome, Reason); 10] = [
        (HttpError::bad_request, 400, Outcome::Failed, Reason::BadRequest),
        (HttpError::conflict, 409, Outcome::Failed, Reason::Conflict),
        (HttpError::precondition_failed, 412, Outcome::Failed, Reason::Conflict),
        (HttpError::too_large, 413, Outcome::Failed, Reason::BadRequest),
        (HttpError::unsupported_media_type, 415, Outcome::Failed, Reason::BadRequest),
        (HttpError::too_many_requests, 429, Outcome::Denied, Reason::RateLimited),
        (HttpError::internal, 500, Outcome::Failed, Reason::HandlerError),
        (|| OpenError::Refused.into(), 500, Outcome::Failed, Reason::NotOpened),
        (|| OpenError::Closed.into(), 500, Outcome::Failed, Reason::GrantClosed),
        (|| phi_core::NoTenant.into(), 403, Outcome::Denied, Reason::NoMembership),
    ];
    let clinic = Clinic::new();
    for (fail, status, outcome, reason) in failing {
        let router = axum::Router::new()
            .route("/x", axum::routing::get(move || async move { Err::<(), _>(fail()) }));
        let routes = Routes::new().get("/x", Needs::read("patient"));
        let app = clinic.guard(router, routes).build().unwrap();
        let answer = send(&app, calls::get("/x", Some(CLINICIAN))).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(event(&clinic, &answer), (outcome, Some(reason)));
    }
}
