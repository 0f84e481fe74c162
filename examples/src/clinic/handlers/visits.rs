//! Visits of a patient.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use phi_tower::{Access, HttpError, Json, Path};
use uuid::Uuid;

use super::{Created, filing, session_with};
use crate::clinic::audit::Audit;
use crate::clinic::database::{Database, on};
use crate::clinic::draft::NewVisit;
use crate::clinic::record::SealedVisit;

/// `POST /patients/{id}/visits`: saves a visit.
///
/// # Errors
///
/// 404 if there is no such patient in this clinic.
pub async fn create(
    Access(grant): Access,
    State(db): State<Database>,
    State(audit): State<Audit>,
    Path(patient): Path<Uuid>,
    Json(new): Json<NewVisit>,
) -> Result<Response, HttpError> {
    let mut session = session_with(&db, &grant, patient).await?;
    let visit = new.file(Uuid::now_v7(), patient, filing(&grant)?);
    let row = grant.seal(&visit)?;
    session.insert("visit", &row).await?;
    audit.keep(session, &grant).await?;
    Ok((StatusCode::CREATED, Json(Created { id: visit.id })).into_response())
}

/// `GET /patients/{id}/visits`: all visits of one patient.
///
/// # Errors
///
/// 404 if there is no such patient in this clinic.
pub async fn list(
    Access(grant): Access,
    State(db): State<Database>,
    Path(patient): Path<Uuid>,
) -> Result<Response, HttpError> {
    let mut session = session_with(&db, &grant, patient).await?;
    let rows: Vec<SealedVisit> = on!(session, db => sqlx::query_as("SELECT * FROM visit WHERE patient_id = $1 ORDER BY id")
            .bind(patient)
            .fetch_all(db)
            .await)?;
    let visits = rows.into_iter().map(|row| grant.open(row)).collect::<Result<Vec<_>, _>>()?;
    let shown: Result<Vec<_>, _> = visits.iter().map(|visit| grant.reveal(visit)).collect();
    Ok(Json(shown?).into_response())
}
