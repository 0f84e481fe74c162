//! Pairs in brackets, as `Debug` and libraries of databases write a list of them: `[("mrn", "A-77")]`,
//! `[["mrn", "A-77"]]`.

use super::{enclosed, names_field};
use crate::scrub::engine::Hit;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::{keys, value};

/// Bytes of a label that are looked at.
const MAX_LABEL: usize = 64;
/// Bytes of a value without quotes.
const MAX_VALUE: usize = 256;

/// The second of the pair that begins with the bracket at `at`.
pub(super) fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    let Some(open) = quote_at(text, at + 1) else {
        return bare(text, at);
    };
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

/// `[mrn, A-77]`, as .NET writes the entries of a dictionary.
fn bare(text: Text<'_>, at: usize) -> Option<Hit> {
    let label = at + 1;
    if text.at(at) != b'[' || !text.at(label).is_ascii_alphabetic() {
        return None;
    }
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let label_end = (label..label + MAX_LABEL).find(|at| !is_label(text.at(*at)))?;
    let start = label_end + 2;
    if text.slice(label_end, start) != b", " {
        return None;
    }
    let end = text.until(start + MAX_VALUE).find_byte(b']', start)?;
    let value = text.slice(start, end);
    // `[email, phone]` and `[Address, City]` are lists of fields, `[mrn, dob, name]` as well.
    let shown =
        value.first().is_some_and(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            || value.contains(&b'@');
    (shown && keys::judge_label(value).is_none())
        .then(|| enclosed(text, (label, label_end), (start, end)))
        .flatten()
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    #[test]
    fn entries_of_dictionaries_are_pairs() {
        becomes(&[(
            "Scopes: [mrn, A-77], [name, Ada Sample], [email, ada@sample.example], [attempt, 2]",
            "Scopes: [mrn, [PHI:mrn]], [name, [PHI:name]], [email, [PHI:email]], [attempt, 2]",
        )]);
        stays(&[
            "fields [email, phone] and [Address, City]",
            "[name, size]",
            "[ssn, redacted]",
            "[mrn, 7",
        ]);
    }
}
