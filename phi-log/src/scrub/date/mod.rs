//! Dates. One that stands alone is taken for a person's; one with a clock beside it is most often a
//! machine's, and goes only where the words in front speak of a birth, a visit or a death.

mod clock;
mod month;

use clock::{at_head, clock, clock_before};
#[cfg(test)]
pub(super) use month::MONTHS;
use month::month_before;
pub(super) use month::{MONTH_ENDS, may_begin, month};

use super::kind::Kind;
use super::text::Text;

/// How far in front of a date its words are looked for.
const MAX_CONTEXT: usize = 56;

/// A date by its shape.
#[derive(Clone, Copy)]
struct Shape {
    start: usize,
    end: usize,
    /// Year first, as machines write it.
    iso: bool,
    /// Only with words in front: two digits of a year, dots, a month without a day.
    weak: bool,
}

/// The start and end of the date whose first digits are at `at`, and whether it is one of birth.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize, Kind)> {
    let shape = shape(text, at, floor)?;
    let kind = context(text, shape.start);
    if let Some(kind) = kind {
        let end = clock(text, shape.end).unwrap_or(shape.end);
        return Some((shape.start, end, kind));
    }
    let stamp = clock(text, shape.end).is_some() || clock_before(text, shape.start, floor);
    let head = shape.iso && at_head(text, shape.start) && text.at(shape.end) != 0;
    (!shape.weak && !stamp && !head).then_some((shape.start, shape.end, Kind::Date))
}

/// The end of a date that starts at `at`, with its clock: the value of a field that holds dates.
pub(super) fn value_end(text: Text<'_>, at: usize) -> Option<usize> {
    let end = shape(text, at, at).filter(|shape| shape.start == at).map(|shape| shape.end)?;
    Some(clock(text, end).unwrap_or(end))
}

fn shape(text: Text<'_>, at: usize, floor: usize) -> Option<Shape> {
    let before = text.before(at, floor);
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'.' | b'/' | b'\\' | b'%' | b'$')
    {
        return None;
    }
    let dash = before == b'-' && text.before(at - 1, floor) != b' ';
    let shape = match text.digits(at, 5) {
        4 if !dash => year_first(text, at).or_else(|| month_year(text, at, floor)),
        1 | 2 => numbers(text, at)
            .filter(|_| !dash)
            .or_else(|| day_month(text, at))
            .or_else(|| month_day(text, at, floor)),
        _ => None,
    }?;
    (!goes_on(text, shape.end)).then_some(shape)
}

/// Whether the text behind goes on as a path, a longer number or a version.
pub(super) fn goes_on(text: Text<'_>, end: usize) -> bool {
    let next = text.at(end + 1);
    match text.at(end) {
        b'T' => !next.is_ascii_digit(),
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'/' | b'\\' => true,
        b'-' | b'.' => next.is_ascii_alphanumeric(),
        _ => false,
    }
}

/// `1980-01-05`, `1980/1/5`
fn year_first(text: Text<'_>, at: usize) -> Option<Shape> {
    year(text, at)?;
    let sign = text.at(at + 4);
    if !matches!(sign, b'-' | b'/' | b'.') {
        return None;
    }
    let month = text.digits(at + 5, 3);
    let day_at = at + 5 + month + 1;
    if text.at(at + 5 + month) != sign {
        return None;
    }
    let day = text.digits(day_at, 3);
    let fits = in_range(text, at + 5, month, 12) && in_range(text, day_at, day, 31);
    let weak = sign == b'.';
    fits.then_some(Shape { start: at, end: day_at + day, iso: true, weak })
}

/// `1/5/1980`, `01-05-1980`, `1/5/80`, `5.1.1980`
fn numbers(text: Text<'_>, at: usize) -> Option<Shape> {
    let first = text.digits(at, 2);
    let sign = text.at(at + first);
    if !matches!(sign, b'/' | b'-' | b'.') {
        return None;
    }
    let second_at = at + first + 1;
    let second = text.digits(second_at, 3);
    let year_at = second_at + second + 1;
    if text.at(second_at + second) != sign {
        return None;
    }
    let months = (in_range(text, at, first, 12), in_range(text, second_at, second, 12));
    let days = in_range(text, at, first, 31) && in_range(text, second_at, second, 31);
    if !days || months == (false, false) {
        return None;
    }
    let run = text.digits(year_at, 5);
    let weak = sign == b'.' || run == 2;
    match run {
        4 => year(text, year_at)?,
        2 => 0,
        _ => return None,
    };
    Some(Shape { start: at, end: year_at + run, iso: false, weak })
}

