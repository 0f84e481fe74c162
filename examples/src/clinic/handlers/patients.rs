//! Charts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use phi_core::Phi;
use phi_sqlx::update;
use phi_tower::{Access, HttpError, Json, Path};
use serde::Deserialize;
use uuid::Uuid;

use super::{Created, filing, no_patient, session_with};
use crate::clinic::audit::Audit;
use crate::clinic::database::{Database, on};
use crate::clinic::draft::{NewContact, NewPatient};
use crate::clinic::record::{Patient, SealedPatient, SealedPatientContact};

const BY_ID: &str = "SELECT * FROM patient WHERE id = $1";
const BY_SSN: &str = "SELECT * FROM patient WHERE clinic_id = $1 AND ssn_index IN ($2, $3)";

/// `POST /patients`: saves a new patient.
///
/// # Errors
///
/// 422 if a value cannot be stored or searched.
pub async fn create(
    Access(grant): Access,
    State(db): State<Database>,
    State(audit): State<Audit>,
    Json(new): Json<NewPatient>,
) -> Result<Response, HttpError> {
    let patient = new.file(Uuid::now_v7(), filing(&grant)?);
    let row = grant.seal(&patient)?;
    let mut session = db.session_of(&grant).await?;
    session.insert("patient", &row).await?;
    audit.keep(session, &grant).await?;
    Ok((StatusCode::CREATED, Json(Created { id: patient.id })).into_response())
}

/// `GET /patients/{id}`: the whole chart.
///
/// The row of another clinic is read from a file like any other; the grant does not open it, and
/// the answer is that of a row which is not there. A server does not even show it, and tells the
/// log alone whose it is.
///
/// # Errors
///
/// 404 if there is none in this clinic, 403 if the role may not read all of it.
pub async fn read(
    Access(grant): Access,
    State(db): State<Database>,
    Path(id): Path<Uuid>,
) -> Result<Response, HttpError> {
    let mut session = db.session_of(&grant).await?;
    let row: Option<SealedPatient> =
        on!(session, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db).await)?;
    let Some(row) = row else { return Err(no_patient(&mut session, &grant, id).await) };
    let patient = grant.open(row)?;
    Ok(Json(grant.reveal(&patient)?).into_response())
}

/// `GET /patients/{id}/contact`: what the front desk needs.
///
/// # Errors
///
/// 404 if there is no such patient in this clinic.
pub async fn read_contact(
    Access(grant): Access,
    State(db): State<Database>,
    Path(id): Path<Uuid>,
) -> Result<Response, HttpError> {
    let mut session = db.session_of(&grant).await?;
    let row: Option<SealedPatientContact> =
        on!(session, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db).await)?;
    let Some(row) = row else { return Err(no_patient(&mut session, &grant, id).await) };
    let contact = grant.open(row)?;
    Ok(Json(grant.reveal(&contact)?).into_response())
}

/// `PUT /patients/{id}/contact`: writes these columns and no other.
///
/// # Errors
///
/// 404 if there is no such patient in this clinic, 422 if a value cannot be stored.
pub async fn update_contact(
    Access(grant): Access,
    State(db): State<Database>,
    State(audit): State<Audit>,
    Path(id): Path<Uuid>,
    Json(new): Json<NewContact>,
) -> Result<Response, HttpError> {
    let mut session = session_with(&db, &grant, id).await?;
    let row = grant.seal(&new.file(id, grant.tenant_uuid()?))?;
    on!(session, db => update(db, "patient", &row).await)?;
    audit.keep(session, &grant).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What to look for. It comes in the body: an address line is logged by everything on the way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Social security number, however it is written.
    ssn: Phi<String>,
}

/// `POST /patients/search`: finds patients of this clinic by social security number.
///
/// # Errors
///
/// 422 if it has not nine digits, 403 if the role may not search by it.
pub async fn search(
    Access(grant): Access,
    State(db): State<Database>,
    Json(wanted): Json<Wanted>,
) -> Result<Response, HttpError> {
    let search = grant.search(Patient::SSN_INDEX, wanted.ssn.expose())?;
    let [a, b] = search.tokens();
    let clinic = grant.tenant_uuid()?;
    let mut session = db.session_of(&grant).await?;
    let rows: Vec<SealedPatient> = on!(session, db => sqlx::query_as(BY_SSN).bind(clinic).bind(a).bind(b).fetch_all(db).await)?;
    let found = grant.open_found(&search, rows)?;
    let shown: Result<Vec<_>, _> = found.iter().map(|patient| grant.reveal(patient)).collect();
    Ok(Json(shown?).into_response())
}
