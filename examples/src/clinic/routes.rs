//! The routes, and beside them what each one needs. A route in only one of the two lists stops the
//! application at its start, and would answer 403 if it did not.

use axum::Router;
use axum::extract::FromRef;
use axum::http::Method;
use axum::routing::{get, post};
use phi_core::Needs;
use phi_tower::Routes;

use super::audit::Audit;
use super::database::Database;
use super::handlers::{conditions, health, patients, visits};

/// The access table.
pub fn table() -> Routes {
    Routes::new()
        .public(Method::GET, "/health")
        .post("/patients", Needs::create("patient"))
        .post("/patients/search", Needs::search("patient"))
        .get("/patients/{id}", Needs::read("patient"))
        .get("/patients/{id}/contact", Needs::read("patient"))
        .put("/patients/{id}/contact", Needs::update("patient"))
        .post("/patients/{id}/visits", Needs::create("visit").and("patient"))
        .get("/patients/{id}/visits", Needs::read("visit").and("patient"))
        .get("/patients/{id}/conditions", Needs::read("condition").and("patient"))
}

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The patients.
    pub db: Database,
    /// The log.
    pub audit: Audit,
}

impl FromRef<Shared> for Database {
    fn from_ref(shared: &Shared) -> Self {
        shared.db.clone()
    }
}

impl FromRef<Shared> for Audit {
    fn from_ref(shared: &Shared) -> Self {
        shared.audit.clone()
    }
}

/// The router: plain axum.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/patients", post(patients::create))
        .route("/patients/search", post(patients::search))
        .route("/patients/{id}", get(patients::read))
        .route("/patients/{id}/contact", get(patients::read_contact).put(patients::update_contact))
        .route("/patients/{id}/visits", get(visits::list).post(visits::create))
        .route("/patients/{id}/conditions", get(conditions::list))
        .with_state(shared)
}
