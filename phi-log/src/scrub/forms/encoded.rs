//! Text that was encoded once more: `filter=%7B%22mrn%22%3A%22A-77%22%7D` and `name=Ada+Sample` in a URL,
//! `{&quot;mrn&quot;:&quot;A-77&quot;}` in HTML. Its signs are hidden, and the digits of an escape stand
//! beside those of a value.

use crate::scrub::engine::{self, Hit};
use crate::scrub::kind::Kind;
use crate::scrub::text::Text;
use crate::scrub::value;

/// How often text is decoded: an escape may have been escaped.
const MAX_DEPTH: usize = 2;
/// Bytes of the scheme of an address, with its signs.
const MAX_SCHEME: usize = 8;
/// Entities of HTML that hide a sign.
const ENTITIES: [(&[u8], u8); 9] = [
    (b"&quot;", b'"'),
    (b"&#34;", b'"'),
    (b"&#x22;", b'"'),
    (b"&apos;", b'\''),
    (b"&#39;", b'\''),
    (b"&#x27;", b'\''),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&amp;", b'&'),
];

/// Adds what the decoded text shows, at its places in this one.
pub(super) fn scan(text: &str, depth: usize, hits: &mut Vec<Hit>) {
    let view = Text::new(text);
    let mut from = 0;
    // A plus sign means something in a query only: versions have it as well.
    let query = view.find_byte(b'=', 0).is_some();
    let signs = [b'%', b'&', if query { b'+' } else { b'&' }];
    while let Some(at) = view.find_first(signs, from) {
        from = at + 1;
        let spaced = view.at(at) == b'+';
        if depth >= MAX_DEPTH || !(spaced || hides_sign(view, at)) {
            continue;
        }
        // What is in a URL has no spaces; what is in HTML ends with its line.
        let in_url = view.at(at) != b'&';
        let ends: fn(u8) -> bool = if in_url {
            |byte| byte <= b' ' || matches!(byte, b'"' | b'<' | b'>')
        } else {
            |byte| matches!(byte, b'\n' | b'\r')
        };
        let mut start = at;
        while start > 0 && !ends(view.at(start - 1)) {
            start -= 1;
        }
        let mut end = at;
        while end < view.len() && !ends(view.at(end)) {
            end = value::marker_end(view, end).unwrap_or(end + 1);
        }
        // `?name=Ada+Sample`, but no `1+1`.
        if spaced && !view.slice(start, at).contains(&b'=') {
            // Once to what makes it a query, or hides one: not again from each plus sign.
            let told = |at: &usize| view.at(*at) == b'=' || hides_sign(view, *at);
            from = (at..end).find(told).unwrap_or(end);
            continue;
        }
        from = end;
        decoded(text, (start, end), in_url, depth, hits);
    }
}

/// Whether the escape at `at` hides a sign that stands around labels and values.
fn hides_sign(text: Text<'_>, at: usize) -> bool {
    let sign = |byte: u8| byte.is_ascii_punctuation() || byte == b' ';
    escape(text, at).is_some_and(|(byte, _)| sign(byte))
}

/// The byte that the escape at `at` stands for, and the length of the escape.
fn escape(text: Text<'_>, at: usize) -> Option<(u8, usize)> {
    match text.at(at) {
        b'%' => {
            let digit = |at| char::from(text.at(at)).to_digit(16);
            let byte = u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()?;
            // The rest are pieces of characters, which no matcher asks for.
            byte.is_ascii().then_some((byte, 3))
        }
        b'&' => {
            let here = ENTITIES.iter().find(|(entity, _)| text.has_word(at, entity))?;
            Some((here.1, here.0.len()))
        }
        _ => None,
    }
}

fn decoded(
    text: &str,
    (start, end): (usize, usize),
    in_url: bool,
    depth: usize,
    hits: &mut Vec<Hit>,
) {
    let view = Text::new(text).until(end);
    let mut plain = Vec::with_capacity(end - start);
    // Where each byte of the plain text stands, and the end.
    let mut places = Vec::with_capacity(end - start + 1);
    let mut at = start;
    while at < end {
        places.push(at);
        let (byte, length) = escape(view, at).unwrap_or((view.at(at), 1));
        plain.push(if in_url && length == 1 && byte == b'+' { b' ' } else { byte });
        at += length;
    }
    places.push(end);
    let Ok(plain) = String::from_utf8(plain) else { return };
    let place = |at: usize| places.get(at).copied();
    for hit in engine::scan_decoded(&plain, depth + 1) {
        if let (Some(start), Some(end)) = (place(hit.start), place(hit.end)) {
            // An address that is not hidden goes on where its decoded spaces end it: `https://a.example/?q=A%20B`.
            if hit.kind == Kind::Url
                && view.until(start + MAX_SCHEME).find_bytes(b"://", start).is_some()
            {
                continue;
            }
            hits.push(Hit { start, end, kind: hit.kind, quote: None });
        }
    }
}
