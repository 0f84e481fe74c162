//! Ages over 89, which 45 CFR 164.514(b)(2)(i)(C) counts among the identifiers.

use super::text::Text;

/// The start and end of the age whose first digit is at `at`, with the words that make it one.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let end = number(text, at)?;
    let before = text.before(at, floor);
    if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'_' | b'/' | b':' | b'-') {
        return None;
    }
    let told = || in_front(text, at, floor) && !is_measured(text, end);
    behind(text, end).or_else(|| told().then_some(end)).map(|end| (at, end))
}

/// Bytes around a number: `Some("92")`, `{"value":92}`.
const MAX_AROUND: usize = 24;

/// The age behind a label, whatever is written around it.
pub(super) fn inside(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let around = (at..at + MAX_AROUND).find(|at| text.at(*at).is_ascii_digit())?;
    let signs = text.slice(at, around);
    let plain = signs.iter().all(|byte| matches!(byte, b'"' | b'\'' | b'\\' | b'[' | b'('));
    let wrapped = matches!(signs.last(), Some(b'(' | b'[' | b'"' | b':' | b' '))
        && signs.iter().any(|byte| matches!(byte, b'(' | b'{'))
        && !signs.contains(&b',');
    let end = number(text, around).filter(|_| plain || wrapped)?;
    (!text.at(end).is_ascii_alphanumeric() && !is_measured(text, end)).then_some((around, end))
}

/// Whether a unit follows that is not one of lives: `page age: 123 ms`, `age 112 days`.
fn is_measured(text: Text<'_>, end: usize) -> bool {
    const UNITS: [&[u8]; 14] = [
        b"ms", b"us", b"ns", b"s", b"sec", b"secs", b"second", b"seconds", b"min", b"minutes",
        b"h", b"hours", b"days", b"d",
    ];
    let start = end + usize::from(text.at(end) == b' ');
    let length = (0..9).take_while(|at| text.at(start + at).is_ascii_alphabetic()).count();
    let word = text.slice(start, start + length);
    UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(word))
}

/// The end of a number from 90 to 130 at `at`.
pub(super) fn number(text: Text<'_>, at: usize) -> Option<usize> {
    let run = text.digits(at, 4);
    let over = match run {
        2 => text.at(at) == b'9',
        3 => text.at(at) == b'1' && matches!(text.at(at + 1), b'0'..=b'2'),
        _ => false,
    };
    let end = at + run;
    let fraction = text.at(end) == b'.' && text.at(end + 1).is_ascii_digit();
    (over && !fraction).then_some(end)
}

/// `92-year-old`, `92 years old`, `92 yo`, `92y/o`, `92 years of age`
fn behind(text: Text<'_>, end: usize) -> Option<usize> {
    const OLD: [&[u8]; 14] = [
        b"year-old",
        b"years-old",
        b"year old",
        b"years old",
        b"yr old",
        b"yrs old",
        b"yr-old",
        b"years of age",
        b"y.o.",
        b"y.o",
        b"y/o",
        b"yo",
        b"yrs of age",
        b"yearold",
    ];
    let at = end + usize::from(matches!(text.at(end), b' ' | b'-'));
    OLD.into_iter()
        .map(|word| (word, at + word.len()))
        .find(|(word, end)| text.has_word(at, word) && !text.at(*end).is_ascii_alphanumeric())
        .map(|(_, end)| end)
}

/// `aged 92`, `age: 92`, `age of 92`
fn in_front(text: Text<'_>, at: usize, floor: usize) -> bool {
    let mut end = at;
    while at - end < 4 && matches!(text.before(end, floor), b' ' | b':' | b'=' | b'"') {
        end -= 1;
    }
    if end == at {
        return false;
    }
    [&b"age"[..], b"aged", b"age of", b"age is", b"age at death"].into_iter().any(|word| {
        end.checked_sub(word.len()).is_some_and(|start| {
            let front = text.before(start, floor);
            start >= floor
                && text.has_word(start, word)
                && !front.is_ascii_alphanumeric()
                && !matches!(front, b'-' | b'_' | b'.')
                && !is_of_thing(text, start, floor)
        })
    })
}

/// Whether the word in front is of what is no person: `cache age 95`.
fn is_of_thing(text: Text<'_>, at: usize, floor: usize) -> bool {
    [&b"cache "[..], b"max ", b"page ", b"file ", b"log ", b"token ", b"key ", b"session "]
        .into_iter()
        .any(|word| {
            at.checked_sub(word.len())
                .is_some_and(|start| start >= floor && text.has_word(start, word))
        })
}
