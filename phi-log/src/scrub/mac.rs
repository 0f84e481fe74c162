//! Hardware addresses: six pairs of hexadecimal digits, or three fours.

use super::text::Text;

/// The start and end of the address around the colon, dash, dot or digit at `at`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let mut start = at;
    while at - start < 16 && is_part(text.before(start, floor)) {
        start -= 1;
    }
    // `mac:00:1b:44:11:3a:b7`: the sign of the label looks like one of the address, and so does all of `add:`.
    (start..=at).filter(|start| begins(text, *start, floor)).find_map(|start| {
        let end = groups(text, start, 6, 2, |sign| matches!(sign, b':' | b'-'))
            .or_else(|| groups(text, start, 3, 4, |sign| sign == b'.'))?;
        Some((start, end))
    })
}

/// Whether an address may begin at `at`: at the edge of a word, or behind a label of more than two letters.
fn begins(text: Text<'_>, at: usize, floor: usize) -> bool {
    let before = text.before(at, floor);
    if !before.is_ascii_alphanumeric() && !is_part(before) {
        return true;
    }
    before == b':' && (2..5).all(|back| text.before(at + 1 - back, floor).is_ascii_alphabetic())
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.')
}

fn groups(
    text: Text<'_>,
    at: usize,
    count: usize,
    width: usize,
    is_sign: impl Fn(u8) -> bool,
) -> Option<usize> {
    let sign = text.at(at + width);
    if !is_sign(sign) {
        return None;
    }
    let mut next = at;
    for group in 0..count {
        if group > 0 {
            if text.at(next) != sign {
                return None;
            }
            next += 1;
        }
        if !(0..width).all(|offset| text.at(next + offset).is_ascii_hexdigit()) {
            return None;
        }
        next += width;
    }
    let after = text.at(next);
    let goes_on =
        after.is_ascii_alphanumeric() || (is_part(after) && text.at(next + 1).is_ascii_hexdigit());
    let digits = (at..next).any(|at| text.at(at).is_ascii_digit())
        && (at..next).any(|at| text.at(at) != b'0' && text.at(at) != sign);
    // `de.ad.be` is a name, `12-34-56-78-90-12` a number in groups of its own.
    let plain = (at..next).all(|at| text.at(at).is_ascii_digit() || text.at(at) == sign);
    let shown = digits && (sign == b':' || !plain);
    (!goes_on && shown).then_some(next)
}
