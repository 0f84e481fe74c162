//! Elements of XML: `<mrn>A-77</mrn>`, `<hl7:birthTime value="19800105"/>`; and those that hold the name of a field
//! and its value apart: `<param name="mrn" value="A-77"/>`, `<key>mrn</key><string>A-77</string>`.

use super::enclosed;
use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::{fhir, fits, value};

/// Bytes of a tag that are looked at.
const MAX_TAG: usize = 256;
/// Attributes that hold the name of a field, and elements that do.
const NAMES: [&[u8]; 11] = [
    b"name",
    b"key",
    b"field",
    b"property",
    b"id",
    b"attribute",
    b"column",
    b"code",
    b"th",
    b"dt",
    b"label",
];
/// Elements of CDA that hold a time.
const TIMES: [&[u8]; 5] = [b"low", b"high", b"center", b"time", b"effectiveTime"];
/// Bytes in front of the number of an identifier in which that begins.
const MAX_IDENTIFIER: usize = 384;

/// The value that the `<` at `at` ends, or that stands in the tag which it begins.
pub(super) fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    if text.at(at + 1) == b'/' { content(text, at) } else { attribute(text, at) }
}

/// What stands between two tags of one name.
fn content(text: Text<'_>, at: usize) -> Option<Hit> {
    let mut start = at;
    while start > 0 && !matches!(text.at(start - 1), b'<' | b'>') {
        start -= 1;
    }
    if start == at || text.before(start, 0) != b'>' {
        return None;
    }
    let least = start.saturating_sub(MAX_TAG);
    let mut tag = start - 1;
    while tag > least && !matches!(text.at(tag - 1), b'<' | b'>') {
        tag -= 1;
    }
    if text.before(tag, least) != b'<' {
        return None;
    }
    let name_end = name_end(text, tag);
    let closing = text.slice(at + 2, at + 2 + (name_end - tag));
    if closing != text.slice(tag, name_end) {
        return None;
    }
    named(text, (tag, name_end), (start, at))
        .or_else(|| enclosed(text, label(text, tag)?, (start, at)))
        .or_else(|| enclosed(text, in_front(text, tag - 1)?, (start, at)))
}

/// The name in the element in front of the one at `at`: `<key>mrn</key><string>A-77</string>`.
fn in_front(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let least = at.saturating_sub(MAX_TAG);
    let edge = |from: usize| (least..from).rev().find(|at| matches!(text.at(*at), b'<' | b'>'));
    let close = edge(at)?;
    let blank = text
        .slice(close + 1, at)
        .iter()
        .all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'\\' | b'n' | b'r' | b't'));
    let end = edge(close)?;
    let tag = text.slice(end + 2, close);
    let named = tag.first().is_some_and(u8::is_ascii_alphabetic) && text.at(end + 1) == b'/';
    let start = edge(end)?;
    let told = blank
        && named
        && text.at(start) == b'>'
        && NAMES.iter().any(|name| tag.eq_ignore_ascii_case(name));
    // The cells of a head name columns, not each other.
    (told && text.slice(at + 1, at + 3) != b"th").then_some((start + 1, end))
}

/// The name of a field that an attribute of the tag at `tag` holds.
fn label(text: Text<'_>, tag: usize) -> Option<(usize, usize)> {
    NAMES.iter().find_map(|name| attribute_of(text, tag, name))
}

/// What an attribute of the tag holds whose name begins at `tag`.
fn attribute_of(text: Text<'_>, tag: usize, attribute: &[u8]) -> Option<(usize, usize)> {
    let near = text.until(tag + MAX_TAG);
    let mut at = name_end(text, tag);
    while at < near.len() {
        if text.at(at) != b' ' && text.at(at) != b'\n' {
            return None;
        }
        while matches!(near.at(at), b' ' | b'\n' | b'\r' | b'\t') {
            at += 1;
        }
        let end = name_end(text, at);
        let open = quote_at(text, end + 1).filter(|_| text.at(end) == b'=')?;
        let start = end + 1 + open.length();
        let stop = value::quoted_end(near, start, open);
        if text.slice(at, end).eq_ignore_ascii_case(attribute) {
            // The look at a tag is short; its value is not.
            return Some((start, value::quoted_end(text, start, open)));
        }
        at = stop + open.length();
    }
    None
}

/// `<birthDate value="1980-01-05"/>`, as FHIR has it, and what holds a name as well.
fn attribute(text: Text<'_>, at: usize) -> Option<Hit> {
    let tag = at + 1;
    let end = name_end(text, tag);
    if end == tag || !matches!(text.at(end), b' ' | b'\n') {
        return None;
    }
    if is(text, (tag, end), b"id") {
        return numbered(text, tag);
    }
    let content = attribute_of(text, tag, b"value")?;
    let timed = TIMES.iter().any(|name| is(text, (tag, end), name));
    if timed && fits::fits(text, content.0, content.1, Kind::Date) {
        return hit(text, content, Kind::Date);
    }
    if let Some(hit) = named(text, (tag, end), content) {
        return Some(hit);
    }
    if is(text, (tag, end), b"value") {
        return identifier(text, at, content);
    }
    enclosed(text, label(text, tag)?, content)
}

/// Whether a name is this one, whatever stands in front of its colon.
fn is(text: Text<'_>, (start, end): (usize, usize), name: &[u8]) -> bool {
    let tag = text.slice(start, end);
    tag.rsplit(|byte| *byte == b':').next() == Some(name)
}

