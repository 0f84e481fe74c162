//! FHIR R4 resources in JSON: names, addresses, dates, contacts and identifiers of a person, by their place.
//!
//! The reader is tolerant: log text cuts documents off, wraps them into strings (`{\"resourceType\":..`) and
//! puts words around them. Python prints them with apostrophes. It never goes back, and keeps at most [`MAX_DEPTH`]
//! levels.

mod key;
mod place;
mod says;
#[cfg(test)]
mod tests;

use super::engine::{Hit, Quote};
use super::kind::Kind;
use super::pair::quote_at;
use super::text::Text;
use super::value::quoted_end;
use key::Key;
use place::{Frame, Leaf, Meaning};
pub(super) use says::{of_system, of_type};

/// Levels of objects and arrays that are told apart. Deeper ones are read without knowing where.
const MAX_DEPTH: usize = 48;
/// Bytes of the key that every resource has.
const MARK: &[u8] = b"resourceType";

/// The stretches of the text that were read as FHIR.
pub(super) type Regions = Vec<(usize, usize)>;

/// Adds what the resources in the text hold by place, in order, and gives where they stand.
pub(super) fn scan(text: &str, hits: &mut Vec<Hit>) -> Regions {
    let mut regions = Vec::new();
    // Behind the last resource, behind the last mark, and where apostrophes were looked through.
    let (mut from, mut next, mut passed) = (0, 0, 0);
    let view = Text::new(text);
    let mut around = Around::default();
    while let Some(mark) = view.find_bytes(MARK, next) {
        next = mark + MARK.len();
        let Some(quote) = quote_before(view, mark, from) else { continue };
        let quoted = quote.mark == b'"';
        let start = object_before(view, if quoted { from } else { from.max(passed) }, mark, quote);
        if !quoted && start == mark {
            // `resource['resourceType']`
            passed = mark;
            continue;
        }
        let first = hits.len();
        let mut reader = Reader::new(view, quote, hits);
        if !quoted {
            reader.around = around.at(view, start);
        }
        let start = if start == mark { reader.begin_inside(mark) } else { start };
        let end = reader.read(start).max(next);
        if let Some(new) = hits.get_mut(first..) {
            new.sort_unstable_by_key(|hit| hit.start);
        }
        regions.push((start, end));
        (from, next) = (end, end);
    }
    regions
}

/// The quote in front of the key at `at`.
fn quote_before(text: Text<'_>, at: usize, floor: usize) -> Option<Quote> {
    let mark = text.before(at, floor);
    if !matches!(mark, b'"' | b'\'') {
        return None;
    }
    let mut escapes = 0;
    while escapes < 8 && text.before(at - 1 - escapes, floor) == b'\\' {
        escapes += 1;
    }
    Some(Quote { mark, escapes })
}

/// The first opening brace from `from` on whose first key stands in quotes like the one of the mark.
fn object_before(text: Text<'_>, from: usize, mark: usize, quote: Quote) -> usize {
    let mut next = from;
    while let Some(open) = text.until(mark).find_byte(b'{', next) {
        let mut key = open + 1;
        while key < open + 16 && matches!(text.at(key), b' ' | b'\n' | b'\r' | b'\t') {
            key += 1;
        }
        // `{\n  \"resourceType\"`: the line break itself written out.
        while key < open + 64
            && text.at(key) == b'\\'
            && matches!(text.at(key + 1), b'n' | b'r' | b't')
        {
            key += 2;
            while key < open + 64 && text.at(key) == b' ' {
                key += 1;
            }
        }
        if quote_at(text, key) == Some(quote) {
            return open;
        }
        next = open + 1;
    }
    mark
}

/// The string around a place, as far as the text was looked through.
#[derive(Default)]
struct Around {
    seen: usize,
    open: bool,
    /// The backslashes in front of the last quote.
    escapes: usize,
}

impl Around {
    /// The backslashes in front of the quotes that end the string around `at`, if one is open there.
    fn at(&mut self, text: Text<'_>, at: usize) -> Option<usize> {
        let mut slashes = 0;
        for byte in text.slice(self.seen, at) {
            match byte {
                b'\\' => {
                    slashes += 1;
                    continue;
                }
                b'"' => {
                    self.open ^= slashes % 2 == 0;
                    self.escapes = slashes;
                }
                // No string of JSON reaches over a line.
                b'\n' => self.open = false,
                _ => {}
            }
            slashes = 0;
        }
        self.seen = at.max(self.seen);
        self.open.then_some(self.escapes)
    }
}

/// Walks through one document.
struct Reader<'t, 'h> {
    text: Text<'t>,
    quote: Quote,
    /// The backslashes in front of the quotes around a document with apostrophes, if it stands in a string.
    around: Option<usize>,
    hits: &'h mut Vec<Hit>,
    stack: Vec<Frame>,
    /// Levels beyond the deepest that is told apart.
    beyond: usize,
    key: Key,
    /// Whether a string that comes now is a key.
    expects_key: bool,
}

impl<'t, 'h> Reader<'t, 'h> {
    fn new(text: Text<'t>, quote: Quote, hits: &'h mut Vec<Hit>) -> Self {
        let (stack, key) = (Vec::new(), Key::Other);
        Self { text, quote, around: None, hits, stack, beyond: 0, key, expects_key: false }
    }

