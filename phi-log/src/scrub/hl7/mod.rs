//! HL7 version 2 segments: the fields that hold identifiers, by their place (HL7 2.5.1, chapters 3 and 6).

mod path;
mod table;
#[cfg(test)]
mod tests;

use super::engine::Hit;
use super::fhir::of_type;
use super::kind::Kind;
use super::text::Text;
pub(super) use path::find as find_path;
use table::{Field, fields, of_value};

/// Bytes in which the end of a segment that is written out must stand.
const MAX_END: usize = 8;

/// Adds what the segments in the text hold by place, in order.
pub(super) fn scan(text: &str, hits: &mut Vec<Hit>) {
    let view = Text::new(text);
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = view.find_byte(b'|', from) {
        from = at + 1;
        let Some(start) = at.checked_sub(3) else { continue };
        let name = bytes.get(start..at).unwrap_or_default();
        if !begins_segment(view, start) {
            continue;
        }
        let known = fields(name);
        if known.is_empty() {
            continue;
        }
        from = segment(view, at, known, hits);
    }
}

/// Whether a segment may begin here: at a line, behind `\r` or `\n` written out, or behind other text.
fn begins_segment(text: Text<'_>, start: usize) -> bool {
    let before = text.before(start, 0);
    match before {
        b'r' | b'n' => text.before(start - 1, 0) == b'\\',
        // `\u000d`, `\x0d`
        b'd' | b'D' | b'a' | b'A' => text.before(start - 1, 0) == b'0',
        byte => !byte.is_ascii_alphanumeric() && !matches!(byte, b'|' | b'^' | b'_'),
    }
}

/// Reads the fields behind the first sign of a segment at `at`; gives where it ends.
fn segment(text: Text<'_>, at: usize, known: &[(u8, Field)], hits: &mut Vec<Hit>) -> usize {
    let mut next = at;
    let mut number = 0_u8;
    let mut said = None;
    while text.at(next) == b'|' && next < text.len() {
        number = number.saturating_add(1);
        let start = next + 1;
        let end = field_end(text, start);
        if number == 2 {
            said = of_value(text.slice(start, end));
        }
        let field = known.iter().find(|(each, _)| *each == number).map(|(_, field)| *field);
        let field = if matches!(field, Some(Field::Typed)) { said } else { field };
        if let Some(field) = field {
            for (start, end) in split(text, start, end, b'~') {
                one(text, start, end, field, hits);
            }
        }
        next = end;
    }
    next
}

fn field_end(text: Text<'_>, at: usize) -> usize {
    let mut end = at;
    while end < text.len() {
        match text.at(end) {
            b'|' => return joined_end(text, at, end).unwrap_or(end),
            b'\r' | b'\n' => break,
            // The segment's end written out, as in JSON and `Debug` text.
            b'\\' if matches!(text.at(end + 1), b'r' | b'n' | b'u' | b'x' | b'"') => break,
            b'"' if text.at(end + 1) != b'"' && text.before(end, at) != b'"' => break,
            b'&' | b'<' | 0xE2 if is_written_end(text, end) => break,
            _ => end += 1,
        }
    }
    end
}

/// Where the field ends if the next segment begins in the same line, behind a space: `..|F PV1|1|`.
fn joined_end(text: Text<'_>, at: usize, sign: usize) -> Option<usize> {
    let space = sign.checked_sub(4).filter(|space| *space >= at)?;
    let apart = matches!(text.at(space), b' ' | b'\t');
    let name = text.slice(space + 1, sign);
    let begins = || !fields(name).is_empty() || matches!(name, b"MSH" | b"MSA" | b"NTE");
    (apart && begins()).then_some(space)
}

/// Whether the end of a segment is written out at `at` in words: `&#xD;`, `&#13;`, `<CR>`, `<br/>`, `\u{240d}`.
fn is_written_end(text: Text<'_>, at: usize) -> bool {
    match text.at(at) {
        b'<' => {
            let word = |word: &[u8]| text.has_word(at + 1, word);
            (word(b"cr") || word(b"lf") || word(b"br"))
                && matches!(text.at(at + 3), b'>' | b'/' | b' ')
        }
        b'&' if text.at(at + 1) == b'#' => {
            let Some(end) = text.until(at + MAX_END).find_byte(b';', at + 2) else { return false };
            let number = text.slice(at + 2, end);
            let (digits, codes) = match number {
                [b'x' | b'X', digits @ ..] => (digits, [&b"d"[..], b"a"]),
                digits => (digits, [&b"13"[..], b"10"]),
            };
            let digits = digits.trim_ascii_start();
            let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
            let digits = digits.get(zeros..).unwrap_or_default();
            codes.iter().any(|code| code.eq_ignore_ascii_case(digits))
        }
        // U+240D and U+240A, the pictures of both.
        _ => matches!((text.at(at + 1), text.at(at + 2)), (0x90, 0x8D | 0x8A)),
    }
}

