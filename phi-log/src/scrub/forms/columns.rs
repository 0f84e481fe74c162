//! Rows in lists under a list that names their columns, as databases and data frames write them in JSON:
//! `{"columns":["id","mrn"],"rows":[[1,"A-77"]]}`.

use super::enclosed;
use crate::scrub::engine::{Hit, Quote};
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::{keys, value};

/// The keys of lists that name columns, and of those that hold one row.
const HEADS: [&[u8]; 7] =
    [b"columns", b"column_names", b"columnNames", b"fields", b"headers", b"header", b"keys"];
const ROWS: [&[u8]; 7] = [b"values", b"row", b"_row", b"data", b"record", b"fields", b"_fields"];
/// Columns that are read, bytes of a key, and signs beside it.
const MAX_COLUMNS: usize = 128;
const MAX_KEY: usize = 16;
const MAX_SIGNS: usize = 16;

/// Adds the values of each row.
pub(super) fn scan(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut columns = Vec::new();
    let mut from = 0;
    while let Some(at) = text.find_byte(b'[', from) {
        from = at + 1;
        let key = key(text, at);
        let names = key.is_some_and(|key| HEADS.contains(&key));
        if columns.is_empty() && !names {
            continue;
        }
        let (cells, end) = cells(text, at);
        from = end.max(from);
        let Some(cells) = cells else { continue };
        if names && names_columns(text, &cells) {
            columns = cells;
            continue;
        }
        let row = match key {
            Some(key) => ROWS.contains(&key),
            None => matches!(before(text, at), b'[' | b','),
        };
        if row && cells.len() == columns.len() {
            // What is no string becomes one.
            let quote = columns.first().and_then(|column: &Cell| column.quote);
            hits.extend(columns.iter().zip(cells).filter_map(|(name, cell)| {
                let hit = enclosed(text, (name.start, name.end), (cell.start, cell.end))?;
                Some(Hit { quote: if cell.quote.is_some() { None } else { quote }, ..hit })
            }));
        }
    }
}

/// Whether the list at the bracket at `at` names columns, and is no pair of a name and its value.
pub(super) fn is_head(text: Text<'_>, at: usize) -> bool {
    text.at(at) == b'[' && key(text, at).is_some_and(|key| HEADS.contains(&key))
}

/// A value of a list, without the quotes around it.
struct Cell {
    start: usize,
    end: usize,
    quote: Option<Quote>,
}

/// Whether a list has strings alone, and one of them says PHI.
fn names_columns(text: Text<'_>, cells: &[Cell]) -> bool {
    cells.iter().all(|cell| cell.quote.is_some())
        && cells.iter().any(|cell| keys::judge_label(text.slice(cell.start, cell.end)).is_some())
}

/// The key in front of the bracket at `at`.
fn key(text: Text<'_>, at: usize) -> Option<&[u8]> {
    let is_sign = |byte: u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'\\' | b'"' | b'\'');
    let mut sign = at;
    while at - sign < MAX_SIGNS && is_sign(text.before(sign, 0)) {
        sign -= 1;
    }
    if text.before(sign, 0) != b':' {
        return None;
    }
    let mut end = sign - 1;
    while sign - end < MAX_SIGNS && is_sign(text.before(end, 0)) {
        end -= 1;
    }
    let mut start = end;
    while end - start < MAX_KEY
        && (text.before(start, 0).is_ascii_alphabetic() || text.before(start, 0) == b'_')
    {
        start -= 1;
    }
    Some(text.slice(start, end))
}

/// The first byte in front of `at` that is no white space.
fn before(text: Text<'_>, at: usize) -> u8 {
    let near = (at.saturating_sub(MAX_SIGNS)..at).rev().map(|at| text.at(at));
    near.into_iter().find(|byte| !byte.is_ascii_whitespace()).unwrap_or(0)
}

/// The values of the list that begins with the bracket at `open`, if no list or object is among them; and where to go
/// on.
fn cells(text: Text<'_>, open: usize) -> (Option<Vec<Cell>>, usize) {
    let mut cells = Vec::new();
    let mut at = open + 1;
    loop {
        while text.at(at).is_ascii_whitespace() {
            at += 1;
        }
        if text.at(at) == b']' && cells.is_empty() {
            return (None, at + 1);
        }
        let quote = quote_at(text, at);
        let (start, end) = match quote {
            Some(open) => {
                let start = at + open.length();
                (start, value::quoted_end(text, start, open))
            }
            None => (at, word_end(text, at)),
        };
        cells.push(Cell { start, end, quote });
        at = end + quote.map_or(0, Quote::length);
        while text.at(at).is_ascii_whitespace() {
            at += 1;
        }
        match text.at(at) {
            b',' if cells.len() < MAX_COLUMNS => at += 1,
            b']' => return (Some(cells), at + 1),
            _ => return (None, at.min(text.len())),
        }
    }
}

/// The end of a number or of a word without quotes; a marker of ours is one as well.
fn word_end(text: Text<'_>, at: usize) -> usize {
    let mut end = value::marker_end(text, at).unwrap_or(at);
    while end < text.len()
        && !matches!(text.at(end), b',' | b'[' | b']' | b'{' | b'}' | b'"' | b'\'' | b'\\')
        && !text.at(end).is_ascii_whitespace()
    {
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    #[test]
    fn values_in_rows_are_what_their_columns_say() {
        becomes(&[
            (
                r#"{"columns":["id","mrn","last_name"],"rows":[[1,77193551,"Sample"],[2,null,""]]}"#,
                r#"{"columns":["id","mrn","last_name"],"rows":[[1,"[PHI:mrn]","[PHI:name]"],[2,null,""]]}"#,
            ),
            (
                r#"{"columns":["first_name","city"],"index":[0,1],"data":[["Ada","Springfield"]]}"#,
                r#"{"columns":["first_name","city"],"index":[0,1],"data":[["[PHI:name]","[PHI:address]"]]}"#,
            ),
            (
                r#"{"columns":["p.mrn"],"data":[{"row":["A-77"],"meta":[null]}]}"#,
                r#"{"columns":["p.mrn"],"data":[{"row":["[PHI:mrn]"],"meta":[null]}]}"#,
            ),
            (
                "{'fields': ['lname', 'n'], 'values': ['Sample', 7]}",
                "{'fields': ['lname', 'n'], 'values': ['[PHI:name]', 7]}",
            ),
            (
                r#"{"body":"{\"columns\":[\"mrn\"],\"rows\":[[\"A-77\"],[78]]}"}"#,
                r#"{"body":"{\"columns\":[\"mrn\"],\"rows\":[[\"[PHI:mrn]\"],[\"[PHI:mrn]\"]]}"}"#,
            ),
            (
                r#"[{"columns":["mrn"],"rows":[["A-77"]]},{"columns":["id","dob"],"rows":[[1,"19800105"]]}]"#,
                r#"[{"columns":["mrn"],"rows":[["[PHI:mrn]"]]},{"columns":["id","dob"],"rows":[[1,"[PHI:dob]"]]}]"#,
            ),
        ]);
    }

    #[test]
    fn lists_of_another_length_or_without_columns_are_left_alone() {
        stays(&[
            r#"{"columns":["mrn","last_name"],"rows":[["a"]],"order":["b","c"]}"#,
            r#"{"columns":["id","state"],"rows":[[1,"open"]]}"#,
            r#"{"columns":["mrn","dob"],"rows":[]}"#,
            r#"{"rows":[["Ada"]],"sizes":[[1]]}"#,
        ]);
    }
}