    /// Begins behind the key at `mark`, in an object whose brace was cut off; gives where to go on.
    fn begin_inside(&mut self, mark: usize) -> usize {
        self.open(true);
        (self.key, self.expects_key) = (Key::ResourceType, false);
        mark + MARK.len() + self.quote.length()
    }

    /// Reads from the brace at `at` to the one that closes it, or to the end of the text.
    fn read(mut self, at: usize) -> usize {
        let mut next = at;
        while next < self.text.len() {
            match self.text.at(next) {
                open @ (b'{' | b'[') => self.open(open == b'{'),
                b'}' | b']' if self.close() => return next + 1,
                b',' => self.comma(),
                b'"' | b'\'' | b'\\' => {
                    if let Some(open) = quote_at(self.text, next).filter(|open| self.opens(*open)) {
                        let outer =
                            open.mark == b'"' && self.around.is_some_and(|n| open.escapes <= n);
                        if outer || open.escapes < self.quote.escapes {
                            // The string around the document ends here.
                            break;
                        }
                        let end = self.string(next + open.length(), open);
                        // A string may be cut off by the one around it.
                        let whole =
                            quote_at(self.text, end).is_some_and(|end| end.mark == open.mark);
                        next = if whole { end + open.length() } else { end };
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' => {
                    next = self.number(next);
                    continue;
                }
                _ => {}
            }
            next += 1;
        }
        while !self.stack.is_empty() {
            self.close();
        }
        next.min(self.text.len())
    }

    /// Whether a string may begin so: where keys have apostrophes, texts with apostrophes have quotes.
    const fn opens(&self, open: Quote) -> bool {
        open.mark == b'"' || self.quote.mark == b'\''
    }

    fn open(&mut self, object: bool) {
        if self.stack.len() >= MAX_DEPTH {
            self.beyond += 1;
            return;
        }
        let frame = match self.stack.last() {
            // The elements of an array stand where the array stands.
            Some(parent) if parent.is_array => Frame::element(parent, object),
            parent => Frame::member(parent, self.key, object),
        };
        self.stack.push(frame);
        self.expects_key = object;
    }

    /// Leaves a level; true if it was the outermost.
    fn close(&mut self) -> bool {
        if self.beyond > 0 {
            self.beyond -= 1;
            return false;
        }
        if let Some(frame) = self.stack.pop()
            && let Some(kind) = frame.resolve(&self.stack, self.text)
        {
            self.push(frame.pending, kind);
        }
        self.expects_key = false;
        self.stack.is_empty()
    }

    fn comma(&mut self) {
        self.expects_key = self.stack.last().is_some_and(|frame| !frame.is_array);
    }

    /// Reads the string whose content begins at `at`; gives where the content ends.
    fn string(&mut self, at: usize, open: Quote) -> usize {
        let end = if open.mark == b'"' {
            quoted_end(self.text, at, open)
        } else {
            apostrophe_end(self.text, at, open, self.around)
        };
        if self.expects_key {
            self.key = Key::of(self.text.slice(at, end));
            self.expects_key = false;
        } else {
            self.leaf(Leaf { start: at, end, quote: None });
        }
        end
    }

    fn number(&mut self, at: usize) -> usize {
        let mut end = at;
        while matches!(self.text.at(end), b'-' | b'+' | b'.' | b'0'..=b'9' | b'e' | b'E') {
            end += 1;
        }
        self.leaf(Leaf { start: at, end, quote: Some(self.quote) });
        end
    }

    fn leaf(&mut self, leaf: Leaf) {
        if self.beyond > 0 {
            return;
        }
        let key = match self.stack.last() {
            Some(frame) if frame.is_array => frame.key,
            _ => self.key,
        };
        match place::judge(&mut self.stack, key, leaf, self.text) {
            Meaning::Is(kind) => self.push(leaf, kind),
            Meaning::Nothing => {}
        }
    }

    fn push(&mut self, leaf: Leaf, kind: Kind) {
        let text = self.text.slice(leaf.start, leaf.end);
        let filled = text.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
        if filled && !text.starts_with(b"[PHI:") {
            let (start, end) = (leaf.start, leaf.end);
            self.hits.push(Hit { start, end, kind, quote: leaf.quote });
        }
    }
}

/// Where the content of a string in apostrophes ends. A sign of the document follows, which tells its end from the
/// apostrophe of `O'Brien`.
fn apostrophe_end(text: Text<'_>, at: usize, open: Quote, around: Option<usize>) -> usize {
    let (mut next, mut escapes) = (at, 0);
    while next < text.len() {
        match text.at(next) {
            b'\\' => escapes += 1,
            b'\n' => return next,
            b'"' => {
                if around.is_some_and(|most| escapes <= most) {
                    return next - escapes;
                }
                escapes = 0;
            }
            b'\'' => {
                let after = next + 1 + usize::from(text.at(next + 1) == b' ');
                let ends = matches!(
                    text.at(after),
                    0 | b',' | b':' | b'}' | b']' | b')' | b'"' | b'\n' | b'\r'
                );
                let level = 2 * (open.escapes + 1);
                let own = escapes >= open.escapes && (escapes - open.escapes).is_multiple_of(level);
                if escapes < open.escapes || (own && ends) {
                    return next - escapes.min(open.escapes);
                }
                escapes = 0;
            }
            _ => escapes = 0,
        }
        next += 1;
    }
    next
}
