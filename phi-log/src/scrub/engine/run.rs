//! A run of digits and what stands around it: the quick answer for most numbers of a log.

use super::State;
use crate::scrub::kind::Kind;
use crate::scrub::text::Text;
use crate::scrub::{address, checked, date, keys, label, mac};

/// A run of digits, and what stands around it.
pub(super) struct Run {
    pub(super) length: usize,
    pub(super) before: u8,
    pub(super) after: u8,
    /// The byte behind `after`.
    next: u8,
}

impl Run {
    #[inline]
    pub(super) fn of(text: Text<'_>, at: usize, floor: usize) -> Self {
        let length = text.digits(at, 20);
        let (after, next) = (text.at(at + length), text.at(at + length + 1));
        Self { length, before: text.before(at, floor), after, next }
    }

    /// Whether groups may follow that make it a card's, a social security or a telephone number.
    #[inline]
    pub(super) fn is_grouped(&self, text: Text<'_>, at: usize) -> bool {
        if !matches!(self.length, 1 | 3 | 4) || !self.is_joined() {
            return false;
        }
        // The end of a line, and signs of more than one byte.
        let wide = |byte: u8| matches!(byte, b'\n' | b'\r' | 0x80..);
        if wide(self.after) || wide(self.next) {
            return true;
        }
        let second = text.digits(at + self.length + 1, 8);
        match self.length {
            4 => matches!(second, 4 | 6),
            // `1 (555) 123-4567`
            1 => text.at(at) == b'1' && (second == 3 || self.next == b'('),
            // `(555) 123-4567`, `001-555-123-4567`
            _ if second == 0 => self.after == b')',
            _ if text.slice(at, at + 3) == b"001" => true,
            _ if !matches!(second, 2 | 3) => false,
            _ => {
                let sign = at + 4 + second;
                let next = text.at(sign + 1);
                match text.at(sign) {
                    b'-' | b' ' | b'.' => wide(next) || text.digits(sign + 1, 5) == 4,
                    sign => wide(sign),
                }
            }
        }
    }

    /// A sign behind it, and then perhaps more digits.
    #[inline]
    fn is_joined(&self) -> bool {
        match self.after {
            b'-' | b' ' | b'.' | b')' | b'/' => {
                self.next.is_ascii_digit()
                    || matches!(self.next, b'(' | b' ' | b'-' | b'.' | b'\n' | b'\r' | 0x80..)
            }
            b'\n' | b'\r' | 0x80.. => true,
            _ => false,
        }
    }

    #[inline]
    pub(super) fn is_bare(&self) -> bool {
        !self.before.is_ascii_alphanumeric() && self.before != b'_'
    }

    /// Whether a month may stand beside it, or a sign of a date.
    #[inline]
    pub(super) fn is_dated(&self, text: Text<'_>, at: usize, floor: usize) -> bool {
        self.is_bare()
            && matches!(self.length, 1 | 2 | 4)
            && !matches!(self.before, b'.' | b'/' | b'\\' | b'%' | b'$')
            && (self.is_dated_behind(text, at) || date::may_follow_month(text, at, floor))
    }

    #[inline]
    pub(super) fn is_dated_behind(&self, text: Text<'_>, at: usize) -> bool {
        match self.after {
            b'/' | b'-' | b'.' if self.next.is_ascii_digit() => {
                let second = at + self.length + 1;
                let month = text.digits(second, 3);
                let third = second + month + 1;
                let last = text.digits(third, 5);
                // The year stands first, or last with all of its digits or two.
                let fits = match last {
                    1 => self.length == 4,
                    2 => true,
                    4 => self.length <= 2,
                    _ => false,
                };
                month <= 2
                    && text.at(third - 1) == self.after
                    && fits
                    && !date::goes_on(text, third + last)
            }
            // `5 January`, `5-Jan`, `5 of January`
            b' ' | b'/' | b'-' | b'.' => {
                let word = at + self.length + 1;
                let of = if text.has_word(word, b"of ") { 3 } else { 0 };
                date::may_begin(text, word + of)
            }
            // `5th January`
            b's' | b'n' | b'r' | b't' | b'S' | b'N' | b'R' | b'T' => {
                matches!(self.next | 0x20, b't' | b'd' | b'h')
            }
            _ => false,
        }
    }

    #[inline]
    pub(super) fn is_old(&self, text: Text<'_>, at: usize) -> bool {
        match self.length {
            2 => text.at(at) == b'9',
            3 => text.at(at) == b'1' && matches!(text.at(at + 1), b'0'..=b'2'),
            _ => false,
        }
    }

    /// Whether it may begin an address of the internet, a place on the globe, or a number set apart by dots.
    #[inline]
    pub(super) fn is_dotted(&self, text: Text<'_>, at: usize) -> bool {
        let edge = self.is_bare() && self.before != b'.';
        if self.length > 3 || self.after != b'.' || !self.next.is_ascii_digit() || !edge {
            return false;
        }
        let second = at + self.length + 1;
        let digits = text.digits(second, 5);
        let third = second + digits + 1;
        digits >= 4
            || (text.at(third - 1) == b'.' && text.at(third + text.digits(third, 4)) == b'.')
    }

