//! Keys such as `name` and `patient`, which hold a person's name as often as a file's: the value, or what
//! stands around, must say that it is a person's.

use super::person;
use super::text::Text;
use super::value;

/// Bytes in front of a key in which the struct or object around it is looked for.
const MAX_LOOK: usize = 240;

pub(crate) const KEYS: &[&str] = &[
    "name",
    "patient",
    "client",
    "resident",
    "member",
    "guardian",
    "caregiver",
    "provider",
    "physician",
    "doctor",
    "nurse",
    "attending",
    "contact",
    "subscriber",
    "insured",
    "guarantor",
    "spouse",
    "mother",
    "father",
    "employee",
    "user",
    "practitioner",
    "relative",
    "author",
    "daughter",
    "son",
    "wife",
    "husband",
    "brother",
    "sister",
    "pcp",
    "pt",
    "attn",
    "rn",
    "prescriber",
    "cardholder",
    "beneficiary",
    "witness",
    "parent",
    "party",
    "aka",
    "poa",
    "displayname",
    "signedby",
    "aide",
    "caller",
    "names",
    "patients",
    "caregivers",
];

/// Parts of a name, which mean one inside a person only.
pub(crate) const PARTS: &[&str] = &["first", "last", "middle", "given", "family", "name", "suffix"];

pub(super) const PERSONS: &[&str] = &[
    "patient",
    "person",
    "member",
    "subscriber",
    "guarantor",
    "contact",
    "client",
    "employee",
    "practitioner",
    "provider",
    "caregiver",
    "guardian",
    "resident",
    "insured",
    "physician",
    "doctor",
    "nurse",
    "spouse",
    "customer",
    "beneficiary",
    "humanname",
    "kin",
];

/// Whether the word that ends at `end` is such a key.
pub(super) fn is_soft(text: Text<'_>, end: usize, floor: usize) -> bool {
    let word = word(text, end, floor);
    is_one(word, KEYS) || is_one(word, PARTS)
}

fn is_one(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|each| each.as_bytes().eq_ignore_ascii_case(word))
}

fn word(text: Text<'_>, end: usize, floor: usize) -> &[u8] {
    let mut start = end;
    while end - start < 16 && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
    }
    let before = text.before(start, floor);
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-' | b'.') {
        return &[];
    }
    text.slice(start, end)
}

/// Whether the key in front of the sign at `at` is a part of a name, and stands in something that is a person:
/// `Patient { name: ..`, `"patient": {"name": ..`.
pub(super) fn inside_person(text: Text<'_>, at: usize, floor: usize) -> bool {
    let mut key_end = at;
    while at - key_end < 10 && !text.before(key_end, floor).is_ascii_alphabetic() && key_end > floor
    {
        key_end -= 1;
    }
    if !is_one(word(text, key_end, floor), PARTS) {
        return false;
    }
    // Also past what was removed: `Name { first: .., last: .. }`.
    let least = at.saturating_sub(MAX_LOOK);
    let (mut next, mut depth) = (key_end, 0_u32);
    while next > least {
        next -= 1;
        match text.at(next) {
            b'}' | b')' | b']' => depth += 1,
            b'{' | b'(' | b'[' if depth > 0 => depth -= 1,
            b'{' | b'(' => {
                let mut end = next;
                while next - end < 12 && !text.before(end, 0).is_ascii_alphabetic() && end > least {
                    end -= 1;
                }
                let word = word_of_any_case(text, end, least);
                if is_one(word, PARTS) {
                    continue;
                }
                return is_one(word, PERSONS);
            }
            _ => {}
        }
    }
    false
}

/// Whether the sign at `at` stands in a search for people: `/Patient?name=..&family=..`.
pub(super) fn in_search(text: Text<'_>, at: usize, floor: usize) -> bool {
    if text.at(at) != b'=' {
        return false;
    }
    let mut key = at;
    while at - key < 16
        && (text.before(key, floor).is_ascii_alphabetic() || text.before(key, floor) == b':')
    {
        key -= 1;
    }
    if !matches!(text.before(key, floor), b'?' | b'&') || !is_one(word(text, at, floor), PARTS) {
        return false;
    }
    // The path may have been removed in front; the search itself has no spaces.
    let mut start = key;
    while key - start < MAX_LOOK && !matches!(text.before(start, 0), 0..=b' ' | b'"' | b'\'') {
        start -= 1;
    }
    let path = text.slice(start, key);
    let path = path.split(|byte| *byte == b'?').next().unwrap_or(path);
    let last = path.rsplit(|byte| *byte == b'/').find(|part| *part != b"_search");
    last.is_some_and(|last| {
        [
            &b"patient"[..],
            b"patients",
            b"person",
            b"practitioner",
            b"relatedperson",
            b"people",
            b"members",
        ]
        .iter()
        .any(|each| each.eq_ignore_ascii_case(last))
    })
}

/// The last word of an identifier: `Patient` of `NewPatient`.
fn word_of_any_case(text: Text<'_>, end: usize, floor: usize) -> &[u8] {
    let mut start = end;
    while end - start < 16 && text.before(start, floor).is_ascii_lowercase() {
        start -= 1;
    }
    if text.before(start, floor).is_ascii_uppercase() {
        start -= 1;
    }
    text.slice(start, end)
}

/// The end of a name without quotes at `start`, behind the key at `at`, if it is one.
pub(super) fn bare_end(text: Text<'_>, start: usize, at: usize, floor: usize) -> Option<usize> {
    if in_search(text, at, floor) {
        let mut end = start;
        while !matches!(text.at(end), 0..=b' ' | b'"' | b'&' | b'#' | b'\\') {
            end += 1;
        }
        // `?name=Ada Example&`, as some programs print it.
        return Some(person::name_end(text, start).map_or(end, |(last, _)| last.max(end)));
    }
    let (mut end, mut words) =
        person::name_end(text, start).filter(|_| !person::is_thing(text, start))?;
    // `Name { first: ..`: its parts have keys of their own.
    if value::opens(text, start) {
        return None;
    }
    // `Name: Ada Example Phone: ..`: the last word is the next key.
    while words > 0 && is_key(text, end) {
        while end > start && text.at(end - 1) != b' ' {
            end -= 1;
        }
        while end > start && text.at(end - 1) == b' ' {
            end -= 1;
        }
        words -= 1;
    }
    let given = end + 2;
    // `Example, Ada`
    match (text.at(end), text.at(end + 1), person::name_end(text, given)) {
        (b',', b' ', Some((last, 1..=2))) if words == 1 && !is_key(text, last) => Some(last),
        _ if words >= 2 => Some(end),
        _ if inside_person(text, at, floor) => Some(value::token_end(text, start)),
        _ => None,
    }
}

/// Whether what ends here is the next key, not a value.
fn is_key(text: Text<'_>, end: usize) -> bool {
    matches!(text.at(end), b'=' | b':' | b'(')
}
