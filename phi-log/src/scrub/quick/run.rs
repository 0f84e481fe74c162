//! A run of digits and what stands around it.

use crate::scrub::text::Text;
use crate::scrub::{address, date};

/// A run of digits, and what stands around it.
pub(super) struct Run {
    pub(super) length: usize,
    pub(super) before: u8,
    after: u8,
    /// The byte behind `after`.
    next: u8,
}

impl Run {
    /// Of so many digits at `at`.
    #[inline]
    pub(super) fn new(text: Text<'_>, at: usize, length: usize, floor: usize) -> Self {
        let (after, next) = (text.at(at + length), text.at(at + length + 1));
        Self { length, before: text.before(at, floor), after, next }
    }

    /// Whether it does not go on with letters in front.
    #[inline]
    pub(super) fn is_bare(&self) -> bool {
        !self.before.is_ascii_alphanumeric() && self.before != b'_'
    }

    /// Whether what stands behind it may make it a part of a date.
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
            b' ' | b'/' | b'-' | b'.' if is_first_of_month(self.next) => {
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

    /// Whether it may be an age over 89.
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

    /// Whether it has so many digits as a card has, or a telephone number, or one of social security: what words
    /// around it say counts.
    #[inline]
    pub(super) fn is_long(&self, text: Text<'_>, at: usize) -> bool {
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

/// Whether a month may begin with this letter, or `of`.
const fn is_first_of_month(byte: u8) -> bool {
    matches!(byte | 0x20, b'j' | b'f' | b'm' | b'a' | b's' | b'o' | b'n' | b'd')
}
