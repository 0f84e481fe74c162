//! Keys such as `name` and `patient`, which hold a person's name as often as a file's: the value, or what
//! stands around, must say that it is a person's.

#[cfg(test)]
mod tests;
mod words;

use super::text::Text;
use super::{person, search, value};
pub(super) use words::{KEYS, PARTS, PEOPLE, PERSONS};
use words::{MANY, MODELS, STATES};

/// Bytes in front of a key in which the struct or object around it is looked for.
const MAX_LOOK: usize = 240;

/// Whether the word that ends at `end` is such a key.
pub(super) fn is_soft(text: Text<'_>, end: usize, floor: usize) -> bool {
    let word = word(text, end, floor);
    is_one(word, KEYS) || is_one(word, PEOPLE) || is_one(word, PARTS)
}

/// Whether the text in quotes is a person's name, as the key in front of the sign at `at` has it.
pub(super) fn quoted_fits(
    text: Text<'_>,
    (start, end): (usize, usize),
    at: usize,
    floor: usize,
) -> bool {
    person::is_name(text, start, end)
        || inside_person(text, at, floor)
        || (names_one(text, start) == Some(end)
            && (is_one(key(text, at, floor), PEOPLE) || has_sibling(text, (start, end), at, floor)))
}

/// The end of the only word at `start`, if people are called so.
fn names_one(text: Text<'_>, start: usize) -> Option<usize> {
    let (end, words) = person::name_end(text, start)?;
    let small = text.slice(start, end).iter().any(u8::is_ascii_lowercase);
    let state = STATES.iter().any(|state| state.as_bytes() == text.slice(start, end));
    (words == 1 && end - start > 2 && small && !state && !person::is_thing(text, start))
        .then_some(end)
}

/// Bytes around a value in which the other part of the name is looked for.
const MAX_SIBLING: usize = 64;

/// Whether the other part of a name stands beside this one: `"first":"Ada","last":"Sample"`.
fn has_sibling(text: Text<'_>, (start, end): (usize, usize), at: usize, floor: usize) -> bool {
    let own = key(text, at, floor);
    let other: &[u8] = if own.eq_ignore_ascii_case(b"first") {
        b"last"
    } else if own.eq_ignore_ascii_case(b"last") {
        b"first"
    } else {
        return false;
    };
    let beside = |from: usize, to: usize| {
        (from..to).any(|at| {
            let close = at + other.len();
            text.has_word(at, other)
                && matches!(text.at(close), b'"' | b'\'' | b'\\' | b'=' | b':')
                && !text.before(at, 0).is_ascii_alphanumeric()
        })
    };
    beside(end, end + MAX_SIBLING) || beside(start.saturating_sub(2 * MAX_SIBLING), at)
}

/// The key in front of the sign at `at`, without what stands between them.
fn key(text: Text<'_>, at: usize, floor: usize) -> &[u8] {
    let mut end = at;
    while at - end < 10 && !text.before(end, floor).is_ascii_alphabetic() && end > floor {
        end -= 1;
    }
    word(text, end, floor)
}

fn is_one(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|each| each.as_bytes().eq_ignore_ascii_case(word))
}

fn word(text: Text<'_>, end: usize, floor: usize) -> &[u8] {
    let mut start = end;
    while end - start < 16 && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
    }
    let before = text.before(start, floor);
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-' | b'.') {
        return &[];
    }
    text.slice(start, end)
}

/// Whether the key in front of the sign at `at` is a part of a name, and stands in something that is a person:
/// `Patient { name: ..`, `"patient": {"name": ..`.
pub(super) fn inside_person(text: Text<'_>, at: usize, floor: usize) -> bool {
    let key = key(text, at, floor);
    if !is_one(key, PARTS) {
        return false;
    }
    let part = !key.eq_ignore_ascii_case(b"name");
    // Also past what was removed: `Name { first: .., last: .. }`.
    let least = at.saturating_sub(MAX_LOOK);
    let (mut next, mut depth) = (at, 0_u32);
    while next > least {
        next -= 1;
        match text.at(next) {
            b'}' | b')' | b']' => depth += 1,
            b'{' | b'(' | b'[' if depth > 0 => depth -= 1,
            b'{' | b'(' => {
                let mut end = next;
                while next - end < 12 && !text.before(end, 0).is_ascii_alphabetic() && end > least {
                    end -= 1;
                }
                let mut word = word_of_any_case(text, end, least);
                if part && word.eq_ignore_ascii_case(b"name") {
                    return true;
                }
                if is_one(word, PARTS) {
                    continue;
                }
                if is_one(word, MODELS) {
                    word = word_of_any_case(text, end - word.len(), least);
                }
                return is_one(word, PERSONS);
            }
            _ => {}
        }
    }
    false
}

