//! Names of fields as integration engines print them, with the values behind: `PID-5.1=COOK`, `"PID.7":"19790709"`,
//! `<PID.5.1>COOK</PID.5.1>`, `msg['PID']['PID.5']['PID.5.1'] = 'DAVIS'`.

use super::table::{Field, fields, of_value};
use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::{absent, value};

/// Bytes of a path, and of the signs behind it.
const MAX_PATH: usize = 32;
const MAX_SIGNS: usize = 16;
/// Bytes of the words between a path and the colon: `PID.5 exceeds length: COOK`.
const MAX_WORDS: usize = 40;
/// Bytes of a value that are looked at to see whether it is one.
const MAX_LOOK: usize = 64;
/// Bytes of a list or an object that is removed whole.
const MAX_BRACKETS: usize = 512;
/// Elements in elements: `<PID.5><XPN.1><FN.1>`.
const MAX_ELEMENTS: usize = 3;

/// The value behind the path whose first number is at `at`, behind its sign.
pub(crate) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    let start = at.checked_sub(4).filter(|start| *start >= floor)?;
    // The quick answer for dates and versions.
    if !text.at(start).is_ascii_uppercase() {
        return None;
    }
    let before = text.before(start, floor);
    let closing = before == b'/' && text.before(start - 1, floor) == b'<';
    if before.is_ascii_alphanumeric() || before == b'_' || closing {
        return None;
    }
    let (path, end) = Path::read(text, start)?;
    if text.at(end) == b'>' && before == b'<' {
        return element(text, start, path, end);
    }
    let kind = path.kind()?;
    let end = beside(text, end).unwrap_or(end);
    let (mut next, key) = past_closers(text, end);
    let spaces = |mut at: usize| {
        let most = at + MAX_SIGNS;
        while at < most && matches!(text.at(at), b' ' | b'\t') {
            at += 1;
        }
        at
    };
    next = spaces(next);
    let worded = next > end && text.at(next).is_ascii_lowercase();
    if worded {
        let most = next + MAX_WORDS;
        while next < most && matches!(text.at(next), b'a'..=b'z' | b' ') {
            next += 1;
        }
    }
    let sign = text.at(next);
    next = match (sign, text.at(next + 1)) {
        (b'=' | b':', b'=' | b'>') | (b'-', b'>') => next + 2,
        // `PID-3|A-77^^^&1.2.3&ISO`, as IHE XDS has it.
        (b'=' | b'|', _) if !worded => next + 1,
        (b':', _) => next + 1,
        _ => return None,
    };
    let from = spaces(next);
    if let Some(open) = quote_at(text, from) {
        let start = from + open.length();
        let end = value::quoted_end(text, start, open);
        return hit(text, start, end, kind);
    }
    // A colon also ends what is said of a field.
    let plain = key || value::opens(text, from) || (matches!(sign, b'=' | b'|') && !worded);
    if absent::is_absent(text, from, kind)
        || (!plain && !is_plausible(text, from, kind, &path, worded))
    {
        return None;
    }
    let near = if value::opens(text, from) { text.until(from + MAX_BRACKETS) } else { text };
    let last = value::bare_end(near, from, kind);
    // What is too long to be one value has paths of its own, and half of it is no JSON.
    let cut = last == near.len() && last < text.len();
    let open = !matches!(text.before(last, from), b'}' | b']' | b')');
    if value::opens(text, from) && (cut || open) {
        return None;
    }
    let found = hit(text, from, last, kind)?;
    let quote = quote_at(text, end).filter(|_| key);
    Some(Hit { quote, ..found })
}

/// The kind of what stands behind this path.
pub(super) fn kind_of(path: &[u8]) -> Option<Kind> {
    let text = core::str::from_utf8(path).ok()?;
    Path::read(Text::new(text), 0)?.0.kind()
}

/// A field of a segment, or a component of one.
struct Path {
    field: Field,
    component: Option<u8>,
}

impl Path {
    /// `PID.5`, `PID-5-1`, `PID.5[0].1`, and where it ends; also `XPN.2`, a component in any field.
    fn read(text: Text<'_>, start: usize) -> Option<(Self, usize)> {
        let name = text.slice(start, start + 3);
        let (field, mut end) = number(text, start + 3)?;
        let (mut numbers, mut count) = ([0_u8; 2], 0);
        while end < start + MAX_PATH {
            end = past_index(text, end);
            let Some((number, after)) = number(text, end) else { break };
            if let Some(slot) = numbers.get_mut(count) {
                *slot = number;
            }
            count += 1;
            end = after;
        }
        if text.at(end).is_ascii_alphanumeric() {
            return None;
        }
        let known = fields(name).iter().find(|(each, _)| *each == field).map(|(_, field)| *field);
        let path = match known {
            Some(known) => {
                Self { field: known, component: numbers.first().copied().filter(|_| count > 0) }
            }
            None => Self {
                field: of_value(name).filter(|_| name.starts_with(b"X"))?,
                component: Some(field),
            },
        };
        Some((path, end))
    }

