//! A value as texts have it: as it is, in another case, or escaped by `Debug`, by JSON, by one inside the other.

/// The bytes of a text from its beginning that hold this value; what is left of the value if the text ends in it.
pub(super) struct Written {
    pub(super) length: usize,
    pub(super) missing: usize,
}

/// Reads a value at the beginning of a text.
///
/// Backslashes in front of what is escaped may be any number: each layer of JSON doubles them.
pub(super) fn read(value: &str, text: &[u8]) -> Option<Written> {
    let mut at = 0;
    let mut escaped = false;
    let mut left = value;
    while let Some(c) = left.chars().next() {
        let rest = left.get(c.len_utf8()..).unwrap_or_default();
        let here = text.get(at..).unwrap_or_default();
        if here.is_empty() {
            return Some(Written { length: at, missing: left.len() });
        }
        let slashes = slashes(here);
        if c == '\\' {
            // All of them at once: those of the text are as many, or doubled.
            let own = self::slashes(left.as_bytes());
            if slashes < own && at + slashes < text.len() {
                return None;
            }
            (left, at, escaped) = (left.get(own..).unwrap_or_default(), at + slashes, true);
            continue;
        }
        let plain = left.as_bytes().get(..c.len_utf8()).unwrap_or_default();
        if here.get(..plain.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(plain)) {
            (left, at, escaped) = (rest, at + plain.len(), false);
            continue;
        }
        if slashes == 0 && !escaped {
            return None;
        }
        let Some(length) = escape(c, here.get(slashes..).unwrap_or_default()) else {
            // The text may end in the middle of it.
            let ends = here.len() <= slashes + MAX_ESCAPE && is_escapable(c);
            let begun = here.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'\\');
            return (ends && begun).then_some(Written { length: text.len(), missing: left.len() });
        };
        (left, at, escaped) = (rest, at + slashes + length, false);
    }
    Some(Written { length: at, missing: 0 })
}

/// Backslashes that are read as one escape: JSON in JSON in JSON, four times more. A longer run is none, and is not read
/// again from each of its places.
const MAX_SLASHES: usize = 128;

fn slashes(text: &[u8]) -> usize {
    text.iter().take(MAX_SLASHES).take_while(|byte| **byte == b'\\').count()
}

/// Bytes of the longest escape, behind its backslash: `u{10ffff}`, and two of `ud83d`.
const MAX_ESCAPE: usize = 16;

/// Whether anybody writes this character otherwise.
fn is_escapable(c: char) -> bool {
    !c.is_ascii() || c.is_control() || matches!(c, '"' | '\'' | '/')
}

