//! Values bound to the parameters of a statement, which drivers log in a list behind it:
//! `-- PARAMETERS: ["Ada", 7]`. They are what literals are, written one place further on.

#[cfg(test)]
mod tests;
mod typed;

use super::engine::{Hit, Quote};
use super::forms;
use super::kind::Kind;
use super::pair::quote_at;
use super::sql::{self, LONG_NUMBER};
use super::text::Text;
use super::value;

/// What stands in front of the lists of `SQLAlchemy`: `[generated in 0.0002s] ('Ada',)`.
const NOTES: [&[u8]; 5] =
    [b"generated in ", b"cached since ", b"no key ", b"raw sql", b"caching disabled "];
/// Bytes of such a note, of a word in front of a list and of a type in front of its values that are looked at.
const MAX_NOTE: usize = 64;
const MAX_WORD: usize = 12;
const MAX_TYPE: usize = 32;
/// Backslashes in front of a quote.
const MAX_ESCAPES: usize = 7;
/// What says that a text is about a statement, also where none is in it.
const SIGNS: [&[u8]; 7] = [b"sql", b"SQL", b"query", b"Query", b"QUERY", b"statement", b"select "];
/// Words of a list that are no text.
const NOTHING: [&[u8]; 6] = [b"null", b"nil", b"none", b"undefined", b"true", b"false"];

/// The lists of one text, asked for from bracket to bracket.
pub(super) struct Lists<'t> {
    text: Text<'t>,
    /// Whether the text speaks of statements, once somebody has asked.
    about: Option<bool>,
    /// The last statement in front of the place in hand.
    last: Option<usize>,
    /// Where the next one is looked for; it begins in `next` if that is known.
    from: usize,
    next: Option<usize>,
    /// Where the line in hand begins and ends.
    line: (usize, usize),
    /// Where the values with types end that were read last.
    typed: usize,
}

/// How a list is to be read.
#[derive(Clone, Copy, Default)]
struct Manner {
    /// The string that it stands in, `"params":"[..]"`, and the quotes of its key.
    outer: Option<Quote>,
    key: Option<Quote>,
    /// Words alone are texts: `args=[Ada 77]`.
    words: bool,
    /// Names stand in front of the values: `[["first_name", "Ada"]]`.
    pairs: bool,
}

impl<'t> Lists<'t> {
    pub(super) const fn new(text: Text<'t>) -> Self {
        Self { text, about: None, last: None, from: 0, next: None, line: (0, 0), typed: 0 }
    }

    /// Adds the values of the list at the bracket at `at`, if bound values stand there; gives where they end.
    pub(super) fn find(&mut self, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
        let text = self.text;
        if text.at(at) == b'(' {
            let end = typed::find(text, at, self.typed, hits);
            self.typed = end.unwrap_or(self.typed);
            if end.is_some() {
                return end;
            }
        } else if let Some(end) = typed::bracketed(text, at, hits) {
            return Some(end);
        } else if let Some(open) = behind_note(text, at) {
            return Some(read(text, open, Manner::default(), hits));
        }
        let manner = self.labelled(at).or_else(|| self.behind_statement(at))?;
        Some(read(text, at, manner, hits))
    }

    /// `params: [..]`, `"params":"[..]"`, `args=(..)`
    fn labelled(&mut self, at: usize) -> Option<Manner> {
        let text = self.text;
        let (end, outer) = quote_before(text, at);
        let sign = end - usize::from(outer.is_none() && text.before(end, 0) == b' ');
        if !matches!(text.before(sign, 0), b':' | b'=') {
            return None;
        }
        let (end, key) = quote_before(text, sign - 1);
        let end = end - usize::from(text.before(end, 0) == b' ');
        if text.before(end, 0) | 0x20 != b's' {
            return None;
        }
        let mut start = end;
        while end - start < MAX_WORD && text.before(start, 0).is_ascii_alphabetic() {
            start -= 1;
        }
        let word = text.slice(start, end);
        let is = |words: &[&[u8]]| words.iter().any(|each| each.eq_ignore_ascii_case(word));
        let told = if is(&[b"bindings", b"binds"]) {
            true
        } else if is(&[b"params", b"parameters"]) {
            let alone = word.first() == Some(&b'P')
                && (start == 0 || text.before(start, 0) == b'\n' || text.at(start - 1) == b'[');
            let bound = [&b"-- "[..], b"bind ", b"binding ", b"bound "]
                .iter()
                .any(|front| start >= front.len() && text.has_word(start - front.len(), front));
            alone || bound || self.is_about()
        } else {
            is(&[b"args", b"arguments"]) && self.is_about()
        };
        let words = text.at(at) == b'[';
        told.then_some(Manner { outer, key, words, pairs: false })
    }

