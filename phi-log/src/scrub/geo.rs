//! A latitude and a longitude together, with four decimals or more: some ten metres.

use super::text::Text;

/// The start and end of the pair whose first digit is at `at`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let signed = matches!(text.before(at, floor), b'-' | b'+');
    let start = at - usize::from(signed);
    let before = text.before(start, floor);
    if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'_' | b'-') {
        return None;
    }
    let mut next = degrees(text, at, 90)?;
    next = skip(text, next, b"NS");
    if !matches!(text.at(next), b',' | b';' | b' ') {
        return None;
    }
    next += 1;
    if text.at(next) == b' ' {
        next += 1;
    }
    if matches!(text.at(next), b'-' | b'+') {
        next += 1;
    }
    let end = skip(text, degrees(text, next, 180)?, b"EW");
    (!text.at(end).is_ascii_alphanumeric()).then_some((start, end))
}

/// `42.3601`, with the degree sign if there is one.
fn degrees(text: Text<'_>, at: usize, most: u16) -> Option<usize> {
    let whole = text.digits(at, 4);
    let value =
        (0..whole.min(3)).fold(0, |sum, offset| sum * 10 + u16::from(text.at(at + offset) - b'0'));
    if !(1..=3).contains(&whole) || value > most || text.at(at + whole) != b'.' {
        return None;
    }
    let decimals = text.digits(at + whole + 1, 16);
    let end = at + whole + 1 + decimals;
    let sign = text.at(end) == 0xC2 && text.at(end + 1) == 0xB0;
    (4..16).contains(&decimals).then_some(if sign { end + 2 } else { end })
}

/// Past a space and a letter of the compass.
fn skip(text: Text<'_>, at: usize, letters: &[u8]) -> usize {
    let space = usize::from(text.at(at) == b' ');
    let letter = text.at(at + space);
    let alone = !text.at(at + space + 1).is_ascii_alphanumeric();
    if letters.contains(&letter) && alone { at + space + 1 } else { at }
}
