//! Made-up people. The same seed makes the same ones; none of them exists.
//!
//! Social security numbers begin with 999, which is never issued; phone numbers end in 555-01xx,
//! which is kept for fiction.

use fake::Fake as _;
use fake::faker::address::en::{BuildingNumber, CityName, StateAbbr, StreetName};
use fake::faker::name::en::{FirstName, LastName};
use fake::rand::rngs::StdRng;
use fake::rand::seq::IndexedRandom as _;
use fake::rand::{RngExt as _, SeedableRng as _};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use phi_core::Phi;
use serde_json::{Value, json};
use uuid::Uuid;

use super::draft::{NewCondition, NewPatient, NewVisit};
use super::import::{Import, Incoming};
use super::record::Gender;

/// What people come with: name, SNOMED CT code, what is noted.
const COMPLAINTS: [(&str, &str, &str); 8] = [
    ("Essential hypertension", "59621000", "Home readings brought along, dose kept."),
    ("Type 2 diabetes mellitus", "44054006", "Diet talked through, next HbA1c in three months."),
    ("Asthma", "195967001", "Inhaler technique shown again, peak flow stable."),
    ("Migraine", "37796009", "Two attacks since the last visit, diary continued."),
    ("Osteoarthritis of knee", "239873007", "Exercises help, no swelling today."),
    ("Acute bronchitis", "10509002", "Lungs clear, cough for nine days, fluids and rest."),
    ("Hypothyroidism", "40930008", "Feels well, TSH within range."),
    ("Seasonal allergic rhinitis", "367498001", "Worse outdoors, spray changed."),
];

/// A made-up person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The patient's id.
    pub id: Uuid,
    /// Given and family name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// FHIR's code.
    pub female: bool,
    /// Date of birth.
    pub born: Date,
    /// Phone.
    pub phone: String,
    /// Street and number, city, state, ZIP code.
    pub address: [String; 4],
    /// Social security number.
    pub ssn: String,
    /// The main diagnosis and its code.
    pub diagnosis: (&'static str, &'static str),
    /// Visits.
    pub visits: Vec<Stay>,
}

/// A made-up visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The visit's id.
    pub id: Uuid,
    /// The day.
    pub day: Date,
    /// Why.
    pub reason: &'static str,
    /// What was noted.
    pub note: &'static str,
}

/// As many people as asked for.
#[must_use]
pub fn people(seed: u64, count: usize) -> Vec<Person> {
    let mut random = StdRng::seed_from_u64(seed);
    // Apart from each other, so that a number is one person's.
    let first = random.random_range(0..900_000_u32);
    (first..).take(count).map(|number| person(&mut random, number)).collect()
}

fn person(random: &mut StdRng, number: u32) -> Person {
    let complaints: Vec<_> = COMPLAINTS.sample(random, 2).collect();
    let diagnosis = complaints.first().map_or(("", ""), |(name, code, _)| (name, code));
    let today = date(2026, 11, 2);
    let mut stays: Vec<_> = complaints
        .into_iter()
        .map(|(reason, _, note)| {
            let day = today.saturating_sub(random.random_range(1..700_i64).days());
            Stay { id: id(random), day, reason, note }
        })
        .collect();
    stays.sort_by_key(|stay| stay.day);
    let (area, line) = (random.random_range(201..990_u16), random.random_range(100..200_u16));
    let street: String = StreetName().fake_with_rng(random);
    let building: String = BuildingNumber().fake_with_rng(random);
    Person {
        id: id(random),
        given: FirstName().fake_with_rng(random),
        family: LastName().fake_with_rng(random),
        female: random.random(),
        born: date(1938, 1, 1).saturating_add(random.random_range(0..28_000_i64).days()),
        phone: format!("{area}-555-0{line}"),
        address: [
            format!("{building} {street}"),
            CityName().fake_with_rng(random),
            StateAbbr().fake_with_rng(random),
            format!("{:05}", random.random_range(501..99_950_u32)),
        ],
        ssn: format!("999-{:02}-{:04}", number / 10_000 % 100, number % 10_000),
        diagnosis,
        visits: stays,
    }
}

fn id(random: &mut StdRng) -> Uuid {
    uuid::Builder::from_random_bytes(random.random()).into_uuid()
}

impl Person {
    /// Given and family name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// What `POST /patients` takes.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "name": self.name(),
            "born": self.born,
            "gender": self.gender(),
            "phone": self.phone,
            "address": self.address.join(", "),
            "ssn": self.ssn,
            "diagnosis": self.diagnosis.0,
        })
    }

    /// Gives the person and the visits ids that nobody had before.
    pub fn renumber(&mut self) {
        self.id = Uuid::now_v7();
        self.visits.iter_mut().for_each(|stay| stay.id = Uuid::now_v7());
    }

    fn gender(&self) -> &'static str {
        if self.female { "female" } else { "male" }
    }

    /// Every text by which the person could be known, for tests that look for them.
    #[must_use]
    pub fn traces(&self) -> Vec<String> {
        let digits = self.ssn.replace('-', "");
        let [street, ..] = &self.address;
        vec![
            self.name(),
            self.family.clone(),
            self.ssn.clone(),
            digits,
            self.phone.clone(),
            street.clone(),
        ]
    }
}

