//! Recall by place: in FHIR R4 resources every name, address, date, contact and identifier of a person is found, and
//! the rest stays as it is. What must be found is read by a JSON parser, not by the scrubber.
//!
//! The committed resources are synthetic; `PHI_TEST_NDJSON` may name a file with more (FHIR R4, one resource a line).

use std::collections::BTreeMap;

use phi_log::Scrubber;
use serde_json::Value;

const COMMITTED: &str = include_str!("../../examples/data/synthetic-r4.ndjson");

/// What the keys above say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    Name,
    Address,
    Telecom,
    Identifier,
    Other,
}

/// Every value of a resource that must be found: where it is (RFC 6901), and what.
fn planted(value: &Value, at: &str, under: Under, found: &mut BTreeMap<String, &'static str>) {
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                planted(item, &format!("{at}/{number}"), under, found);
            }
        }
        Value::Object(members) => {
            let extension = members.get("url").and_then(Value::as_str).unwrap_or_default();
            for (key, member) in members {
                let at = format!("{at}/{key}");
                // The times of the record, not of the person.
                if ["lastUpdated", "recorded"].contains(&key.as_str()) {
                    continue;
                }
                let kind = match (under, key.as_str()) {
                    (Under::Name, "family" | "given" | "text") => Some("name"),
                    (Under::Address, "line" | "city" | "district" | "text") => Some("address"),
                    (_, "postalCode") => Some("zip"),
                    (_, "div") => Some("narrative"),
                    (Under::Telecom, "value") => Some("telecom"),
                    (Under::Identifier, "value") => Some("identifier"),
                    (_, "valueDecimal") if ["latitude", "longitude"].contains(&extension) => {
                        Some("place")
                    }
                    (_, "valueString") if extension.ends_with("mothersMaidenName") => Some("name"),
                    _ => None,
                };
                if let Some(kind) = kind {
                    leaves(member, &at, kind, found);
                    continue;
                }
                let inside = match key.as_str() {
                    "name" => Under::Name,
                    "address" | "valueAddress" => Under::Address,
                    "telecom" => Under::Telecom,
                    "identifier" => Under::Identifier,
                    _ => Under::Other,
                };
                planted(member, &at, inside, found);
            }
        }
        Value::String(text) if is_date(text) => {
            found.insert(at.to_owned(), "date");
        }
        _ => {}
    }
}

fn leaves(value: &Value, at: &str, kind: &'static str, found: &mut BTreeMap<String, &'static str>) {
    if let Value::Array(items) = value {
        for (number, item) in items.iter().enumerate() {
            leaves(item, &format!("{at}/{number}"), kind, found);
        }
    } else {
        found.insert(at.to_owned(), kind);
    }
}

/// `1980-01`, `1980-01-05`, and with a time.
fn is_date(text: &str) -> bool {
    let shape = |want: &str| {
        let fits = |(byte, want): (u8, u8)| byte == want || (want == b'0' && byte.is_ascii_digit());
        text.len() == want.len() && text.bytes().zip(want.bytes()).all(fits)
    };
    shape("0000-00")
        || shape("0000-00-00")
        || text
            .get(..11)
            .is_some_and(|head| head.ends_with('T') && is_date(head.get(..10).unwrap_or_default()))
}

/// The value of every leaf.
fn all(value: &Value, at: &str, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                all(item, &format!("{at}/{number}"), out);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                all(member, &format!("{at}/{key}"), out);
            }
        }
        other => {
            out.insert(at.to_owned(), other.to_string());
        }
    }
}

/// Scrubs each resource as it is and as a string in other JSON; gives how many values of each kind there were, and
/// what was missed or taken wrongly.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn check(resources: &str) -> (BTreeMap<&'static str, usize>, Vec<String>) {
    let scrubber = Scrubber::new();
    let (mut counts, mut wrong) = (BTreeMap::new(), Vec::new());
    for line in resources.lines().filter(|line| !line.trim().is_empty()) {
        let resource: Value = serde_json::from_str(line).unwrap();
        let (mut want, mut before) = (BTreeMap::new(), BTreeMap::new());
        planted(&resource, "", Under::Other, &mut want);
        all(&resource, "", &mut before);
        for kind in want.values() {
            *counts.entry(*kind).or_default() += 1;
        }
        let inside = serde_json::json!({ "sent": 3, "body": line }).to_string();
        let inside: Value = serde_json::from_str(scrubber.scrub(&inside).as_str()).unwrap();
        let inside = inside.get("body").and_then(Value::as_str).unwrap();
        for scrubbed in [scrubber.scrub(line).as_str(), inside] {
            let scrubbed: Value = serde_json::from_str(scrubbed).unwrap();
            let mut after = BTreeMap::new();
            all(&scrubbed, "", &mut after);
            for (at, value) in &before {
                let now = after.get(at).map(String::as_str).unwrap_or_default();
                let marker = now.starts_with("\"[PHI:") && now.ends_with("]\"");
                match want.get(at) {
                    Some(kind) if !marker => wrong.push(format!("missed {kind} at {at}")),
                    None if now != value => wrong.push(format!("taken without reason at {at}")),
                    _ => {}
                }
            }
        }
    }
    (counts, wrong)
}

#[test]
fn every_value_of_a_person_is_found_by_its_place_and_nothing_else() {
    let (counts, wrong) = check(COMMITTED);
    println!("{counts:?}");
    assert_eq!(wrong, Vec::<String>::new());
    // Six patients: two names each, line and town, a date of birth and those of their visits.
    for (kind, least) in
        [("name", 12), ("address", 12), ("date", 24), ("telecom", 6), ("identifier", 6), ("zip", 6)]
    {
        assert!(counts.get(kind).is_some_and(|count| *count >= least), "{kind}: {counts:?}");
    }
}

#[test]
fn the_same_in_resources_from_elsewhere() {
    let Some(path) = std::env::var_os("PHI_TEST_NDJSON") else {
        println!("skipped: PHI_TEST_NDJSON names no file of FHIR R4 resources");
        return;
    };
    let (counts, wrong) = check(&std::fs::read_to_string(path).unwrap());
    println!("{counts:?}, {} in all", counts.values().sum::<usize>());
    assert_eq!(wrong, Vec::<String>::new());
}

/// The control: it is the place that finds them, and the check sees a miss.
#[test]
fn without_their_places_names_stay() {
    let moved = COMMITTED.replace("\"name\":", "\"label\":").replace("\"family\":", "\"part\":");
    let (_, wrong) = check(&moved);
    assert_eq!(wrong, Vec::<String>::new(), "what has no place is not asked for");
    let scrubbed = Scrubber::new().scrub(&moved).into_string();
    let first: Value = serde_json::from_str(scrubbed.lines().next().unwrap()).unwrap();
    let kept = first.pointer("/label/0/part").and_then(Value::as_str).unwrap();
    assert!(COMMITTED.contains(kept) && kept.chars().all(char::is_alphabetic), "{kept}");
}
