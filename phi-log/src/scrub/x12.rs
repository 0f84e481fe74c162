//! X12 segments, in which claims and eligibility travel (005010: 837, 835, 270, 271, 278, 834): elements that hold
//! identifiers, by their place and by the qualifier in front of them.

use super::engine::Hit;
use super::kind::Kind;
use super::text::Text;

/// Elements that are looked at; `HI` has the most.
const MAX_ELEMENTS: usize = 16;

/// Segments that may hold identifiers.
const NAMES: [&[u8]; 11] =
    [b"NM1", b"N3", b"N4", b"DMG", b"DTP", b"REF", b"CLM", b"CLP", b"SBR", b"PER", b"HI"];

/// Where the elements of a segment stand: the first is the one behind its name.
struct Segment<'t> {
    text: Text<'t>,
    elements: [(usize, usize); MAX_ELEMENTS],
    end: usize,
}

/// Adds what the segments in the text hold.
pub(super) fn scan(text: &str, hits: &mut Vec<Hit>) {
    let view = Text::new(text);
    let mut from = 0;
    while let Some(at) = view.find_byte(b'*', from) {
        from = at + 1;
        let letters = (0..3).take_while(|back| view.before(at - back, 0).is_ascii_alphanumeric());
        let mut start = at - letters.count();
        // A line feed that is written out: `\nN3*`.
        let fed =
            |place: usize| matches!(view.at(place), b'n' | b'r') && view.before(place, 0) == b'\\';
        start += usize::from(fed(start));
        let before = view.before(start, 0);
        let inside = before.is_ascii_alphanumeric() || matches!(before, b'*' | b':' | b'_');
        let name = view.slice(start, at);
        if (inside && !fed(start - 1)) || !NAMES.contains(&name) {
            continue;
        }
        let segment = Segment::read(view, at);
        segment.find(name, hits);
        from = segment.end;
    }
}

impl<'t> Segment<'t> {
    /// Reads what stands behind the first sign, at `at`.
    fn read(text: Text<'t>, at: usize) -> Self {
        let mut end = at;
        while end < text.len() && !ends(text, end) {
            end += 1;
        }
        let mut elements = [(end, end); MAX_ELEMENTS];
        let mut next = at + 1;
        for slot in &mut elements {
            let stop = text.until(end).find_byte(b'*', next);
            *slot = (next, stop.unwrap_or(end));
            match stop {
                Some(stop) => next = stop + 1,
                None => break,
            }
        }
        Self { text, elements, end }
    }

    /// The element of this number, from 1, as the standard counts.
    fn at(&self, number: usize) -> (usize, usize) {
        self.elements.get(number - 1).copied().unwrap_or((self.end, self.end))
    }

    fn is(&self, number: usize, words: &[&[u8]]) -> bool {
        let (start, end) = self.at(number);
        words.contains(&self.text.slice(start, end))
    }

    /// Adds what a segment of this name holds.
    fn find(&self, name: &[u8], hits: &mut Vec<Hit>) {
        let mut push = |number: usize, kind: Kind| {
            let (start, end) = self.at(number);
            let value = self.text.slice(start, end);
            if value.iter().any(u8::is_ascii_alphanumeric) && !value.starts_with(b"[PHI:") {
                hits.push(Hit { start, end, kind, quote: None });
            }
        };
        match name {
            b"NM1" if self.is(2, &[b"1", b"2"]) => {
                if self.is(2, &[b"1"]) {
                    for number in [3, 4, 5, 7] {
                        push(number, Kind::Name);
                    }
                }
                let (start, end) = self.at(8);
                match self.text.slice(start, end) {
                    b"34" => push(9, Kind::Ssn),
                    b"XX" => push(9, Kind::Npi),
                    b"MI" | b"II" => push(9, Kind::Member),
                    _ if self.is(2, &[b"1"]) => push(9, Kind::Member),
                    _ => {}
                }
            }
            b"N3" => {
                push(1, Kind::Address);
                push(2, Kind::Address);
            }
            b"N4" => {
                push(1, Kind::Address);
                push(3, Kind::Zip);
            }
            b"DMG" if self.is(1, &[b"D8"]) => push(2, Kind::Birth),
            b"DTP" if self.is(2, &[b"D8", b"RD8", b"DT"]) => push(3, Kind::Date),
            b"REF" => match self.text.slice(self.at(1).0, self.at(1).1) {
                b"SY" => push(2, Kind::Ssn),
                b"EA" => push(2, Kind::Mrn),
                b"EJ" | b"D9" | b"F8" => push(2, Kind::Account),
                b"0F" | b"1L" | b"1W" | b"6P" | b"IG" | b"23" | b"Q4" => push(2, Kind::Member),
                _ => {}
            },
            b"CLM" | b"CLP" => push(1, Kind::Account),
            b"SBR" => push(3, Kind::Member),
            b"PER" => {
                push(2, Kind::Name);
                for number in [3, 5, 7] {
                    if self.is(number, &[b"TE", b"FX", b"HP", b"CP", b"WP"]) {
                        push(number + 1, Kind::Phone);
                    } else if self.is(number, &[b"EM"]) {
                        push(number + 1, Kind::Email);
                    }
                }
            }
            b"HI" => (1..=12).for_each(|number| push(number, Kind::Diagnosis)),
            _ => {}
        }
    }
}

/// Whether a segment ends here: at its sign, at a line also where a string has it written out, or with the string.
fn ends(text: Text<'_>, at: usize) -> bool {
    match text.at(at) {
        b'~' | b'\n' | b'\r' | b'"' => true,
        b'\\' => matches!(text.at(at + 1), b'n' | b'r' | b'u' | b'x' | b'"'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::scrubs_to;

    #[test]
    fn a_claim_names_nobody() {
        scrubs_to(
            "NM1*IL*1*SAMPLE*ADA*B***MI*W123456789~N3*12 MAIN ST*APT 4~N4*BOSTON*MA*02139~DMG*D8*19520314*F~",
            "NM1*IL*1*[PHI:name]*[PHI:name]*[PHI:name]***MI*[PHI:member]~N3*[PHI:address]*[PHI:address]~\
             N4*[PHI:address]*MA*[PHI:zip]~DMG*D8*[PHI:dob]*F~",
        );
        scrubs_to(
            "CLM*26-77193*150***11:B:1*Y~DTP*472*D8*20240105~HI*ABK:I10*ABF:E119~REF*SY*078051120~",
            "CLM*[PHI:account]*150***11:B:1*Y~DTP*472*D8*[PHI:date]~HI*[PHI:diagnosis]*[PHI:diagnosis]~\
             REF*SY*[PHI:ssn]~",
        );
        scrubs_to(
            "{\"raw\":\"PER*IC*ADA SAMPLE*TE*5550104477*EM*ada@example.com~\\nNM1*85*2*CLINIC*****XX*1234567893~\\nN4*BOSTON*MA*02139~\"}",
            "{\"raw\":\"PER*IC*[PHI:name]*TE*[PHI:phone]*EM*[PHI:email]~\\nNM1*85*2*CLINIC*****XX*[PHI:npi]~\\nN4*[PHI:address]*MA*[PHI:zip]~\"}",
        );
    }

    #[test]
    fn stars_of_other_text_stay() {
        for text in [
            "2*3*4",
            "a * b",
            "**REF** see",
            "REF*X1*17",
            "*.rs",
            "NM1*3*9",
            "SELECT * FROM t",
            "x*N4",
        ] {
            scrubs_to(text, text);
        }
    }
}
