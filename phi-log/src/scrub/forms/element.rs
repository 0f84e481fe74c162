//! Elements of XML: `<mrn>A-77</mrn>`, `<hl7:birthTime value="19800105"/>`; and those that hold the name of a field
//! and its value apart: `<param name="mrn" value="A-77"/>`, `<key>mrn</key><string>A-77</string>`.

use super::enclosed;
use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::{fhir, fits, keys, person, value};

/// Bytes of a tag, and of a label in front of one, that are looked at.
const MAX_TAG: usize = 256;
const MAX_LABEL: usize = 48;
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
/// Elements that set words of a line apart, as a label in front of its value: `<b>Patient:</b> Ada Sample`.
const INLINE: [&[u8]; 7] = [b"b", b"strong", b"i", b"em", b"u", b"label", b"span"];
/// Elements of CDA that hold a time.
const TIMES: [&[u8]; 5] = [b"low", b"high", b"center", b"time", b"effectiveTime"];
/// Bytes in front of the number of an identifier in which that begins.
const MAX_IDENTIFIER: usize = 384;

/// The value that the `<` at `at` ends, or that stands in the tag which it begins, or behind it.
pub(super) fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    if text.at(at + 1) == b'/' {
        content(text, at).or_else(|| behind_inline(text, at))
    } else {
        attribute(text, at)
    }
}

/// The value behind the label that the `</b>` at `at` ends.
fn behind_inline(text: Text<'_>, at: usize) -> Option<Hit> {
    let tag = at + 2;
    let close = name_end(text, tag);
    let inline = INLINE.iter().any(|name| text.slice(tag, close).eq_ignore_ascii_case(name));
    if !inline || text.at(close) != b'>' {
        return None;
    }
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-');
    let end = at - usize::from(text.before(at, 0) == b':');
    let mut label = end;
    while end - label < MAX_LABEL && is_label(text.before(label, 0)) {
        label -= 1;
    }
    let mut start = close + 1;
    while start < close + 4 && matches!(text.at(start), b':' | b' ') {
        start += 1;
    }
    let near = text.until(start + MAX_TAG);
    let stop = near.find_either(b'<', b'\n', start).unwrap_or(near.len());
    let joined = end < at || text.at(close + 1) == b':';
    let named = text.before(label, 0) == b'>' && label < end && joined;
    named.then(|| enclosed(text, (label, end), (start, stop))).flatten()
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
        .or_else(|| of_cell(text, tag - 1, (start, at)))
}

/// The value of a cell behind one that names it: `<td>MRN</td><td>A-77</td>`. Cells may name columns as well: names have
/// two words here, and other values a digit.
fn of_cell(text: Text<'_>, at: usize, content: (usize, usize)) -> Option<Hit> {
    let hit = enclosed(text, cell_in_front(text, at)?, content)?;
    let value = text.slice(hit.start, hit.end);
    let fits = match hit.kind {
        Kind::Name => person::is_name(text.until(hit.end), hit.start, hit.end),
        _ => value.iter().any(u8::is_ascii_digit),
    };
    (fits && keys::judge_label(value).is_none()).then_some(hit)
}

/// The name in the element in front of the one at `at`: `<key>mrn</key><string>A-77</string>`.
fn in_front(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    // The cells of a head name columns, not each other.
    let head = text.slice(at + 1, at + 3) == b"th";
    content_in_front(text, at, &NAMES).filter(|_| !head)
}

/// What the cell in front of the one at `at` holds.
fn cell_in_front(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let is_cell = text.has_word(at + 1, b"td");
    content_in_front(text, at, &[b"td"]).filter(|_| is_cell)
}

/// What an element of one of these names holds that ends in front of the one at `at`.
fn content_in_front(text: Text<'_>, at: usize, names: &[&[u8]]) -> Option<(usize, usize)> {
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
        && names.iter().any(|name| tag.eq_ignore_ascii_case(name));
    told.then_some((start + 1, end))
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
                "<td>Patient Name</td> <td>Ada Sample</td><td>MRN</td><td>A-77</td>",
                "<td>Patient Name</td> <td>[PHI:name]</td><td>MRN</td><td>[PHI:mrn]</td>",
            ),
            (
                "<p><b>Patient:</b> Ada Sample<br><strong>First name</strong>: Ada",
                "<p><b>Patient:</b> [PHI:name]<br><strong>First name</strong>: [PHI:name]",
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
            "<tr><td>MRN</td><td>Room</td><td>Patient Name</td><td>Date Of Birth</td></tr>",
            "<td>Status</td><td>7</td><td>Mrn</td><td></td>",
            "<b>Note:</b> read on<br><b>first name</b> and <b>Patient</b> lists",
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
            "<td>mrn</td>",
            "<b>mrn:</b> 1",
            "a</b>",
            "<id root=\"1\"",
            "<a ",
        ]);
    }
}
