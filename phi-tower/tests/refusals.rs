//! Refusals before authentication: summed, bounded, and never waited for.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]
#![allow(clippy::similar_names, reason = "`router` is axum's word and `routes` is ours")]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use http::StatusCode;
use phi_core::audit::{Event, Outcome, Reason};
use phi_tower::Guarded;
use support::http_calls::{self as calls, send};
use support::{CLINICIAN, Clinic};
use tokio::time::sleep;

const CHART: &str = "/patients/00000000-0000-0000-0000-000000000063";

fn from(address: &str, mut request: Request) -> Request {
    let address: SocketAddr = address.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

async fn knock(app: &Guarded, address: &str, token: Option<&str>) {
    let mut request = from(address, calls::get(CHART, None));
    if let Some(token) = token {
        request.headers_mut().insert("authorization", token.parse().unwrap());
    }
    let answer = send(app, request).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
}

/// Prefix, reason and count, in order.
fn told(events: &[Event]) -> Vec<(String, Option<Reason>, Option<u64>)> {
    let mut told: Vec<_> = events
        .iter()
        .filter(|event| event.count.is_some())
        .map(|event| {
            let address = event.client.address.as_ref().unwrap().as_str().to_owned();
            (address, event.reason.clone(), event.count)
        })
        .collect();
    told.sort_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
    told
}

#[tokio::test(start_paused = true)]
async fn refusals_of_one_network_and_minute_are_one_event() {
    let clinic = Clinic::new();
    let app = clinic.app();
    for _ in 0..3 {
        knock(&app, "192.0.2.7:1000", None).await;
        knock(&app, "192.0.2.200:2000", None).await;
    }
    knock(&app, "192.0.2.7:1000", Some("Bearer wrong")).await;
    knock(&app, "[2001:db8:7::1]:1000", None).await;
    knock(&app, "[2001:db8:7:9::2]:1000", None).await;
    assert!(clinic.log.events().is_empty(), "nobody waits for them");

    tokio::time::advance(Duration::from_secs(60)).await;
    // Any request hands them over, and its own event comes too.
    let answer = send(&app, calls::get(CHART, Some(CLINICIAN))).await;
    assert_eq!(answer.status, StatusCode::OK);
    let events = clinic.log.events();
    let no_principal = Some(Reason::NoPrincipal);
    assert_eq!(
        told(&events),
        [
            ("192.0.2.0/24".to_owned(), Some(Reason::BadCredentials), Some(1)),
            ("192.0.2.0/24".to_owned(), no_principal.clone(), Some(6)),
            ("2001:db8:7::/48".to_owned(), no_principal, Some(2)),
        ]
    );
    assert!(events.iter().filter(|e| e.count.is_some()).all(|e| e.outcome == Outcome::Denied));
    assert_eq!(events.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn sums_were_told_only_when_the_next_request_came() {
    let clinic = Clinic::new();
    let app = clinic.app();
    for minute in 1..=2 {
        knock(&app, "192.0.2.7:1000", None).await;
        assert_eq!(told(&clinic.log.events()).len(), minute - 1);
        sleep(Duration::from_secs(61)).await;
        assert_eq!(told(&clinic.log.events()).len(), minute);
    }
    // A log that is down is asked again a minute later, and so until it takes them.
    knock(&app, "192.0.2.7:1000", None).await;
    clinic.log.refuse();
    sleep(Duration::from_secs(90)).await;
    clinic.log.accept();
    sleep(Duration::from_secs(61)).await;
    assert_eq!(told(&clinic.log.events()).len(), 3);
    // Nothing waits for the minute of an application that is gone.
    knock(&app, "192.0.2.7:1000", None).await;
    drop(app);
    assert_eq!(told(&clinic.log.events()).len(), 4);
}

#[test]
fn sums_are_told_though_the_runtime_that_counted_them_is_gone() {
    let runtime =
        || tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let clinic = Clinic::new();
    let app = clinic.app();
    runtime().unwrap().block_on(knock(&app, "192.0.2.7:1000", None));
    runtime().unwrap().block_on(async {
        knock(&app, "192.0.2.7:1000", None).await;
        sleep(Duration::from_secs(61)).await;
    });
    let told = told(&clinic.log.events());
    assert_eq!(told.iter().filter_map(|sum| sum.2).sum::<u64>(), 2);
}

#[tokio::test]
async fn a_flush_and_the_end_of_the_application_hand_over_what_is_left() {
    let clinic = Clinic::new();
    let app = clinic.app();
    knock(&app, "192.0.2.7:1000", None).await;
    app.flush().await.unwrap();
    assert_eq!(told(&clinic.log.events()).len(), 1);
    app.flush().await.unwrap();
    assert_eq!(told(&clinic.log.events()).len(), 1, "nothing is told twice");
    knock(&app, "198.51.100.7:1000", None).await;
    let clone = app.clone();
    drop(app);
    assert_eq!(told(&clinic.log.events()).len(), 1);
    drop(clone);
    assert_eq!(told(&clinic.log.events()).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_down_delays_no_refusal_and_loses_no_count() {
    let clinic = Clinic::new();
    let app = clinic.app();
    clinic.log.refuse();
    for _ in 0..5 {
        knock(&app, "192.0.2.7:1000", None).await;
        tokio::time::advance(Duration::from_secs(61)).await;
    }
    assert!(app.flush().await.is_err());
    clinic.log.accept();
    app.flush().await.unwrap();
    let told = told(&clinic.log.events());
    assert_eq!(told, [("192.0.2.0/24".to_owned(), Some(Reason::NoPrincipal), Some(5))]);
}

#[tokio::test(start_paused = true)]
async fn an_attack_from_everywhere_is_bounded_and_counted() {
    let clinic = Clinic::new();
    let app = clinic.app();
    for n in 0..3000_u32 {
        let [.., a, b] = n.to_be_bytes();
        knock(&app, &format!("10.{a}.{b}.1:1000"), None).await;
    }
    // A log that is slow gets a few events at once, and one request pays for a few only.
    clinic.log.hold();
    sleep(Duration::from_secs(61)).await;
    assert_eq!(clinic.log.events().len(), 16);
    send(&app, calls::get("/health", None)).await;
    assert_eq!(clinic.log.events().len(), 32);
    clinic.log.release();
    app.flush().await.unwrap();
    let events = clinic.log.events();
    assert!(events.len() <= 2 * 1024 + 1, "{} events", events.len());
    assert_eq!(events.iter().filter_map(|event| event.count).sum::<u64>(), 3000);
    assert!(told(&events).iter().any(|(prefix, ..)| prefix == "other"));
}

#[tokio::test]
async fn without_an_address_refusals_are_counted_together() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let answer = send(&app, calls::get(CHART, None)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    app.flush().await.unwrap();
    assert_eq!(told(&clinic.log.events())[0].0, "unknown");
}

#[tokio::test]
async fn an_event_of_a_grant_tells_the_clients_address_and_agent() {
    let clinic = Clinic::new();
    let app = clinic.app();
    let mut request = from("[::ffff:192.0.2.7]:1000", calls::get(CHART, Some(CLINICIAN)));
    let agent = format!("sample-agent/1 {}", "x".repeat(1000));
    request.headers_mut().insert("user-agent", agent.parse().unwrap());
    send(&app, request).await;
    let client = clinic.log.events().pop().unwrap().client;
    assert_eq!(client.address.unwrap().as_str(), "192.0.2.7");
    let kept = client.agent.unwrap();
    assert!(kept.as_str().starts_with("sample-agent/1 x") && kept.as_str().len() == 256);
}
