//! What the clinic reads of a resource. Names are FHIR R4's (hl7.org/fhir/R4).

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use phi_core::Phi;
use phi_core::index::Normaliser;
use serde::Deserialize;
use uuid::Uuid;

use super::Problem;
use crate::clinic::draft::{NewCondition, NewPatient, NewVisit};
use crate::clinic::record::Gender;

/// One resource, as far as the clinic keeps it.
pub(super) enum Resource {
    Patient(Uuid, NewPatient),
    Encounter(Uuid, Uuid, NewVisit),
    Condition(Uuid, Uuid, NewCondition),
    Other,
}

impl Resource {
    /// Ids are unique within their kind.
    pub(super) fn key(&self) -> (u8, Uuid) {
        match self {
            Self::Patient(id, _) => (1, *id),
            Self::Encounter(id, ..) => (2, *id),
            Self::Condition(id, ..) => (3, *id),
            Self::Other => (0, Uuid::nil()),
        }
    }
}

/// Reads one line.
pub(super) fn read(line: &[u8]) -> Result<Resource, Problem> {
    let text = std::str::from_utf8(line).map_err(|_| Problem::NotText)?;
    let head: Head<'_> = serde_json::from_str(text).map_err(|_| Problem::NotAResource)?;
    // Below, the cause is dropped on purpose: a JSON error quotes what it met.
    match &*head.resource_type {
        "Patient" => json::<Patient>(text)?.keep(),
        "Encounter" => json::<Encounter>(text)?.keep(),
        "Condition" => json::<Condition>(text)?.keep(),
        _ => Ok(Resource::Other),
    }
}

fn json<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|_| Problem::NotFhir)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'t> {
    #[serde(borrow)]
    resource_type: Cow<'t, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Patient {
    #[serde(default)]
    id: String,
    #[serde(default)]
    identifier: Vec<Identifier>,
    #[serde(default)]
    name: Vec<HumanName>,
    #[serde(default)]
    telecom: Vec<ContactPoint>,
    gender: Option<Phi<Gender>>,
    birth_date: Option<Phi<String>>,
    #[serde(default)]
    address: Vec<Address>,
}

#[derive(Deserialize)]
struct Identifier {
    r#type: Option<CodeableConcept>,
    system: Option<String>,
    value: Option<Phi<String>>,
}

#[derive(Deserialize)]
struct HumanName {
    r#use: Option<String>,
    text: Option<Phi<String>>,
    family: Option<Phi<String>>,
    #[serde(default)]
    given: Vec<Phi<String>>,
}

