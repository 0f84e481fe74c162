//! A look at text byte by byte that cannot run off its end.

use super::blocks;

/// Bytes under scan. Every read goes through [`Text::at`], so that the tests can count the work.
#[derive(Clone, Copy)]
pub(crate) struct Text<'t> {
    bytes: &'t [u8],
}

#[cfg(test)]
std::thread_local! {
    /// Reads made on this thread: the measure of the tests for linear work.
    pub(crate) static READS: core::cell::Cell<u64> = const { core::cell::Cell::new(0) };
}

impl<'t> Text<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes() }
    }

    pub(crate) const fn of(bytes: &'t [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) const fn len(self) -> usize {
        self.bytes.len()
    }

    /// The text up to `end`, for a look that must stay short.
    pub(crate) fn until(self, end: usize) -> Self {
        Self { bytes: self.bytes.get(..end).unwrap_or(self.bytes) }
    }

    /// The byte at `at`, or 0 outside the text. No matcher takes 0 for a part of anything.
    #[inline]
    pub(crate) fn at(self, at: usize) -> u8 {
        #[cfg(test)]
        READS.with(|reads| reads.set(reads.get() + 1));
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte before `at`, or 0 at `floor`: what a match in front of `floor` removed is not seen.
    #[inline]
    pub(crate) fn before(self, at: usize, floor: usize) -> u8 {
        if at > floor { self.at(at - 1) } else { 0 }
    }

    /// The first place of a byte at or behind `from`.
    pub(crate) fn find_byte(self, byte: u8, from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        let found = memchr::memchr(byte, rest);
        #[cfg(test)]
        READS.with(|reads| reads.set(reads.get() + found.unwrap_or(rest.len()) as u64 / 16 + 1));
        found.map(|offset| from + offset)
    }

    /// Whether one of two bytes stands in the text.
    pub(crate) fn has_either(self, one: u8, other: u8) -> bool {
        memchr::memchr2(one, other, self.bytes).is_some()
    }

    /// The first place of one of two bytes at or behind `from`.
    pub(crate) fn find_either(self, one: u8, other: u8, from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        let found = memchr::memchr2(one, other, rest);
        #[cfg(test)]
        READS.with(|reads| reads.set(reads.get() + found.unwrap_or(rest.len()) as u64 / 16 + 1));
        found.map(|offset| from + offset)
    }

    /// The first place of one of three bytes at or behind `from`.
    pub(crate) fn find_first(self, [one, two, three]: [u8; 3], from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        let found = memchr::memchr3(one, two, three, rest);
        #[cfg(test)]
        READS.with(|reads| reads.set(reads.get() + found.unwrap_or(rest.len()) as u64 / 16 + 1));
        found.map(|offset| from + offset)
    }

    /// The first place of these bytes at or behind `from`.
    pub(crate) fn find_bytes(self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        let found = memchr::memmem::find(rest, bytes);
        #[cfg(test)]
        READS.with(|reads| reads.set(reads.get() + found.unwrap_or(rest.len()) as u64 / 16 + 1));
        found.map(|offset| from + offset)
    }

    /// The bytes from `start` to `end`, or none if there are not so many.
    pub(crate) fn slice(self, start: usize, end: usize) -> &'t [u8] {
        let slice = self.bytes.get(start..end).unwrap_or_default();
        #[cfg(test)]
        READS.with(|reads| reads.set(reads.get() + slice.len() as u64));
        slice
    }

    /// Whether `word` (lower case) stands at `at`, in any case of letters.
    pub(crate) fn has_word(self, at: usize, word: &[u8]) -> bool {
        self.bytes
            .get(at..)
            .and_then(|rest| rest.get(..word.len()))
            .is_some_and(|here| here.eq_ignore_ascii_case(word))
    }

    /// Eight bytes from `at` on, the first one lowest, with 0 outside the text.
    #[inline]
    pub(crate) fn word(self, at: usize) -> u64 {
        #[cfg(test)]
        READS.with(|reads| reads.set(reads.get() + 1));
        if let Some(word) = self.bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            return u64::from_le_bytes(*word);
        }
        // The last bytes of a text that has eight are moved down.
        let left = self.bytes.len().saturating_sub(at);
        let last = self.bytes.last_chunk().map(|word| u64::from_le_bytes(*word));
        match last {
            _ if left == 0 => 0,
            Some(word) => word >> (8 * (8 - left)),
            None => self.few_at(at),
        }
    }

    #[cold]
    fn few_at(self, at: usize) -> u64 {
        let rest = self.bytes.get(at..).unwrap_or_default();
        rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
    }

    /// Eight bytes up to `end`, the last one highest, with 0 in front of `floor`.
    #[inline]
    pub(crate) fn word_before(self, end: usize, floor: usize) -> u64 {
        #[cfg(test)]
        READS.with(|reads| reads.set(reads.get() + 1));
        let Some(start) = end.checked_sub(8) else {
            // The first bytes of a text that has eight are moved up.
            let first = self.bytes.first_chunk().map(|word| u64::from_le_bytes(*word));
            let word = match first {
                _ if end == 0 => 0,
                Some(word) => word << (8 * (8 - end)),
                None => self.few_before(end),
            };
            return word & kept(end, floor);
        };
        let word = self.bytes.get(start..end).and_then(|bytes| bytes.first_chunk());
        word.map_or(0, |word| u64::from_le_bytes(*word)) & kept(end, floor)
    }

    #[cold]
    fn few_before(self, end: usize) -> u64 {
        let text = self.bytes.get(..end).unwrap_or_default();
        text.iter().fold(0, |word, byte| word >> 8 | u64::from(*byte) << 56)
    }

    /// How many digits stand at `at`, counted up to `most`.
    #[inline]
    pub(crate) fn digits(self, at: usize, most: usize) -> usize {
        let mut count = 0;
        while count < most {
            let more = blocks::digits_of(self.word(at + count));
            count += more;
            if more < 8 {
                break;
            }
        }
        count.min(most)
    }

    /// Whether exactly `count` digits stand at `at`: one more would make it another number.
    pub(crate) fn exactly(self, at: usize, count: usize) -> bool {
        self.digits(at, count + 1) == count
    }

    /// The separator at `at`, with its length in bytes.
    pub(crate) fn separator(self, at: usize) -> Option<(Separator, usize)> {
        match self.at(at) {
            b'-' => Some((Separator::Dash, 1)),
            b' ' => Some((Separator::Space, 1)),
            b'.' => Some((Separator::Dot, 1)),
            // U+00A0 no-break space.
            0xC2 if self.at(at + 1) == 0xA0 => Some((Separator::Space, 2)),
            0xE2 => match (self.at(at + 1), self.at(at + 2)) {
                // U+2010 to U+2015 hyphens and dashes, U+2212 minus.
                (0x80, 0x90..=0x95) | (0x88, 0x92) => Some((Separator::Dash, 3)),
                // U+202F narrow no-break space.
                (0x80, 0xAF) => Some((Separator::Space, 3)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The bytes of eight in front of `end` that do not lie in front of `floor`.
#[inline]
const fn kept(end: usize, floor: usize) -> u64 {
    let bytes = end.saturating_sub(floor);
    if bytes >= 8 { u64::MAX } else { !(u64::MAX >> (8 * bytes)) }
}

/// What stands between groups of digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    Dash,
    Space,
    Dot,
}
