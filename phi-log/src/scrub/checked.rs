//! Numbers with a form and a check digit of their own: vehicles, prescribers, Medicare.

use super::kind::Kind;
use super::text::Text;

/// The number that begins with the digit at `at`, or has its first one there.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<(Kind, (usize, usize))> {
    mbi(text, at, floor)
        .map(|end| (Kind::Mbi, (at, end)))
        .or_else(|| dea(text, at, floor).map(|span| (Kind::Dea, span)))
        .or_else(|| vin(text, at, floor).map(|span| (Kind::Vin, span)))
}

/// Letters that cannot be taken for digits.
const fn is_mbi_letter(byte: u8) -> bool {
    byte.is_ascii_uppercase() && !matches!(byte, b'S' | b'L' | b'O' | b'I' | b'B' | b'Z')
}

/// Where the letters in front of `at` begin, 17 at most.
fn letters_start(text: Text<'_>, at: usize, floor: usize) -> usize {
    let mut start = at;
    while at - start < 17 && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
    }
    start
}

/// The start and end of the vehicle number (ISO 3779) whose first digit is at `at`: 17 characters with the
/// check digit of 49 CFR 565.15, and a letter, so that it is no other number.
pub(super) fn vin(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let start = letters_start(text, at, floor);
    let before = text.before(start, floor);
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-' | b'.' | b'/') {
        return None;
    }
    let end = start + 17;
    let (mut sum, mut letters) = (0, 0);
    for (at, weight) in (start..end).zip([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]) {
        let byte = text.at(at);
        letters += u32::from(byte.is_ascii_alphabetic());
        // Capitals only: small letters are of programs.
        sum += vin_value(byte)? * weight;
    }
    let after = text.at(end);
    if after.is_ascii_alphanumeric() || matches!(after, b'_' | b'-' | b'.') || letters < 2 {
        return None;
    }
    // Digits of base 16 alone are a hash or an address of memory.
    if (start..end).all(|at| text.at(at).is_ascii_hexdigit()) {
        return None;
    }
    let check = match sum % 11 {
        10 => b'X',
        digit => b'0' + u8::try_from(digit).unwrap_or(0),
    };
    (text.at(start + 8) == check).then_some((start, end))
}

const fn vin_value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'0'..=b'9' => (byte - b'0') as u32,
        b'A' | b'J' => 1,
        b'B' | b'K' | b'S' => 2,
        b'C' | b'L' | b'T' => 3,
        b'D' | b'M' | b'U' => 4,
        b'E' | b'N' | b'V' => 5,
        b'F' | b'W' => 6,
        b'G' | b'P' | b'X' => 7,
        b'H' | b'Y' => 8,
        b'R' | b'Z' => 9,
        _ => return None,
    })
}

/// The start and end of the DEA number whose digits begin at `at`: two letters, or a letter and 9, then
/// seven digits with a check digit (21 CFR 1301; the sum is the agency's practice).
pub(super) fn dea(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let (start, digits) = match text.digits(at, 9) {
        7 => (at.checked_sub(2)?, at),
        8 if text.at(at) == b'9' => (at.checked_sub(1)?, at + 1),
        _ => return None,
    };
    let holder = matches!(text.at(start), b'A'..=b'H' | b'J'..=b'M' | b'P' | b'R'..=b'U' | b'X');
    let second = text.at(start + 1);
    let before = text.before(start, floor);
    if start < floor
        || !holder
        || !(second.is_ascii_uppercase() || second == b'9')
        || before.is_ascii_alphanumeric()
        || matches!(before, b'_' | b'-' | b'/' | b'.')
    {
        return None;
    }
    let digit = |offset: usize| u32::from(text.at(digits + offset).wrapping_sub(b'0'));
    let sum = digit(0) + digit(2) + digit(4) + 2 * (digit(1) + digit(3) + digit(5));
    let end = digits + 7;
    let after = text.at(end);
    let ends = !after.is_ascii_alphanumeric() && !matches!(after, b'_' | b'/');
    let branch = after == b'-' && text.at(end + 1).is_ascii_digit();
    (ends && !branch && sum % 10 == digit(6)).then_some((start, end))
}

/// The end of the Medicare beneficiary identifier that starts at `at`: eleven characters by the table of
/// CMS, in any case, with or without the dashes of the card.
pub(super) fn mbi(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    let before = text.before(at, floor);
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-' | b'.' | b'/') {
        return None;
    }
    let dashed = text.at(at + 4) == b'-';
    let mut next = at;
    for (place, class) in b"CAXNAXNAANN".iter().enumerate() {
        if dashed && matches!(place, 4 | 7) {
            if text.at(next) != b'-' {
                return None;
            }
            next += 1;
        }
        let byte = text.at(next).to_ascii_uppercase();
        let letter = is_mbi_letter(byte);
        let digit = byte.is_ascii_digit();
        let fits = match class {
            b'C' => matches!(byte, b'1'..=b'9'),
            b'A' => letter,
            b'N' => digit,
            _ => letter || digit,
        };
        if !fits {
            return None;
        }
        next += 1;
    }
    let after = text.at(next);
    let goes_on = after.is_ascii_alphanumeric()
        || after == b'_'
        || (after == b'-' && text.at(next + 1).is_ascii_alphanumeric());
    (!goes_on).then_some(next)
}