    const fn kind(&self) -> Option<Kind> {
        Some(match (self.field, self.component) {
            (Field::Whole(kind), _) | (Field::First(kind), None | Some(1)) => kind,
            (Field::Name | Field::Clinician | Field::Subject, None)
            | (Field::Name, Some(1..=4))
            | (Field::Clinician | Field::Subject, Some(2..=5)) => Kind::Name,
            (Field::Clinician, Some(1)) => Kind::Npi,
            (Field::Subject, Some(1)) => Kind::Mrn,
            (Field::Address, None | Some(1..=3 | 9)) => Kind::Address,
            (Field::Address, Some(5)) => Kind::Zip,
            (Field::Contact, None | Some(1 | 6..=8 | 12)) => Kind::Phone,
            (Field::Contact, Some(4)) => Kind::Email,
            (Field::Date, None | Some(1))
            | (Field::Range, None | Some(1 | 2))
            | (Field::Timing, None | Some(4 | 5)) => Kind::Date,
            _ => return None,
        })
    }
}

/// The number behind a sign at `at`, and where it ends.
fn number(text: Text<'_>, at: usize) -> Option<(u8, usize)> {
    let digits = text.digits(at + 1, 3);
    if !matches!(text.at(at), b'.' | b'-') || !matches!(digits, 1 | 2) {
        return None;
    }
    let number = text.slice(at + 1, at + 1 + digits);
    let number = number
        .iter()
        .fold(0_u8, |sum, digit| sum.saturating_mul(10).saturating_add(digit.saturating_sub(b'0')));
    Some((number, at + 1 + digits))
}

/// Behind `[0]` or `(0)`, which says which of several.
fn past_index(text: Text<'_>, at: usize) -> usize {
    let close = match text.at(at) {
        b'[' => b']',
        b'(' => b')',
        _ => return at,
    };
    let digits = text.digits(at + 1, 3);
    let closed = matches!(digits, 1 | 2) && text.at(at + 1 + digits) == close;
    if closed { at + digits + 2 } else { at }
}

/// Behind the quotes and brackets that close around a path, and `.toString()`; whether it is a key in quotes.
fn past_closers(text: Text<'_>, at: usize) -> (usize, bool) {
    const CALL: &[u8] = b".tostring()";
    let mut next = at;
    while next < at + MAX_SIGNS && matches!(text.at(next), b'"' | b'\'' | b'\\' | b']' | b')') {
        next += 1;
    }
    let bracketed = text.slice(at, next).iter().any(|byte| matches!(byte, b']' | b')'));
    let key = next > at && !bracketed && text.at(next) == b':';
    if text.has_word(next, CALL) {
        next += CALL.len();
    }
    (next, key)
}

/// Where the word `value` ends that stands beside a path: `field=PID.5 value=COOK`, `"path":"PID.5","value":"COOK"`.
fn beside(text: Text<'_>, at: usize) -> Option<usize> {
    const WORD: &[u8] = b"value";
    let sign = |byte: u8| matches!(byte, b' ' | b',' | b'"' | b'\'' | b'\\');
    let start = (at..at + MAX_SIGNS).find(|at| !sign(text.at(*at)))?;
    let end = start + WORD.len();
    let whole = start > at && !text.at(end).is_ascii_alphanumeric();
    (whole && text.has_word(start, WORD)).then_some(end)
}

/// Whether a value stands behind a colon, not the rest of a sentence.
fn is_plausible(text: Text<'_>, at: usize, kind: Kind, path: &Path, worded: bool) -> bool {
    let look = text.until(at + MAX_LOOK);
    let token = look.slice(at, value::token_end(look, at));
    let has = |is: fn(&u8) -> bool| token.iter().any(is);
    match kind {
        Kind::Name | Kind::Address => {
            let loud = has(u8::is_ascii_uppercase) && !has(u8::is_ascii_lowercase);
            let part = path.component.is_some() && !worded;
            token.contains(&b'^')
                || loud
                || (part && !token.first().is_some_and(u8::is_ascii_lowercase))
        }
        _ => has(u8::is_ascii_digit) || token.contains(&b'@'),
    }
}

/// What stands in the element whose tag ends at `close`, or in the first one in it.
fn element(text: Text<'_>, start: usize, mut path: Path, close: usize) -> Option<Hit> {
    let name = text.slice(start, start + 3);
    let mut from = close + 1;
    for _ in 0..MAX_ELEMENTS {
        let most = from + MAX_LOOK;
        let inner = (from..most).find(|at| !text.at(*at).is_ascii_whitespace())?;
        if text.at(inner) != b'<' {
            break;
        }
        // `<PID.5.1>` in `<PID.5>` is found by itself.
        if text.slice(inner + 1, inner + 4) == name || text.at(inner + 1) == b'/' {
            return None;
        }
        let dot = text.until(inner + MAX_SIGNS).find_byte(b'.', inner)?;
        let (number, end) = number(text, dot)?;
        if text.at(end) != b'>' {
            return None;
        }
        path.component = path.component.or(Some(number));
        from = end + 1;
    }
    let kind = path.kind()?;
    let mut end = from;
    while end < text.len() && !matches!(text.at(end), b'<' | b'>') {
        end += 1;
    }
    let filled = (from..end).find(|at| !text.at(*at).is_ascii_whitespace())?;
    hit(text, filled, end, kind)
}

/// A hit, unless nothing is there or a marker.
fn hit(text: Text<'_>, start: usize, end: usize, kind: Kind) -> Option<Hit> {
    let value = text.slice(start, end);
    let kind = if kind == Kind::Phone && value.contains(&b'@') { Kind::Email } else { kind };
    let filled = value.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    (filled && !value.starts_with(b"[PHI:")).then_some(Hit { start, end, kind, quote: None })
}
