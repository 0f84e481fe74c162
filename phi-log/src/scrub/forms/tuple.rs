//! Pairs in brackets, as `Debug` and libraries of databases write a list of them: `[("mrn", "A-77")]`,
//! `[["mrn", "A-77"]]`.

use super::{enclosed, names_field};
use crate::scrub::engine::Hit;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::value;

/// Bytes of a label that are looked at.
const MAX_LABEL: usize = 64;

/// The second of the pair that begins with the bracket at `at`.
pub(super) fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    let open = quote_at(text, at + 1)?;
    let label = at + 1 + open.length();
    let near = text.until(label + MAX_LABEL + 1);
    let label_end = value::quoted_end(near, label, open);
    let mut next = label_end + open.length();
    // A marker is no label: `["[PHI:ssn]", 7]`.
    if label_end >= label + MAX_LABEL || text.at(next) != b',' || text.at(label) == b'[' {
        return None;
    }
    next += 1;
    // `["mrn", [7]]`: the brackets of a list of values stay.
    while next < label_end + 8 && matches!(text.at(next), b' ' | b'[') {
        next += 1;
    }
    let content = if let Some(open) = quote_at(text, next) {
        let start = next + open.length();
        (start, value::quoted_end(text, start, open))
    } else {
        // `format!("mrn", x)`: a word alone is a variable.
        let end = value::token_end(text, next);
        let shown = text.slice(next, end).iter().any(|byte| byte.is_ascii_digit() || *byte == b'"');
        shown.then_some((next, end))?
    };
    // In a list of fields the second is a name as well: `("first_name", "last_name")`.
    if names_field(text.slice(content.0, content.1)) {
        return None;
    }
    if text.at(at) == b'[' {
        // Two and no more.
        let mut close = content.1;
        while close < content.1 + 8 && matches!(text.at(close), b'"' | b'\'' | b'\\' | b' ') {
            close += 1;
        }
        if text.at(close) != b']' {
            return None;
        }
    }
    enclosed(text, (label, label_end), content)
}
