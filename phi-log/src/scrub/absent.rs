//! Whether there is a value at all behind a label: `null`, `$1`, `[REDACTED]`. In doubt there is one.

use super::kind::Kind;
use super::text::Text;
use super::value::{is_end, next_part};

/// What says that there is no value.
const WORDS: [&[u8]; 12] = [
    b"null",
    b"none",
    b"nil",
    b"undefined",
    b"true",
    b"false",
    b"[redacted]",
    b"<redacted>",
    b"[filtered]",
    b"[masked]",
    b"redacted",
    b"?",
];

/// Whether the value at `at` says that there is none.
pub(super) fn is_absent(text: Text<'_>, at: usize, kind: Kind) -> bool {
    let absent = |end: usize| {
        let ends = match text.at(end) {
            // `name: True North`, `ssn: none 123456789`, `name: *** Sample`
            b' ' => !kind.is_wordy() || is_closing(text.at(end + 1)),
            0 | b')' | b']' | b'}' | b'.' => true,
            other => is_end(other),
        };
        ends && next_part(text, end, kind).is_none()
    };
    let stars = (0..64).take_while(|offset| text.at(at + offset) == b'*').count();
    matches!(text.slice(at, at + 2), b"[]" | b"{}")
        || is_parameter(text, at)
        || (stars > 2 && absent(at + stars))
        || WORDS.into_iter().any(|word| text.has_word(at, word) && absent(at + word.len()))
}

/// Whether a parameter of a statement or a template is there, which no value begins like: `$1`, `@p0`, `:1`, `%s`, `${x}`.
fn is_parameter(text: Text<'_>, at: usize) -> bool {
    let numbered = |from: usize| {
        let digits = text.digits(from, 3);
        matches!(digits, 1 | 2) && !is_in_word(text.at(from + digits))
    };
    match text.at(at) {
        b'$' => text.at(at + 1) == b'{' || numbered(at + 1),
        b'@' => text.at(at + 1) == b'p' && numbered(at + 2),
        b':' => numbered(at + 1),
        b'%' => {
            matches!(text.at(at + 1), b's' | b'd' | b'v' | b'q') && !is_in_word(text.at(at + 2))
        }
        _ => false,
    }
}

const fn is_closing(byte: u8) -> bool {
    matches!(byte, b'}' | b')' | b']')
}

/// Whether the word at `at` says that something is on or off: `email=enabled`.
pub(super) fn is_switch(text: Text<'_>, at: usize) -> bool {
    [&b"enabled"[..], b"disabled", b"on", b"off", b"yes", b"no", b"required", b"optional"]
        .into_iter()
        .any(|word| {
            let after = text.at(at + word.len());
            text.has_word(at, word) && !is_in_word(after) && !matches!(after, b'[' | b'(')
        })
}

/// Words that a complaint about a value begins with.
const COMPLAINTS: [&[u8]; 8] = [
    b"must",
    b"should",
    b"cannot",
    b"expected",
    b"unexpected",
    b"invalid",
    b"required",
    b"missing",
];

/// Whether what stands at `at` says what is wrong with a value: `first_name: must not be blank`.
pub(super) fn is_complaint(text: Text<'_>, at: usize) -> bool {
    COMPLAINTS.into_iter().any(|word| {
        let end = at + word.len();
        let more = text.at(end) == b' ' && text.at(end + 1).is_ascii_lowercase();
        text.slice(at, end) == word && (more || matches!(text.at(end), 0 | b'\n' | b';'))
    })
}

/// The types of JSON Schema, and what indexes of documents call theirs.
const TYPES: [&[u8]; 9] = [
    b"string", b"integer", b"number", b"boolean", b"object", b"array", b"keyword", b"text", b"date",
];

/// Whether what stands at `at` says of what type values are, and is none: `{"type":"string"}`.
pub(super) fn is_schema(text: Text<'_>, at: usize) -> bool {
    let behind = |from: usize, signs: &[u8]| {
        (from..from + MAX_SIGNS).find(|at| !signs.contains(&text.at(*at))).unwrap_or(from)
    };
    let key = behind(at, b"{ \n\r\t\\\"'");
    let kind = behind(key + 4, b": \n\r\t\\\"'");
    text.at(at) == b'{'
        && text.slice(key, key + 4) == b"type"
        && TYPES.into_iter().any(|word| {
            text.slice(kind, kind + word.len()) == word
                && matches!(text.at(kind + word.len()), b'"' | b'\'' | b'\\')
        })
}

/// Signs and white space between two words.
const MAX_SIGNS: usize = 64;

const fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'.' | b'_' | b'-' | b'+')
}
