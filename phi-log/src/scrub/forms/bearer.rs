//! Names of people beside what only people have: `Ada Sample's chart`, `Bo Wu (nurse)`, `patient=42 (Ada Sample)`.

use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::person;
use crate::scrub::text::Text;

/// Whom somebody has, and who is somebody's.
const FAMILY: [&[u8]; 10] = [
    b"mother",
    b"father",
    b"wife",
    b"husband",
    b"spouse",
    b"daughter",
    b"son",
    b"sister",
    b"brother",
    b"guardian",
];

/// What belongs to a patient, besides: words for what a company or a program has as well do not stand here.
const BELONGINGS: [&[u8]; 20] = [
    b"chart",
    b"appointment",
    b"visit",
    b"medical record",
    b"care plan",
    b"prescription",
    b"lab results",
    b"labs",
    b"medications",
    b"meds",
    b"diagnosis",
    b"discharge",
    b"referral",
    b"caregiver",
    b"nurse",
    b"birthday",
    b"dob",
    b"mrn",
    b"ssn",
    b"emergency contact",
];

/// What stands in parentheses behind whoever is it, besides.
const ROLES: [&[u8]; 12] = [
    b"patient",
    b"pt",
    b"resident",
    b"nurse",
    b"doctor",
    b"physician",
    b"caregiver",
    b"aide",
    b"rn",
    b"lpn",
    b"cna",
    b"next of kin",
];

/// Whose number stands in front of a name in parentheses; and who is a program as often, unless `id` follows.
const NUMBERED: [&[u8]; 7] =
    [b"patient", b"resident", b"subscriber", b"caregiver", b"nurse", b"employee", b"pt"];
const WITH_ID: [&[u8]; 2] = [b"client", b"member"];
/// Bytes of a number, and of a name in parentheses.
const MAX_NUMBER: usize = 36;
const MAX_NAME: usize = 64;

/// Adds whoever an apostrophe says that something belongs to.
pub(super) fn scan_owners(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(at) = text.find_byte(b'\'', from) {
        from = at + 1;
        let theirs = || BELONGINGS.iter().chain(&FAMILY).any(|word| begins(text, at + 3, word));
        if text.at(at + 1) == b's' && text.at(at + 2) == b' ' && theirs() {
            hits.extend(in_front(text, at));
        }
    }
}

/// The name beside the parenthesis at `at`: in front of a role, or behind a number.
pub(super) fn in_parentheses(text: Text<'_>, at: usize) -> Option<Hit> {
    let front = at.checked_sub(1).filter(|front| text.at(*front) == b' ')?;
    let role = ROLES.iter().chain(&FAMILY).find(|role| {
        text.has_word(at + 1, role) && matches!(text.at(at + 1 + role.len()), b')' | b',')
    });
    if role.is_some() {
        return in_front(text, front);
    }
    if !text.at(at + 1).is_ascii_uppercase() || !numbers_person(text, front) {
        return None;
    }
    let close = text.until(at + 2 + MAX_NAME).find_byte(b')', at)?;
    let name = person::is_name(text.until(close), at + 1, close);
    name.then_some(Hit { start: at + 1, end: close, kind: Kind::Name, quote: None })
}

/// The name that ends at `end`.
fn in_front(text: Text<'_>, end: usize) -> Option<Hit> {
    let start = person::before(text, end, 0).filter(|start| !person::is_thing(text, *start))?;
    Some(Hit { start, end, kind: Kind::Name, quote: None })
}

/// Whether a word stands at `at`, alone or as `charts`.
fn begins(text: Text<'_>, at: usize, word: &[u8]) -> bool {
    let end = at + word.len();
    let end = end + usize::from(text.at(end) == b's');
    text.has_word(at, word) && !text.at(end).is_ascii_alphanumeric()
}

/// Whether the number that ends at `end` is a person's: `client_id=42`, `patient #42`, `resident 42`.
fn numbers_person(text: Text<'_>, end: usize) -> bool {
    let mut start = end;
    while end - start < MAX_NUMBER
        && (text.before(start, 0).is_ascii_alphanumeric() || text.before(start, 0) == b'-')
    {
        start -= 1;
    }
    if !text.slice(start, end).iter().any(u8::is_ascii_digit) {
        return false;
    }
    let mut label = start;
    while start - label < 3 && matches!(text.before(label, 0), b' ' | b'=' | b':' | b'#') {
        label -= 1;
    }
    if label == start {
        return false;
    }
    let ends = |end: usize, words: &[&[u8]]| {
        words.iter().any(|word| {
            end.checked_sub(word.len()).is_some_and(|from| {
                text.has_word(from, word) && !text.before(from, 0).is_ascii_alphanumeric()
            })
        })
    };
    match label.checked_sub(2).filter(|id| text.has_word(*id, b"id")) {
        Some(id) => {
            let end = id - usize::from(matches!(text.before(id, 0), b'_' | b' ' | b'-'));
            ends(end, &NUMBERED) || ends(end, &WITH_ID)
        }
        None => ends(label, &NUMBERED),
    }
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{scrubs_to, stays};
    use crate::scrub::work::is_linear_work;

    #[test]
    fn whoever_something_belongs_to_is_named() {
        for belonging in ["chart was opened", "mother called", "appointments", "MRN is missing"] {
            scrubs_to(
                &format!("then Ada Sample's {belonging}"),
                &format!("then [PHI:name]'s {belonging}"),
            );
        }
        stays(&["it's chart time", "Ada Sample's server", "the node's visit counter"]);
    }

    #[test]
    fn who_stands_beside_a_role_or_a_number_is_named() {
        for (text, clean) in [
            ("saved by Bo Wu (nurse) at 9", "saved by [PHI:name] (nurse) at 9"),
            ("calls: Bea Sample (sister, home)", "calls: [PHI:name] (sister, home)"),
            ("opened client_id=42 (Ada Sample)", "opened client_id=42 ([PHI:name])"),
            ("patient #a-77 (Sample, Ada) moved", "patient #a-77 ([PHI:name]) moved"),
            ("resident 42 (Ada Sample)", "resident 42 ([PHI:name])"),
        ] {
            scrubs_to(text, clean);
        }
        stays(&[
            "Web App (client) started",
            "outpatient 42 (Main Office)",
            "room 42 (Ada Lab)",
            "patient count (Main Office)",
            "client 42 (Example Browser)",
            "patient 42 (seen twice)",
        ]);
    }

    #[test]
    fn the_work_beside_names_is_linear() {
        is_linear_work(&["Ada Sample's chart ", "A's ", "patient 1 (", "Ada (nurse", "a-1 ("]);
    }
}