/// The number of `<id extension="7719" root="2.16.840.1.113883.4.1"/>`, as CDA has it.
fn numbered(text: Text<'_>, tag: usize) -> Option<Hit> {
    let (start, end) = attribute_of(text, tag, b"root")?;
    let kind = fhir::of_system(text.slice(start, end)).unwrap_or(Kind::Mrn);
    hit(text, attribute_of(text, tag, b"extension")?, kind)
}

/// The number of `<identifier>..<value value="7719"/>`, as FHIR has it.
fn identifier(text: Text<'_>, at: usize, content: (usize, usize)) -> Option<Hit> {
    let front = text.slice(at.saturating_sub(MAX_IDENTIFIER), at);
    let last = |words: &[u8]| front.windows(words.len()).rposition(|place| place == words);
    let begin = last(b"<identifier")?;
    if last(b"</identifier").is_some_and(|end| end > begin) {
        return None;
    }
    let system = fhir::of_system(front.get(begin..).unwrap_or_default());
    hit(text, content, system.unwrap_or(Kind::Mrn))
}

fn hit(text: Text<'_>, (start, end): (usize, usize), kind: Kind) -> Option<Hit> {
    let shown = start < end && value::marker_end(text, start) != Some(end);
    shown.then_some(Hit { start, end, kind, quote: None })
}

fn named(
    text: Text<'_>,
    (mut name, name_end): (usize, usize),
    content: (usize, usize),
) -> Option<Hit> {
    if let Some(colon) = text.until(name_end).find_byte(b':', name) {
        name = colon + 1;
    }
    if matches!(text.slice(name, name_end), b"given" | b"family") {
        return hit(text, content, Kind::Name);
    }
    enclosed(text, (name, name_end), content)
}

fn name_end(text: Text<'_>, at: usize) -> usize {
    let is_name =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    (at..at + MAX_TAG).find(|at| !is_name(text.at(*at))).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};
    use crate::scrub::work::is_linear_work;

    #[test]
    fn elements_hold_names_and_values_apart() {
        becomes(&[
            (
                "<param name=\"firstName\" value=\"Rainbow\"/>",
                "<param name=\"firstName\" value=\"[PHI:name]\"/>",
            ),
            (
                "<input value='A-77' type='text' id='mrn'>",
                "<input value='[PHI:mrn]' type='text' id='mrn'>",
            ),
            (
                "<entry key=\"firstName\">Tuyet</entry>",
                "<entry key=\"firstName\">[PHI:name]</entry>",
            ),
            (
                "<entry key=\\\"firstName\\\">Tuyet</entry>",
                "<entry key=\\\"firstName\\\">[PHI:name]</entry>",
            ),
            (
                "<key>firstName</key><string>Nguyen</string>",
                "<key>firstName</key><string>[PHI:name]</string>",
            ),
            (
                "<name>mrn</name>\n  <value>A-77</value>",
                "<name>mrn</name>\n  <value>[PHI:mrn]</value>",
            ),
            (
                "<identifier><system value=\"urn:x\"/><value value=\"81384599\"/></identifier>",
                "<identifier><system value=\"urn:x\"/><value value=\"[PHI:mrn]\"/></identifier>",
            ),
            (
                "<tr><th>Patient Fname</th><td>Nkechi</td></tr><dl><dt>MRN</dt><dd>A-77</dd></dl>",
                "<tr><th>Patient Fname</th><td>[PHI:name]</td></tr><dl><dt>MRN</dt><dd>[PHI:mrn]</dd></dl>",
            ),
            (
                "<effectiveTime><low value=\"202404141435\"/></effectiveTime><low value=\"3.5\"/>",
                "<effectiveTime><low value=\"[PHI:date]\"/></effectiveTime><low value=\"3.5\"/>",
            ),
            (
                "<id extension=\"66512665\" root=\"2.16.840.1.113883.19.5\"/>",
                "<id extension=\"[PHI:mrn]\" root=\"2.16.840.1.113883.19.5\"/>",
            ),
            (
                "<id root=\"2.16.840.1.113883.4.6\" extension=\"1989436658\"/>",
                "<id root=\"2.16.840.1.113883.4.6\" extension=\"[PHI:npi]\"/>",
            ),
            (
                "<cda:id root=\"2.16.840.1.113883.4.1\" extension=\"7\"/>",
                "<cda:id root=\"2.16.840.1.113883.4.1\" extension=\"[PHI:ssn]\"/>",
            ),
        ]);
    }

    #[test]
    fn elements_of_programs_stay() {
        stays(&[
            "<param name=\"timeout\" value=\"30\"/>",
            "<entry key=\"color\">red</entry>",
            "<key>Label</key><string>daemon</string>",
            "<identifier></identifier><value value=\"7\"/>",
            "<id root=\"2.16.840.1.113883.19.5\"/>",
            "<a href=\"x\">mrn</a>",
            "<tr><th>MRN</th><th>Room</th></tr>",
            "<a <b <c =",
        ]);
    }

    #[test]
    fn the_work_on_tags_is_linear() {
        is_linear_work(&[
            "<p name=\"mrn\" value=\"",
            "<a b=\"c\" ",
            "<value value=\"1",
            "<identifier><value value=\"1\"/>",
            "<key>mrn</key><a>1</a>",
            "<id root=\"1\"",
            "<a ",
        ]);
    }
}
