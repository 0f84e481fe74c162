//! Objects that hold the name of a field under one key and its value under another, wherever they stand in it:
//! `{"column":"LAST_NAME","oldValue":"A","newValue":"B"}`, `{"op":"replace","path":"/firstName","value":"Ada"}`.

#[cfg(test)]
mod tests;

use super::{dicom, enclosed};
use crate::scrub::blocks::Places;
use crate::scrub::engine::Hit;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::{keys, soft, value};

type Words = &'static [&'static [u8]];

/// Keys whose value is the name of a field, and keys of its value besides those of all.
const NAMES: [(Words, Words); 5] = [
    (&[b"name", b"key", b"attribute", b"label", b"variable", b"path", b"propertypath"], &[]),
    (
        &[
            b"field",
            b"fieldname",
            b"column",
            b"columnname",
            b"property",
            b"propertyname",
            b"param",
            b"parameter",
            b"loc",
        ],
        &[b"got", b"input", b"actual", b"provided", b"received", b"given"],
    ),
    (&[b"instancepath", b"datapath"], &[b"data"]),
    (&[b"id", b"linkid", b"question"], &[b"answer", b"response"]),
    (&[b"k"], &[b"v"]),
];
const CHANGES: Words = &[b"old", b"new", b"before", b"after", b"previous", b"from", b"to"];
const VALUES: Words = &[
    b"value",
    b"oldvalue",
    b"newvalue",
    b"rejectedvalue",
    b"invalidvalue",
    b"attemptedvalue",
    b"actualvalue",
    b"fieldvalue",
    b"old",
    b"new",
    b"before",
    b"after",
    b"previous",
];
/// Bytes of a key, of a name, in front of a name where its object begins, and behind it where its values stand.
const MAX_KEY: usize = 16;
const MAX_NAME: usize = 128;
const MAX_BACK: usize = 384;
const MAX_LOOK: usize = 768;
/// White space behind a sign, and values of a list.
const MAX_SPACE: usize = 16;
const MAX_LISTED: usize = 16;

/// Adds the values of each name in the text.
pub(super) fn scan(bytes: &[u8], text: Text<'_>, hits: &mut Vec<Hit>) {
    // Behind a key: no part of a time or an address of the web.
    let signs = |byte: u8, front: u8| {
        let letter = (front | 0x20).wrapping_sub(b'a') < 26;
        let quote = front == b'"' || front == b'\'' || front == b' ';
        let sign = byte == b':' || byte == b'=';
        sign && (letter || quote)
    };
    let mut places = Places::new(bytes);
    let mut from = 0;
    while let Some(at) = places.next(from, signs) {
        from = at + 1;
        find(text, at, hits);
    }
}

fn find(text: Text<'_>, sign: usize, hits: &mut Vec<Hit>) {
    let end = key_end(text, sign);
    // `"00100010":{`
    let tagged =
        text.before(end, 0).is_ascii_hexdigit() && text.before(end.saturating_sub(7), 0) == b'0';
    if tagged {
        dicom::member(text, end, sign, hits);
    }
    let next = skip_space(text, sign + 1);
    if text.at(next) == b'{' {
        let key = key_start(text, end);
        if keys::may_end_label(text, end, key) && soft::is_soft(text, end, key) {
            members(text, next + 1, (key, end), &[CHANGES], hits);
        }
        return;
    }
    if !may_name(text, end) {
        return;
    }
    let key = text.slice(key_start(text, end), end);
    let is = |names: &[&[u8]]| names.iter().any(|name| same(key, name));
    let Some((_, more)) = NAMES.into_iter().find(|(names, _)| is(names)) else { return };
    let Some(name) = name(text, next) else { return };
    let open = opening(text, end).unwrap_or(sign);
    members(text, open + 1, name, &[VALUES, more], hits);
}

/// Where the key in front of a sign ends, without its quote.
fn key_end(text: Text<'_>, sign: usize) -> usize {
    let mut end = sign - usize::from(text.before(sign, 0) == b' ');
    if matches!(text.before(end, 0), b'"' | b'\'') {
        end -= 1;
        while sign - end < MAX_SPACE && text.before(end, 0) == b'\\' {
            end -= 1;
        }
    }
    end
}

fn key_start(text: Text<'_>, end: usize) -> usize {
    let mut start = end;
    while end - start < MAX_KEY && is_key(text.before(start, 0)) {
        start -= 1;
    }
    start
}

const fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// How those names end.
const ENDS: [&[u8; 2]; 14] = [
    b"me", b"ey", b"te", b"ty", b"th", b"el", b"er", b"le", b"ld", b"mn", b"am", b"oc", b"id",
    b"on",
];

/// Whether one of the names may end in front of `end`: the quick answer for most keys.
fn may_name(text: Text<'_>, end: usize) -> bool {
    let last = text.before(end, 0) | 0x20;
    let front = end.checked_sub(1).map_or(0, |end| text.before(end, 0)) | 0x20;
    ENDS.contains(&&[front, last]) || (last == b'k' && !front.is_ascii_alphanumeric())
}

/// Whether a key is this word, however it is written: `old_value`, `oldValue`.
fn same(key: &[u8], word: &[u8]) -> bool {
    // Most keys are none of the words.
    if key.len() < word.len() || key.first().map(u8::to_ascii_lowercase) != word.first().copied() {
        return false;
    }
    let plain = key.iter().filter(|byte| !matches!(byte, b'_' | b'-'));
    plain.map(u8::to_ascii_lowercase).eq(word.iter().copied())
}

