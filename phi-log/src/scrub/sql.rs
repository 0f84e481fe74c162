//! Literals of SQL statements. Drivers log statements as they are sent, and who did not bind a value has written it
//! there; which column it belongs to stands far in front, or nowhere.

use super::engine::Hit;
use super::kind::Kind;
use super::text::Text;
use super::value;

/// Bytes in which the second word of a statement is looked for.
const MAX_LOOK: usize = 256;
/// White space in front of a statement that is looked past.
const MAX_SPACE: usize = 64;
/// Digits of the number of a parameter: `$12`.
const MAX_PLACE: usize = 5;
/// Digits from which on a number of a statement goes.
pub(super) const LONG_NUMBER: usize = 5;

/// Adds each text in single quotes, and each long number, of the statements in the text.
pub(super) fn scan(text: &str, hits: &mut Vec<Hit>) {
    let view = Text::new(text);
    if !may_hold_literals(view) {
        return;
    }
    bound(view, hits);
    let mut at = 0;
    while let Some(start) = statement(view, at) {
        // One in a string ends with it: `statement="SELECT .."`.
        let quoted = view.before(front(view, start), 0) == b'"';
        at = literals(view, start, quoted, hits);
    }
}

/// Adds the values of parameters, as `PostgreSQL` lists them: `parameters: $1 = 'Ada', $2 = '77'`.
fn bound(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(at) = text.find_byte(b'$', from) {
        from = at + 1;
        let sign = from + text.digits(from, MAX_PLACE);
        let start = sign + b" = '".len();
        let listed = [&b"arameters: "[..], b"arameter ", b"', ", b"NULL, "];
        if sign == from || text.slice(sign, start) != b" = '" {
            continue;
        }
        let end = literal_end(text, start);
        let first = text.slice(end, end + 4) == b"', $";
        if first
            || listed.iter().any(|front| text.slice(at.saturating_sub(front.len()), at) == *front)
        {
            from = end;
            add(text, start, end, hits);
        }
    }
}

/// Whether there is a quote, or numbers are put in without one.
fn may_hold_literals(text: Text<'_>) -> bool {
    let mut from = 0;
    while let Some(at) = text.find_either(b'\'', b'V', from) {
        if text.at(at) == b'\'' || text.slice(at, at + 6) == b"VALUES" {
            return true;
        }
        from = at + 1;
    }
    false
}

/// Where the first statement at or behind `from` begins.
pub(super) fn statement(text: Text<'_>, from: usize) -> Option<usize> {
    (from..text.len()).find(|at| {
        let second = text.at(at + 1) | 0x20;
        let verb = match text.at(*at) | 0x20 {
            b's' | b'd' | b'r' | b'm' => second == b'e',
            b'i' => second == b'n',
            b'u' => second == b'p',
            b'w' => second == b'i',
            b'c' => second == b'a',
            _ => false,
        };
        verb && (!is_word(text.before(*at, 0)) || front(text, *at) < *at) && begins(text, *at)
    })
}

/// Where the white space in front of `at` begins, also what a string has escaped.
fn front(text: Text<'_>, at: usize) -> usize {
    let mut start = at;
    while at - start < MAX_SPACE {
        let before = text.before(start, 0);
        if matches!(before, b' ' | b'\n' | b'\t' | b'\r') {
            start -= 1;
        } else if matches!(before, b'n' | b't' | b'r') && text.before(start - 1, 0) == b'\\' {
            start -= 2;
        } else {
            break;
        }
    }
    start
}

/// The verbs of statements, and what follows them.
const VERBS: [(&str, &str); 9] = [
    ("SELECT", "FROM"),
    ("SELECT", "("),
    ("INSERT", "INTO"),
    ("REPLACE", "INTO"),
    ("MERGE", "INTO"),
    ("UPDATE", "SET"),
    ("DELETE", "FROM"),
    ("WITH", "AS"),
    ("CALL", "("),
];

/// Whether a statement begins at `at`: a verb, and what must follow it.
fn begins(text: Text<'_>, at: usize) -> bool {
    VERBS.into_iter().any(|(verb, next)| {
        let end = at + verb.len();
        let word = text.slice(at, end);
        if !word.eq_ignore_ascii_case(verb.as_bytes()) || !is_space(text, end) {
            return false;
        }
        // In small letters it is a word of any sentence, unless it is the first.
        let shouted = word == verb.as_bytes();
        let first = matches!(text.before(front(text, at), 0), 0 | b'"' | b'(' | b';' | b'`');
        (shouted || first) && follows(text, end, next.as_bytes(), shouted)
    })
}

