//! One walk through the text from trigger to trigger, and the writing of what is left.

use super::kind::{Hits, Kind};
use super::text::Text;
use super::{card, email, label, pair, phone, ssn};

/// A value to remove. `start` and `end` are character boundaries: all matchers begin and end beside an
/// ASCII byte, or at the end of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    /// Quotes to write around the marker: a number behind a quoted key, so that JSON stays JSON.
    pub(super) quote: Option<Quote>,
}

/// A quote with the backslashes in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) mark: u8,
    pub(super) escapes: usize,
}

impl Quote {
    pub(super) const fn length(self) -> usize {
        self.escapes + 1
    }

    fn write(self, out: &mut String) {
        for _ in 0..self.escapes {
            out.push('\\');
        }
        out.push(char::from(self.mark));
    }
}

/// Everything to remove, in order and without overlaps.
pub(super) fn scan(text: &str) -> Vec<Hit> {
    let text = Text::new(text);
    let mut hits = Vec::new();
    let mut floor = 0;
    let mut from = 0;
    while let Some(at) = text.next_trigger(from) {
        from = match at_trigger(text, at, floor) {
            Some(hit) => {
                floor = hit.end;
                hits.push(hit);
                floor.max(at + 1)
            }
            None => after(text, at),
        };
    }
    hits
}

fn at_trigger(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    let plain = |kind, (start, end)| Hit { start, end, kind, quote: None };
    match text.at(at) {
        b'@' => email::find(text, at, 1, floor).map(|span| plain(Kind::Email, span)),
        b'%' if text.at(at + 1) == b'4' && text.at(at + 2) == b'0' => {
            email::find(text, at, 3, floor).map(|span| plain(Kind::Email, span))
        }
        b'=' | b':' => pair::find(text, at, floor),
        b'0'..=b'9' => card::find(text, at, floor)
            .map(|end| plain(Kind::Card, (at, end)))
            .or_else(|| ssn::find(text, at).map(|end| plain(Kind::Ssn, (at, end))))
            .or_else(|| phone::find(text, at, floor).map(|span| plain(Kind::Phone, span)))
            .or_else(|| label::find(text, at, floor)),
        _ => None,
    }
}

/// Where to go on: behind a whole run of digits, so that its tail is not taken for a number.
fn after(text: Text<'_>, at: usize) -> usize {
    let mut next = at + 1;
    if text.at(at).is_ascii_digit() {
        while text.at(next).is_ascii_digit() {
            next += 1;
        }
    }
    next
}

/// The text with markers in the place of the hits, up to `limit`; a hit that begins in front of it is
/// written whole.
pub(super) fn render(text: &str, hits: &[Hit], limit: usize, counts: &mut Hits) -> String {
    let mut out = String::with_capacity(text.len().min(limit) + 16);
    let mut from = 0;
    for hit in hits.iter().take_while(|hit| hit.start < limit) {
        out.push_str(text.get(from..hit.start).unwrap_or_default());
        if let Some(quote) = hit.quote {
            quote.write(&mut out);
        }
        out.push_str(hit.kind.marker());
        if let Some(quote) = hit.quote {
            quote.write(&mut out);
        }
        counts.add(hit.kind);
        from = hit.end;
    }
    out.push_str(text.get(from..limit.max(from)).unwrap_or_default());
    out
}