    /// A list behind a statement in its line: `INSERT INTO p VALUES ($1) ["Ada", 7]`.
    fn behind_statement(&mut self, at: usize) -> Option<Manner> {
        let text = self.text;
        let before = at.checked_sub(2).map_or(0, |at| text.at(at));
        let ends = before.is_ascii_alphanumeric()
            || matches!(before, b' ' | b')' | b'"' | b'?' | b';' | b'`' | b'_' | b'*');
        if text.at(at) != b'[' || text.before(at, 0) != b' ' || !ends {
            return None;
        }
        let first = text.at(at + 1);
        // `[7]`, `[7, ..`; not `[12 ms]`.
        let digits = text.digits(at + 1, MAX_WORD);
        let begins = matches!(first, b'"' | b'\'' | b'\\' | b'[')
            || (digits > 0 && matches!(text.at(at + 1 + digits), b',' | b']'))
            || text.slice(at + 1, at + 4) == b"nil";
        if !begins || !self.follows_statement(at) {
            return None;
        }
        let pairs = first == b'[' && quote_at(text, at + 2).is_some();
        Some(Manner { pairs, ..Manner::default() })
    }

    fn is_about(&mut self) -> bool {
        let text = self.text;
        *self.about.get_or_insert_with(|| {
            SIGNS.iter().any(|sign| text.find_bytes(sign, 0).is_some())
                || sql::statement(text, 0).is_some()
        })
    }

    /// Whether a statement begins in front of `at` in its line. Places only grow.
    fn follows_statement(&mut self, at: usize) -> bool {
        let text = self.text;
        while self.from < at {
            let Some(start) = self.next.or_else(|| sql::statement(text, self.from)) else {
                self.from = text.len();
                break;
            };
            self.next = Some(start);
            if start >= at {
                break;
            }
            self.last = self.next.take();
            self.from = start + 1;
        }
        let Some(last) = self.last else { return false };
        while self.line.1 < at {
            let start = self.line.1;
            let end = text.find_byte(b'\n', start).unwrap_or(text.len());
            self.line = (start, end + 1);
        }
        last >= self.line.0
    }
}

/// The list behind the note that begins at `at`.
fn behind_note(text: Text<'_>, at: usize) -> Option<usize> {
    if !matches!(text.at(at + 1), b'g' | b'c' | b'n' | b'r') {
        return None;
    }
    NOTES.iter().find(|note| text.slice(at + 1, at + 1 + note.len()) == **note)?;
    let open = text.until(at + MAX_NOTE).find_byte(b']', at)? + 2;
    (text.before(open, 0) == b' ' && matches!(text.at(open), b'(' | b'{' | b'[')).then_some(open)
}

/// The quote that ends in front of `at`, and where its backslashes begin.
fn quote_before(text: Text<'_>, at: usize) -> (usize, Option<Quote>) {
    let mark = text.before(at, 0);
    if !matches!(mark, b'"' | b'\'') {
        return (at, None);
    }
    let escapes = (1..=MAX_ESCAPES.min(at - 1)).take_while(|back| text.at(at - 1 - back) == b'\\');
    let escapes = escapes.count();
    (at - 1 - escapes, Some(Quote { mark, escapes }))
}

