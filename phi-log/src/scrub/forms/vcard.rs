//! Cards of people (RFC 6350): `N:Sample;Ada;;;`, `BDAY:19800105`. Their names of fields are single letters elsewhere.

use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::text::Text;
use crate::scrub::value;

const BEGIN: &[u8] = b"BEGIN:VCARD";
const END: &[u8] = b"END:VCARD";
const FIELDS: [(&[u8], Kind); 10] = [
    (b"N", Kind::Name),
    (b"FN", Kind::Name),
    (b"NICKNAME", Kind::Name),
    (b"BDAY", Kind::Birth),
    (b"ADR", Kind::Address),
    (b"LABEL", Kind::Address),
    (b"TEL", Kind::Phone),
    (b"EMAIL", Kind::Email),
    (b"GEO", Kind::Geo),
    (b"NOTE", Kind::Clinical),
];
/// Bytes of the name of a field with its parameters.
const MAX_NAME: usize = 96;

/// Adds the values of each card in the text.
pub(super) fn scan(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(begin) = text.find_bytes(BEGIN, from) {
        let mut at = begin + BEGIN.len();
        while at < text.len() && text.slice(at, at + END.len()) != END {
            let end = line_end(text, at);
            hits.extend(line(text, at, end));
            at = next_line(text, end);
            if at == end {
                break; // the string ends, in which the card stands
            }
        }
        from = at;
    }
}

/// Where a line ends, also in a string that has its breaks written out.
fn line_end(text: Text<'_>, from: usize) -> usize {
    let mut at = from;
    while at < text.len() {
        match text.at(at) {
            b'\n' | b'\r' | b'"' => break,
            b'\\' if matches!(text.at(at + 1), b'r' | b'n' | b'"') => break,
            _ => at += 1,
        }
    }
    at
}

fn next_line(text: Text<'_>, from: usize) -> usize {
    let mut at = from;
    loop {
        match text.at(at) {
            b'\n' | b'\r' => at += 1,
            b'\\' if matches!(text.at(at + 1), b'r' | b'n') => at += 2,
            _ => return at,
        }
    }
}

/// The value of the line from `start` to `end`: `item1.TEL;TYPE=home:555`.
fn line(text: Text<'_>, start: usize, end: usize) -> Option<Hit> {
    let colon = text.until(end.min(start + MAX_NAME)).find_byte(b':', start)?;
    let mut name = text.slice(start, colon);
    if let Some(sign) = name.iter().position(|byte| *byte == b';') {
        name = name.get(..sign).unwrap_or_default();
    }
    let last = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name);
    let (_, kind) = FIELDS.iter().find(|(field, _)| field.eq_ignore_ascii_case(last))?;
    let nothing = text.slice(colon + 1, end).iter().all(|byte| matches!(byte, b';' | b' '));
    (!nothing && value::marker_end(text, colon + 1) != Some(end)).then_some(Hit {
        start: colon + 1,
        end,
        kind: *kind,
        quote: None,
    })
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};
    use crate::scrub::work::is_linear_work;

    #[test]
    fn cards_name_nobody() {
        becomes(&[
            (
                "BEGIN:VCARD\nVERSION:4.0\nN:Ngo;Nancy;;;\nFN:Nancy Ngo\nBDAY:20100617\nitem1.TEL;TYPE=home:555\nEND:VCARD\nN:x",
                "BEGIN:VCARD\nVERSION:4.0\nN:[PHI:name]\nFN:[PHI:name]\nBDAY:[PHI:dob]\nitem1.TEL;TYPE=home:[PHI:phone]\nEND:VCARD\nN:x",
            ),
            (
                "{\"card\":\"BEGIN:VCARD\\r\\nN:Ngo;Nancy;;;\\r\\nFN:Nancy Ngo\",\"n\":1}",
                "{\"card\":\"BEGIN:VCARD\\r\\nN:[PHI:name]\\r\\nFN:[PHI:name]\",\"n\":1}",
            ),
        ]);
        stays(&["N:Ngo;Nancy;;;", "BEGIN:VCARD\nN:;;;;\nEND:VCARD", "BEGIN:VCALENDAR\nN:x"]);
    }

    #[test]
    fn the_work_on_cards_is_linear() {
        is_linear_work(&[
            "BEGIN:VCARD",
            "BEGIN:VCARD\n",
            "BEGIN:VCARD\nN:a;b\n",
            "BEGIN:VCARD\\nN",
        ]);
    }
}
