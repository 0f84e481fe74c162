//! What the routes do. Each handler gets a grant; nothing else seals, opens or searches.

pub mod conditions;
pub mod patients;
pub mod visits;

use phi_core::{Grant, Id, NoTenant};
use phi_tower::HttpError;
use serde::Serialize;
use uuid::Uuid;

use super::database::{Database, Session, on};
use super::draft::Filing;
use super::record::SealedPatientPlace;

/// `GET /health`: open to anybody, and knows nothing.
pub async fn health() -> &'static str {
    "ok"
}

/// The answer to a save.
#[derive(Debug, Serialize)]
pub struct Created {
    /// The new record's id.
    pub id: Uuid,
}

/// Where a new record belongs: the clinic and the account of whoever asks.
fn filing(grant: &Grant) -> Result<Filing, NoTenant> {
    let clinician = match grant.principal().id() {
        Id::Uuid(account) => Some(*account),
        _ => None,
    };
    let now = jiff::Timestamp::now().as_second();
    Ok(Filing { clinic: grant.tenant_uuid()?, clinician, now })
}

/// A session for what belongs to a patient whom the clinic of whoever asks has.
async fn session_with(db: &Database, grant: &Grant, patient: Uuid) -> Result<Session, HttpError> {
    let mut session = db.session_of(grant).await?;
    if has_patient(&mut session, grant, patient).await? {
        return Ok(session);
    }
    Err(no_patient(&mut session, grant, patient).await)
}

/// The answer where there is no row. The log tells a foreign patient from one that is nowhere;
/// whoever asks is told the same.
async fn no_patient(session: &mut Session, grant: &Grant, id: Uuid) -> HttpError {
    match session.clinic_of("patient", id).await {
        Ok(Some(clinic_id)) => match grant.open(SealedPatientPlace { id, clinic_id }) {
            Err(refused) => refused.into(),
            Ok(_) => HttpError::not_found(),
        },
        Ok(None) => HttpError::not_found(),
        Err(error) => error.into(),
    }
}

/// Whether the clinic of whoever asks has this patient.
async fn has_patient(session: &mut Session, grant: &Grant, id: Uuid) -> Result<bool, HttpError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM patient WHERE id = $1 AND clinic_id = $2)";
    let clinic = grant.tenant_uuid()?;
    Ok(on!(*session, db => sqlx::query_scalar(sql).bind(id).bind(clinic).fetch_one(db).await)?)
}
