//! Telephone and fax numbers that show by their separators, brackets or plus sign.
//!
//! Bare digits need a label: seven to ten of them are most often something else in a log.

use super::ssn;
use super::text::{Separator, Text};

/// The start and end of the number whose first digit is at `at`; the start may take in a bracket or a
/// plus sign in front, not beyond `floor`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    // The sign in front may be only punctuation: `(555-010-4477)`.
    let signed = match text.before(at, floor) {
        // `2.14+20221128` is a version, `+0000` a time zone.
        b'+' if !text.before(at - 1, floor).is_ascii_alphanumeric() && text.at(at) != b'0' => {
            international(text, at)
        }
        b'(' => bracketed(text, at),
        _ => None,
    };
    signed
        .map(|end| (at - 1, end))
        .or_else(|| dialled(text, at, floor))
        .or_else(|| north_american(text, at).map(|end| (at, end)))
        .map(|(start, end)| (start, extension(text, end)))
}

/// Digits of a number without signs that something dials.
const MIN_DIALLED: usize = 9;

/// `sip:2065550104@pbx.example`, `tel:2065550104` (RFC 3261 and 3966).
pub(super) fn dialled(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let scheme = at.checked_sub(4).filter(|scheme| *scheme >= floor)?;
    let known = [&b"sip:"[..], b"tel:", b"sms:"].iter().any(|each| text.has_word(scheme, each));
    let digits = text.digits(at, 16);
    let whole = !text.at(at + digits).is_ascii_alphanumeric();
    let fits = (MIN_DIALLED..=15).contains(&digits) && whole;
    (known && fits && !text.before(scheme, floor).is_ascii_alphanumeric())
        .then_some((at, at + digits))
}

/// `+`, then 8 to 15 digits (ITU-T E.164) in groups with separators or brackets between.
fn international(text: Text<'_>, at: usize) -> Option<usize> {
    let mut digits = 0;
    let mut end = at;
    let mut next = at;
    loop {
        let run = text.digits(next, 16);
        // Behind a whole number, a group that is one of its own ends this one.
        let own = digits >= 8 && (ssn::find(text, next).is_some() || area(text, next).is_some());
        if run == 0 || own || digits + run > 15 {
            break;
        }
        digits += run;
        end = next + run;
        next = end;
        // Up to three of space, dash, dot and brackets: `+44 (0)20 7946 0958`.
        for _ in 0..3 {
            if let Some((_, length)) = text.separator(next) {
                next += length;
            } else if matches!(text.at(next), b'(' | b')' | b'/') {
                next += 1;
            } else {
                break;
            }
        }
    }
    (digits >= 8).then_some(end)
}

/// `555) 123-4567`, the bracket in front already seen.
fn bracketed(text: Text<'_>, at: usize) -> Option<usize> {
    if !text.exactly(at, 3) || text.at(at + 3) != b')' {
        return None;
    }
    let exchange = match text.separator(at + 4) {
        Some((_, length)) => at + 4 + length,
        None => at + 4,
    };
    local(text, exchange, None)
}

/// `555-123-4567`, `1-555-123-4567`, `1 (555) 123-4567`, `555.123.4567`, `555 123 4567`.
fn north_american(text: Text<'_>, at: usize) -> Option<usize> {
    if text.exactly(at, 3)
        && text.at(at) == b'0'
        && text.at(at + 1) == b'0'
        && text.at(at + 2) == b'1'
    {
        // `001-555-123-4567`
        let (_, length) = text.separator(at + 3)?;
        return area(text, at + 3 + length).or_else(|| area(text, at));
    }
    if text.exactly(at, 1) && text.at(at) == b'1' {
        let (_, length) = text.separator(at + 1)?;
        let next = at + 1 + length;
        return if text.at(next) == b'(' { bracketed(text, next + 1) } else { area(text, next) };
    }
    area(text, at)
}

fn area(text: Text<'_>, at: usize) -> Option<usize> {
    if !text.exactly(at, 3) {
        return None;
    }
    let (separator, length) = text.separator(at + 3).or_else(|| {
        // `555/123-4567`
        (text.at(at + 3) == b'/').then_some((Separator::Dash, 1))
    })?;
    let exchange = at + 3 + length;
    // Numbers in a table are set apart by spaces too: there area and exchange must be possible ones.
    let possible = |at| matches!(text.at(at), b'2'..=b'9');
    if separator == Separator::Space && !(possible(at) && possible(exchange)) {
        return None;
    }
    local(text, exchange, Some(separator))
}

/// Exchange and line. A dot is a separator only where the first one was a dot too.
fn local(text: Text<'_>, at: usize, first: Option<Separator>) -> Option<usize> {
    if !text.exactly(at, 3) {
        return None;
    }
    let (separator, length) = text.separator(at + 3)?;
    let line = at + 3 + length;
    let same = first.is_none_or(|first| (first == Separator::Dot) == (separator == Separator::Dot));
    (same && text.exactly(line, 4)).then_some(line + 4)
}

/// The end with the extension taken along (`x12`, `ext. 12`, `extension 12`), if there is one.
fn extension(text: Text<'_>, end: usize) -> usize {
    let mut next = end;
    for _ in 0..2 {
        if let Some((Separator::Space, length)) = text.separator(next) {
            next += length;
        }
    }
    let word = [&b"extension"[..], b"ext.", b"ext", b"x"]
        .into_iter()
        .find(|word| text.has_word(next, word));
    let Some(word) = word else { return end };
    next += word.len();
    if let Some((Separator::Space, length)) = text.separator(next) {
        next += length;
    }
    let run = text.digits(next, 7);
    let after = next + run;
    // Digits that go on behind a separator are a number of their own.
    let goes_on =
        text.separator(after).is_some_and(|(_, length)| text.at(after + length).is_ascii_digit());
    if (1..=6).contains(&run) && !goes_on { after } else { end }
}
