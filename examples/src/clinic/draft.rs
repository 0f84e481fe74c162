//! Records before they have a place: what a request brings, or a line of an import.

use jiff::civil::Date;
use phi_core::Phi;
use serde::Deserialize;
use uuid::Uuid;

use super::record::{Condition, Gender, Patient, PatientContact, Visit};

/// What belongs to a record but is not in a draft: which clinic, whose, when.
#[derive(Debug, Clone, Copy)]
pub struct Filing {
    /// The clinic.
    pub clinic: Uuid,
    /// Who answers for the record.
    pub clinician: Option<Uuid>,
    /// Seconds since 1970.
    pub now: i64,
}

/// A new patient.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPatient {
    /// Family and given names.
    pub name: Phi<String>,
    /// Date of birth.
    pub born: Option<Phi<Date>>,
    /// As the patient's papers say.
    pub gender: Option<Phi<Gender>>,
    /// Any usual way of writing it.
    pub phone: Option<Phi<String>>,
    /// On one line.
    pub address: Option<Phi<String>>,
    /// With or without hyphens.
    pub ssn: Option<Phi<String>>,
    /// The main diagnosis.
    pub diagnosis: Option<Phi<String>>,
}

impl NewPatient {
    /// The chart.
    #[must_use]
    pub fn file(self, id: Uuid, filing: Filing) -> Patient {
        Patient {
            id,
            clinic_id: filing.clinic,
            name: self.name,
            born: self.born,
            gender: self.gender,
            phone: self.phone,
            address: self.address,
            ssn: self.ssn,
            diagnosis: self.diagnosis,
            clinician_id: filing.clinician,
            created_at: filing.now,
        }
    }
}

/// How a patient is reached, as the front desk changes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// Family and given names.
    pub name: Phi<String>,
    /// Date of birth.
    pub born: Option<Phi<Date>>,
    /// Any usual way of writing it.
    pub phone: Option<Phi<String>>,
    /// On one line.
    pub address: Option<Phi<String>>,
}

impl NewContact {
    /// The part of the chart that it replaces.
    #[must_use]
    pub fn file(self, patient: Uuid, clinic: Uuid) -> PatientContact {
        let Self { name, born, phone, address } = self;
        PatientContact { id: patient, clinic_id: clinic, name, born, phone, address }
    }
}

/// A new visit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVisit {
    /// The day of it.
    pub day: Option<Phi<Date>>,
    /// Why the patient came.
    pub reason: Option<Phi<String>>,
    /// What the clinician writes.
    pub note: Option<Phi<String>>,
}

impl NewVisit {
    /// The visit.
    #[must_use]
    pub fn file(self, id: Uuid, patient: Uuid, filing: Filing) -> Visit {
        Visit {
            id,
            clinic_id: filing.clinic,
            patient_id: patient,
            day: self.day,
            reason: self.reason,
            note: self.note,
            clinician_id: filing.clinician,
        }
    }
}

/// A new condition.
#[derive(Debug)]
pub struct NewCondition {
    /// In words.
    pub name: Phi<String>,
    /// A code of a terminology.
    pub code: Option<Phi<String>>,
    /// The day it began.
    pub onset: Option<Phi<Date>>,
}

impl NewCondition {
    /// The condition.
    #[must_use]
    pub fn file(self, id: Uuid, patient: Uuid, filing: Filing) -> Condition {
        let Self { name, code, onset } = self;
        Condition { id, clinic_id: filing.clinic, patient_id: patient, name, code, onset }
    }
}
