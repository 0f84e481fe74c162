//! Values in quotes, told by the words or the string in front of them: `"first_name" with value "Ada"`, as Joi says it,
//! `first_name changed from "Ada" to "Bo"`, `"HSET" "patient:7" "first_name" "Ada"`, parts of a form, and what PHP
//! writes.

use super::{enclosed, names_field, refused};
use crate::scrub::blocks::Places;
use crate::scrub::engine::{Hit, Quote};
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::value;

const FORM: &[u8] = b"form-data; name=";
const CHANGED: &[u8] = b" changed from ";
const VALUE: &[u8] = b" value ";
/// Bytes of a label, of a note between it and its value, and of a value whose end is looked for.
const MAX_LABEL: usize = 64;
const MAX_NOTE: usize = 64;
const MAX_PART: usize = 4 * 1024;
/// Backslashes in front of a quote.
const MAX_ESCAPES: usize = 7;

/// Adds the values behind each quote that may begin one.
pub(super) fn scan(bytes: &[u8], text: Text<'_>, hits: &mut Vec<Hit>) {
    // In JSON a colon or a comma stands in front of most quotes.
    let opens = |byte: u8, front: u8| {
        let quote = byte == b'"' || byte == b'\'';
        (quote && (front == b' ' || front == b'=' || front == b'\\'))
            || (byte == b';' && front == b'"')
    };
    let mut places = Places::new(bytes);
    let mut from = 0;
    while let Some(place) = places.next(from, opens) {
        from = place + 1;
        if text.at(place) == b';' {
            hits.extend(of_php(text, place));
            continue;
        }
        let escapes =
            (1..=MAX_ESCAPES.min(place)).take_while(|back| text.at(place - back) == b'\\');
        let open = Quote { mark: text.at(place), escapes: escapes.count() };
        let start = place - open.escapes;
        match text.before(start, 0) {
            b'=' => hits.extend(part(text, start, open)),
            b' ' => {
                let found = match text.before(start - 1, 0) {
                    b'e' => told(text, start, open),
                    b'm' => changed(text, start, open, hits),
                    b'"' | b'\'' => in_turn(text, start, open),
                    _ => None,
                };
                hits.extend(found.or_else(|| refused::find(text, start, open)));
            }
            _ => {}
        }
    }
}

/// The content of the string that `open` begins at `at`.
fn content(text: Text<'_>, at: usize, open: Quote) -> (usize, usize) {
    let start = at + open.length();
    (start, value::quoted_end(text, start, open))
}

/// The string in quotes, or the word, that ends in front of `end`.
fn label(text: Text<'_>, end: usize) -> Option<(usize, usize)> {
    let quoted = matches!(text.before(end, 0), b'"' | b'\'' | b'`');
    let mut end = end - usize::from(quoted);
    while quoted && text.before(end, 0) == b'\\' {
        end -= 1;
    }
    let mut start = end;
    while end - start < MAX_LABEL && is_label(text.before(start, 0), quoted) {
        start -= 1;
    }
    let closed = !quoted || matches!(text.before(start, 0), b'"' | b'\'' | b'`');
    (start < end && closed).then_some((start, end))
}

const fn is_label(byte: u8, quoted: bool) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'.')
        || (quoted && matches!(byte, b' ' | b'/' | b'[' | b']'))
}

/// `"firstName" with value "Ada"`, `"LAST_NAME" (actual: 41, maximum: 40) value 'ADA'`, as Oracle says it.
fn told(text: Text<'_>, at: usize, open: Quote) -> Option<Hit> {
    let front = at.checked_sub(VALUE.len())?;
    if text.slice(front, at) != VALUE {
        return None;
    }
    let mut end = front;
    if text.slice(end.saturating_sub(5), end) == b" with" {
        end -= 5;
    } else if text.before(end, 0) == b')' {
        let least = end.saturating_sub(MAX_NOTE);
        end = (least..end).rev().find(|at| text.at(*at) == b'(')?;
        end -= usize::from(text.before(end, 0) == b' ');
    }
    if !matches!(text.before(end, 0), b'"' | b'\'' | b'`') {
        return None;
    }
    enclosed(text, label(text, end)?, content(text, at, open))
}

/// The first value of `first_name changed from "Ada" to "Bo"`; the second one is added.
fn changed(text: Text<'_>, at: usize, open: Quote, hits: &mut Vec<Hit>) -> Option<Hit> {
    let front = at.checked_sub(CHANGED.len())?;
    if text.slice(front, at) != CHANGED {
        return None;
    }
    let label = label(text, front)?;
    let old = content(text, at, open);
    let to = old.1 + open.length();
    let next = to + b" to ".len();
    if let Some(open) = quote_at(text, next).filter(|_| text.slice(to, next) == b" to ") {
        hits.extend(enclosed(text, label, content(text, next, open)));
    }
    enclosed(text, label, old)
}

/// The last of three strings in turn, as Redis writes its commands: `"HSET" "patient:7" "first_name" "Ada"`.
fn in_turn(text: Text<'_>, at: usize, open: Quote) -> Option<Hit> {
    let label = label(text, at - 1)?;
    let before = label.0 - 1 - open.escapes.min(label.0 - 1);
    let third = text.slice(before.saturating_sub(2), before);
    let value = content(text, at, open);
    let turn = matches!(third, b"\" " | b"' ");
    (turn && !names_field(text.slice(value.0, value.1)))
        .then(|| enclosed(text, label, value))
        .flatten()
}

