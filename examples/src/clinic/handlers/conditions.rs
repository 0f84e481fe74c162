//! Conditions of a patient, as imports bring them.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use phi_tower::{Access, HttpError, Json, Path};
use sqlx::SqlitePool;
use uuid::Uuid;

use super::has_patient;
use crate::clinic::record::SealedCondition;

/// `GET /patients/{id}/conditions`: all conditions of one patient.
///
/// # Errors
///
/// 404 if there is no such patient in this clinic.
pub async fn list(
    Access(grant): Access,
    State(db): State<SqlitePool>,
    Path(patient): Path<Uuid>,
) -> Result<Response, HttpError> {
    if !has_patient(&db, &grant, patient).await? {
        return Err(HttpError::not_found());
    }
    let rows: Vec<SealedCondition> =
        sqlx::query_as("SELECT * FROM condition WHERE patient_id = ? ORDER BY id")
            .bind(patient)
            .fetch_all(&db)
            .await?;
    let conditions = rows.into_iter().map(|row| grant.open(row)).collect::<Result<Vec<_>, _>>()?;
    let shown: Result<Vec<_>, _> = conditions.iter().map(|c| grant.reveal(c)).collect();
    Ok(Json(shown?).into_response())
}
