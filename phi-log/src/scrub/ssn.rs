//! Social security numbers: three, two and four digits with separators between them.
//!
//! Every area is taken, also 9xx (ITIN) and the numbers printed as samples: a list of numbers to let
//! through is a list of numbers that leak. Nine bare digits need a label (`label.rs`): of such numbers
//! in real logs two thirds are something else.

use super::text::{Separator, Text};

/// The end of the number that starts with the digit at `at`.
pub(super) fn find(text: Text<'_>, at: usize) -> Option<usize> {
    if !text.exactly(at, 3) {
        return None;
    }
    let (first, group) = separator(text, at + 3)?;
    if !text.exactly(group, 2) {
        return None;
    }
    let (second, serial) = separator(text, group + 2)?;
    // Dots only with dots: `123.45 6789` is an amount and a number.
    if (first == Separator::Dot) != (second == Separator::Dot) || !text.exactly(serial, 4) {
        return None;
    }
    Some(serial + 4)
}

/// A separator, with one line break behind it or in its place: numbers are wrapped in letters and
/// reports.
fn separator(text: Text<'_>, at: usize) -> Option<(Separator, usize)> {
    let (kind, next) = match text.separator(at) {
        Some((kind, length)) => (Some(kind), at + length),
        None => (None, at),
    };
    let next_line = match (text.at(next), text.at(next + 1)) {
        (b'\n', _) => Some(next + 1),
        (b'\r', b'\n') => Some(next + 2),
        _ => None,
    };
    match (kind, next_line) {
        (kind, Some(next)) => Some((kind.unwrap_or(Separator::Space), next)),
        (Some(kind), None) => Some((kind, next)),
        (None, None) => None,
    }
}
