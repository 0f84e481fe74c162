//! Names of people in running text, where a title or a word in front says that one follows.
//!
//! There is no list of names: a name that nothing announces is not found.

use super::keys::Endings;
use super::text::Text;

/// Words of a name.
const MAX_WORDS: usize = 5;

/// The end of the name whose first capital is at `at`, if the words in front announce one.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    if at > 0 && !matches!(text.before(at, 0), b' '..=b'(') {
        return None;
    }
    if let Some(name) = behind_title(text, at) {
        // `Cache Miss Rate` is no lady.
        let alone = text.at(at) != b'M' || text.at(at + 1) != b'i' || is_courteous(text, at, floor);
        let (end, _) = name_end(text, name).filter(|_| alone && !is_thing(text, name))?;
        return Some(end);
    }
    let least = match announced(text, at, floor) {
        Some(least) => least,
        None if begins_clause(text, at, floor) && two_words(text, at) => {
            let (end, words) = name_end(text, at)?;
            return (words >= 2 && acts(text, end) && !is_thing(text, at)).then_some(end);
        }
        None => return None,
    };
    let (end, words) = name_end(text, at)?;
    (words >= least && !is_thing(text, at)).then_some(end)
}

/// Whether a clause begins at `at`, or a small word stands in front, or `Dear`.
fn is_courteous(text: Text<'_>, at: usize, floor: usize) -> bool {
    let mut start = at.saturating_sub(1).max(floor);
    let end = start;
    while end - start < 12 && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
    }
    let word = text.slice(start, end);
    begins_clause(text, at, floor)
        || word.first().is_some_and(u8::is_ascii_lowercase)
        || word == b"Dear"
}

/// Where the name begins behind the title at `at`, if one stands there: `Mr. `, `Dr `.
fn behind_title(text: Text<'_>, at: usize) -> Option<usize> {
    if !matches!(text.at(at), b'M' | b'D' | b'P' | b'S' | b'R') {
        return None;
    }
    let title = TITLES.iter().find(|title| {
        text.slice(at, at + title.len()) == **title
            && matches!(text.at(at + title.len()), b'.' | b' ')
    })?;
    let mut next = at + title.len();
    next += usize::from(text.at(next) == b'.');
    next += usize::from(text.at(next) == b' ');
    text.at(next).is_ascii_uppercase().then_some(next)
}

/// Whether a sentence, a line or a part of one begins at `at`.
fn begins_clause(text: Text<'_>, at: usize, floor: usize) -> bool {
    match text.before(at, floor) {
        b' ' => matches!(text.before(at - 1, floor), b'.' | b':' | b';' | b',' | b'!' | b'-'),
        byte => at == 0 || byte == b'\n',
    }
}

/// Whether two words with a capital begin here: the quick answer for most sentences.
fn two_words(text: Text<'_>, at: usize) -> bool {
    let length = (0..16).take_while(|offset| {
        let byte = text.at(at + offset);
        byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'.' | b'\'' | b'-')
    });
    let next = at + length.count();
    text.at(next) == b' ' && (text.at(next + 1).is_ascii_uppercase() || text.at(next + 1) >= 0x80)
        || text.at(next).is_ascii_alphabetic()
}

/// Whether the words behind a name say that its bearer does what patients do.
fn acts(text: Text<'_>, end: usize) -> bool {
    const ACTS: [&[u8]; 20] = [
        b"called ",
        b"lives ",
        b"presented ",
        b"presents ",
        b"complains ",
        b"complained ",
        b"denies ",
        b"underwent ",
        b"phoned ",
        b"was admitted",
        b"was discharged",
        b"was seen",
        b"was born",
        b"was diagnosed",
        b"has an appointment",
        b"was transferred",
        b"was prescribed",
        b"reports ",
        b"is a patient",
        b"was referred",
    ];
    text.at(end) == b' ' && ACTS.into_iter().any(|word| text.has_word(end + 1, word))
}

