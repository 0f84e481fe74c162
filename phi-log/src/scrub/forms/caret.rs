//! Names as HL7 writes them, outside of its messages: `no such patient: SAMPLE^ADA`.

use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::text::Text;

/// Letters of the shortest and the longest part of a name.
const MIN_PART: usize = 2;
const MAX_PART: usize = 32;
/// Bytes in front of a name in which the bar of a message is looked for.
const MAX_FIELD: usize = 80;
/// Parts of a name: family, given, further, suffix, prefix.
const MAX_PARTS: usize = 5;

/// Adds the name around each caret that stands in one.
pub(super) fn scan(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(at) = text.find_byte(b'^', from) {
        from = at + 1;
        if let Some(hit) = find(text, at) {
            from = hit.end;
            hits.push(hit);
        }
    }
}

fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    let mut start = at;
    while at - start < MAX_PART && is_in_part(text.before(start, 0)) {
        start -= 1;
    }
    // In a message other signs stand in front: `|CBC^COUNT|`.
    let front = text.before(start, 0);
    let apart = matches!(front, 0 | b' ' | b'"' | b'\'' | b'(' | b'[' | b'=' | b':' | b'\n' | b'/');
    if !apart || at - start < MIN_PART || !begins_part(text.at(start)) {
        return None;
    }
    if text.slice(start.saturating_sub(MAX_FIELD), start).contains(&b'|') {
        return None;
    }
    let mut end = at;
    for _ in 0..MAX_PARTS {
        let part = end + 1;
        let mut stop = part;
        while stop - part < MAX_PART && is_in_part(text.at(stop)) {
            stop += 1;
        }
        let first = end == at;
        let goes_on = text.at(stop).is_ascii_digit() || text.at(stop) == b'_';
        // A longer one would be cut, perhaps in a character.
        if is_in_part(text.at(stop)) {
            return None;
        }
        if text.at(end) != b'^'
            || (first && (stop - part < MIN_PART || !begins_part(text.at(part)) || goes_on))
        {
            break;
        }
        end = stop;
    }
    (end > at).then_some(Hit { start, end, kind: Kind::Name, quote: None })
}

const fn begins_part(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte >= 0x80
}

const fn is_in_part(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'\'' | b'-')
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    #[test]
    fn names_with_carets_are_found_outside_of_messages() {
        becomes(&[
            ("no such patient: SAMPLE^ADA", "no such patient: [PHI:name]"),
            ("found EXAMPLE-WU^BO^A^^DR twice", "found [PHI:name] twice"),
            ("C-MOVE of Sample^Ada (failed)", "C-MOVE of [PHI:name] (failed)"),
        ]);
        stays(&[&format!("no such patient: SAMPLE^{}", "\u{c4}d".repeat(11))]);
        stays(&[
            "git show HEAD^ HEAD^main",
            "ADT^A01 sent",
            "2^N, A^B and X^YZ",
            "|CBC^COUNT|",
            "|8480-6^Systolic BP^LN||142",
            "^^^",
        ]);
    }
}
