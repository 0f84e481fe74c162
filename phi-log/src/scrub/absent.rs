//! Whether there is a value at all behind a label: `null`, `$1`, `[REDACTED]`.

use super::kind::Kind;
use super::text::Text;
use super::value::{is_end, next_part};

/// Whether the value at `at` says that there is none.
pub(super) fn is_absent(text: Text<'_>, at: usize, kind: Kind) -> bool {
    let absent = |after, at| match after {
        // `name: True North`, `ssn: none 123456789`
        b' ' => !kind.is_wordy() || is_closing(text.at(at)),
        0 | b')' | b']' | b'}' | b'.' => true,
        other => is_end(other),
    };
    if matches!(text.slice(at, at + 2), b"[]" | b"{}") || stands_in(text, at) {
        return true;
    }
    [&b"null"[..], b"none", b"nil", b"undefined", b"true", b"false"].into_iter().any(|word| {
        let end = at + word.len();
        let goes_on = next_part(text, end, kind).is_some();
        text.has_word(at, word) && absent(text.at(end), end + 1) && !goes_on
    })
}

/// Whether a value was left out already, or stands in for one: `$1`, `?`, `%s`, `:name`, `@p0`, `[REDACTED]`, `***`.
fn stands_in(text: Text<'_>, at: usize) -> bool {
    let ends = |end: usize| !is_in_word(text.at(end)) && text.at(end) != b':';
    let name = |from: usize| {
        let letters = (0..32).take_while(|offset| text.at(from + offset).is_ascii_alphanumeric());
        let end = from + letters.count();
        end > from && ends(end)
    };
    let left_out =
        [&b"[redacted]"[..], b"<redacted>", b"[filtered]", b"[masked]", b"[hidden]", b"redacted"];
    match text.at(at) {
        b'$' => {
            text.at(at + 1) == b'{' || ((1..3).contains(&text.digits(at + 1, 3)) && name(at + 1))
        }
        b'?' => ends(at + 1),
        b'%' => matches!(text.at(at + 1), b's' | b'd' | b'v' | b'q') && ends(at + 2),
        b':' | b'@' => text.at(at + 1).is_ascii_alphabetic() && name(at + 1),
        b'*' => {
            let stars = (0..64).take_while(|offset| text.at(at + offset) == b'*').count();
            stars > 2 && ends(at + stars)
        }
        b'[' | b'<' | b'r' | b'R' => {
            left_out.iter().any(|word| text.has_word(at, word) && ends(at + word.len()))
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
        .any(|word| text.has_word(at, word) && !is_in_word(text.at(at + word.len())))
}

const fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'.' | b'_' | b'-' | b'+')
}