/// How many words the name must have at least, if one is announced in front of `at`.
fn announced(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    let mut end = at;
    while at - end < 2 && matches!(text.before(end, floor), b' ') {
        end -= 1;
    }
    if end == at {
        return None;
    }
    if !ANNOUNCING.has(text, end, floor) {
        return None;
    }
    let word_end = end;
    let mut start = word_end;
    while word_end - start < 13 && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
    }
    let front = text.before(start, floor);
    if front.is_ascii_alphanumeric() || matches!(front, b'_' | b'/' | b'.' | b'-') {
        return None;
    }
    let word = text.slice(start, word_end);
    let is = |words: &[&[u8]]| words.contains(&word);
    if ROLES.iter().any(|role| role.as_bytes() == word) {
        return Some(2);
    }
    if is(&[b"named", b"Dear", b"Name", b"NAME"]) {
        return Some(1 + usize::from(is(&[b"Name", b"NAME"])));
    }
    let mut before = start;
    while start - before < 1 && text.before(before, floor) == b' ' {
        before -= 1;
    }
    let ends = |phrase: &[u8]| {
        before.checked_sub(phrase.len()).is_some_and(|from| {
            from >= floor
                && text.has_word(from, phrase)
                && !text.before(from, floor).is_ascii_alphanumeric()
        })
    };
    match word {
        b"is" if ends(b"name") => Some(1),
        b"am" if ends(b"i") => Some(1),
        b"by" if VERBS.iter().any(|verb| ends(verb)) => Some(2),
        b"for" | b"with" | b"of" | b"to" if PATIENTLY.iter().any(|noun| ends(noun)) => Some(2),
        _ => None,
    }
}

pub(super) const TITLES: &[&[u8]] =
    &[b"Mr", b"Mrs", b"Ms", b"Mx", b"Dr", b"Prof", b"MR", b"MRS", b"DR", b"Sra", b"Rev", b"Miss"];

/// How the words end that announce a name.
static ANNOUNCING: Endings =
    Endings::of(&[ROLES, &["named", "dear", "name", "is", "am", "by", "for", "with", "of", "to"]]);

/// Whoever stands in front of a name.
pub(super) const ROLES: &[&str] = &[
    "patient",
    "Patient",
    "PATIENT",
    "pt",
    "Pt",
    "PT",
    "client",
    "Client",
    "resident",
    "Resident",
    "member",
    "Member",
    "subscriber",
    "Subscriber",
    "guarantor",
    "Guarantor",
    "physician",
    "Physician",
    "doctor",
    "Doctor",
    "nurse",
    "Nurse",
    "provider",
    "caregiver",
    "Caregiver",
    "wife",
    "husband",
    "mother",
    "father",
    "son",
    "daughter",
    "brother",
    "sister",
    "spouse",
    "guardian",
    "Guardian",
    "beneficiary",
    "surgeon",
    "midwife",
    "Attending",
    "attending",
    "contact",
    "driver",
    "worker",
    "Mother",
    "Daughter",
    "Son",
    "Wife",
    "Husband",
    "Brother",
    "Sister",
    "Spouse",
    "Provider",
    "Surgeon",
    "Beneficiary",
    "Father",
];

/// What somebody did.
pub(super) const VERBS: &[&[u8]] = &[
    b"seen",
    b"signed",
    b"ordered",
    b"reviewed",
    b"prescribed",
    b"referred",
    b"examined",
    b"treated",
    b"admitted",
    b"called",
    b"accompanied",
    b"dictated",
    b"attended",
    b"performed",
    b"requested",
];

/// What belongs to somebody.
pub(super) const PATIENTLY: &[&[u8]] = &[
    b"appointment",
    b"chart",
    b"visit",
    b"record",
    b"records",
    b"referral",
    b"prescription",
    b"results",
    b"spoke",
    b"talked",
    b"met",
    b"birth",
    b"death",
    b"refill",
    b"invoice",
];

/// Whether the word at `at` is one that stands behind `patient` without naming one.
fn is_thing(text: Text<'_>, at: usize) -> bool {
    const THINGS: &[&[u8]] = &[
        b"Portal",
        b"Access",
        b"Record",
        b"Records",
        b"Service",
        b"Services",
        b"Data",
        b"Care",
        b"Name",
        b"Registration",
        b"Management",
        b"System",
        b"Systems",
        b"Center",
        b"Safety",
        b"Health",
        b"Number",
        b"Account",
        b"Profile",
        b"Details",
        b"Information",
        b"List",
        b"Search",
        b"Module",
        b"View",
        b"Info",
        b"Status",
        b"Created",
        b"Updated",
        b"Deleted",
        b"Not",
        b"The",
        b"Is",
        b"Has",
        b"Was",
        b"Api",
        b"Controller",
        b"Repository",
        b"Handler",
        b"Request",
        b"Response",
        b"Resource",
        b"Id",
        b"Identifier",
        b"Experience",
        b"Summary",
        b"History",
        b"Medical",
        b"Client",
        b"Server",
        b"Hello",
        b"Sir",
        b"Madam",
        b"Team",
        b"All",
        b"Customer",
        b"Failed",
        b"Error",
        b"Unknown",
        b"Null",
        b"None",
        b"Java",
        b"Version",
        b"Type",
        b"Code",
        b"Office",
        b"Hospital",
        b"Clinic",
        b"Department",
        b"Unit",
        b"Group",
        b"Insurance",
        b"Plan",
        b"Admission",
        b"Discharge",
        b"Visit",
        b"Encounter",
        b"Appointment",
        b"Date",
        b"Address",
        b"Phone",
        b"Email",
        b"Portals",
        b"Chart",
        b"Intake",
        b"Education",
        b"Monitoring",
    ];
    let mut end = at;
    while end - at < 16 && text.at(end).is_ascii_alphabetic() {
        end += 1;
    }
    THINGS.contains(&text.slice(at, end))
}

