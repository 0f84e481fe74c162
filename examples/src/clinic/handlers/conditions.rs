//! Conditions of a patient, as imports bring them.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use phi_tower::{Access, HttpError, Json, Path};
use uuid::Uuid;

use super::session_with;
use crate::clinic::database::{Database, on};
use crate::clinic::record::SealedCondition;

/// `GET /patients/{id}/conditions`: all conditions of one patient.
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
    let rows: Vec<SealedCondition> = on!(session, db => sqlx::query_as("SELECT * FROM condition WHERE patient_id = $1 ORDER BY id")
            .bind(patient)
            .fetch_all(db)
            .await)?;
    let conditions = rows.into_iter().map(|row| grant.open(row)).collect::<Result<Vec<_>, _>>()?;
    let shown: Result<Vec<_>, _> = conditions.iter().map(|c| grant.reveal(c)).collect();
    Ok(Json(shown?).into_response())
}
