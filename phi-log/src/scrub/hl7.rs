//! HL7 version 2 segments: the fields that hold identifiers, by their place (HL7 2.5.1, chapters 3 and 6).

use super::engine::Hit;
use super::fhir::of_type;
use super::kind::Kind;
use super::text::Text;

/// What a field holds.
#[derive(Clone, Copy)]
enum Field {
    /// One value, whatever its components.
    Whole(Kind),
    /// The first component is the value, the rest says by whom it was given (CX).
    First(Kind),
    /// A person's name (XPN): family, given, further names, suffix.
    Name,
    /// Number, then name (XCN).
    Clinician,
    /// Street, other, town, state, code, country (XAD).
    Address,
    /// A telephone number, and an e-mail address in the fourth component (XTN).
    Contact,
    Date,
}

/// The fields of a segment, by number, from 1.
#[expect(clippy::too_many_lines, reason = "a table, one row after the other")]
fn fields(segment: &[u8]) -> &'static [(u8, Field)] {
    use Field::{Address, Clinician, Contact, Date, First, Name, Whole};
    const MRN: Field = First(Kind::Mrn);
    const MEMBER: Field = First(Kind::Member);
    const ACCOUNT: Field = First(Kind::Account);
    const SSN: Field = Whole(Kind::Ssn);
    match segment {
        b"PID" => &[
            (2, MRN),
            (3, MRN),
            (4, MRN),
            (5, Name),
            (6, Name),
            (7, Date),
            (9, Name),
            (11, Address),
            (12, Whole(Kind::Address)),
            (13, Contact),
            (14, Contact),
            (18, ACCOUNT),
            (19, SSN),
            (20, First(Kind::Licence)),
            (21, MRN),
            (23, Whole(Kind::Address)),
            (29, Date),
            (33, Date),
        ],
        b"PD1" => &[(4, Clinician)],
        b"NK1" => &[
            (2, Name),
            (4, Address),
            (5, Contact),
            (6, Contact),
            (8, Date),
            (9, Date),
            (12, ACCOUNT),
            (16, Date),
            (26, Name),
            (30, Name),
            (31, Contact),
            (32, Address),
            (33, MRN),
            (37, SSN),
            (40, Contact),
        ],
        b"GT1" => &[
            (2, ACCOUNT),
            (3, Name),
            (4, Name),
            (5, Address),
            (6, Contact),
            (7, Contact),
            (8, Date),
            (12, SSN),
            (16, Name),
            (17, Address),
            (18, Contact),
            (19, ACCOUNT),
            (42, Name),
            (45, Name),
            (46, Contact),
        ],
        b"IN1" => &[
            (5, Address),
            (6, Name),
            (7, Contact),
            (8, MEMBER),
            (10, MEMBER),
            (12, Date),
            (13, Date),
            (14, MEMBER),
            (16, Name),
            (18, Date),
            (19, Address),
            (36, MEMBER),
            (44, Address),
            (49, MEMBER),
        ],
        b"IN2" => &[
            (1, ACCOUNT),
            (2, SSN),
            (6, MEMBER),
            (8, MEMBER),
            (10, MEMBER),
            (25, MEMBER),
            (26, MEMBER),
            (40, Name),
            (52, Name),
            (61, MEMBER),
            (63, Contact),
        ],
        b"MRG" => {
            &[(1, MRN), (2, MRN), (3, ACCOUNT), (4, MRN), (5, ACCOUNT), (6, ACCOUNT), (7, Name)]
        }
        b"PV1" => &[
            (5, ACCOUNT),
            (7, Clinician),
            (8, Clinician),
            (9, Clinician),
            (17, Clinician),
            (19, ACCOUNT),
            (44, Date),
            (45, Date),
            (50, ACCOUNT),
            (52, Clinician),
        ],
        b"PV2" => &[(8, Date), (9, Date), (13, Name), (47, Date)],
        b"ACC" => &[(1, Date)],
        b"DG1" => &[(5, Date), (16, Clinician), (19, Date)],
        b"PR1" => &[(5, Date), (8, Clinician), (11, Clinician), (12, Clinician)],
        b"AL1" => &[(6, Date)],
        b"ORC" => &[(9, Date), (10, Clinician), (11, Clinician), (12, Clinician), (15, Date)],
        b"OBR" => &[
            (7, Date),
            (8, Date),
            (10, Clinician),
            (14, Date),
            (16, Clinician),
            (22, Date),
            (28, Clinician),
            (32, Clinician),
            (36, Date),
        ],
        b"OBX" => &[(14, Date), (16, Clinician), (19, Date)],
        b"SCH" => &[
            (11, Date),
            (12, Clinician),
            (13, Contact),
            (16, Clinician),
            (17, Contact),
            (20, Clinician),
        ],
        b"ROL" => &[(4, Clinician), (5, Date), (6, Date), (11, Address), (12, Contact)],
        b"RXA" => &[(3, Date), (4, Date), (10, Clinician)],
        b"RXE" | b"RXO" | b"RXD" => &[(13, Clinician), (14, Clinician)],
        _ => &[],
    }
}

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
    while text.at(next) == b'|' && next < text.len() {
        number = number.saturating_add(1);
        let start = next + 1;
        let end = field_end(text, start);
        let field = known.iter().find(|(each, _)| *each == number);
        if let Some((_, field)) = field {
            for (start, end) in split(text, start, end, b'~') {
                one(text, start, end, *field, hits);
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
            b'|' | b'\r' | b'\n' => break,
            // The segment's end written out, as in JSON and `Debug` text.
            b'\\' if matches!(text.at(end + 1), b'r' | b'n' | b'u' | b'x' | b'"') => break,
            b'"' if text.at(end + 1) != b'"' && text.before(end, at) != b'"' => break,
            _ => end += 1,
        }
    }
    end
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
        Field::Clinician => {
            let (from, to) = part(1);
            let npi = to - from == 10 && text.slice(from, to).iter().all(u8::is_ascii_digit);
            let lettered = text.slice(from, to).iter().any(u8::is_ascii_alphabetic);
            let digits = text.slice(from, to).iter().any(u8::is_ascii_digit);
            if npi {
                push(Kind::Npi, (from, to));
            } else if lettered && !digits {
                push(Kind::Name, (from, to));
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
    }
}