/// The end of a name at `at`, and how many words it has.
///
/// Words with a capital, initials, and between them the small ones of surnames (`de la`, `van`). Words all
/// in capitals count only where the first one is so too.
pub(super) fn name_end(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let mut end = None;
    let mut words = 0;
    let mut next = at;
    let mut shouts = None;
    for _ in 0..MAX_WORDS + 3 {
        let (stop, word) = word(text, next);
        if word.is_empty() {
            break;
        }
        next = stop;
        if !is_particle(word) {
            let Some(shape) = shape(word) else { break };
            let initial = shape == Shape::Initial;
            let shouted = shape == Shape::Shouted;
            let around = is_suffix(word) || TITLES.contains(&word);
            if !initial && !around && *shouts.get_or_insert(shouted) != shouted {
                break;
            }
            words += usize::from(!around);
            next += usize::from(text.at(stop) == b'.' && (initial || around));
            end = Some(next);
        }
        let comma = text.at(next) == b',' && text.at(next + 1) == b' ' && suffix_at(text, next + 2);
        next += usize::from(comma);
        if words == MAX_WORDS || text.at(next) != b' ' {
            break;
        }
        next += 1;
    }
    end.filter(|_| words > 0).map(|end| (end, words))
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Shape {
    Capital,
    Shouted,
    Initial,
}

fn word(text: Text<'_>, at: usize) -> (usize, &[u8]) {
    let mut end = at;
    while end - at < 32 {
        let byte = text.at(end);
        let joined =
            matches!(byte, b'\'' | b'-') && text.at(end + 1).is_ascii_alphabetic() && end > at;
        // U+2019, the apostrophe of print.
        let high = byte >= 0x80 && text.separator(end).is_none();
        if !(byte.is_ascii_alphabetic() || joined || high) {
            break;
        }
        // `Smith's`
        if byte == b'\'' && text.at(end + 1) == b's' && !text.at(end + 2).is_ascii_alphabetic() {
            break;
        }
        end += 1;
    }
    if end - at >= 32 {
        return (end, &[]);
    }
    // A word that goes on is not one of a name: `Smith_2`, `Ada/Bob`, `x(`.
    let after = text.at(end);
    if after.is_ascii_digit() || matches!(after, b'_' | b'(' | b'=' | b'@' | b'/') {
        return (end, &[]);
    }
    (end, text.slice(at, end))
}

fn shape(word: &[u8]) -> Option<Shape> {
    let first = word.first()?;
    if !(first.is_ascii_uppercase() || *first >= 0x80) {
        return None;
    }
    if word.len() == 1 {
        return Some(Shape::Initial);
    }
    let lower = word.iter().filter(|byte| byte.is_ascii_lowercase() || **byte >= 0x80).count();
    let upper = word.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    if lower == 0 {
        return Some(Shape::Shouted);
    }
    // `McDonald`, `O'Neil-Young`; more capitals are an identifier of a program.
    (upper <= 3).then_some(Shape::Capital)
}

fn is_particle(word: &[u8]) -> bool {
    [&b"de"[..], b"la", b"del", b"van", b"von", b"der", b"den", b"di", b"da", b"dos", b"bin", b"al"]
        .contains(&word)
}

fn is_suffix(word: &[u8]) -> bool {
    [
        &b"Jr"[..],
        b"Sr",
        b"II",
        b"III",
        b"IV",
        b"MD",
        b"DO",
        b"RN",
        b"PhD",
        b"DDS",
        b"NP",
        b"DVM",
        b"V",
    ]
    .contains(&word)
}

fn suffix_at(text: Text<'_>, at: usize) -> bool {
    let (_, word) = word(text, at);
    is_suffix(word)
}

/// Whether the text from `start` to `end` looks like the name of a person and nothing else: two to five
/// words, or `Example, Ada`.
pub(super) fn is_name(text: Text<'_>, start: usize, end: usize) -> bool {
    let view = text.until(end);
    let Some((stop, words)) = name_end(view, start) else { return false };
    if stop == end {
        return words >= 2 && !is_thing(view, start);
    }
    if view.at(stop) != b',' {
        return false;
    }
    let given = stop + 1 + usize::from(view.at(stop + 1) == b' ');
    name_end(view, given).is_some_and(|(stop, _)| stop == end)
}
