//! Values in quotes that a check of a form repeats, with the name of their field in front: `first_name "Ada" is too
//! short`, `last_name: expected string, got "Sample"`, `updated last_name from 'Sample' to 'Example'`.

use super::{enclosed, names_field};
use crate::scrub::engine::{Hit, Quote};
use crate::scrub::text::Text;
use crate::scrub::value;

/// What stands between the name of a field and the value that it was to have.
const WORDS: [&[u8]; 9] =
    [b"value", b"got", b"received", b"found", b"given", b"was", b"is", b"to", b"from"];
/// Bytes of a clause in which the name stands, of the first of two values, and of a word.
const MAX_CLAUSE: usize = 64;
const MAX_VALUE: usize = 128;
const MAX_WORD: usize = 10;
/// Backslashes in front of a quote.
const MAX_ESCAPES: usize = 7;

/// The value that `open` begins at `at`, behind a space.
pub(super) fn find(text: Text<'_>, at: usize, open: Quote) -> Option<Hit> {
    let end = at.checked_sub(1)?;
    let label = beside(text, end).or_else(|| in_clause(text, end))?;
    let start = at + open.length();
    let content = (start, value::quoted_end(text, start, open));
    // `last_name from "a" to "b"`; not `SELECT last_name FROM "patients"`.
    let from = end.checked_sub(4).is_some_and(|front| text.has_word(front, b"from"));
    let behind = content.1 + open.length();
    if from && text.slice(behind, behind + 4) != b" to " {
        return None;
    }
    // `expected first_name, found "last_name"`
    let listed = names_field(text.slice(content.0, content.1));
    if listed { None } else { enclosed(text, label, content) }
}

/// The name of a field that ends at `end`.
fn beside(text: Text<'_>, end: usize) -> Option<(usize, usize)> {
    let end = end - usize::from(matches!(text.before(end, 0), b'`' | b':'));
    let mut start = end;
    while end - start < MAX_CLAUSE && is_in_name(text.before(start, 0)) {
        start -= 1;
    }
    let alone = !matches!(text.before(start, 0), b'/' | b'$' | b'@' | b'<');
    (alone && names_field(text.slice(start, end))).then_some((start, end))
}

/// The last name of a field in the clause that ends at `end` with one of those words, or with a number and a colon.
fn in_clause(text: Text<'_>, end: usize) -> Option<(usize, usize)> {
    let mut front = end;
    while end - front < MAX_WORD && text.before(front, 0).is_ascii_alphabetic() {
        front -= 1;
    }
    let word = text.slice(front, end);
    let counted = text.before(end, 0) == b':' && text.before(end - 1, 0).is_ascii_digit();
    if !counted && !WORDS.iter().any(|each| each.eq_ignore_ascii_case(word)) {
        return None;
    }
    if word == b"to"
        && let Some(from) = first_of_two(text, front)
    {
        return beside(text, from);
    }
    let mut at = front;
    while end - at < MAX_CLAUSE && at > 0 {
        match text.before(at, 0) {
            byte if is_in_name(byte) => {
                if let Some(name) = beside(text, at) {
                    return Some(name);
                }
                while at > 0 && is_in_name(text.before(at, 0)) {
                    at -= 1;
                }
            }
            b' ' | b',' | b':' | b'`' | b'(' | b')' => at -= 1,
            _ => return None,
        }
    }
    None
}

/// Where `from "Sample" ` begins in front of `at`.
fn first_of_two(text: Text<'_>, at: usize) -> Option<usize> {
    const FROM: &[u8] = b" from ";
    let close = at.checked_sub(2).filter(|_| text.before(at, 0) == b' ')?;
    let mark = text.at(close);
    if !matches!(mark, b'"' | b'\'' | b'`') {
        return None;
    }
    let open = (close.saturating_sub(MAX_VALUE)..close).rev().find(|at| text.at(*at) == mark)?;
    let escapes =
        (1..=open.min(MAX_ESCAPES)).take_while(|back| text.at(open - back) == b'\\').count();
    let from = (open - escapes).checked_sub(FROM.len())?;
    (text.slice(from, from + FROM.len()) == FROM).then_some(from)
}

const fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{scrubs_to, stays};
    use crate::scrub::work::is_linear_work;

    #[test]
    fn what_a_check_refused_is_removed() {
        for (front, behind) in [
            ("first_name \"", "\" is too short"),
            ("firstName '", "' must be at least 4 characters"),
            ("invalid last_name '", "'"),
            ("duplicate last_name \"", "\""),
            ("first_name: invalid value \"", "\""),
            ("first_name: expected string, got \"", "\""),
            ("field `first_name`: invalid length 3, expected 4: \"", "\""),
            ("last_name has invalid value '", "'"),
            ("last_name updated to \"", "\""),
            ("set last_name to \"", "\" for 7"),
            ("{\"error\":\"last_name was \\\"", "\\\"\"}"),
        ] {
            scrubs_to(&format!("{front}Ada{behind}"), &format!("{front}[PHI:name]{behind}"));
        }
        for (front, between) in
            [("changed last_name from \"", "\" to \""), ("last_name from '", "' to '")]
        {
            let last = between.get(..1).unwrap();
            scrubs_to(
                &format!("{front}Sample{between}Wu{last}"),
                &format!("{front}[PHI:name]{between}[PHI:name]{last}"),
            );
        }
        scrubs_to("mrn \"A-77\" not found", "mrn \"[PHI:mrn]\" not found");
    }

    #[test]
    fn what_is_no_value_of_a_field_stays() {
        stays(&[
            "column last_name of relation \"patients\" does not exist",
            "missing first_name in \"form.json\"",
            "expected first_name, found \"last_name\"",
            "status was \"open\", retries to \"7\"",
            "path /first_name \"x\"",
            "SELECT id, last_name FROM \"patients\" AS p",
            "first_name: must not be blank",
            "first_name: expected string, got null",
            "first_name is required",
        ]);
    }

    #[test]
    fn the_work_on_refused_values_is_linear() {
        is_linear_work(&[
            "first_name \"",
            "last_name from \"a\" to \"",
            "a was \"",
            "a_ b, c: 4: \"",
            "to \"a\" to ",
        ]);
    }
}