/// Whether a word, or a bracket, stands not far behind; of a verb in capitals in capitals too.
///
/// `Merge branch 'x' into main` is no statement: between those words no text is written.
fn follows(text: Text<'_>, from: usize, next: &[u8], shouted: bool) -> bool {
    let last = (from + MAX_LOOK).min(text.len());
    let told = matches!(next, b"INTO" | b"SET");
    let looked = (from..last).take_while(|at| !told || text.at(*at) != b'\'');
    looked.into_iter().any(|at| {
        let end = at + next.len();
        let word = text.slice(at, end);
        let same = if shouted { word == next } else { word.eq_ignore_ascii_case(next) };
        same && (next == b"(" || (!is_word(text.before(at, 0)) && !is_word(text.at(end))))
    })
}

/// White space, also where a string has it escaped.
fn is_space(text: Text<'_>, at: usize) -> bool {
    matches!(text.at(at), b' ' | b'\n' | b'\t' | b'\r')
        || (text.at(at) == b'\\' && matches!(text.at(at + 1), b'n' | b't' | b'r'))
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Adds the literals from `start` on; gives the end of the statement.
fn literals(text: Text<'_>, start: usize, quoted: bool, hits: &mut Vec<Hit>) -> usize {
    let mut at = start;
    while at < text.len() {
        match text.at(at) {
            b'"' if quoted && text.before(at, 0) != b'\\' => return at,
            // `can't` opens nothing, `E'..'` and `N'..'` do.
            b'\'' if !is_word(text.before(at, start)) || is_prefixed(text, at, start) => {
                let end = literal_end(text, at + 1);
                add(text, at + 1, end, hits);
                at = end;
            }
            b'0'..=b'9' => {
                let run = text.digits(at, text.len());
                let (before, after) = (text.before(at, start), text.at(at + run));
                let whole = !is_word(before) && !matches!(before, b'$' | b':' | b'.' | b'[');
                if run >= LONG_NUMBER && whole && !is_word(after) {
                    add(text, at, at + run, hits);
                }
                at += run - 1;
            }
            _ => {}
        }
        at += 1;
    }
    at
}

/// One letter in front of a quote, that belongs to it.
fn is_prefixed(text: Text<'_>, at: usize, start: usize) -> bool {
    matches!(text.before(at, start) | 0x20, b'e' | b'n' | b'b' | b'x')
        && !is_word(text.before(at - 1, start))
}

/// Where the content ends that begins at `at`: two quotes are one of the content. Without an end it is what is left,
/// since statements are cut where they are long.
fn literal_end(text: Text<'_>, at: usize) -> usize {
    let mut next = at;
    while let Some(quote) = text.find_byte(b'\'', next) {
        if text.at(quote + 1) != b'\'' {
            return quote;
        }
        next = quote + 2;
    }
    text.len()
}

fn add(text: Text<'_>, start: usize, end: usize, hits: &mut Vec<Hit>) {
    let removed = value::marker_end(text, start) == Some(end);
    if start < end && !removed {
        hits.push(Hit { start, end, kind: Kind::Literal, quote: None });
    }
}

#[cfg(test)]
mod tests {
    use crate::Scrubber;

    #[test]
    fn literals_of_statements_go_wherever_they_stand() {
        for (text, want) in [
            (
                "INSERT INTO patient (id, name) VALUES (1, 'Ada Example'), (77193055, N'O''Neil')",
                "INSERT INTO patient (id, name) VALUES (1, '[PHI:literal]'), ([PHI:literal], N'[PHI:literal]')",
            ),
            (
                "UPDATE patient SET name = CAST('Ada' AS BLOB) WHERE id = $1",
                "UPDATE patient SET name = CAST('[PHI:literal]' AS BLOB) WHERE id = $1",
            ),
            (
                "db.statement=\"\\n\\nSELECT * FROM p WHERE first LIKE 'Ad%'\\n\" why=\"can't 12345\"",
                "db.statement=\"\\n\\nSELECT * FROM p WHERE first LIKE '[PHI:literal]'\\n\" why=\"can't 12345\"",
            ),
            (
                "delete from visits where who in ('Ada', 'Bob')",
                "delete from visits where who in ('[PHI:literal]', '[PHI:literal]')",
            ),
            (
                "SELECT set_config('app.who', 'ada', true)",
                "SELECT set_config('[PHI:literal]', '[PHI:literal]', true)",
            ),
            (
                "slow: SELECT 1 FROM t WHERE a = 'cut he",
                "slow: SELECT 1 FROM t WHERE a = '[PHI:literal]",
            ),
        ] {
            let scrubbed = Scrubber::new().scrub(text);
            assert_eq!(scrubbed.as_str(), want);
            assert_eq!(Scrubber::new().scrub(want).as_str(), want);
        }
    }

    #[test]
    fn sentences_are_no_statements() {
        for text in [
            "please select 'all' from the menu",
            "an update to 'main' was set",
            "SELECTED 'x' FROM y",
            "don't insert 'it' into 12345",
            "SELECT a FROM b WHERE c = ? AND d = $1 LIMIT 100",
        ] {
            assert!(Scrubber::new().scrub(text).is_borrowed(), "{text}");
        }
    }
}
