//! The months, whole and cut.

use crate::scrub::keys::Endings;
use crate::scrub::text::Text;

pub(in crate::scrub) const MONTHS: [&[u8]; 12] = [
    b"january",
    b"february",
    b"march",
    b"april",
    b"may",
    b"june",
    b"july",
    b"august",
    b"september",
    b"october",
    b"november",
    b"december",
];

/// The end of the month at `at`: its whole name, or three letters of it, `sept`, with a dot or without.
pub(in crate::scrub) fn month(text: Text<'_>, at: usize) -> Option<usize> {
    if !matches!(text.at(at) | 0x20, b'j' | b'f' | b'm' | b'a' | b's' | b'o' | b'n' | b'd') {
        return None;
    }
    let mut end = at;
    while end - at < 10 && text.at(end).is_ascii_alphabetic() {
        end += 1;
    }
    let word = text.slice(at, end);
    let known = word.len() >= 3
        && MONTHS.into_iter().any(|month| {
            let short = month.get(..word.len()).unwrap_or_default();
            (matches!(word.len(), 3) || word.len() == month.len() || word.len() == 4)
                && word.eq_ignore_ascii_case(short)
        });
    if !known {
        return None;
    }
    Some(if text.at(end) == b'.' { end + 1 } else { end })
}

/// Whether a month may begin at `at`, by its first three letters.
pub(in crate::scrub) fn may_begin(text: Text<'_>, at: usize) -> bool {
    let [first, second, third, ..] = (text.word(at) | 0x0020_2020).to_le_bytes();
    matches!(
        &[first, second, third],
        b"jan"
            | b"feb"
            | b"mar"
            | b"apr"
            | b"may"
            | b"jun"
            | b"jul"
            | b"aug"
            | b"sep"
            | b"oct"
            | b"nov"
            | b"dec"
    )
}

/// Where a month ends in front of `at`: a space or a comma may stand between.
fn month_end(text: Text<'_>, at: usize, floor: usize) -> usize {
    let mut end = at;
    for sign in [b' ', b','] {
        if text.before(end, floor) == sign {
            end -= 1;
        }
    }
    end
}

/// How the months end, whole and short.
pub(in crate::scrub) const MONTH_ENDS: Endings = Endings::of(&[&[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
    "janu",
    "febr",
    "marc",
    "apri",
    "augu",
    "sept",
    "octo",
    "nove",
    "dece",
]]);

/// The start of the month in front of `at`, one space or sign away.
pub(super) fn month_before(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    let end = month_end(text, at, floor);
    if end == at {
        return None;
    }
    let dot = text.before(end, floor) == b'.';
    let mut start = end - usize::from(dot);
    while end - start < 11 && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
    }
    let front = text.before(start, floor);
    let whole = !front.is_ascii_alphanumeric() && front != b'_';
    (whole && month(text, start) == Some(end)).then_some(start)
}