/// The parts from `start` to `end`.
fn split(
    text: Text<'_>,
    start: usize,
    end: usize,
    sign: u8,
) -> impl Iterator<Item = (usize, usize)> {
    let mut next = Some(start);
    core::iter::from_fn(move || {
        let from = next?;
        let stop = text.until(end).find_byte(sign, from);
        next = stop.map(|stop| stop + 1);
        Some((from, stop.unwrap_or(end)))
    })
}

fn one(text: Text<'_>, start: usize, end: usize, field: Field, hits: &mut Vec<Hit>) {
    let mut push = |kind, (start, end): (usize, usize)| {
        let text = text.slice(start, end);
        // Two quotes mean that there is none; a marker is what we left.
        let nothing = text.is_empty() || text == b"\"\"" || text.starts_with(b"[PHI:");
        if !nothing && text.iter().any(u8::is_ascii_alphanumeric) {
            hits.push(Hit { start, end, kind, quote: None });
        }
    };
    let mut parts = [(end, end); 10];
    for (slot, part) in parts.iter_mut().zip(split(text, start, end, b'^')) {
        *slot = part;
    }
    let part = |number: usize| parts.get(number - 1).copied().unwrap_or((end, end));
    // From the first to the last component that is not empty.
    let joined = |first: usize, last: usize| {
        let filled = (first..=last).map(part).filter(|(start, end)| start < end);
        filled.fold(None, |all: Option<(usize, usize)>, (start, end)| {
            Some((all.map_or(start, |(first, _)| first), end))
        })
    };
    match field {
        Field::Whole(kind) => push(kind, (start, end)),
        Field::First(kind) => {
            let (from, to) = part(5);
            push(of_type(text.slice(from, to)).unwrap_or(kind), part(1));
        }
        Field::Name => push(Kind::Name, joined(1, 4).unwrap_or((end, end))),
        Field::Clinician | Field::Subject => {
            let (from, to) = part(1);
            let first = text.slice(from, to);
            let npi = first.len() == 10 && first.iter().all(u8::is_ascii_digit);
            let lettered = first.iter().any(u8::is_ascii_alphabetic);
            let digits = first.iter().any(u8::is_ascii_digit);
            if matches!(field, Field::Subject) && digits {
                push(Kind::Mrn, (from, to));
            } else if npi {
                push(Kind::Npi, (from, to));
            } else if lettered && !digits {
                push(Kind::Name, (from, to));
            } else if let Some(sign) = text.until(to).find_byte(b'&', from) {
                // `7&COOK&DAWN^20240817`: what else has components is one here (NDL).
                push(Kind::Name, (sign + 1, to));
            }
            push(Kind::Name, joined(2, 5).unwrap_or((end, end)));
        }
        Field::Address => {
            push(Kind::Address, joined(1, 3).unwrap_or((end, end)));
            push(Kind::Zip, part(5));
            push(Kind::Address, part(9));
        }
        Field::Contact => {
            let (from, to) = part(1);
            if text.slice(from, to).contains(&b'@') {
                push(Kind::Email, (from, to));
            } else {
                push(Kind::Phone, (from, to));
            }
            push(Kind::Email, part(4));
            push(Kind::Phone, joined(6, 8).unwrap_or((end, end)));
        }
        Field::Date => push(Kind::Date, part(1)),
        Field::Range => {
            push(Kind::Date, part(1));
            push(Kind::Date, part(2));
        }
        Field::Timing => {
            let (from, to) = part(1);
            // Programs put the day here as well.
            if text.digits(from, 8) == 8 {
                push(Kind::Date, (from, to));
            }
            push(Kind::Date, part(4));
            push(Kind::Date, part(5));
        }
        Field::Query => {
            let (from, to) = part(1);
            if text.at(from) == b'@' {
                let kind = path::kind_of(text.slice(from + 1, to));
                push(kind.unwrap_or(Kind::Literal), joined(2, 9).unwrap_or((end, end)));
            } else if text.slice(from, to).iter().any(u8::is_ascii_digit) {
                push(Kind::Mrn, (from, to));
            }
        }
        Field::Typed => {}
    }
}
