//! Dumps of DICOM files: `(0010,0010) PN [SAMPLE^ADA]`, as `dcmdump` writes them, `(0010, 0010) Patient's Name PN:
//! 'SAMPLE^ADA'`, as pydicom does, and `"00100010":{"vr":"PN","Value":[..]}` (PS3.18, annex F).
//!
//! Group 0010 is the patient.

use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::value;

/// Bytes of a value, and of the name of an element in front of it.
const MAX_VALUE: usize = 1024;
const MAX_NAME: usize = 96;
/// Bytes of an object, and texts in it.
const MAX_OBJECT: usize = 512;
const MAX_TEXTS: usize = 12;

/// What an element holds, as its tag and the type of its value say.
fn kind(group: &[u8], element: &[u8], vr: &[u8]) -> Option<Kind> {
    let patient = group == b"0010";
    match vr {
        b"PN" => Some(Kind::Name),
        b"DA" if patient && element == b"0030" => Some(Kind::Birth),
        // Of a study, a series, a procedure.
        b"DA" => Some(Kind::Date),
        b"TM" | b"DT" if patient => Some(Kind::Birth),
        b"AS" if patient => Some(Kind::Age),
        b"LT" | b"ST" | b"UT" if patient => Some(Kind::Clinical),
        b"SH" | b"LO" | b"UC" if patient => Some(match element {
            b"1040" | b"2150" | b"2152" => Kind::Address,
            b"2154" | b"2155" => Kind::Phone,
            b"2000" | b"2110" => Kind::Clinical,
            _ => Kind::Mrn,
        }),
        b"LO" if group == b"0018" && element == b"1000" => Some(Kind::Device),
        // The number of the order.
        b"SH" if group == b"0008" && element == b"0050" => Some(Kind::Mrn),
        _ => None,
    }
}

/// The value of the element whose tag begins with the parenthesis at `at`.
pub(super) fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    if text.at(at + 5) != b',' || !is_hex(text.slice(at + 1, at + 5)) {
        return None;
    }
    let spaced = text.at(at + 6) == b' ';
    let element = at + 6 + usize::from(spaced);
    let close = element + 4;
    let tag = (text.slice(at + 1, at + 5), text.slice(element, close));
    if !is_hex(tag.1) || text.at(close) != b')' || text.at(close + 1) != b' ' {
        return None;
    }
    let mut next = close + 2;
    if !spaced {
        let vr = text.slice(next, next + 2);
        next += 2;
        while next < close + 16 && text.at(next) == b' ' {
            next += 1;
        }
        if text.at(next) != b'[' {
            return None;
        }
        let start = next + 1;
        let near = text.until(start + MAX_VALUE);
        let from = value::marker_end(near, start).unwrap_or(start);
        let end = near.find_either(b']', b'\n', from).unwrap_or(near.len());
        return hit(text, kind(tag.0, tag.1, vr)?, start, end);
    }
    // Names of elements have colons of their own.
    let line = text.until(close + MAX_NAME);
    let sign = loop {
        let sign = line.find_either(b':', b'\n', next)?;
        if text.at(sign) == b'\n' {
            return None;
        }
        let typed = text.slice(sign - 2, sign).iter().all(u8::is_ascii_uppercase);
        if typed && text.at(sign + 1) == b' ' && text.before(sign - 2, 0) == b' ' {
            break sign;
        }
        next = sign + 1;
    };
    let kind = kind(tag.0, tag.1, text.slice(sign - 2, sign))?;
    let next = sign + 2;
    if let Some(open) = quote_at(text, next) {
        let start = next + open.length();
        return hit(text, kind, start, value::quoted_end(text, start, open));
    }
    let near = text.until(next + MAX_VALUE);
    hit(text, kind, next, near.find_either(b'\n', b'"', next).unwrap_or(near.len()))
}