/// The content of a part of a form, behind the empty line: `form-data; name="first_name"`.
fn part(text: Text<'_>, at: usize, open: Quote) -> Option<Hit> {
    if text.slice(at.checked_sub(FORM.len())?, at) != FORM {
        return None;
    }
    let start = at + open.length();
    let name = (start, value::quoted_end(text.until(start + MAX_LABEL), start, open));
    let near = text.until(name.1 + MAX_PART);
    // Line breaks, or how a string has them.
    let (from, sign) = [&b"\r\n\r\n"[..], b"\\r\\n\\r\\n", b"\n\n", b"\\n\\n"]
        .into_iter()
        .filter_map(|sign| {
            let line = text.until(name.1 + MAX_NOTE * 2);
            line.find_bytes(sign, name.1).map(|at| (at + sign.len(), sign))
        })
        .min()?;
    let line = sign.get(..sign.len() / 2).unwrap_or_default();
    let end = near.find_bytes(line, from).unwrap_or(near.len());
    // Of a string that ends there as well.
    let end =
        near.until(end).find_byte(b'"', from).filter(|_| line.contains(&b'\\')).unwrap_or(end);
    enclosed(text, name, (from, end))
}

/// `s:10:"first_name";s:5:"Ada";`, `s:3:"mrn";i:77193;`, of which the first string ends in front of `at`.
fn of_php(text: Text<'_>, at: usize) -> Option<Hit> {
    let typed = text.at(at + 1);
    if !matches!(typed, b's' | b'i' | b'd') || text.at(at + 2) != b':' {
        return None;
    }
    let name = label(text, at)?;
    let from = at + 3;
    if typed != b's' {
        let end = text.until(from + MAX_LABEL).find_byte(b';', from)?;
        return enclosed(text, name, (from, end));
    }
    let sign = from + text.digits(from, 9);
    let open = quote_at(text, sign + 1).filter(|_| text.at(sign) == b':')?;
    let (start, mut end) = content(text, sign + 1, open);
    // Quotes of the value are as they are: the length says where it ends, if nothing was changed.
    let length =
        text.slice(from, sign).iter().fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    let told = start + length;
    if told > end
        && told < start + MAX_PART
        && text.at(told) == open.mark
        && text.at(told + 1) == b';'
    {
        end = told;
    }
    enclosed(text, name, (start, end))
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};
    use crate::scrub::work::is_linear_work;

    #[test]
    fn values_are_read_by_the_words_in_front_of_them() {
        becomes(&[
            (
                "ValidationError: \"firstName\" with value \"Xiulan\" fails to match",
                "ValidationError: \"firstName\" with value \"[PHI:name]\" fails to match",
            ),
            (
                "{\"m\":\"\\\"mrn\\\" with value \\\"A-77\\\" fails\"}",
                "{\"m\":\"\\\"mrn\\\" with value \\\"[PHI:mrn]\\\" fails\"}",
            ),
            (
                "column \"HR\".\"PATIENT\".\"LAST_NAME\" (actual: 41, maximum: 40) value 'MILLER'",
                "column \"HR\".\"PATIENT\".\"LAST_NAME\" (actual: 41, maximum: 40) value '[PHI:name]'",
            ),
            (
                "AUDIT first_name changed from \"x\" to \"D'Andre\"",
                "AUDIT first_name changed from \"[PHI:name]\" to \"[PHI:name]\"",
            ),
            (
                "1700000000.1 [0 127.0.0.1:6] \"HSET\" \"patient:77\" \"first_name\" \"Jean-Luc\" \"x\" \"y\"",
                "1700000000.1 [0 127.0.0.1:6] \"HSET\" \"patient:77\" \"first_name\" \"[PHI:name]\" \"x\" \"y\"",
            ),
            (
                "a:2:{s:10:\"first_name\";s:5:\"Chase\";s:3:\"mrn\";i:77193;}",
                "a:2:{s:10:\"first_name\";s:5:\"[PHI:name]\";s:3:\"mrn\";i:[PHI:mrn];}",
            ),
            ("s:10:\"first_name\";s:7:\"A\"da\"Bo\";", "s:10:\"first_name\";s:7:\"[PHI:name]\";"),
        ]);
        stays(&[
            "\"retries\" with value \"7\" fails",
            "status changed from \"open\" to \"closed\"",
            "\"HGETALL\" \"first_name\" \"last_name\"",
            "grep \"mrn\" \"file.txt\"",
            "path: \"/name\" value \"x\"",
            "s:4:\"size\";i:77193;",
        ]);
    }

    #[test]
    fn parts_of_a_form_are_read_by_their_names() {
        becomes(&[
            (
                "Content-Disposition: form-data; name=\"first_name\"\r\n\r\nElizabeth\r\n--x",
                "Content-Disposition: form-data; name=\"first_name\"\r\n\r\n[PHI:name]\r\n--x",
            ),
            (
                "\"form-data; name=\\\"first_name\\\"\\r\\n\\r\\nElizabeth\\r\\n--x\"",
                "\"form-data; name=\\\"first_name\\\"\\r\\n\\r\\n[PHI:name]\\r\\n--x\"",
            ),
            (
                "form-data; name=\"mrn\"\nContent-Type: text/plain\n\n77",
                "form-data; name=\"mrn\"\nContent-Type: text/plain\n\n[PHI:mrn]",
            ),
        ]);
        stays(&["form-data; name=\"page\"\r\n\r\n7\r\n", "form-data; name=\"mrn\""]);
    }

    #[test]
    fn the_work_on_quotes_is_linear() {
        is_linear_work(&[
            "\"mrn\" with value \"",
            "mrn changed from \"a\" to \"",
            "\"a\" \"mrn\" \"b\" ",
            "\"mrn\" ",
            "form-data; name=\"mrn\"\n\na",
            "form-data; name=\"mrn",
            "s:3:\"mrn\";s:999:\"",
            " \\\"",
            ") value \"",
        ]);
    }
}
