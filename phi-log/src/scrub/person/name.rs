//! How far a name goes.

use super::words::{TITLES, is_thing};
use crate::scrub::text::Text;

/// Words of a name.
const MAX_WORDS: usize = 5;

/// The end of a name at `at`, and how many words it has.
///
/// Words with a capital, initials, and between them the small ones of surnames (`de la`, `van`). Words all
/// in capitals count only where the first one is so too.
pub(in crate::scrub) fn name_end(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let mut end = None;
    let mut words = 0;
    let mut next = at;
    let mut shouts = None;
    for _ in 0..MAX_WORDS + 3 {
        let (stop, word) = word(text, next);
        if word.is_empty() {
            break;
        }
        next = stop;
        if !is_particle(word) {
            let Some(shape) = shape(word) else { break };
            let initial = shape == Shape::Initial;
            let shouted = shape == Shape::Shouted;
            let around = is_suffix(word) || TITLES.contains(&word);
            if !initial && !around && *shouts.get_or_insert(shouted) != shouted {
                break;
            }
            words += usize::from(!around);
            next += usize::from(text.at(stop) == b'.' && (initial || around));
            end = Some(next);
        }
        let comma = text.at(next) == b',' && text.at(next + 1) == b' ' && suffix_at(text, next + 2);
        next += usize::from(comma);
        if words == MAX_WORDS || text.at(next) != b' ' {
            break;
        }
        next += 1;
    }
    end.filter(|_| words > 0).map(|end| (end, words))
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Shape {
    Capital,
    Shouted,
    Initial,
}

pub(super) fn word(text: Text<'_>, at: usize) -> (usize, &[u8]) {
    let mut end = at;
    while end - at < 32 {
        let byte = text.at(end);
        if let Some(length) = escaped_letter(text, end) {
            end += length;
            continue;
        }
        let joined =
            matches!(byte, b'\'' | b'-') && text.at(end + 1).is_ascii_alphabetic() && end > at;
        // U+2019, the apostrophe of print.
        let high = byte >= 0x80 && text.separator(end).is_none();
        if !(byte.is_ascii_alphabetic() || joined || high) {
            break;
        }
        // `Smith's`
        if byte == b'\'' && text.at(end + 1) == b's' && !text.at(end + 2).is_ascii_alphabetic() {
            break;
        }
        end += 1;
    }
    if end - at >= 32 {
        return (end, &[]);
    }
    // A word that goes on is not one of a name: `Smith_2`, `Ada/Bob`, `x(`.
    let after = text.at(end);
    if after.is_ascii_digit() || matches!(after, b'_' | b'(' | b'=' | b'@' | b'/') {
        return (end, &[]);
    }
    (end, text.slice(at, end))
}

/// The length of a character beyond ASCII that JSON has escaped: `Hern\u00e1ndez`.
fn escaped_letter(text: Text<'_>, at: usize) -> Option<usize> {
    let slashes = (0..4).take_while(|offset| text.at(at + offset) == b'\\').count();
    let code = at + slashes + 1;
    let hex = (0..4).all(|offset| text.at(code + offset).is_ascii_hexdigit());
    let ascii = text.slice(code, code + 2) == b"00" && text.at(code + 2) < b'8';
    (slashes > 0 && text.at(code - 1) == b'u' && hex && !ascii).then_some(slashes + 5)
}

fn shape(word: &[u8]) -> Option<Shape> {
    let first = word.first()?;
    if !(first.is_ascii_uppercase() || *first >= 0x80) {
        return None;
    }
    if word.len() == 1 {
        return Some(Shape::Initial);
    }
    let lower = word.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let upper = word.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    // Letters beyond ASCII are of either case: `GARC\u{cd}A`, `N\u{fa}\u{f1}ez`.
    if lower == 0 && upper > 0 {
        return Some(Shape::Shouted);
    }
    // `McDonald`, `O'Neil-Young`; more capitals are an identifier of a program.
    (upper <= 3).then_some(Shape::Capital)
}

pub(super) fn is_particle(word: &[u8]) -> bool {
    [&b"de"[..], b"la", b"del", b"van", b"von", b"der", b"den", b"di", b"da", b"dos", b"bin", b"al"]
        .contains(&word)
}

fn is_suffix(word: &[u8]) -> bool {
    [
        &b"Jr"[..],
        b"Sr",
        b"II",
        b"III",
        b"IV",
        b"MD",
        b"DO",
        b"RN",
        b"PhD",
        b"DDS",
        b"NP",
        b"DVM",
        b"V",
        b"PA-C",
        b"APRN",
    ]
    .contains(&word)
}

fn suffix_at(text: Text<'_>, at: usize) -> bool {
    let (_, word) = word(text, at);
    is_suffix(word)
}

/// Whether the text from `start` to `end` looks like the name of a person and nothing else: two to five
/// words, or `Example, Ada`.
pub(in crate::scrub) fn is_name(text: Text<'_>, start: usize, end: usize) -> bool {
    let view = text.until(end);
    let Some((stop, words)) = name_end(view, start) else { return false };
    if stop == end {
        return words >= 2 && !is_thing(view, start);
    }
    if view.at(stop) != b',' {
        return false;
    }
    let given = stop + 1 + usize::from(view.at(stop + 1) == b' ');
    name_end(view, given).is_some_and(|(stop, _)| stop == end)
}
