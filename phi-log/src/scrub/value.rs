//! How far a value goes behind its label. In doubt it goes further: too much removed is a nuisance, too
//! little is a leak.

use super::config::action::is_rest;
use super::engine::Quote;
use super::keys;
use super::kind::Kind;
use super::text::{Separator, Text};

/// The end of the content of a string that was opened by `open` in front of `at`, or the end of the text.
pub(super) fn quoted_end(text: Text<'_>, at: usize, open: Quote) -> usize {
    let mut next = at;
    let mut escapes = 0;
    while next < text.len() {
        let byte = text.at(next);
        if byte == b'\\' {
            escapes += 1;
        } else {
            // An apostrophe may open nothing; it does not reach out of the string or line it is in.
            if open.mark == b'\'' && matches!(byte, b'"' | b'\n') {
                return next - escapes;
            }
            if byte == open.mark && closes(text, next, escapes, open) {
                return next - escapes.min(open.escapes);
            }
            escapes = 0;
        }
        next += 1;
    }
    next
}

/// Whether a quote with so many backslashes in front ends the string. Fewer than it was opened with end
/// an outer string; more are part of the content unless they are escaped backslashes themselves.
fn closes(text: Text<'_>, at: usize, escapes: usize, open: Quote) -> bool {
    let level = open.escapes + 1;
    let paired = escapes >= open.escapes && (escapes - open.escapes).is_multiple_of(2 * level);
    // `'O'Brien'`, and in SQL `'O''Brien'`
    let next = text.at(at + 1);
    let doubled = next == b'\'' && text.at(at + 2).is_ascii_alphanumeric();
    let inside = open.mark == b'\'' && (next.is_ascii_alphanumeric() || doubled);
    (escapes < open.escapes || paired) && !inside
}

/// Bytes of a value in which a digit or an `@` is looked for.
const MAX_LOOK: usize = 128;
/// Bytes of a name that may end a value of several words.
const MAX_KEY: usize = 64;

/// Whether the text at `at` looks like a value of this kind, not like the rest of a sentence: it has a digit
/// or an `@`, is one of several words anyway, or stands in brackets.
///
/// The look is short, because a value that is refused is looked at again from its next label.
pub(super) fn is_plausible(text: Text<'_>, at: usize, kind: Kind) -> bool {
    let near = text.until(at + MAX_LOOK);
    kind.is_wordy()
        || opening_bracket(near, at).is_some()
        || near
            .slice(at, bare_end(near, at, kind))
            .iter()
            .any(|byte| byte.is_ascii_digit() || *byte == b'@')
}

/// Whether a digit stands in the clause at `at`, not far from there.
pub(super) fn has_digit(text: Text<'_>, at: usize) -> bool {
    let near = text.until(at + MAX_LOOK);
    near.slice(at, words_end(near, at, Kind::Address, false)).iter().any(u8::is_ascii_digit)
}

/// Bytes of a value that an action may leave in its marker.
const MAX_REST: usize = 40;

/// The end of the marker at `at`, if one of ours stands there.
pub(super) fn marker_end(text: Text<'_>, at: usize) -> Option<usize> {
    if text.at(at) != b'[' {
        return None;
    }
    marker_at(text, at).map(|(end, _)| end)
}

/// The end and the kind of the marker that begins at `at`.
pub(super) fn marker_at(text: Text<'_>, at: usize) -> Option<(usize, Kind)> {
    if text.slice(at, at + 5) != b"[PHI:" {
        return None;
    }
    Kind::ALL.into_iter().find_map(|kind| {
        let label = kind.label().as_bytes();
        let end = at + 5 + label.len();
        if text.slice(at + 5, end) != label {
            return None;
        }
        match text.at(end) {
            b']' => Some((end + 1, kind)),
            b' ' => {
                let close = text.until(end + MAX_REST).find_byte(b']', end)?;
                is_rest(kind, text.slice(end + 1, close)).then_some((close + 1, kind))
            }
            _ => None,
        }
    })
}

