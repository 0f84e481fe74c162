//! E-mail addresses, also with the `@` written `%40`.

use super::text::Text;

/// The start and end of the address around the sign at `at`, which is `sign` bytes long.
///
/// Neither part is bounded, and the work is still linear: both stop at the next sign.
pub(super) fn find(text: Text<'_>, at: usize, sign: usize, floor: usize) -> Option<(usize, usize)> {
    let mut start = at;
    while is_local(text.before(start, floor)) || is_percent(text, start, floor) {
        start -= 1;
    }
    // Punctuation in front belongs to the sentence: `'ada@example.com'`, `//ada@example.com`.
    while start < at && !is_local_start(text.at(start)) {
        start += 1;
    }
    if start == at {
        return None;
    }
    domain(text, at + sign).map(|end| (start, end))
}

/// The end of the longest domain at `at` whose last label has two letters or more; `crate@0.1.44` has
/// none.
fn domain(text: Text<'_>, at: usize) -> Option<usize> {
    let mut next = at;
    let mut labels = 0;
    let mut end = None;
    loop {
        let start = next;
        let mut letters = 0;
        let mut foreign = false;
        while is_label(text.at(next)) {
            letters += usize::from(text.at(next).is_ascii_alphabetic());
            foreign |= !text.at(next).is_ascii();
            next += 1;
        }
        if next == start {
            return end;
        }
        labels += 1;
        let starts_well = text.at(start).is_ascii_alphabetic() || foreign;
        if labels > 1 && (letters >= 2 || foreign) && starts_well {
            end = Some(next);
        }
        if text.at(next) != b'.' {
            return end;
        }
        next += 1;
    }
}

/// Whether a percent sign that begins no escape ends at `end`.
fn is_percent(text: Text<'_>, end: usize, floor: usize) -> bool {
    text.before(end, floor) == b'%'
        && !(text.at(end).is_ascii_hexdigit() && text.at(end + 1).is_ascii_hexdigit())
}

const fn is_local(byte: u8) -> bool {
    matches!(byte,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80..
        | b'.' | b'_' | b'-' | b'+' | b'~' | b'\'' | b'!' | b'#' | b'$' | b'*' | b'^' | b'`' | b'|')
}

const fn is_local_start(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. | b'_' | b'+')
}

const fn is_label(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | 0x80..)
}
