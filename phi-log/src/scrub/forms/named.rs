//! Objects that hold a name and its value under keys of their own: `{"name": "mrn", "value": "A-77"}`.

use super::enclosed;
use crate::scrub::engine::Hit;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::value;

const KEY: &[u8] = b"value";
/// Bytes of a label that are looked at, and signs between two strings.
const MAX_LABEL: usize = 64;
const MAX_SIGNS: usize = 16;

/// Adds the values behind each key `value` that a string stands in front of.
pub(super) fn scan(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(at) = text.find_bytes(KEY, from) {
        from = at + KEY.len();
        hits.extend(find(text, at));
    }
}

fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    let is_sign =
        |byte: u8| matches!(byte, b' ' | b'\\' | b'"' | b'\'' | b',' | b'\n' | b'\r' | b'\t');
    let mut end = at;
    while end > 0 && at - end < MAX_SIGNS && is_sign(text.at(end - 1)) {
        end -= 1;
    }
    let between = text.slice(end, at);
    let quoted = between.last().is_some_and(|byte| matches!(byte, b'"' | b'\''));
    if !quoted || !between.contains(&b',') || !matches!(between.first(), Some(b'"' | b'\'' | b'\\'))
    {
        return None;
    }
    let mut label = end;
    while label > 0 && end - label < MAX_LABEL && is_label(text.at(label - 1)) {
        label -= 1;
    }
    let mut sign = at + KEY.len();
    while sign < at + MAX_SIGNS && matches!(text.at(sign), b'\\' | b'"' | b'\'' | b' ') {
        sign += 1;
    }
    if !matches!(text.before(label, 0), b'"' | b'\'') || text.at(sign) != b':' {
        return None;
    }
    let mut next = sign + 1;
    while next < sign + MAX_SIGNS && matches!(text.at(next), b' ' | b'\n' | b'\r' | b'\t') {
        next += 1;
    }
    let open = quote_at(text, next)?;
    let start = next + open.length();
    enclosed(text, (label, end), (start, value::quoted_end(text, start, open)))
}

const fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' ')
}
