//! What `PostgreSQL` says of a key: `Key (clinic_id, mrn)=(7, A-77) already exists.`

use super::enclosed;
use crate::scrub::engine::Hit;
use crate::scrub::text::Text;

/// Bytes of the list of columns that are looked at.
const MAX_COLUMNS: usize = 256;
/// Bytes of values in which the words behind them are looked for.
const MAX_VALUES: usize = 512;
const VALUE_IS: &[u8] = b"duplicate key value is ";
/// Columns that an index has at most.
const MAX_PARTS: usize = 32;
/// How the sentence goes on behind the values.
const BEHIND: [&[u8]; 4] = [b") already", b") is not", b") is still", b") conflicts"];

/// Adds the values in the parenthesis at `at`, in front of which `(columns)=` stands; gives where they end.
pub(super) fn find(text: Text<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let close = at.checked_sub(2).filter(|close| text.at(*close) == b')')?;
    let open = opening(text, close)?;
    let end = values_end(text, at + 1);
    let columns: Vec<_> = parts(text, open + 1, close).collect();
    let values: Vec<_> = parts(text, at + 1, end).collect();
    if columns.len() == values.len() {
        let pairs = columns.iter().zip(&values);
        hits.extend(
            pairs.filter_map(|(column, value)| enclosed(text, name(text, *column), *value)),
        );
    } else {
        // A value holds a comma: which is whose nobody can say.
        let mut found =
            columns.iter().map(|column| enclosed(text, name(text, *column), (at + 1, end)));
        hits.extend(found.find_map(|hit| hit));
    }
    Some(end)
}

/// What SQL Server says: `unique index 'IX_Patient_MRN'. The duplicate key value is .` The value in the
/// parenthesis at `at`; its index is the last name in quotes that means something.
pub(super) fn of_index(text: Text<'_>, at: usize) -> Option<Hit> {
    let words = at.checked_sub(VALUE_IS.len())?;
    if !text.has_word(words, VALUE_IS) {
        return None;
    }
    let end = values_end(text, at + 1);
    let quotes = |range: core::ops::Range<usize>| range.rev().find(|at| text.at(*at) == b'\'');
    let mut close = quotes(words.saturating_sub(MAX_COLUMNS)..words)?;
    loop {
        let open = quotes(words.saturating_sub(MAX_COLUMNS)..close)?;
        if let Some(hit) = enclosed(text, (open + 1, close), (at + 1, end)) {
            return Some(hit);
        }
        close = quotes(words.saturating_sub(MAX_COLUMNS)..open)?;
    }
}

/// The parenthesis that the one at `close` closes.
fn opening(text: Text<'_>, close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let least = close.saturating_sub(MAX_COLUMNS);
    (least..close).rev().find(|at| match text.at(*at) {
        b')' => {
            depth += 1;
            false
        }
        b'(' if depth > 0 => {
            depth -= 1;
            false
        }
        byte => byte == b'(',
    })
}

/// Where the values end: in front of the words that follow them, else at the first parenthesis.
fn values_end(text: Text<'_>, start: usize) -> usize {
    let mut from = start;
    let mut first = None;
    let near = text.until(start + MAX_VALUES);
    while let Some(at) = near.find_byte(b')', from) {
        if BEHIND.iter().any(|words| text.has_word(at, words)) {
            return at;
        }
        first.get_or_insert(at);
        from = at + 1;
    }
    first.unwrap_or(near.len())
}

/// The parts of a list, set apart by `, `.
fn parts(text: Text<'_>, start: usize, end: usize) -> impl Iterator<Item = (usize, usize)> {
    let list = text.until(end);
    let mut next = Some(start);
    core::iter::from_fn(move || {
        let from = next?;
        let stop = list.find_bytes(b", ", from);
        next = stop.map(|stop| stop + 2);
        Some((from, stop.unwrap_or(end)))
    })
    .take(MAX_PARTS)
}

/// The column of `"mrn"`, `lower(mrn)`, `lower(mrn::text)`.
fn name(text: Text<'_>, (start, end): (usize, usize)) -> (usize, usize) {
    let is_name = |at: &usize| {
        text.at(*at).is_ascii_alphanumeric() || matches!(text.at(*at), b'_' | b'.' | b'-')
    };
    let call = (start..end).rev().find(|at| text.at(*at) == b'(').map_or(start, |open| open + 1);
    let first = (call..end).find(is_name).unwrap_or(end);
    let last = (first..end).find(|at| !is_name(at)).unwrap_or(end);
    (first, last)
}