impl Stay {
    /// What `POST /patients/{id}/visits` takes.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({ "day": self.day, "reason": self.reason, "note": self.note })
    }
}

/// The people as the import takes them.
#[must_use]
pub fn import(people: &[Person]) -> Import {
    let mut import = Import::default();
    for (line, person) in (1..).zip(people) {
        let gender = if person.female { Gender::Female } else { Gender::Male };
        let draft = NewPatient {
            name: person.name().into(),
            born: Some(person.born.into()),
            gender: Some(gender.into()),
            phone: Some(person.phone.clone().into()),
            address: Some(person.address.join(", ").into()),
            ssn: Some(person.ssn.clone().into()),
            diagnosis: Some(person.diagnosis.0.into()),
        };
        import.patients.push(Incoming { line, id: person.id, draft });
        import.visits.extend(person.visits.iter().map(|stay| {
            let (day, reason, note) = (stay.day.into(), stay.reason.into(), stay.note.into());
            let visit = NewVisit { day: Some(day), reason: Some(reason), note: Some(note) };
            Incoming { line, id: stay.id, draft: (person.id, visit) }
        }));
        let (name, code) = person.diagnosis;
        let onset = person.visits.first().map(|stay| Phi::new(stay.day));
        let condition = NewCondition { name: name.into(), code: Some(code.into()), onset };
        // One condition a person: the next free id is as good as any, and stays the same.
        let id = Uuid::from_u128(person.id.as_u128() ^ 1);
        import.conditions.push(Incoming { line, id, draft: (person.id, condition) });
    }
    import
}

/// The people as FHIR R4 resources, one a line.
#[must_use]
pub fn ndjson(people: &[Person]) -> String {
    let mut resources = Vec::new();
    for person in people {
        let [line, city, state, postal_code] = &person.address;
        let subject = json!({ "reference": format!("Patient/{}", person.id) });
        resources.push(json!({
            "resourceType": "Patient",
            "id": person.id,
            "meta": { "tag": [{ "display": "synthetic: no real person" }] },
            "identifier": [{ "system": "http://hl7.org/fhir/sid/us-ssn", "value": person.ssn }],
            "name": [{ "use": "official", "family": person.family, "given": [person.given] }],
            "telecom": [{ "system": "phone", "value": person.phone, "use": "home" }],
            "gender": person.gender(),
            "birthDate": person.born,
            "address": [{ "line": [line], "city": city, "state": state, "postalCode": postal_code }],
        }));
        for stay in &person.visits {
            resources.push(json!({
                "resourceType": "Encounter",
                "id": stay.id,
                "status": "finished",
                "class": { "code": "AMB" },
                "subject": subject,
                "reasonCode": [{ "text": stay.reason }],
                "period": { "start": format!("{}T09:30:00-05:00", stay.day) },
            }));
        }
        let (name, code) = person.diagnosis;
        resources.push(json!({
            "resourceType": "Condition",
            "id": Uuid::from_u128(person.id.as_u128() ^ 1),
            "subject": subject,
            "code": {
                "coding": [{ "system": "http://snomed.info/sct", "code": code, "display": name }],
            },
            "onsetDateTime": person.visits.first().map(|stay| stay.day),
        }));
        // Something the clinic has no place for.
        resources.push(json!({ "resourceType": "Immunization", "patient": subject }));
    }
    let lines: Vec<_> = resources.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::clinic::import::parse;

    #[test]
    fn a_seed_makes_the_same_people_and_another_one_others() {
        assert_eq!(people(1, 9), people(1, 9));
        assert_eq!(people(1, 9), people(1, 20).split_at(9).0);
        let names = |seed| people(seed, 50).iter().map(Person::name).collect::<HashSet<_>>();
        assert!(names(1).is_disjoint(&names(2)));
    }

    #[test]
    fn numbers_are_never_those_of_a_real_person() {
        let people = people(3, 200);
        let numbers: HashSet<_> = people.iter().map(|person| &person.ssn).collect();
        assert_eq!(numbers.len(), people.len());
        for person in people {
            assert!(person.ssn.starts_with("999-") && person.ssn.len() == 11);
            assert!(person.phone.contains("-555-01") && person.phone.len() == 12);
        }
    }

    #[test]
    fn the_ndjson_reads_back_as_the_same_people() {
        let people = people(4, 12);
        let read = parse(ndjson(&people).as_bytes()).unwrap();
        assert_eq!((read.patients.len(), read.skipped), (12, 12));
        assert_eq!((read.visits.len(), read.conditions.len()), (24, 12));
        for (read, person) in read.patients.iter().zip(&people) {
            assert_eq!(read.id, person.id);
            assert_eq!(*read.draft.name.expose(), person.name());
            assert_eq!(*read.draft.born.as_ref().unwrap().expose(), person.born);
            assert_eq!(*read.draft.ssn.as_ref().unwrap().expose(), person.ssn);
            assert_eq!(*read.draft.address.as_ref().unwrap().expose(), person.address.join(", "));
        }
        for (read, stay) in read.visits.iter().zip(people.iter().flat_map(|p| &p.visits)) {
            assert_eq!(read.id, stay.id);
            assert_eq!(*read.draft.1.day.as_ref().unwrap().expose(), stay.day);
            assert_eq!(read.draft.1.reason.as_ref().unwrap().expose(), stay.reason);
        }
    }
}