/// Adds the texts of the element whose tag, a key of JSON, ends at `end` and has its sign at `sign`.
pub(super) fn member(text: Text<'_>, end: usize, sign: usize, hits: &mut Vec<Hit>) {
    let Some(start) = end.checked_sub(8) else { return };
    let tag = text.slice(start, end);
    let Some((group, element)) = tag.split_at_checked(4) else { return };
    if !is_hex(tag) || !matches!(text.before(start, 0), b'"' | b'\'') {
        return;
    }
    let mut at = sign + 1;
    while at < sign + 16 && text.at(at).is_ascii_whitespace() {
        at += 1;
    }
    if text.at(at) != b'{' {
        return;
    }
    // Keys and values in turn: `vr`, its value, `Value`, and behind that all that is no key.
    let near = text.until(at + MAX_OBJECT);
    let (mut vr, mut last) = (&b""[..], &b""[..]);
    let (mut depth, mut texts) = (0_usize, 0);
    while at < near.len() && texts < MAX_TEXTS {
        if let Some(open) = quote_at(near, at) {
            let start = at + open.length();
            let end = value::quoted_end(text, start, open);
            at = (end + open.length()).max(start);
            texts += 1;
            let is_key = text.at(at) == b':' || text.slice(at, at + 2) == b" :";
            if is_key && depth == 1 {
                last = text.slice(start, end.min(start + 8));
            } else if !is_key && last == b"vr" {
                vr = text.slice(start, end.min(start + 3));
            } else if !is_key && last == b"Value" {
                let kind = kind(group, element, vr);
                hits.extend(kind.and_then(|kind| hit(text, kind, start, end)));
            }
            continue;
        }
        match text.at(at) {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return;
        }
    }
}

fn is_hex(digits: &[u8]) -> bool {
    digits.len() >= 4 && digits.iter().all(u8::is_ascii_hexdigit)
}

fn hit(text: Text<'_>, kind: Kind, start: usize, end: usize) -> Option<Hit> {
    let content = text.slice(start, end);
    // `047Y`
    let young = kind == Kind::Age
        && matches!(content, [b'0', b'0'..=b'8', _, b'Y'] | [_, _, _, b'D' | b'W' | b'M']);
    let nothing = start >= end || content.iter().all(|byte| matches!(byte, b' ' | b'^'));
    (!young && !nothing && value::marker_end(text, start) != Some(end)).then_some(Hit {
        start,
        end,
        kind,
        quote: None,
    })
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};
    use crate::scrub::work::is_linear_work;

    #[test]
    fn dumps_of_images_name_no_patient() {
        becomes(&[
            (
                "(0010,0010) PN [COOK^NKECHI]     #  12, 1 PatientName",
                "(0010,0010) PN [[PHI:name]]     #  12, 1 PatientName",
            ),
            ("(0010,0030) DA [19470628]", "(0010,0030) DA [[PHI:dob]]"),
            ("(0008,0020) DA [20241120]", "(0008,0020) DA [[PHI:date]]"),
            ("(0018,1000) LO [PMK8737803A]", "(0018,1000) LO [[PHI:device]]"),
            ("(0010,0020) LO [66512665]", "(0010,0020) LO [[PHI:mrn]]"),
            ("(0010,1010) AS [093Y]", "(0010,1010) AS [[PHI:age]]"),
            ("(0010,1040) LO [12 Elm St]", "(0010,1040) LO [[PHI:address]]"),
            ("(0010,2154) SH [5550104477]", "(0010,2154) SH [[PHI:phone]]"),
            ("(0008,0090) PN [SAMPLE^ADA]", "(0008,0090) PN [[PHI:name]]"),
            (
                "(0010, 0010) Patient's Name                      PN: 'COOK^NKECHI'",
                "(0010, 0010) Patient's Name                      PN: '[PHI:name]'",
            ),
            ("(0010, 0020) Patient ID  LO: 66512665", "(0010, 0020) Patient ID  LO: [PHI:mrn]"),
            (
                r#"{"00100010":{"vr":"PN","Value":[{"Alphabetic":"COOK^NKECHI"}]},"00100040":{"vr":"CS","Value":["F"]}}"#,
                r#"{"00100010":{"vr":"PN","Value":[{"Alphabetic":"[PHI:name]"}]},"00100040":{"vr":"CS","Value":["F"]}}"#,
            ),
            (
                r#"{"00100020": {"vr": "LO", "Value": ["66512665"]}}"#,
                r#"{"00100020": {"vr": "LO", "Value": ["[PHI:mrn]"]}}"#,
            ),
        ]);
        stays(&[
            "(0010,0040) CS [F ]",
            "(0010,1010) AS [047Y]",
            "(0008,0060) CS [MR]",
            "(0028,0010) US 512",
            "(0010,0010) PN (no value available)",
            r#"{"00080060":{"vr":"CS","Value":["MR"]}}"#,
            r#"{"deadbeef":{"a":"b"}}"#,
        ]);
    }

    #[test]
    fn the_work_on_dumps_is_linear() {
        is_linear_work(&[
            "(0010,0010) PN [",
            "(0010, 0010) PN: '",
            "(0010, 0010) x: ",
            r#""00100010":{"vr":"PN","Value":[""#,
        ]);
    }
}