#[derive(Deserialize)]
struct ContactPoint {
    system: Option<String>,
    value: Option<Phi<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    text: Option<Phi<String>>,
    #[serde(default)]
    line: Vec<Phi<String>>,
    city: Option<Phi<String>>,
    state: Option<Phi<String>>,
    postal_code: Option<Phi<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Encounter {
    #[serde(default)]
    id: String,
    subject: Option<Reference>,
    #[serde(default)]
    r#type: Vec<CodeableConcept>,
    #[serde(default)]
    reason_code: Vec<CodeableConcept>,
    period: Option<Period>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Condition {
    #[serde(default)]
    id: String,
    subject: Option<Reference>,
    code: Option<CodeableConcept>,
    onset_date_time: Option<Phi<String>>,
}

#[derive(Deserialize)]
struct Reference {
    reference: Option<String>,
}

#[derive(Deserialize)]
struct Period {
    start: Option<Phi<String>>,
}

#[derive(Deserialize)]
struct CodeableConcept {
    #[serde(default)]
    coding: Vec<Coding>,
    text: Option<Phi<String>>,
}

#[derive(Deserialize)]
struct Coding {
    code: Option<Phi<String>>,
    display: Option<Phi<String>>,
}

impl Patient {
    fn keep(self) -> Result<Resource, Problem> {
        let id = uuid(&self.id).ok_or(Problem::Id)?;
        let official = self.name.iter().find(|name| name.r#use.as_deref() == Some("official"));
        let name = official.or(self.name.first()).and_then(HumanName::in_full);
        let ssn = self.identifier.into_iter().find(Identifier::is_ssn).and_then(|i| i.value);
        let phone = self.telecom.into_iter().find(|t| t.system.as_deref() == Some("phone"));
        let phone = phone.and_then(|phone| phone.value);
        fits(ssn.as_ref(), Normaliser::Ssn, Problem::Ssn)?;
        fits(phone.as_ref(), Normaliser::Phone, Problem::Phone)?;
        Ok(Resource::Patient(
            id,
            NewPatient {
                name: name.ok_or(Problem::NoName)?,
                born: self.birth_date.map(|born| date(&born)).transpose()?,
                gender: self.gender,
                phone,
                address: self.address.first().and_then(Address::on_one_line),
                ssn,
                diagnosis: None,
            },
        ))
    }
}

impl Encounter {
    fn keep(self) -> Result<Resource, Problem> {
        let id = uuid(&self.id).ok_or(Problem::Id)?;
        let patient = patient(self.subject.as_ref())?;
        let start = self.period.and_then(|period| period.start);
        let reason =
            self.reason_code.into_iter().chain(self.r#type).find_map(CodeableConcept::in_words);
        let day = start.map(|start| date(&start)).transpose()?;
        Ok(Resource::Encounter(id, patient, NewVisit { day, reason, note: None }))
    }
}

impl Condition {
    fn keep(self) -> Result<Resource, Problem> {
        let id = uuid(&self.id).ok_or(Problem::Id)?;
        let patient = patient(self.subject.as_ref())?;
        let mut concept = self.code.ok_or(Problem::NoCondition)?;
        let code = concept.coding.first_mut().and_then(|coding| coding.code.take());
        let name = concept.in_words().ok_or(Problem::NoCondition)?;
        let onset = self.onset_date_time.map(|onset| date(&onset)).transpose()?;
        Ok(Resource::Condition(id, patient, NewCondition { name, code, onset }))
    }
}

impl Identifier {
    fn is_ssn(&self) -> bool {
        let mut codes = self.r#type.iter().flat_map(|t| &t.coding).filter_map(|c| c.code.as_ref());
        self.system.as_deref() == Some("http://hl7.org/fhir/sid/us-ssn")
            || codes.any(|code| code.expose() == "SS")
    }
}

impl HumanName {
    fn in_full(&self) -> Option<Phi<String>> {
        let parts = self.given.iter().chain(&self.family).map(|part| part.expose().trim());
        let joined: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        let joined = joined.join(" ");
        let name = if joined.is_empty() { self.text.as_ref()?.expose().trim() } else { &joined };
        (!name.is_empty()).then(|| name.into())
    }
}

impl Address {
    fn on_one_line(&self) -> Option<Phi<String>> {
        let parts = self.line.iter().chain(&self.city).chain(&self.state).chain(&self.postal_code);
        let parts: Vec<_> = parts.map(|part| part.expose().trim()).collect();
        match (parts.as_slice(), &self.text) {
            ([], None) => None,
            ([], Some(text)) => Some(text.duplicate()),
            _ => Some(Phi::new(parts.join(", "))),
        }
    }
}

impl CodeableConcept {
    fn in_words(self) -> Option<Phi<String>> {
        let display = || self.coding.into_iter().find_map(|coding| coding.display);
        self.text.or_else(display).filter(|text| !text.expose().trim().is_empty())
    }
}

/// The hyphenated form only: one id, one spelling.
fn uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok())?
}

/// `Patient/ID`, with or without a server before it, or `urn:uuid:ID`.
fn patient(subject: Option<&Reference>) -> Result<Uuid, Problem> {
    let reference = subject.and_then(|subject| subject.reference.as_deref());
    let id = reference.and_then(|reference| match reference.strip_prefix("urn:uuid:") {
        Some(id) => uuid(id),
        None => match reference.rsplit_once('/')? {
            (kind, id) if kind == "Patient" || kind.ends_with("/Patient") => uuid(id),
            _ => None,
        },
    });
    id.ok_or(Problem::NoPatient)
}

/// The day of a FHIR `date` or `dateTime`. Those without a day are refused: half of what they say
/// would be lost.
fn date(text: &Phi<String>) -> Result<Phi<Date>, Problem> {
    let text = text.expose();
    let (day, time) = text.split_at_checked(10).ok_or(Problem::Date)?;
    let hyphens = day.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(at, _)| at);
    if !hyphens.eq([4, 7]) || !(time.is_empty() || text.parse::<Timestamp>().is_ok()) {
        return Err(Problem::Date);
    }
    day.parse().map(Phi::new).map_err(|_| Problem::Date)
}

/// Refuses now what could not be indexed later.
fn fits(value: Option<&Phi<String>>, rule: Normaliser, problem: Problem) -> Result<(), Problem> {
    match value.map(|value| rule.normalise(value.expose())) {
        Some(Err(_)) => Err(problem),
        Some(Ok(_)) | None => Ok(()),
    }
}
