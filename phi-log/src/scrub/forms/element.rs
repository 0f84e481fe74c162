//! Elements of XML: `<mrn>A-77</mrn>`, `<hl7:birthTime value="19800105"/>`.

use super::enclosed;
use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::value;

/// Bytes of a tag that are looked at.
const MAX_TAG: usize = 256;

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
}

/// `<birthDate value="1980-01-05"/>`, as FHIR has it.
fn attribute(text: Text<'_>, at: usize) -> Option<Hit> {
    let name_end = name_end(text, at + 1);
    let sign = name_end + b" value=".len();
    if name_end == at + 1 || text.slice(name_end, sign) != b" value=" {
        return None;
    }
    let open = quote_at(text, sign)?;
    let start = sign + open.length();
    named(text, (at + 1, name_end), (start, value::quoted_end(text, start, open)))
}

fn named(
    text: Text<'_>,
    (mut name, name_end): (usize, usize),
    content: (usize, usize),
) -> Option<Hit> {
    if let Some(colon) = text.until(name_end).find_byte(b':', name) {
        name = colon + 1;
    }
    let part = matches!(text.slice(name, name_end), b"given" | b"family");
    if part && content.0 < content.1 && value::marker_end(text, content.0) != Some(content.1) {
        return Some(Hit { start: content.0, end: content.1, kind: Kind::Name, quote: None });
    }
    enclosed(text, (name, name_end), content)
}

fn name_end(text: Text<'_>, at: usize) -> usize {
    let is_name =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    (at..at + MAX_TAG).find(|at| !is_name(text.at(*at))).unwrap_or(at)
}