/// Whether the sign at `at` stands in a search for people: `/Patient?name=..&family=..`.
pub(super) fn in_search(text: Text<'_>, at: usize, floor: usize) -> bool {
    if text.at(at) != b'=' {
        return false;
    }
    let mut key = at;
    while at - key < 16
        && (text.before(key, floor).is_ascii_alphabetic() || text.before(key, floor) == b':')
    {
        key -= 1;
    }
    let end = search::name_end(text, at, floor).unwrap_or(at);
    if !matches!(text.before(key, floor), b'?' | b'&') || !is_one(word(text, end, floor), PARTS) {
        return false;
    }
    // The path may have been removed in front; the search itself has no spaces.
    let mut start = key;
    while key - start < MAX_LOOK && !matches!(text.before(start, 0), 0..=b' ' | b'"' | b'\'') {
        start -= 1;
    }
    let path = text.slice(start, key);
    let path = path.split(|byte| *byte == b'?').next().unwrap_or(path);
    let last = path.rsplit(|byte| *byte == b'/').find(|part| *part != b"_search");
    last.is_some_and(|last| {
        [
            &b"patient"[..],
            b"patients",
            b"person",
            b"practitioner",
            b"relatedperson",
            b"people",
            b"members",
        ]
        .iter()
        .any(|each| each.eq_ignore_ascii_case(last))
    })
}

/// The last word of an identifier: `Patient` of `NewPatient`.
fn word_of_any_case(text: Text<'_>, end: usize, floor: usize) -> &[u8] {
    let mut start = end;
    while end - start < 16 && text.before(start, floor).is_ascii_lowercase() {
        start -= 1;
    }
    if text.before(start, floor).is_ascii_uppercase() {
        start -= 1;
    }
    text.slice(start, end)
}

/// The end of a name without quotes at `start`, behind the key at `at`, if it is one.
pub(super) fn bare_end(text: Text<'_>, start: usize, at: usize, floor: usize) -> Option<usize> {
    if in_search(text, at, floor) || has_searched(text, at, floor) {
        let mut end = start;
        while !matches!(text.at(end), 0..=b' ' | b'"' | b'&' | b'#' | b'\\') {
            end += 1;
        }
        // `?name=Ada Example&`, as some programs print it.
        return Some(person::name_end(text, start).map_or(end, |(last, _)| last.max(end)));
    }
    let (mut end, mut words) =
        person::name_end(text, start).filter(|_| !person::is_thing(text, start))?;
    // `Name { first: ..`: its parts have keys of their own.
    if value::opens(text, start) {
        return None;
    }
    // `Name: Ada Example Phone: ..`: the last word is the next key.
    while words > 0 && is_key(text, end) {
        while end > start && text.at(end - 1) != b' ' {
            end -= 1;
        }
        while end > start && text.at(end - 1) == b' ' {
            end -= 1;
        }
        words -= 1;
    }
    let given = end + 2;
    // `Example, Ada`
    match (text.at(end), text.at(end + 1), person::name_end(text, given)) {
        (b',', b' ', Some((last, 1..=2))) if words == 1 && !is_key(text, last) => Some(last),
        _ if words >= 2 && is_one(key(text, at, floor), MANY) => Some(list_end(text, end)),
        _ if words >= 2 => Some(end),
        _ if inside_person(text, at, floor) => Some(value::token_end(text, start)),
        _ => names_one(text, start).filter(|end| {
            closes(text, *end)
                && (is_one(key(text, at, floor), PEOPLE)
                    || has_sibling(text, (start, *end), at, floor))
        }),
    }
}

/// The end of the names that follow the one that ends here: `Ada Example; Bea Example`.
fn list_end(text: Text<'_>, end: usize) -> usize {
    let mut end = end;
    while matches!(text.at(end), b';' | b',') && text.at(end + 1) == b' ' {
        match person::name_end(text, end + 2) {
            Some((next, 2..)) if !person::is_thing(text, end + 2) && !is_key(text, next) => {
                end = next;
            }
            _ => break,
        }
    }
    end
}

/// Whether what ends here is the next key, not a value.
fn is_key(text: Text<'_>, end: usize) -> bool {
    let sign = end + usize::from(text.at(end) == b' ');
    matches!(text.at(end), b'=' | b':' | b'(') || text.at(sign) == b'='
}

/// Whether a value ends here, and no sentence goes on.
fn closes(text: Text<'_>, end: usize) -> bool {
    matches!(
        text.at(end),
        0 | b'\n' | b'\r' | b',' | b';' | b'|' | b'&' | b')' | b']' | b'}' | b'"' | b'\\'
    ) || (text.at(end) == b' ' && is_pair(text, end + 1))
}

/// Whether `key=` stands at `at`.
fn is_pair(text: Text<'_>, at: usize) -> bool {
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let end = (at..at + MAX_SIBLING).find(|at| !is_key(text.at(*at)));
    end.is_some_and(|end| end > at && text.at(end) == b'=')
}

/// Whether the sign at `at` stands in a search by family and given name, which only people have:
/// `family=Sample&given=Ada`.
fn has_searched(text: Text<'_>, at: usize, floor: usize) -> bool {
    if text.at(at) != b'=' {
        return false;
    }
    let other: &[u8] = match word(text, search::name_end(text, at, floor).unwrap_or(at), floor) {
        b"family" => b"given",
        b"given" => b"family",
        _ => return false,
    };
    let query = |at: &usize| text.at(*at) > b' ' && !matches!(text.at(*at), b'"' | b'\'');
    let first = (at.saturating_sub(2 * MAX_SIBLING)..at).rev().take_while(query);
    let last = (at..at + 2 * MAX_SIBLING).take_while(query);
    first
        .chain(last)
        .any(|at| text.has_word(at, other) && matches!(text.at(at + other.len()), b'=' | b':'))
}