/// The end of a value without quotes.
pub(super) fn bare_end(text: Text<'_>, at: usize, kind: Kind) -> usize {
    let first = marker_end(text, at).or_else(|| bracketed_end(text, at));
    if kind.is_wordy() {
        // `{ID:7 FirstName:Ada Status:active}`: no space behind the signs.
        let tight = text.before(at, 0) == b':' && is_inside(text, at);
        return match first {
            // `Address { .. }` is whole; behind a marker there may still be a rest.
            Some(end) if marker_end(text, at).is_none() => end,
            Some(end) => words_end(text, end, kind, tight).max(end),
            None => words_end(text, at, kind, tight),
        };
    }
    let mut end = first.unwrap_or_else(|| token_end(text, at));
    while let Some(next) = next_part(text, end, kind) {
        end = token_end(text, next);
    }
    end
}

/// The end of one token: up to white space, a delimiter or a bracket that was not opened in it.
pub(super) fn token_end(text: Text<'_>, at: usize) -> usize {
    let mut depth = 0_usize;
    let mut next = at;
    while next < text.len() {
        match text.at(next) {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => break,
            },
            byte if is_end(byte) || matches!(text.separator(next), Some((Separator::Space, _))) => {
                break;
            }
            _ => {}
        }
        next += 1;
    }
    next
}

pub(super) const fn is_end(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\n'
            | b'\r'
            | b','
            | b';'
            | b'&'
            | b'|'
            | b'"'
            | b'\''
            | b'\\'
            | b'`'
            | b'<'
            | b'>'
    )
}

/// Where the value goes on behind a space: with a digit, a bracket, a plus sign; a date with its month.
pub(super) fn next_part(text: Text<'_>, end: usize, kind: Kind) -> Option<usize> {
    let dated = matches!(kind, Kind::Birth | Kind::Date);
    let mut next = end;
    if dated && text.at(next) == b',' {
        next += 1;
    }
    let (Separator::Space, length) = text.separator(next)? else {
        return None;
    };
    next += length;
    let goes_on = match text.at(next) {
        b'0'..=b'9' => true,
        b'(' | b'+' => text.at(next + 1).is_ascii_digit(),
        _ if kind == Kind::Plate => is_part_of_plate(text, next),
        _ => dated && is_month(text, next),
    };
    goes_on.then_some(next)
}

/// `ABC`, `R2N`: up to five capitals and digits.
fn is_part_of_plate(text: Text<'_>, at: usize) -> bool {
    let shown = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let length = (0..6).take_while(|offset| shown(text.at(at + offset))).count();
    let after = text.at(at + length);
    (1..=5).contains(&length)
        && !after.is_ascii_alphanumeric()
        && !matches!(after, b':' | b'=')
        && keys::judge(text.slice(at, at + length)).is_none()
}

fn is_month(text: Text<'_>, at: usize) -> bool {
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"]
        .into_iter()
        .any(|month| text.has_word(at, month))
}

/// The end of `[..]`, `{..}`, `Some(..)` or `Type { .. }` at `at`, if one begins there.
fn bracketed_end(text: Text<'_>, at: usize) -> Option<usize> {
    opening_bracket(text, at).map(|open| balanced_end(text, open))
}

/// Whether `[..]`, `{..}` or `Type { .. }` begins at `at`.
pub(super) fn opens(text: Text<'_>, at: usize) -> bool {
    opening_bracket(text, at).is_some()
}

/// The first text in quotes of `["Ada", ..]` or `Some("Ada")` at `at`.
pub(super) fn first_quoted(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let open = opening_bracket(text, at).filter(|open| text.at(*open) != b'{')?;
    let mut start = open + 1;
    while start < open + MAX_KEY && text.at(start).is_ascii_whitespace() {
        start += 1;
    }
    let quote = super::pair::quote_at(text, start)?;
    let content = start + quote.length();
    Some((content, quoted_end(text, content, quote)))
}

fn opening_bracket(text: Text<'_>, at: usize) -> Option<usize> {
    let mut open = at;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    while open < at + 64 && is_name(text.at(open)) {
        open += 1;
    }
    let named = open > at;
    if named && text.at(open) == b' ' && text.at(open + 1) == b'{' {
        open += 1;
    }
    let bracket = text.at(open);
    let optional = text.slice(at, open) == b"Optional";
    let opens = match bracket {
        b'{' => true,
        b'(' => named,
        b'[' => !named || optional,
        _ => false,
    };
    opens.then_some(open)
}

