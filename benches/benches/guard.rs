//! The guard around a router, against the bare router: in process, without sockets, and with a log
//! that takes events at once (the durable wait is the disk's).
//!
//! `cargo bench -p benches --bench guard`
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops where it goes wrong")]

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use benches::{Compare, EncodingLog, print_machine};
use http::StatusCode;
use http::request::Parts;
use phi_core::policy::{Action, Policy, Purpose, Scope};
use phi_core::{Membership, Needs, Phi, PhiRecord, Principal, Safeguards, testing};
use phi_tower::{Access, AuthError, Authenticate, GuardExt, Routes};
use tower::{Service, ServiceExt};
use uuid::Uuid;

const HERE: Uuid = Uuid::from_u128(1);

#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "clinical")]
    name: Phi<String>,
}

/// Takes the caller's word: what authentication costs is the application's choice.
struct Always(Principal);

impl Authenticate for Always {
    async fn authenticate(&self, _: &Parts) -> Result<Option<Principal>, AuthError> {
        Ok(Some(self.0.clone()))
    }
}

/// One rule, or that and many for other roles.
fn policy(roles: usize) -> Policy {
    let builder = (0..roles).fold(Policy::builder(), |policy, role| {
        policy.role(&format!("role-{role}"), |role| {
            role.allow(|rule| {
                rule.actions([Action::Read])
                    .resources(["patient"])
                    .classes(["clinical"])
                    .scope(Scope::Tenant)
                    .purposes([Purpose::Treatment])
            })
        })
    });
    builder.build().unwrap()
}

fn router() -> Router {
    (0..30).fold(Router::new(), |router, at| {
        router.route(&format!("/r{at}/{{id}}"), get(async || "answer"))
    })
}

fn guarded(roles: usize) -> phi_tower::Guarded {
    let safeguards = Safeguards::builder(testing::keys(1), policy(roles), EncodingLog)
        .record::<Patient>()
        .build()
        .unwrap();
    safeguards.add_tenant(HERE).unwrap();
    let last = format!("role-{}", roles - 1);
    let who = Principal::person(Uuid::from_u128(7), Membership::new(1, HERE, &last));
    let router = (0..30).fold(Router::new(), |router, at| {
        router.route(&format!("/r{at}/{{id}}"), get(async |_: Access| "answer"))
    });
    let routes = (0..30).fold(Routes::new(), |routes, at| {
        routes.get(&format!("/r{at}/{{id}}"), Needs::read("patient"))
    });
    safeguards.guard(router, Always(who), routes).build().unwrap()
}

async fn hand_written(request: Request, next: Next) -> Response {
    next.run(request).await
}

fn request() -> Request {
    let uri = "/r17/018f0000-0000-7000-8000-000000000001";
    Request::get(uri).header("user-agent", "bench").body(Body::empty()).unwrap()
}

/// Answers one request on a runtime of this thread.
fn answer<S>(runtime: &tokio::runtime::Runtime, service: &mut S)
where
    S: Service<Request, Response = Response, Error = std::convert::Infallible>,
{
    let response = runtime.block_on(async {
        match service.ready().await {
            Ok(ready) => ready.call(request()).await,
            Err(never) => match never {},
        }
    });
    assert_eq!(response.unwrap().status(), StatusCode::OK);
}

fn main() {
    print_machine();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let (mut bare, mut middleware) =
        (router().into_service(), router().layer(from_fn(hand_written)).into_service());
    let (mut small, mut large) = (guarded(12), guarded(240));
    Compare::new("answer one GET of 30 routes")
        .way("floor: bare axum router", || answer(&runtime, &mut bare))
        .way("a middleware that does nothing", || answer(&runtime, &mut middleware))
        .way("the whole guard, 12 roles: grant, event, headers", || answer(&runtime, &mut small))
        .way("the whole guard, 240 roles", || answer(&runtime, &mut large))
        .run();
}
