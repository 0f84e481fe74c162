//! Bound values with their types, as libraries of Java log them.

use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::sql::LONG_NUMBER;
use crate::scrub::text::Text;
use crate::scrub::value;

const PARAMETERS: &[u8] = b"Parameters: ";
const BINDING: &[u8] = b"binding parameter ";
/// Bytes of a value, of a type, and of what stands in front of a value that are looked at.
const MAX_VALUE: usize = 256;
const MAX_TYPE: usize = 32;
const MAX_FRONT: usize = 96;

/// Adds the values of which the first has its type at `at`, as `MyBatis` writes them:
/// `==> Parameters: Jean-Luc(String), 5(Integer)`; gives where they end.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    type_end(text, at)?;
    let least = at.saturating_sub(MAX_VALUE).max(floor);
    let front = text.slice(least, at);
    let words = front.windows(PARAMETERS.len()).rposition(|words| words == PARAMETERS)?;
    let mut start = least + words + PARAMETERS.len();
    let mut open = at;
    loop {
        let Some(end) = type_end(text, open) else {
            // A bracket of the value itself.
            match text.until(start + MAX_VALUE).find_byte(b'(', open + 1) {
                Some(next) => open = next,
                None => return Some(start),
            }
            continue;
        };
        while text.slice(start, start + 6) == b"null, " {
            start += 6;
        }
        let number = matches!(
            text.slice(open + 1, end),
            b"Integer" | b"Long" | b"Short" | b"Byte" | b"BigDecimal" | b"Double" | b"Float"
        );
        if text.slice(open + 1, end) != b"Boolean" {
            add(text, (start, open), number, hits);
        }
        start = end + 1;
        if text.slice(start, start + 2) != b", " {
            return Some(start);
        }
        start += 2;
        match text.until(start + MAX_VALUE).find_byte(b'(', start) {
            Some(next) => open = next,
            None => return Some(start),
        }
    }
}

/// Where the name of a type ends that stands in the parenthesis at `open`, behind a value in a list.
fn type_end(text: Text<'_>, open: usize) -> Option<usize> {
    if !text.at(open + 1).is_ascii_uppercase() {
        return None;
    }
    let end = (open + 1..open + MAX_TYPE).find(|at| !text.at(*at).is_ascii_alphanumeric())?;
    let closes = text.at(end) == b')'
        && matches!(text.at(end + 1), 0 | b',' | b'\n' | b'\r' | b'"' | b'\\' | b' ');
    closes.then_some(end)
}

/// Adds the value in the bracket at `at`, as Hibernate writes it: `binding parameter [2] as [VARCHAR] - [Ada]`,
/// `binding parameter (2:VARCHAR) <- [Ada]`; gives where it ends.
pub(super) fn bracketed(text: Text<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let front = text.slice(at.saturating_sub(5), at);
    if !front.ends_with(b"] - ") && !front.ends_with(b") <- ") {
        return None;
    }
    let near = text.slice(at.saturating_sub(MAX_FRONT), at);
    near.windows(BINDING.len()).find(|words| *words == BINDING)?;
    let start = at + 1;
    let near = text.until(start + MAX_VALUE);
    // The last one of the line: the value may have its own.
    let line = near.find_byte(b'\n', start).unwrap_or(near.len());
    let end = text.slice(start, line).iter().rposition(|byte| *byte == b']');
    let end = end.map_or(line, |end| start + end);
    add(text, (start, end), true, hits);
    Some(end)
}

/// Adds a value, but no short number where numbers are.
fn add(text: Text<'_>, (start, end): (usize, usize), number: bool, hits: &mut Vec<Hit>) {
    let content = text.slice(start, end);
    let digits = content.iter().filter(|byte| byte.is_ascii_digit()).count();
    let signs = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    let short = number && digits < LONG_NUMBER && content.iter().all(signs);
    let nothing = matches!(content, b"" | b"null" | b"true" | b"false" | b"<null>");
    if short || nothing || value::marker_end(text, start) == Some(end) {
        return;
    }
    hits.push(Hit { start, end, kind: Kind::Literal, quote: None });
}
