//! Numbers without a shape of their own behind a label without a sign: `MRN 12345`, `MRN#12345`,
//! `MRN12345`, `SSN 123456789`, `phone 5551234567`, `DOB 1/5/1980`.

use super::engine::Hit;
use super::keys;
use super::kind::Kind;
use super::pair::label_start;
use super::text::Text;
use super::value;

/// Letters in front of the first digit that may belong to the number: `MRN A12345`.
const MAX_PREFIX: usize = 8;

/// The labelled value that holds the first digit at `at`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    let mut start = at;
    while at - start < MAX_PREFIX && is_prefix(text.before(start, floor)) {
        start -= 1;
    }
    // The shortest value of all has four characters; most numbers in a log are not so long.
    let near = text.until(start + 2 * MAX_PREFIX);
    if value::bare_end(near, start, Kind::Birth) - start < 4 {
        return None;
    }
    let kind = match glued(text.slice(start, at)) {
        Some(kind) => {
            start = at;
            kind
        }
        None => label(text, start, floor)?,
    };
    let end = value::bare_end(text, start, kind);
    long_enough(text, start, end, kind).then_some(Hit { start, end, kind, quote: None })
}

const fn is_prefix(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// `MRN12345`
fn glued(prefix: &[u8]) -> Option<Kind> {
    if prefix.eq_ignore_ascii_case(b"mrn") {
        Some(Kind::Mrn)
    } else if prefix.eq_ignore_ascii_case(b"ssn") {
        Some(Kind::Ssn)
    } else if prefix.eq_ignore_ascii_case(b"dob") {
        Some(Kind::Birth)
    } else {
        None
    }
}

/// The kind that the words in front of `start` name, set apart by at most four of space, `#`, `.`, `-`.
fn label(text: Text<'_>, start: usize, floor: usize) -> Option<Kind> {
    let mut end = start;
    for _ in 0..4 {
        if matches!(text.before(end, floor), b' ' | b'#' | b'.' | b'-' | b'_') {
            end -= 1;
        }
    }
    if end == start || !text.before(end, floor).is_ascii_alphabetic() {
        return None;
    }
    let kind = keys::judge_label(text.slice(label_start(text, end, floor), end))?;
    matches!(
        kind,
        Kind::Ssn
            | Kind::Mrn
            | Kind::Phone
            | Kind::Birth
            | Kind::Member
            | Kind::Account
            | Kind::Card
            | Kind::Licence
            | Kind::Passport
    )
    .then_some(kind)
}

/// Whether the value is as long as one of its kind: `phone 2` is a line number.
fn long_enough(text: Text<'_>, start: usize, end: usize, kind: Kind) -> bool {
    let bytes = text.slice(start, end);
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    match kind {
        Kind::Mrn => bytes.len() >= 4 && digits >= 2,
        Kind::Ssn | Kind::Birth => digits >= 4,
        Kind::Phone => digits >= 7,
        Kind::Card => digits >= 8,
        _ => bytes.len() >= 5 && digits >= 3,
    }
}
