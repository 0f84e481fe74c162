//! Rows of two cells, as `psql` and programs that print tables write a record: `patient_name | Ada Sample`,
//! `| mrn | A-77 |`.

use super::{enclosed, names_field};
use crate::scrub::engine::Hit;
use crate::scrub::text::Text;

/// Bytes of a label that are looked at.
const MAX_LABEL: usize = 64;

/// Adds the value of each row.
pub(super) fn scan(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(at) = text.find_byte(b'|', from) {
        from = at + 1;
        hits.extend(find(text, at));
    }
}

/// The value behind the sign at `at`, if that is the only one between cells of its line.
fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    if text.before(at, 0) != b' ' || text.at(at + 1) != b' ' {
        return None; // `PID|1||77`, `a || b`
    }
    let mut label = at;
    while at - label < MAX_LABEL && is_label(text.before(label, 0)) {
        label -= 1;
    }
    let label = (label..at).find(|start| text.at(*start) != b' ')?;
    let label_end = (label..at).rev().find(|end| text.at(*end) != b' ')? + 1;
    let framed = first_of_line(text, label)?;
    if !framed && text.slice(label, label_end).contains(&b' ') {
        return None; // `cat patient_name | grep Ada`
    }
    let line = text.find_either(b'\n', b'|', at + 1).unwrap_or(text.len());
    let closed = text.at(line) == b'|';
    if closed != framed || (closed && !matches!(rest_of_line(text, line + 1), 0 | b'\n' | b'\r')) {
        return None; // more cells: its labels stand above
    }
    // The head of a table names its columns.
    let head = names_field(text.slice(at + 1, line).trim_ascii());
    enclosed(text, (label, label_end), (at + 1, line)).filter(|_| !head)
}

const fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' ')
}

/// Whether a frame stands in front of the first cell; `None` if the label is not all of that cell.
fn first_of_line(text: Text<'_>, label: usize) -> Option<bool> {
    let mut start = label;
    while matches!(text.before(start, 0), b' ' | b'\t') {
        start -= 1;
    }
    let framed = text.before(start, 0) == b'|';
    if framed {
        start -= 1;
        while matches!(text.before(start, 0), b' ' | b'\t') {
            start -= 1;
        }
    }
    matches!(text.before(start, 0), 0 | b'\n').then_some(framed)
}

fn rest_of_line(text: Text<'_>, from: usize) -> u8 {
    let mut at = from;
    while text.at(at) == b' ' {
        at += 1;
    }
    text.at(at)
}