/// The length of what stands for a character behind a backslash.
fn escape(c: char, behind: &[u8]) -> Option<usize> {
    if !is_escapable(c) {
        return None;
    }
    let short = match c {
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\0' => b'0',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '"' => b'"',
        '\'' => b'\'',
        '/' => b'/',
        _ => 0,
    };
    let first = *behind.first()?;
    if short != 0 && first == short {
        return Some(1);
    }
    let code = u32::from(c);
    match (first, behind.get(1)) {
        (b'x', _) => hex(behind, 1, 2).filter(|found| *found == code).map(|_| 3),
        (b'u', Some(b'{')) => {
            let digits = behind.iter().skip(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
            let closed = behind.get(2 + digits) == Some(&b'}');
            let found = hex(behind, 2, digits).filter(|found| *found == code && closed);
            found.map(|_| digits + 3)
        }
        (b'u', _) => {
            let mut pair = [0; 2];
            let units = c.encode_utf16(&mut pair);
            let mut at = 0;
            for (count, unit) in units.iter().enumerate() {
                if count > 0 {
                    let rest = behind.get(at..).unwrap_or_default();
                    at += slashes(rest);
                }
                let found = hex(behind, at + 1, 4).filter(|_| behind.get(at) == Some(&b'u'))?;
                if found != u32::from(*unit) {
                    return None;
                }
                at += 5;
            }
            Some(at)
        }
        _ => None,
    }
}

/// The number of so many digits of base 16.
fn hex(bytes: &[u8], from: usize, count: usize) -> Option<u32> {
    let digits = bytes.get(from..from.checked_add(count)?).filter(|digits| !digits.is_empty())?;
    digits
        .iter()
        .try_fold(0_u32, |sum, digit| Some(sum.checked_mul(16)? + char::from(*digit).to_digit(16)?))
}

/// The length of the escape at the beginning of a text, if one stands there: what follows it begins a word.
pub(super) fn escape_length(text: &[u8]) -> Option<usize> {
    let slashes = slashes(text);
    let code = text.get(slashes).filter(|_| slashes > 0)?;
    let hex = |from: usize, most: usize| {
        let digits = text.iter().skip(slashes + from).take(most);
        digits.take_while(|byte| byte.is_ascii_hexdigit()).count()
    };
    match (code, text.get(slashes + 1)) {
        (b'u', Some(b'{')) => Some(slashes + 2 + hex(2, 6) + 1),
        (b'u', _) if hex(1, 4) == 4 => Some(slashes + 5),
        (b'x', _) if hex(1, 2) == 2 => Some(slashes + 3),
        (b'n' | b'r' | b't' | b'0' | b'b' | b'f', _) => Some(slashes + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> String {
        let text = serde_json::to_string(text).unwrap();
        text.get(1..text.len() - 1).unwrap().to_owned()
    }

    fn debug(text: &str) -> String {
        let text = format!("{text:?}");
        text.get(1..text.len() - 1).unwrap().to_owned()
    }

    /// JSON with nothing but ASCII, as many libraries write it.
    fn ascii(text: &str) -> String {
        let escape = |unit: u16| match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'\\')) => format!("\\{}", char::from(byte)),
            Ok(byte @ (b' '..=b'~')) => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        };
        text.encode_utf16().map(escape).collect()
    }

    fn is_whole(value: &str, text: &str) -> bool {
        read(value, text.as_bytes())
            .is_some_and(|found| (found.length, found.missing) == (text.len(), 0))
    }

    #[test]
    fn a_note_is_read_however_it_is_escaped() {
        let note = "Ada's \"mood\"\nis C:\\low\u{a0}\u{e9}\u{1f600}\u{7}";
        for text in [
            note.to_owned(),
            note.to_uppercase().replace('\u{c9}', "\u{e9}"),
            debug(note),
            json(note),
            ascii(note),
            json(&json(note)),
            debug(&json(note)),
            json(&json(&debug(note))),
        ] {
            assert!(is_whole(note, &text), "{text}");
        }
        for text in ["Ada's mood", "Ada\\", "Ada's \\\"mood\\\"\\tis", "Bda's", ""] {
            assert!(!is_whole(note, text), "{text}");
        }
    }

    #[test]
    fn a_text_that_ends_in_a_value_says_how_much_is_missing() {
        let missing = |value: &str, text: &str| read(value, text.as_bytes()).map(|f| f.missing);
        assert_eq!(missing("Ada Sample", "Ada S"), Some(5));
        assert_eq!(missing("Ada\nSample", "Ada\\"), Some(7));
        assert_eq!(missing("Ada Sample", "Ada X"), None);
    }

    proptest! {
        #[test]
        fn every_value_is_read_in_every_form(value in "(?s).{1,24}") {
            for text in [value.clone(), debug(&value), json(&value), ascii(&value), json(&json(&value))] {
                prop_assert!(is_whole(&value, &text), "{:?} {}", value, text);
            }
        }

        #[test]
        fn any_text_has_an_answer(value in "(?s)[a\\\\n\"\n\u{e9}]{0,12}", text in "(?s)[a\\\\nu{}0e9\"\n\u{e9}]{0,24}") {
            if let Some(found) = read(&value, text.as_bytes()) {
                prop_assert!(found.length <= text.len());
                prop_assert!(text.is_char_boundary(found.length));
            }
        }
    }
}