/// The end behind the bracket that closes the one at `at`, or the end of the text.
fn balanced_end(text: Text<'_>, at: usize) -> usize {
    let mut depth = 0_usize;
    let mut next = at;
    while next < text.len() {
        if let Some(open) = super::pair::quote_at(text, next).filter(|open| open.mark == b'"') {
            let content = next + open.length();
            next = quoted_end(text, content, open) + open.length();
            continue;
        }
        match text.at(next) {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        next += 1;
        if depth == 0 {
            break;
        }
    }
    next.min(text.len())
}

/// The end of a value of several words: the end of the clause, or in front of the next `key=` or `key: `.
fn words_end(text: Text<'_>, at: usize, kind: Kind, tight: bool) -> usize {
    let mut depth = 0_usize;
    let mut next = at;
    let (mut word, mut last) = (at, at);
    let mut end = None;
    while next < text.len() && end.is_none() {
        match text.at(next) {
            b'\n' | b'\r' | b'\t' | b';' | b'|' | b'&' | b'"' | b'\\' | b'`' | b'<' => break,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => break,
            },
            b' ' | b',' => {
                if kind == Kind::Name && text.at(next) == b' ' && is_verb(text, next + 1) {
                    end = Some(next);
                }
                (last, word) = (word, next + 1);
            }
            b'=' if word > at && is_key(text, word, next) => end = Some(word),
            // `, Status = Active`
            b'=' if next == word
                && follows_comma(text, last, at)
                && is_key(text, last, next - 1) =>
            {
                end = Some(last);
            }
            b':' if word > at
                && (tight || text.at(next + 1) == b' ')
                && is_key(text, word, next) =>
            {
                // `First Name: Ada Last Name: ..`: two words are the next label.
                let both = last > at && keys::judge_label(text.slice(last, next)).is_some();
                end = Some(if both { last } else { word });
            }
            _ => {}
        }
        next += 1;
    }
    let mut end = end.unwrap_or(next);
    while end > at && matches!(text.at(end - 1), b' ' | b',') {
        end -= 1;
    }
    end
}

/// Whether a comma and a space stand in front of the word at `word`, and behind `at`.
fn follows_comma(text: Text<'_>, word: usize, at: usize) -> bool {
    word > at + 1 && text.at(word - 1) == b' ' && text.at(word - 2) == b','
}

/// Bytes in which the bracket around a value is looked for.
const MAX_INSIDE: usize = 128;

/// Whether a bracket is open in front of `at`.
fn is_inside(text: Text<'_>, at: usize) -> bool {
    let mut depth = 0_usize;
    (at.saturating_sub(MAX_INSIDE)..at).rev().any(|at| match text.at(at) {
        b'}' | b']' => {
            depth += 1;
            false
        }
        b'{' | b'[' if depth > 0 => {
            depth -= 1;
            false
        }
        byte => matches!(byte, b'{' | b'['),
    })
}

/// Whether a word begins at `at` that stands in no name but often behind one.
fn is_verb(text: Text<'_>, at: usize) -> bool {
    const WORDS: [&[u8]; 34] = [
        b"was",
        b"is",
        b"has",
        b"had",
        b"with",
        b"who",
        b"and",
        b"at",
        b"on",
        b"in",
        b"to",
        b"from",
        b"for",
        b"not",
        b"called",
        b"admitted",
        b"arrived",
        b"needs",
        b"requested",
        b"will",
        b"by",
        b"reported",
        b"presented",
        b"came",
        b"logged",
        b"updated",
        b"created",
        b"deleted",
        b"found",
        b"missing",
        b"lives",
        b"born",
        b"status",
        b"failed",
    ];
    // The rest of a line of an access log.
    if text.has_word(at, b"http/") {
        return true;
    }
    text.at(at).is_ascii_lowercase()
        && WORDS.into_iter().any(|word| {
            text.has_word(at, word) && !text.at(at + word.len()).is_ascii_alphanumeric()
        })
}

fn is_key(text: Text<'_>, start: usize, end: usize) -> bool {
    end - start <= MAX_KEY
        && text.at(start).is_ascii_alphabetic()
        && text
            .slice(start, end)
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}
