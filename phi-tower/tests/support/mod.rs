//! A small clinic that several tests use. All of it is synthetic.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod http_calls;
pub(crate) mod scrubbed_log;
pub(crate) mod tokens;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{Method, StatusCode};
use phi_core::policy::Policy;
use phi_core::testing::{self, RecordingLog};
use phi_core::{Id, Membership, Needs, Phi, PhiRecord, Safeguards};
use phi_tower::{Access, Guard, GuardExt, Guarded, HttpError, Json, Jwt, Path, Routes};
use serde::Deserialize;
use uuid::Uuid;

pub(crate) const HERE: Uuid = Uuid::from_u128(1);
pub(crate) const THERE: Uuid = Uuid::from_u128(2);

/// Planted values: none of them may show anywhere but in an answer that policy allows.
pub(crate) const NAME: &str = "Zelda Testperson";
pub(crate) const SSN: &str = "078-05-1120";
pub(crate) const DIAGNOSIS: &str = "synthetic-diagnosis-77";

/// Accounts, each with one role in one clinic.
pub(crate) const CLINICIAN: i64 = 7;
pub(crate) const DESK: i64 = 8;
pub(crate) const BILLING: i64 = 9;
pub(crate) const FOREIGN: i64 = 10;
/// Two memberships: 50 here, 51 there.
pub(crate) const BOTH: i64 = 11;
/// A role that the policy does not know.
pub(crate) const ROLELESS: i64 = 12;

pub(crate) const POLICY: &str = r#"
version = 1

[[roles.clinician.allow]]
actions = ["create", "read"]
resources = ["patient"]
classes = ["contact", "identifier", "clinical"]
scope = "tenant"
purposes = ["TREAT"]

[[roles.front-desk.allow]]
actions = ["read"]
resources = ["patient"]
classes = ["contact"]
scope = "tenant"
purposes = ["TREAT"]

[[roles.billing.allow]]
actions = ["read"]
resources = ["patient"]
classes = ["contact"]
scope = "tenant"
purposes = ["HPAYMT"]
"#;

#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
pub(crate) struct Patient {
    #[phi(id)]
    pub id: Uuid,
    #[phi(tenant)]
    pub clinic_id: Uuid,
    #[phi(class = "contact")]
    pub name: Phi<String>,
    #[phi(class = "identifier")]
    pub ssn: Phi<String>,
    #[phi(class = "clinical")]
    pub diagnosis: Option<Phi<String>>,
}

/// What the front desk needs.
#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
pub(crate) struct Contact {
    #[phi(id)]
    pub id: Uuid,
    #[phi(tenant)]
    pub clinic_id: Uuid,
    #[phi(class = "contact")]
    pub name: Phi<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NewPatient {
    name: Phi<String>,
    ssn: Phi<String>,
    diagnosis: Option<Phi<String>>,
}

#[derive(Clone, Default)]
pub(crate) struct Db(Arc<Mutex<HashMap<Uuid, SealedPatient>>>);

impl Db {
    pub(crate) fn get(&self, id: Uuid) -> Option<SealedPatient> {
        self.0.lock().unwrap().get(&id).cloned()
    }