/// Adds the values of the list that begins with the bracket at `open`; gives where it ends.
fn read(text: Text<'_>, open: usize, manner: Manner, hits: &mut Vec<Hit>) -> usize {
    let mut depth = 0_usize;
    let mut at = open;
    let mut name = None;
    let mut words = manner.words;
    // Numbers in JSON become strings.
    let mut quote = manner.key.filter(|quote| quote.mark == b'"');
    while at < text.len() {
        if let Some(end) = value::marker_end(text, at) {
            at = end;
            continue;
        }
        if let Some(mark) = quote_at(text, at) {
            if manner.outer == Some(mark) {
                return at; // the end of the string, of which the list was cut
            }
            let start = at + mark.length();
            let end = value::quoted_end(text, start, mark);
            if mark.mark == b'"' {
                quote = Some(mark);
            }
            // The end of the text may be that of the value.
            at = (end + mark.length()).min(text.len()).max(start);
            let first = manner.pairs && depth == 2 && name.is_none();
            if first || is_key(text, at) {
                name = Some((start, end));
            } else {
                add(text, name.take(), (start, end), None, hits);
            }
            continue;
        }
        match text.at(at) {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                name = None;
                if depth == 0 {
                    return at + 1;
                }
            }
            b'\n' => words = false,
            byte if in_word(byte) => {
                let end = word_end(text, at);
                let kept = !words || depth != 1;
                at = word(text, (at, end), kept, &mut name, quote, hits);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    at
}

/// What to do with a word or number of a list; gives where to go on.
fn word(
    text: Text<'_>,
    (start, end): (usize, usize),
    kept: bool,
    name: &mut Option<(usize, usize)>,
    quote: Option<Quote>,
    hits: &mut Vec<Hit>,
) -> usize {
    let word = text.slice(start, end);
    let after = text.at(end);
    if after == b'(' && word.len() < MAX_TYPE && ends_with_date(word) {
        // `datetime.date(1980, 1, 5)`
        let close = text.until(end + MAX_NOTE).find_byte(b')', end);
        if let Some(close) = close {
            add(text, name.take(), (end + 1, close), None, hits);
            return close;
        }
    }
    // `{a: 1}`, `@LastName='Ada'`
    if after == b'=' || is_key(text, end) {
        *name = Some((start, end));
        return end;
    }
    // `Some(`, `N'`, and the sign of a key.
    if matches!(after, b'(' | b'[' | b'{' | b'"' | b'\'') || word == b":" {
        return end;
    }
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    let whole = parts.next().unwrap_or_default();
    let number = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if number(whole) && parts.next().is_none_or(number) {
        if whole.len() >= LONG_NUMBER {
            add(text, name.take(), (start, end), quote, hits);
        }
    } else if !kept && !NOTHING.iter().any(|each| each.eq_ignore_ascii_case(word)) {
        add(text, name.take(), (start, end), None, hits);
    }
    *name = None;
    end
}

fn ends_with_date(word: &[u8]) -> bool {
    [&b"date"[..], b"datetime", b"Date", b"DateTime"].iter().any(|each| word.ends_with(each))
}

/// Adds a value: as what its name says, or as a literal.
fn add(
    text: Text<'_>,
    name: Option<(usize, usize)>,
    (start, end): (usize, usize),
    quote: Option<Quote>,
    hits: &mut Vec<Hit>,
) {
    // Who hides values writes `?`.
    let nothing = start >= end || text.slice(start, end) == b"?";
    if nothing || value::marker_end(text, start) == Some(end) {
        return;
    }
    let named = name.and_then(|name| forms::enclosed(text, name, (start, end)));
    let hit = named.unwrap_or(Hit { start, end, kind: Kind::Literal, quote: None });
    hits.push(Hit { quote, ..hit });
}

/// Whether the sign of a key stands at `at`: `{'a': 1}`, `{:a=>1}`.
fn is_key(text: Text<'_>, at: usize) -> bool {
    let sign = at + usize::from(text.at(at) == b' ');
    text.at(sign) == b':' || text.slice(sign, sign + 2) == b"=>"
}

const fn in_word(byte: u8) -> bool {
    byte > b' '
        && !matches!(
            byte,
            b',' | b';'
                | b'('
                | b')'
                | b'['
                | b']'
                | b'{'
                | b'}'
                | b'"'
                | b'\''
                | b'\\'
                | b'='
                | b'<'
                | b'>'
                | b'|'
        )
}

fn word_end(text: Text<'_>, at: usize) -> usize {
    let mut end = at;
    while end < text.len() && in_word(text.at(end)) {
        end += 1;
    }
    // `{a: 1}`
    if end > at + 1 && text.at(end - 1) == b':' { end - 1 } else { end }
}
