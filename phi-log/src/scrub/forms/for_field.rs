//! A value in quotes and behind it what it was for: `Duplicate entry 'A-77' for key 'patient.mrn'`, as `MySQL` and
//! checks of forms say it.

use super::enclosed;
use crate::scrub::engine::Hit;
use crate::scrub::text::Text;

const FOR: &[u8] = b" for ";
/// What has a label of its own.
const FIELDS: [&[u8]; 11] = [
    b"key ",
    b"column ",
    b"field ",
    b"parameter ",
    b"param ",
    b"property ",
    b"attribute ",
    b"argument ",
    b"header ",
    b"index ",
    b"constraint ",
];
/// What the names of indexes end with besides their columns.
const INDEXES: [&[u8]; 8] =
    [b"_unique", b"_uniq", b"_uq", b"_uk", b"_index", b"_idx", b"_key", b"_constraint"];
/// Bytes of a value and of a label that are looked at.
const MAX_VALUE: usize = 256;
const MAX_LABEL: usize = 64;

/// Adds the values in front of each `for`.
pub(super) fn scan(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(at) = text.find_bytes(FOR, from) {
        from = at + FOR.len();
        hits.extend(find(text, at));
    }
}

fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    let close = at.checked_sub(1)?;
    let mark = text.at(close);
    if !matches!(mark, b'"' | b'\'' | b'`') {
        return None;
    }
    let label = label(text, at + FOR.len())?;
    let escapes = escapes(text, close);
    let end = close - escapes;
    let open = (end.saturating_sub(MAX_VALUE)..end)
        .rev()
        .find(|at| text.at(*at) == mark && self::escapes(text, *at) == escapes)?;
    enclosed(text, label, (open + 1, end))
}

/// The backslashes in front of a quote.
fn escapes(text: Text<'_>, quote: usize) -> usize {
    (1..=quote).take_while(|back| text.at(quote - back) == b'\\').count()
}

/// Where the label is behind `for`, without the quotes around it.
fn label(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let at = if text.has_word(at, b"the ") { at + 4 } else { at };
    let field = FIELDS.iter().find(|field| text.has_word(at, field))?;
    let mut start = at + field.len();
    while matches!(text.at(start), b'\\' | b'"' | b'\'' | b'`' | b':') && start < at + 16 {
        start += 1;
    }
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let mut end = start;
    while end - start < MAX_LABEL && is_label(text.at(end)) {
        end += 1;
    }
    while let Some(ending) = INDEXES
        .iter()
        .find(|ending| end - start > ending.len() && text.has_word(end - ending.len(), ending))
    {
        end -= ending.len();
    }
    (start < end).then_some((start, end))
}