    pub(crate) fn put(&self, row: SealedPatient) {
        self.0.lock().unwrap().insert(row.id, row);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

async fn create(
    Access(grant): Access,
    State(db): State<Db>,
    Json(new): Json<NewPatient>,
) -> Result<Response, HttpError> {
    let id = Uuid::now_v7();
    let NewPatient { name, ssn, diagnosis } = new;
    let patient = Patient { id, clinic_id: grant.tenant_uuid()?, name, ssn, diagnosis };
    db.put(grant.seal(&patient)?);
    Ok((StatusCode::CREATED, Json(id)).into_response())
}

async fn read(
    Access(grant): Access,
    State(db): State<Db>,
    Path(id): Path<Uuid>,
) -> Result<Response, HttpError> {
    let patient = grant.open(db.get(id).ok_or_else(HttpError::not_found)?)?;
    Ok(Json(grant.reveal(&patient)?).into_response())
}

async fn contact(
    Access(grant): Access,
    State(db): State<Db>,
    Path(id): Path<Uuid>,
) -> Result<Response, HttpError> {
    let row = db.get(id).ok_or_else(HttpError::not_found)?;
    let contact =
        grant.open(SealedContact { id: row.id, clinic_id: row.clinic_id, name: row.name })?;
    Ok(Json(grant.reveal(&contact)?).into_response())
}

/// The application as it was before anybody thought of a guard.
pub(crate) fn router(db: &Db) -> Router {
    Router::new()
        .route("/patients", post(create))
        .route("/patients/{id}", get(read))
        .route("/patients/{id}/contact", get(contact))
        .route("/health", get(|| async { "ok" }))
        .with_state(db.clone())
}

/// One line for each route.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/patients", Needs::create("patient"))
        .get("/patients/{id}", Needs::read("patient"))
        .get("/patients/{id}/contact", Needs::read("patient"))
        .public(Method::GET, "/health")
}

pub(crate) fn staff() -> HashMap<Id, Vec<Membership>> {
    HashMap::from([
        (CLINICIAN.into(), vec![Membership::new(17, HERE, "clinician")]),
        (DESK.into(), vec![Membership::new(18, HERE, "front-desk")]),
        (BILLING.into(), vec![Membership::new(19, HERE, "billing")]),
        (FOREIGN.into(), vec![Membership::new(20, THERE, "clinician")]),
        (
            BOTH.into(),
            vec![Membership::new(50, HERE, "clinician"), Membership::new(51, THERE, "front-desk")],
        ),
        (ROLELESS.into(), vec![Membership::new(22, HERE, "gardener")]),
    ])
}

pub(crate) fn auth() -> Jwt<HashMap<Id, Vec<Membership>>> {
    Jwt::hs256(tokens::SECRET, tokens::ISSUER, tokens::AUDIENCE).memberships(staff())
}

/// The clinic with its guard, its log, and one patient in it.
pub(crate) struct Clinic {
    pub safeguards: Safeguards,
    pub log: RecordingLog,
    pub db: Db,
    pub patient: Uuid,
}

impl Clinic {
    pub(crate) fn new() -> Self {
        Self::with_policy(POLICY)
    }

    pub(crate) fn with_policy(policy: &str) -> Self {
        scrubbed_log::listen();
        let log = RecordingLog::new();
        let policy = Policy::from_toml(policy).unwrap();
        let safeguards = Safeguards::builder(testing::keys(1), policy, log.clone())
            .record::<Patient>()
            .record::<Contact>()
            .build()
            .unwrap();
        safeguards.add_tenant(HERE).unwrap();
        safeguards.add_tenant(THERE).unwrap();
        let clinic = Self { safeguards, log, db: Db::default(), patient: Uuid::from_u128(99) };
        clinic.admit();
        clinic
    }

    fn admit(&self) {
        let who = phi_core::Principal::person(CLINICIAN, Membership::new(17, HERE, "clinician"));
        let circumstances = phi_core::Circumstances::default();
        let grant = self.safeguards.grant(&who, &Needs::create("patient"), circumstances).unwrap();
        drop(grant.intent()); // handed over; the log of the tests keeps it at once
        let patient = Patient {
            id: self.patient,
            clinic_id: HERE,
            name: NAME.into(),
            ssn: SSN.into(),
            diagnosis: Some(DIAGNOSIS.into()),
        };
        self.db.put(grant.seal(&patient).unwrap());
        drop(grant);
        self.log.clear();
    }

    /// The guard around the clinic's own router.
    pub(crate) fn app(&self) -> Guarded {
        self.guard(router(&self.db), routes()).build().unwrap()
    }

    pub(crate) fn guard(
        &self,
        router: Router,
        routes: Routes,
    ) -> Guard<Jwt<HashMap<Id, Vec<Membership>>>> {
        self.safeguards.guard(router, auth(), routes)
    }
}

/// Every test of the clinic runs under phi-log, and none of its values is in what that wrote.
impl Drop for Clinic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let text = scrubbed_log::text();
        for value in [NAME, SSN, DIAGNOSIS, "Quentin", "078-05-1121"] {
            assert!(!text.contains(value), "{value} is in the log");
        }
    }
}
