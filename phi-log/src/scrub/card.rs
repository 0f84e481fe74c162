//! Payment card numbers: an issuer's range (ISO/IEC 7812) and the Luhn check digit.
//!
//! Contiguous, or in the groups printed on cards (4-4-4-4, 4-6-5) with the same separator throughout:
//! with free spacing real logs give hundreds of false hits.

use super::text::{Separator, Text};

/// The end of the number that starts with the digit at `at`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    let before = text.before(at, floor);
    // In a hash, an identifier or a decimal fraction.
    let signed = before == b'-' && text.before(at - 1, floor) == b'_';
    if before.is_ascii_alphabetic()
        || before == b'_'
        || signed
        || fraction_in_front(text, at, floor)
    {
        return None;
    }
    let end = match text.digits(at, 20) {
        run @ 13..=19 => at + run,
        4 => grouped(text, at, [4, 4, 4]).or_else(|| grouped(text, at, [6, 5, 0]))?,
        _ => return None,
    };
    if text.at(end).is_ascii_alphanumeric() {
        return None;
    }
    let mut number = Number::default();
    for position in at..end {
        number.push(text.at(position));
    }
    (number.issued() && number.luhn()).then_some(end)
}

fn fraction_in_front(text: Text<'_>, at: usize, floor: usize) -> bool {
    text.before(at, floor) == b'.' && text.before(at - 1, floor).is_ascii_digit()
}

/// The end of the groups behind the first four digits; a group of 0 is none.
fn grouped(text: Text<'_>, at: usize, groups: [usize; 3]) -> Option<usize> {
    let mut end = at + 4;
    let mut first: Option<Separator> = None;
    for group in groups.into_iter().filter(|group| *group > 0) {
        let (separator, length) = text.separator(end)?;
        if separator == Separator::Dot || *first.get_or_insert(separator) != separator {
            return None;
        }
        if !text.exactly(end + length, group) {
            return None;
        }
        end += length + group;
    }
    Some(end)
}

/// The digits of a candidate, at most 19.
#[derive(Default)]
struct Number {
    value: u64,
    digits: u32,
}

impl Number {
    fn push(&mut self, byte: u8) {
        if byte.is_ascii_digit() {
            // 19 digits fit: 10^19 - 1 is below 2^64.
            self.value = self.value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
            self.digits += 1;
        }
    }

    /// The first `count` digits.
    fn prefix(&self, count: u32) -> u64 {
        let drop = self.digits.saturating_sub(count);
        self.value / 10_u64.checked_pow(drop).unwrap_or(u64::MAX)
    }

    /// Whether a number of this length can begin like this.
    fn issued(&self) -> bool {
        let (two, three, four) = (self.prefix(2), self.prefix(3), self.prefix(4));
        match self.digits {
            13 => self.prefix(1) == 4,
            14 => matches!(three, 300..=305) || matches!(two, 36 | 38 | 39),
            15 => matches!(two, 34 | 37) || matches!(four, 2131 | 1800),
            16..=19 => {
                self.prefix(1) == 4 && matches!(self.digits, 16 | 19)
                    || matches!(two, 51..=55) && self.digits == 16
                    || matches!(four, 2221..=2720) && self.digits == 16
                    || matches!(four, 6011 | 3500..=3599)
                    || matches!(two, 62 | 65)
                    || matches!(three, 644..=649)
                    || matches!(four, 5018 | 5020 | 5038 | 6304 | 6759 | 6761..=6763)
            }
            _ => false,
        }
    }

    /// The check of ISO/IEC 7812-1, annex B.
    fn luhn(&self) -> bool {
        let mut rest = self.value;
        let mut sum = 0;
        let mut double = false;
        for _ in 0..self.digits {
            let digit = rest % 10;
            rest /= 10;
            sum += match (double, digit) {
                (false, digit) => digit,
                (true, 0..=4) => digit * 2,
                (true, _) => digit * 2 - 9,
            };
            double = !double;
        }
        sum % 10 == 0
    }
}

/// Whether the digits from `at` to `end` pass the check, whatever issuer they begin with.
pub(super) fn checks(text: Text<'_>, at: usize, end: usize) -> bool {
    let mut number = Number::default();
    for position in at..end {
        number.push(text.at(position));
    }
    number.luhn()
}