/// `5 January 1980`, `5-Jan-1980`, `5th of Jan. 1980`
fn day_month(text: Text<'_>, at: usize) -> Option<Shape> {
    let run = text.digits(at, 2);
    if !in_range(text, at, run, 31) {
        return None;
    }
    let mut next = ordinal(text, at + run);
    let sign = text.at(next);
    if !matches!(sign, b' ' | b'-' | b'/' | b'.') {
        return None;
    }
    next += 1;
    if text.has_word(next, b"of ") {
        next += 3;
    }
    next = month(text, next)?;
    for _ in 0..2 {
        if matches!(text.at(next), b' ' | b'-' | b'/' | b'.' | b',') {
            next += 1;
        }
    }
    year(text, next)?;
    let own = text.digits(next, 5) == 4;
    own.then_some(Shape { start: at, end: next + 4, iso: false, weak: false })
}

/// `January 5, 1980`, `Jan 5th 1980`: the digit of the day is at `at`.
fn month_day(text: Text<'_>, at: usize, floor: usize) -> Option<Shape> {
    let start = month_before(text, at, floor)?;
    let run = text.digits(at, 2);
    let mut next = ordinal(text, at + run);
    if !in_range(text, at, run, 31) {
        return None;
    }
    if text.at(next) == b',' {
        next += 1;
    }
    if text.at(next) == b' ' {
        next += 1;
    }
    if text.at(next).is_ascii_digit() && next > at + run {
        year(text, next)?;
        let own = text.digits(next, 5) == 4;
        return own.then_some(Shape { start, end: next + 4, iso: false, weak: false });
    }
    Some(Shape { start, end: ordinal(text, at + run), iso: false, weak: true })
}

/// `January 1980`: the digit of the year is at `at`.
fn month_year(text: Text<'_>, at: usize, floor: usize) -> Option<Shape> {
    year(text, at)?;
    let start = month_before(text, at, floor)?;
    Some(Shape { start, end: at + 4, iso: false, weak: true })
}

fn ordinal(text: Text<'_>, at: usize) -> usize {
    let word = [&b"st"[..], b"nd", b"rd", b"th"].into_iter().any(|end| text.has_word(at, end));
    if word && !text.at(at + 2).is_ascii_alphanumeric() { at + 2 } else { at }
}

/// A year from 1700 to 2199, as a number.
fn year(text: Text<'_>, at: usize) -> Option<u16> {
    let century =
        matches!((text.at(at), text.at(at + 1)), (b'1', b'7'..=b'9') | (b'2', b'0' | b'1'));
    (century && text.digits(at, 4) == 4)
        .then(|| (0..4).fold(0, |sum, offset| sum * 10 + u16::from(text.at(at + offset) - b'0')))
}

fn in_range(text: Text<'_>, at: usize, digits: usize, most: u8) -> bool {
    let value = match digits {
        1 => text.at(at) - b'0',
        2 => (text.at(at) - b'0') * 10 + (text.at(at + 1) - b'0'),
        _ => return false,
    };
    (1..=most).contains(&value)
}

/// What the words in front of a date say of it.
fn context(text: Text<'_>, start: usize) -> Option<Kind> {
    // Also what was removed is a part of the sentence.
    let near = text.slice(start.saturating_sub(MAX_CONTEXT), start);
    let near = near.rsplit(|byte| *byte == b'\n').next().unwrap_or(near);
    let mut found = None;
    for word in near.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| word.len() >= 3) {
        let is = |words: &[&[u8]]| words.iter().any(|each| each.eq_ignore_ascii_case(word));
        if is(&[b"birth", b"born", b"dob", b"birthdate", b"birthday", b"birthdays"]) {
            found = Some(Kind::Birth);
        } else if is(EVENTS) {
            found = Some(Kind::Date);
        }
    }
    found
}

/// What happens to patients.
pub(super) const EVENTS: &[&[u8]] = &[
    b"admit",
    b"admitted",
    b"admission",
    b"discharge",
    b"discharged",
    b"death",
    b"died",
    b"deceased",
    b"dod",
    b"visit",
    b"visited",
    b"seen",
    b"appointment",
    b"appt",
    b"encounter",
    b"surgery",
    b"onset",
    b"diagnosed",
    b"treated",
    b"hospitalized",
    b"hospitalised",
    b"vaccinated",
    b"immunized",
    b"prescribed",
    b"scheduled",
    b"follow",
    b"followup",
    b"dos",
    b"procedure",
    b"exam",
    b"delivered",
    b"enrolled",
    b"intubated",
    b"transferred",
    b"passed",
    b"patient",
    b"birthed",
    b"consult",
];
