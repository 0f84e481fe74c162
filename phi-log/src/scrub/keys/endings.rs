//! Which words end in front of a place, asked of all words of a list at once: eight letters are one number, and a
//! list of words is a set of such numbers. No loop over letters, and one branch.

use crate::scrub::text::Text;

/// Letters of a word that count, from its end: as many as one number holds.
const LETTERS: usize = 8;
/// Bits of a set, as a power of two: some two hundred words leave it nearly empty.
const BITS: u32 = 14;
const SLOTS: usize = (1 << BITS) / 64;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The letters in front of a place, in lower case, the last one highest: all that stand there, and those of the last
/// word of `patientName`. At most eight.
#[derive(Clone, Copy)]
pub(crate) struct Tail {
    letters: u64,
    word: u64,
}

impl Tail {
    #[inline]
    pub(crate) fn before(text: Text<'_>, end: usize, floor: usize) -> Self {
        let bytes = text.word_before(end, floor);
        let small = bytes | (ONES * 0x20);
        let low = small & !HIGH;
        // The high bit of each byte: whether it is a letter, and of which case.
        let from = low.wrapping_add(ONES * u64::from(0x80 - b'a'));
        let past = low.wrapping_add(ONES * u64::from(0x80 - b'z' - 1));
        let letters = from & !past & !bytes & HIGH;
        let lower = letters & (bytes << 2);
        let upper = letters & !lower;
        let run = top((!letters & HIGH).leading_zeros());
        // A capital behind a small letter begins a word, and one in front of a small letter.
        let begins = upper & ((lower << 8) | ((upper << 8) & (lower >> 8))) & run;
        let word = if begins == 0 { run } else { top((begins.leading_zeros() & !7) + 8) };
        Self { letters: small & run, word: small & word }
    }

    /// How many letters the last word has, as far as they are read.
    pub(crate) const fn length(self) -> usize {
        LETTERS - self.word.trailing_zeros() as usize / 8
    }

    /// The same of a word of a list: its digits at the end do not count.
    #[expect(clippy::indexing_slicing, reason = "runs in the compiler, which refuses a bad index")]
    const fn of_word(word: &[u8]) -> u64 {
        let mut end = word.len();
        while end > 0 && word[end - 1].is_ascii_digit() {
            end -= 1;
        }
        let (mut letters, mut count) = (0, 0);
        while count < end && count < LETTERS && word[end - 1 - count].is_ascii_alphabetic() {
            letters |= (word[end - 1 - count] as u64 | 0x20) << (8 * (LETTERS - 1 - count));
            count += 1;
        }
        letters
    }
}

/// The highest of 64 bits, so many.
#[inline]
const fn top(bits: u32) -> u64 {
    match u64::MAX.checked_shr(bits) {
        Some(rest) => !rest,
        None => u64::MAX,
    }
}

/// The ends of a list of words: which of them may stand in front of a place.
pub(crate) struct Endings([u64; SLOTS]);

impl Endings {
    #[expect(clippy::indexing_slicing, reason = "runs in the compiler, which refuses a bad index")]
    pub(crate) const fn of(lists: &[&[&str]]) -> Self {
        let mut table = [0; SLOTS];
        let mut list = 0;
        while list < lists.len() {
            let mut at = 0;
            while at < lists[list].len() {
                let letters = Tail::of_word(lists[list][at].as_bytes());
                if letters != 0 {
                    let (slot, bit) = place(letters);
                    table[slot] |= 1 << bit;
                }
                at += 1;
            }
            list += 1;
        }
        Self(table)
    }

    /// The same of one list, without the words that stand in another.
    #[expect(clippy::indexing_slicing, reason = "runs in the compiler, which refuses a bad index")]
    pub(crate) const fn without(list: &[&str], others: &[&str]) -> Self {
        let mut table = Self([0; SLOTS]);
        let mut at = 0;
        while at < list.len() {
            let (mut other, mut among) = (0, false);
            while other < others.len() {
                among |= is_same(list[at].as_bytes(), others[other].as_bytes());
                other += 1;
            }
            if !among {
                table = table.or(&Self::of(&[&[list[at]]]));
            }
            at += 1;
        }
        table
    }

    /// What ends one of two lists of words.
    #[expect(clippy::indexing_slicing, reason = "runs in the compiler, which refuses a bad index")]
    pub(crate) const fn or(mut self, other: &Self) -> Self {
        let mut at = 0;
        while at < SLOTS {
            self.0[at] |= other.0[at];
            at += 1;
        }
        self
    }

    /// Whether a word that ends in front of `end` may be one of the list.
    #[inline]
    pub(crate) fn has(&self, text: Text<'_>, end: usize, floor: usize) -> bool {
        self.has_tail(Tail::before(text, end, floor))
    }

    #[inline]
    pub(crate) fn has_tail(&self, tail: Tail) -> bool {
        let bit = |letters: u64| {
            let (slot, bit) = place(letters);
            self.0.get(slot).map_or(0, |bits| bits >> bit & 1)
        };
        (bit(tail.letters) | bit(tail.word)) & u64::from(tail.letters != 0) != 0
    }
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, which refuses a bad index")]
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Where these letters have their bit.
#[inline]
const fn place(letters: u64) -> (usize, u64) {
    let hash = letters.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS);
    ((hash >> 6) as usize % SLOTS, hash & 63)
}