fn skip_space(text: Text<'_>, from: usize) -> usize {
    let mut at = from;
    while at < from + MAX_SPACE && matches!(text.at(at), b' ' | b'\n' | b'\r' | b'\t') {
        at += 1;
    }
    at
}

/// The name at `at`, if it may be one that says what its value is: of a path the last step, of a list the last text.
fn name(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let near = text.until(at + MAX_NAME);
    let (mut start, mut end) = (at, at);
    if text.at(at) == b'[' {
        let mut next = at + 1;
        while next < near.len() && text.at(next) != b']' {
            match quote_at(near, next) {
                Some(open) => {
                    start = next + open.length();
                    end = value::quoted_end(near, start, open);
                    next = end + open.length();
                }
                None => next += 1,
            }
        }
    } else if let Some(open) = quote_at(text, at) {
        start = at + open.length();
        end = value::quoted_end(near, start, open);
    } else {
        end = value::token_end(near, at);
    }
    if end >= near.len() && end < text.len() {
        return None;
    }
    // `/name/0/given/0`, `/telecom/-`
    while end > start && matches!(text.at(end - 1), b'0'..=b'9' | b'-' | b'/' | b']' | b'[') {
        end -= 1;
    }
    let steps = text.slice(start, end);
    start += steps.iter().rposition(|byte| *byte == b'/').map_or(0, |sign| sign + 1);
    (start < end && keys::may_end_label(text, end, start)).then_some((start, end))
}

/// The bracket of the object in which `at` stands.
fn opening(text: Text<'_>, at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    (at.saturating_sub(MAX_BACK)..at).rev().find(|at| match text.at(*at) {
        b'}' | b']' => {
            depth += 1;
            false
        }
        b'{' | b'[' if depth > 0 => {
            depth -= 1;
            false
        }
        byte => byte == b'{',
    })
}

/// Adds the values of this name in the object whose first member is at `from`.
fn members(text: Text<'_>, from: usize, name: (usize, usize), keys: &[Words], hits: &mut Vec<Hit>) {
    let last = (name.1 + MAX_LOOK).min(text.len());
    let mut depth = 0_usize;
    let mut at = from;
    while at < last {
        if let Some(open) = quote_at(text, at) {
            let start = at + open.length();
            let end = value::quoted_end(text.until(last), start, open);
            at = (end + open.length()).max(start);
            if depth == 0 {
                at = member(text, (start, end), at, name, keys, hits);
            }
            continue;
        }
        match text.at(at) {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' if depth == 0 => return,
            b'}' | b']' | b')' => depth -= 1,
            byte if byte.is_ascii_alphanumeric() => {
                let end = (at..last).find(|at| !is_key(text.at(*at))).unwrap_or(last);
                at = if depth == 0 { member(text, (at, end), end, name, keys, hits) } else { end };
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

/// Adds the value of the member whose key ends in front of `at`, if it is one of the name; gives where to go on.
fn member(
    text: Text<'_>,
    (start, end): (usize, usize),
    at: usize,
    name: (usize, usize),
    keys: &[Words],
    hits: &mut Vec<Hit>,
) -> usize {
    let sign = at + usize::from(text.at(at) == b' ');
    let key = text.slice(start, end.min(start + MAX_KEY + 1));
    let is = keys.iter().any(|keys| keys.iter().any(|each| same(key, each)));
    if !matches!(text.at(sign), b':' | b'=') || !is {
        return at;
    }
    let from = skip_space(text, sign + 1);
    values(text, from, name, hits).unwrap_or(from)
}

/// Adds the value at `at`, or those in brackets there; gives where it ends.
fn values(text: Text<'_>, at: usize, name: (usize, usize), hits: &mut Vec<Hit>) -> Option<usize> {
    if let Some(open) = quote_at(text, at) {
        let start = at + open.length();
        let end = value::quoted_end(text, start, open);
        hits.extend(enclosed(text, name, (start, end)));
        return Some((end + open.length()).max(start));
    }
    match text.at(at) {
        b'{' => {
            // `{"stringValue":"Ada"}`, as OpenTelemetry has it.
            let near = text.until(at + MAX_NAME);
            let sign = near.find_byte(b':', at)?;
            let key = text.slice(at + 1, key_end(text, sign));
            let next = skip_space(text, sign + 1);
            let told = key.to_ascii_lowercase().ends_with(b"value") && text.at(next) != b'{';
            told.then(|| values(text, next, name, hits)).flatten()
        }
        b'[' => {
            let mut next = at + 1;
            for _ in 0..MAX_LISTED {
                next = skip_space(text, next);
                let open = quote_at(text, next)?;
                let start = next + open.length();
                let end = value::quoted_end(text, start, open);
                hits.extend(enclosed(text, name, (start, end)));
                next = (end + open.length()).max(start);
                if text.at(next) != b',' {
                    break;
                }
                next += 1;
            }
            Some(next)
        }
        _ => {
            if let Some((start, end)) = value::first_quoted(text, at) {
                hits.extend(enclosed(text, name, (start, end)));
                return Some(end);
            }
            let end = value::token_end(text, at);
            let word = text.slice(at, end);
            if word.iter().any(|byte| matches!(byte, b'{' | b'(' | b'[')) {
                return None;
            }
            hits.extend(enclosed(text, name, (at, end)));
            Some(end)
        }
    }
}
