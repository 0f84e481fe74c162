//! What the clinic keeps of its patients.

use jiff::civil::Date;
use phi_core::{Phi, PhiCode, PhiRecord};
use serde::Deserialize;
use uuid::Uuid;

/// A patient's chart.
///
/// Each PHI field has a class, which the policy names. Every other field says what it is.
#[derive(Debug, PhiRecord)]
#[phi(record = "patient", sqlx)]
pub struct Patient {
    /// Known before the save: ciphertexts are bound to it.
    #[phi(id)]
    pub id: Uuid,
    /// The clinic: keys, policy and ciphertexts are separate for each.
    #[phi(tenant)]
    pub clinic_id: Uuid,
    /// Family and given names.
    #[phi(class = "contact")]
    pub name: Phi<String>,
    /// Date of birth.
    #[phi(class = "contact")]
    pub born: Option<Phi<Date>>,
    /// As the patient's papers say.
    #[phi(class = "contact")]
    pub gender: Option<Phi<Gender>>,
    /// Found by any way of writing it.
    #[phi(class = "contact", index(exact = "phone"))]
    pub phone: Option<Phi<String>>,
    /// On one line.
    #[phi(class = "contact")]
    pub address: Option<Phi<String>>,
    /// The main diagnosis.
    #[phi(class = "clinical")]
    pub diagnosis: Option<Phi<String>>,
    /// Social security number, found with and without hyphens.
    #[phi(class = "identifier", index(exact = "ssn"))]
    pub ssn: Option<Phi<String>>,
    /// Who answers for the chart; nobody yet after an import.
    #[phi(owner)]
    pub clinician_id: Option<Uuid>,
    /// Seconds since 1970.
    #[phi(clear)]
    pub created_at: i64,
}

/// The part of a patient that the front desk may read and change: a smaller struct under the
/// same label opens fewer fields of the same rows.
#[derive(Debug, PhiRecord)]
#[phi(record = "patient", sqlx)]
pub struct PatientContact {
    /// The patient's.
    #[phi(id)]
    pub id: Uuid,
    /// The patient's.
    #[phi(tenant)]
    pub clinic_id: Uuid,
    /// Family and given names.
    #[phi(class = "contact")]
    pub name: Phi<String>,
    /// Date of birth.
    #[phi(class = "contact")]
    pub born: Option<Phi<Date>>,
    /// Found by any way of writing it.
    #[phi(class = "contact", index(exact = "phone"))]
    pub phone: Option<Phi<String>>,
    /// On one line.
    #[phi(class = "contact")]
    pub address: Option<Phi<String>>,
}

/// Where a patient's row lies, and nothing of it: as much as a server tells of a row that it does
/// not show.
#[derive(Debug, PhiRecord)]
#[phi(record = "patient", sqlx)]
pub struct PatientPlace {
    /// The patient's.
    #[phi(id)]
    pub id: Uuid,
    /// The patient's.
    #[phi(tenant)]
    pub clinic_id: Uuid,
}

/// One visit of a patient.
#[derive(Debug, PhiRecord)]
#[phi(record = "visit", sqlx)]
pub struct Visit {
    /// Known before the save.
    #[phi(id)]
    pub id: Uuid,
    /// The clinic.
    #[phi(tenant)]
    pub clinic_id: Uuid,
    /// Whose visit: audit events are found by it.
    #[phi(subject)]
    pub patient_id: Uuid,
    /// The day of it.
    #[phi(class = "clinical")]
    pub day: Option<Phi<Date>>,
    /// Why the patient came.
    #[phi(class = "clinical")]
    pub reason: Option<Phi<String>>,
    /// What the clinician wrote. Padded to 256 bytes, so that lengths tell less.
    #[phi(class = "clinical", pad = 256)]
    pub note: Option<Phi<String>>,
    /// Who wrote it.
    #[phi(owner)]
    pub clinician_id: Option<Uuid>,
}

/// One diagnosed condition of a patient.
#[derive(Debug, PhiRecord)]
#[phi(record = "condition", sqlx)]
pub struct Condition {
    /// Known before the save.
    #[phi(id)]
    pub id: Uuid,
    /// The clinic.
    #[phi(tenant)]
    pub clinic_id: Uuid,
    /// Whose condition.
    #[phi(subject)]
    pub patient_id: Uuid,
    /// In words.
    #[phi(class = "clinical")]
    pub name: Phi<String>,
    /// A code of a terminology, most often SNOMED CT.
    #[phi(class = "clinical")]
    pub code: Option<Phi<String>>,
    /// The day it began.
    #[phi(class = "clinical")]
    pub onset: Option<Phi<Date>>,
}

/// FHIR's administrative gender: a closed list, stored by its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PhiCode, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// `female`
    #[phi(code = "female")]
    Female,
    /// `male`
    #[phi(code = "male")]
    Male,
    /// `other`
    #[phi(code = "other")]
    Other,
    /// `unknown`
    #[phi(code = "unknown")]
    Unknown,
}
