//! A latitude and a longitude together, in either order, with four decimals or more: some ten metres.

use super::text::Text;

/// The start and end of the pair whose first digit is at `at`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let signed = matches!(text.before(at, floor), b'-' | b'+');
    let start = at - usize::from(signed);
    let before = text.before(start, floor);
    if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'_' | b'-') {
        return None;
    }
    let (latitude, longitude): (Axis, Axis) = ((90, b"NS"), (180, b"EW"));
    let end = pair_end(text, at, latitude, longitude);
    // GeoJSON (RFC 7946) and WKT have the longitude first.
    let end = end.or_else(|| pair_end(text, at, longitude, latitude))?;
    (!text.at(end).is_ascii_alphanumeric()).then_some((start, end))
}

/// The most degrees, and the letters of the compass.
type Axis = (u16, &'static [u8]);

fn pair_end(text: Text<'_>, at: usize, first: Axis, second: Axis) -> Option<usize> {
    let mut next = degrees(text, at, first.0)?;
    next = skip(text, next, first.1);
    if !matches!(text.at(next), b',' | b';' | b' ') {
        return None;
    }
    next += 1;
    if text.at(next) == b' ' {
        next += 1;
    }
    // `Lat 42.3601, Lon -71.0589`
    let word = [&b"lon "[..], b"lng ", b"long ", b"longitude ", b"lat ", b"latitude "]
        .into_iter()
        .find(|word| text.has_word(next, word));
    next += word.map_or(0, <[u8]>::len);
    if matches!(text.at(next), b'-' | b'+') {
        next += 1;
    }
    Some(skip(text, degrees(text, next, second.0)?, second.1))
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
