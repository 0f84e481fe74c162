//! Parameters of a search in FHIR R4 (3.1.1.4, Search Parameter Types): what stands between their names and the sign,
//! and tokens, of which a bar is a part.

use super::engine::Hit;
use super::kind::Kind;
use super::pair::label_start;
use super::text::Text;
use super::value;

/// How the value is to be compared.
const MODIFIERS: [&[u8]; 4] = [b":exact", b":contains", b":text", b":of-type"];
/// The parameter that names whom a record is of.
const IDENTIFIER: &[u8] = b"identifier";
/// Bytes of a token in which a bar is looked for.
const MAX_LOOK: usize = 256;
/// Digits of what identifies somebody without saying in which system.
const MIN_DIGITS: usize = 4;

/// Where the name of a parameter ends in front of its modifier: `family:exact=Sample`.
#[inline]
pub(super) fn name_end(text: Text<'_>, end: usize, floor: usize) -> Option<usize> {
    let [.., first, second, third, last] = text.word_before(end, floor).to_le_bytes();
    if !matches!(&[first, second, third, last], b"xact" | b"ains" | b"text" | b"type") {
        return None;
    }
    MODIFIERS.into_iter().find_map(|modifier| {
        let start = end.checked_sub(modifier.len()).filter(|start| *start > floor)?;
        (text.slice(start, end) == modifier).then_some(start)
    })
}

/// The token behind the `=` at `at` that says who a patient is: `identifier=http://hospital.example/mrn|A-7719`, or in
/// a query `identifier=77193`.
pub(super) fn token(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    let end = name_end(text, at, floor).unwrap_or(at);
    let name = end.checked_sub(IDENTIFIER.len()).filter(|name| *name >= floor)?;
    if !text.has_word(name, IDENTIFIER) || text.before(name, floor).is_ascii_alphanumeric() {
        return None;
    }
    let start = at + 1;
    let near = text.until(start + MAX_LOOK);
    let token = near.slice(start, token_end(near, start));
    let coded = token.contains(&b'|') && !token.ends_with(b"|");
    let front = text.before(label_start(text, name, floor), floor);
    let digits = token.iter().filter(|byte| byte.is_ascii_digit()).count();
    let asked = matches!(front, b'?' | b'&' | b':') && digits >= MIN_DIGITS;
    if !(coded || asked) {
        return None;
    }
    let end = token_end(text, start);
    let marked = value::marker_end(text, start) == Some(end);
    (!marked).then_some(Hit { start, end, kind: Kind::Mrn, quote: None })
}

/// The end of the tokens at `at`: their bars belong to them, and commas between them.
fn token_end(text: Text<'_>, at: usize) -> usize {
    let mut end = at;
    loop {
        match text.at(end) {
            b'|' => end += 1,
            b',' if has_bar(text, end + 1) => end += 1,
            0 | b')' | b'}' => return end,
            byte if value::is_end(byte) => return end,
            _ => end = value::marker_end(text, end).unwrap_or(end + 1),
        }
    }
}

/// Whether another token stands at `at`.
fn has_bar(text: Text<'_>, at: usize) -> bool {
    let stop = (at..at + MAX_LOOK).find(|at| value::is_end(text.at(*at)) || text.at(*at) == b'=');
    stop.is_some_and(|stop| text.at(stop) == b'|')
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    #[test]
    fn searches_name_nobody() {
        becomes(&[
            (
                "GET /Patient?family:exact=Sample&given:contains=Ada HTTP/1.1",
                "GET /Patient?family:exact=[PHI:name]&given:contains=[PHI:name] HTTP/1.1",
            ),
            (
                "/Patient?identifier=http://hospital.example/mrn|77193&_count=10",
                "/Patient?identifier=[PHI:mrn]&_count=10",
            ),
            ("/Patient?_count=10&identifier=77193", "/Patient?_count=10&identifier=[PHI:mrn]"),
            ("/Patient?identifier=MRN|A-77,OLD|B-78", "/Patient?identifier=[PHI:mrn]"),
            ("identifier=MRN|A-77,status=ok", "identifier=[PHI:mrn],status=ok"),
            (
                "/Encounter?subject:Patient.identifier=urn:oid:1.2.3|A-77",
                "/Encounter?subject:Patient.identifier=[PHI:mrn]",
            ),
            (
                "/Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|A-77",
                "/Patient?identifier:of-type=[PHI:mrn]",
            ),
            (
                "/Patient?identifier=http%3A%2F%2Fhospital.example%2Fmrn%7CA-77",
                "/Patient?identifier=[PHI:mrn]",
            ),
        ]);
    }

    #[test]
    fn other_parameters_are_left_alone() {
        stays(&[
            "/Patient?_sort:exact=family&_count=10",
            "/Patient?identifier=urn:oid:1.2.3|",
            "identifier=worker-7 | started",
            "identifier=job-12345",
            "/Patient?identifier:missing=true",
        ]);
    }
}