    /// Whether it is `54.0` and nothing more: three digits at most behind the dot, and no group behind them.
    #[inline]
    pub(super) fn is_decimal(&self, text: Text<'_>, at: usize) -> bool {
        if self.after != b'.' || !self.next.is_ascii_digit() {
            return false;
        }
        let second = at + self.length + 1;
        let digits = text.digits(second, 4);
        let ends = match text.at(second + digits) {
            b' ' => !matches!(text.at(second + digits + 1), b'0'..=b'9' | b'(' | b' '),
            0 | b',' | b';' | b':' | b']' | b'"' | b'\'' => true,
            _ => false,
        };
        digits < 4 && ends
    }

    /// Whether words may follow that make it the number of a house.
    #[inline]
    pub(super) fn is_worded(&self, text: Text<'_>, at: usize) -> bool {
        let end = at + self.length;
        let space = match self.after {
            b' ' => end,
            // `12-14 Elm Street`
            b'-' if self.next.is_ascii_digit() => end + 1 + text.digits(end + 1, 5),
            // `12B Elm Street`
            letter if letter.is_ascii_alphabetic() => end + 1,
            _ => return false,
        };
        let next = text.at(space + 1);
        self.length <= 6
            && text.at(space) == b' '
            && (next.is_ascii_uppercase() || next.is_ascii_digit())
            && address::may_begin(text, space + 1)
    }

    /// Whether `Box ` or the like may stand in front.
    #[inline]
    pub(super) fn is_boxed(&self, text: Text<'_>, at: usize) -> bool {
        let [.., first, second, third, _] = (text.word_before(at, 0) | SMALL).to_le_bytes();
        let word = [first, second, third];
        match self.before {
            b' ' => matches!(&word, b"box" | b"nit" | b"psc" | b"cmr"),
            // `PO Box #12`
            b'#' => matches!(word, [b'o', b'x', b' ']),
            _ => false,
        }
    }

    /// The quick answer for most numbers of a log: nothing that the matchers ask for is there.
    #[inline]
    pub(super) fn is_dull(&self, text: Text<'_>, at: usize, state: State) -> bool {
        let Self { length, before, .. } = *self;
        let floor = state.floor;
        if let Some(last) = state.last {
            if label::of_last(text, at, length, (last, floor)).is_some() {
                return false;
            }
        }
        if before.is_ascii_alphabetic() {
            let mixed = before.is_ascii_uppercase() && checked::may_hold(text, at, length, floor);
            let shaped = mixed
                || self.is_grouped(text, at)
                || (length <= 4 && mac::may_hold(text, at, floor));
            return !(shaped || label::may_be_joined(text, at, floor));
        }
        if !self.is_alone() && self.is_shaped(text, at, floor) {
            return false;
        }
        let coded = length == 5
            && (state.last == Some(Kind::Address)
                || (matches!(before, b' ' | b',') && address::may_follow_state(text, at, floor)));
        // Cards, and numbers that words around them speak of.
        if coded
            || (self.is_bare() && self.is_old(text, at))
            || self.is_long(text, at)
            || self.is_boxed(text, at)
        {
            return false;
        }
        if before == b' ' {
            let last = text.before(at - 1, floor);
            // Nothing in front that labels a number or names a month.
            if last.is_ascii_lowercase() && !keys::may_precede(text, at - 1, floor) {
                return true;
            }
        }
        let dated = matches!(length, 1 | 2 | 4) && date::may_follow_month(text, at, floor);
        let labelled = label::is_joint(before) && label::may_be(text, at, floor);
        !(dated || labelled)
    }

    /// Whether nothing stands beside it that could make it a part of something longer.
    #[inline]
    const fn is_alone(&self) -> bool {
        let ends = match self.after {
            b' ' => {
                self.next.is_ascii_lowercase()
                    && !matches!(self.next, b'j' | b'f' | b'm' | b'a' | b's' | b'o' | b'n' | b'd')
            }
            b'-' | b'.' | b')' | b'/' | b'\n' | b'\r' | 0x80.. => false,
            after => !after.is_ascii_alphabetic(),
        };
        ends && !matches!(self.before, b'-' | b'.' | b'+' | b'%')
    }

    /// Whether what stands beside it may make it a part of something with a shape.
    fn is_shaped(&self, text: Text<'_>, at: usize, floor: usize) -> bool {
        let signed = match self.before {
            b'+' => !text.before(at - 1, floor).is_ascii_alphanumeric(),
            // An address of mail with its sign in disguise.
            b'%' => true,
            _ => false,
        };
        let mixed =
            self.after.is_ascii_alphabetic() && checked::may_hold(text, at, self.length, floor);
        let dated = matches!(self.length, 1 | 2 | 4) && self.is_dated_behind(text, at);
        signed
            || mixed
            || dated
            // One group of a hardware address, and more behind it or in front of it.
            || (self.length <= 4 && mac::may_hold(text, at, floor))
            || (self.is_grouped(text, at) && !self.is_decimal(text, at))
            || self.is_dotted(text, at)
            || self.is_worded(text, at)
    }

    /// Whether it has so many digits as a card has, or a telephone number, or one of social security: what words
    /// around it say counts.
    #[inline]
    fn is_long(&self, text: Text<'_>, at: usize) -> bool {
        let inside = self.after.is_ascii_alphanumeric() || self.before == b'_';
        let apart = !matches!(self.before, b'.' | b'-' | b'/' | b':')
            && !matches!(self.after, b'_' | b'-' | b':' | b'/');
        match self.length {
            9 | 12 => apart && !inside,
            10 => apart && !inside && text.at(at) > b'1' && text.at(at + 3) > b'1',
            13..=19 => !inside,
            _ => false,
        }
    }
}

/// Letters in lower case.
const SMALL: u64 = 0x2020_2020_2020_2020;
