//! Every route, asked by everybody.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

mod common;

use axum::http::Method;
use examples::clinic::client::{Caller, Client};
use examples::clinic::population::people;
use examples::clinic::routes;
use examples::clinic::server::Server;
use phi_core::Needs;
use phi_core::audit::{Outcome, Reason};
use phi_tower::{RouteCheck, Routes};
use serde_json::{Value, json};
use uuid::Uuid;

/// Method, route, body, and what clinician, front desk, another clinic's clinician and nobody get.
type Row = (Method, &'static str, Option<Value>, [u16; 4]);

fn matrix() -> Vec<Row> {
    let person = people(5, 1).remove(0);
    let ssn = json!({ "ssn": person.ssn });
    let contact = json!({ "name": "Ada Example", "phone": "212-555-0100" });
    vec![
        (Method::GET, "/health", None, [200, 200, 200, 200]),
        (Method::POST, "/patients", Some(person.json()), [201, 403, 201, 401]),
        (Method::POST, "/patients/search", Some(ssn), [200, 403, 200, 401]),
        (Method::GET, "/patients/{id}", None, [200, 403, 404, 401]),
        (Method::GET, "/patients/{id}/contact", None, [200, 200, 404, 401]),
        // The clinicians' policy has no right to update.
        (Method::PUT, "/patients/{id}/contact", Some(contact), [403, 204, 403, 401]),
        (
            Method::POST,
            "/patients/{id}/visits",
            Some(person.visits[0].json()),
            [201, 403, 404, 401],
        ),
        (Method::GET, "/patients/{id}/visits", None, [200, 403, 404, 401]),
        (Method::GET, "/patients/{id}/conditions", None, [200, 403, 404, 401]),
    ]
}

#[tokio::test]
async fn every_route_answers_every_role_as_the_policy_says() {
    every_route(None).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn every_route_answers_the_same_on_postgres() {
    let Some(server) = phi_test_servers::Postgres::shared() else { return };
    every_route(Some(server.database().await)).await;
}

async fn every_route(database: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let app = common::app_on(dir.path(), database).await;
    let (north, south) = (Uuid::now_v7(), Uuid::now_v7());
    app.open_clinic(north, "North").await.unwrap();
    app.open_clinic(south, "South").await.unwrap();
    let callers = [
        common::signed_in(&app, north, "clinician").await,
        common::signed_in(&app, north, "front-desk").await,
        common::signed_in(&app, south, "clinician").await,
        Caller { name: "nobody".to_owned(), token: None },
    ];
    let server = Server::start(&app).await.unwrap();
    let client = Client::new(server.address());
    let saved = people(6, 1).remove(0);
    let saved = client.post(&callers[0], "/patients", None, &saved.json()).await.unwrap();
    let patient: Uuid = serde_json::from_value(saved.json()["id"].clone()).unwrap();

    for (method, route, body, statuses) in matrix() {
        let id = route.contains("{id}").then_some(patient);
        for (caller, status) in callers.iter().zip(statuses) {
            let asked = client.ask(caller, method.clone(), route, id, body.as_ref()).await.unwrap();
            assert_eq!(asked.status, status, "{method} {route} as {}", caller.name);
            if status >= 400 {
                // A refusal tells labels at most, and 404 is the same for every reason.
                let body = asked.json();
                assert_eq!(body["status"], json!(status));
                assert!(status != 404 || body["record"].is_null());
            }
        }
        // What nobody declared is refused, whoever asks; HEAD is GET.
        let asked = client.ask(&callers[0], Method::TRACE, route, id, None).await.unwrap();
        assert_eq!(asked.status, 403, "TRACE {route}");
        if method == Method::GET {
            let asked = client.ask(&callers[0], Method::HEAD, route, id, None).await.unwrap();
            assert_eq!((asked.status, asked.body.len()), (200, 0), "HEAD {route}");
        }
    }
    let unmatched = client.get(&callers[0], "/patient", None).await.unwrap();
    let unknown = client.get(&callers[0], "/patients/{id}", Some(Uuid::now_v7())).await.unwrap();
    let foreign = client.get(&callers[2], "/patients/{id}", Some(patient)).await.unwrap();
    assert_eq!((unmatched.status, &unmatched.body), (404, &unknown.body));
    assert_eq!((foreign.status, &foreign.body), (404, &unknown.body));

    server.stop().await.unwrap();
    let events = app.audit().reader().await.unwrap().events(0).await.unwrap();
    app.close().await.unwrap();
    // One outcome for each request of somebody who was signed in, none for /health, and one sum
    // for those who were not.
    for exchange in client.exchanges() {
        let ours = events.iter().map(|logged| &logged.event).filter(|event| {
            event.request.as_ref().is_some_and(|request| request.as_str() == exchange.request)
                && event.outcome != Outcome::Intent
                && !event.is_continuation()
        });
        let undeclared = exchange.method == Method::TRACE;
        let silent = exchange.caller.token.is_none()
            || exchange.route == "/patient"
            || (exchange.route == "/health" && !undeclared);
        assert_eq!(ours.count(), usize::from(!silent), "{} {}", exchange.asked(), exchange.status);
    }
    let sums: u64 = events
        .iter()
        .filter(|logged| logged.event.reason == Some(Reason::NoPrincipal))
        .filter_map(|logged| logged.event.count)
        .sum();
    assert_eq!(sums, 8);
}

#[tokio::test]
async fn a_foreign_patient_stood_in_the_log_as_not_found_and_without_a_name() {
    let dir = tempfile::tempdir().unwrap();
    let app = common::app(dir.path()).await;
    let (north, south) = (Uuid::now_v7(), Uuid::now_v7());
    app.open_clinic(north, "North").await.unwrap();
    app.open_clinic(south, "South").await.unwrap();
    let clinician = common::signed_in(&app, north, "clinician").await;
    let strangers = [
        common::signed_in(&app, south, "clinician").await,
        common::signed_in(&app, south, "front-desk").await,
    ];
    let server = Server::start(&app).await.unwrap();
    let client = Client::new(server.address());
    let saved = people(8, 1).remove(0).json();
    let saved = client.post(&clinician, "/patients", None, &saved).await.unwrap();
    let patient: Uuid = serde_json::from_value(saved.json()["id"].clone()).unwrap();
    let mut asked = Vec::new();
    for (method, route, body, _) in matrix().into_iter().filter(|row| row.1.contains("{id}")) {
        for caller in &strangers {
            for id in [patient, Uuid::now_v7()] {
                let id = Some(id);
                asked.push(
                    client.ask(caller, method.clone(), route, id, body.as_ref()).await.unwrap(),
                );
            }
        }
    }
    server.stop().await.unwrap();
    let events = app.audit().reader().await.unwrap().events(0).await.unwrap();
    app.close().await.unwrap();
    let ending = |request: &str| {
        let mut events = events.iter().map(|logged| &logged.event).filter(|event| {
            event.request.as_ref().is_some_and(|id| id.as_str() == request)
                && event.outcome != Outcome::Intent
        });
        let event = events.next().unwrap();
        let items = event.items.iter().map(|item| (item.id.as_str().to_owned(), item.fields.len()));
        (event.outcome.clone(), event.reason.clone(), items.collect::<Vec<_>>())
    };
    let missing = asked.iter().filter(|exchange| exchange.status == 404);
    assert_eq!(
        missing.clone().count(),
        2 * 8,
        "five routes of clinicians, three of the front desk"
    );
    for exchange in missing {
        let ending = ending(&exchange.request);
        let expected = if exchange.path.contains(&patient.to_string()) {
            let named = vec![(patient.to_string(), 0)];
            (Outcome::Denied, Some(Reason::ForeignTenant), named)
        } else {
            (Outcome::Failed, Some(Reason::NotFound), Vec::new())
        };
        assert_eq!(ending, expected, "{}", exchange.asked());
    }
}

#[tokio::test]
async fn the_matrix_has_every_route_of_the_router() {
    let dir = tempfile::tempdir().unwrap();
    let app = common::app(dir.path()).await;
    let listed = matrix().into_iter().fold(Routes::new(), |routes, (method, route, ..)| {
        routes.route(method, route, Needs::read("patient"))
    });
    assert_eq!(listed.check(&routes::router(app.shared())), Ok(RouteCheck::Checked));
    assert_eq!(routes::table().check(&routes::router(app.shared())), Ok(RouteCheck::Checked));
    // The control: a route that is in neither.
    let more = routes::router(app.shared()).route("/export", axum::routing::get(|| async { "" }));
    assert!(listed.check(&more).is_err());
    assert!(routes::table().check(&more).is_err());
}

#[tokio::test]
async fn the_front_desk_writes_contact_columns_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let app = common::app(dir.path()).await;
    let north = Uuid::now_v7();
    app.open_clinic(north, "North").await.unwrap();
    let clinician = common::signed_in(&app, north, "clinician").await;
    let front_desk = common::signed_in(&app, north, "front-desk").await;
    let server = Server::start(&app).await.unwrap();
    let client = Client::new(server.address());
    let person = people(7, 1).remove(0);
    let saved = client.post(&clinician, "/patients", None, &person.json()).await.unwrap();
    let id = Some(serde_json::from_value(saved.json()["id"].clone()).unwrap());

    let route = "/patients/{id}/contact";
    let moved = json!({ "name": "Zoe Example", "born": "1990-01-02", "phone": "212-555-0111" });
    let put = client.ask(&front_desk, Method::PUT, route, id, Some(&moved)).await.unwrap();
    assert_eq!(put.status, 204);
    let diagnosis = json!({ "name": "Zoe Example", "diagnosis": "none" });
    let refused = client.ask(&front_desk, Method::PUT, route, id, Some(&diagnosis)).await.unwrap();
    assert_eq!(refused.status, 400);
    let unknown = Some(Uuid::now_v7());
    let missing = client.ask(&front_desk, Method::PUT, route, unknown, Some(&moved)).await.unwrap();
    assert_eq!(missing.status, 404);

    let chart = client.get(&clinician, "/patients/{id}", id).await.unwrap().json();
    assert_eq!((&chart["name"], &chart["phone"]), (&json!("Zoe Example"), &json!("212-555-0111")));
    assert_eq!((&chart["born"], &chart["address"]), (&json!("1990-01-02"), &json!(null)));
    assert_eq!(chart["diagnosis"], json!(person.diagnosis.0));
    assert_eq!(chart["ssn"], json!(person.ssn));
    server.stop().await.unwrap();
    app.close().await.unwrap();
}
