//! Questions asked of many bytes at once, without a branch, a table or `unsafe`: of eight in one `u64`, of 64 for the
//! places where one stands behind another, and of a whole text for the signs in it.

use wide::u8x16;

/// Places by a byte and the one in front of it, in order.
#[derive(Clone)]
pub(super) struct Places<'t> {
    bytes: &'t [u8],
    /// Where the block in hand begins; `usize::MAX` before the first.
    base: usize,
    /// A bit for each place in the block.
    mask: u64,
}

const BLOCK: usize = 64;

impl<'t> Places<'t> {
    pub(super) const fn new(bytes: &'t [u8]) -> Self {
        Self { bytes, base: usize::MAX, mask: 0 }
    }

    /// The first place at or behind `from`, by a question that is the same each time.
    #[inline]
    pub(super) fn next(&mut self, from: usize, is: impl Fn(u8, u8) -> bool) -> Option<usize> {
        let mut base = from & !(BLOCK - 1);
        let mut at = from - base;
        while base < self.bytes.len() {
            if base != self.base {
                self.load(base, &is);
            }
            let left = self.mask & (1_u64 << at).wrapping_neg();
            if left != 0 {
                return Some(base + left.trailing_zeros() as usize);
            }
            base += BLOCK;
            at = 0;
        }
        None
    }

    fn load(&mut self, base: usize, is: impl Fn(u8, u8) -> bool) {
        let rest = self.bytes.get(base..).unwrap_or_default();
        // The text begins like a word does.
        let before = base.checked_sub(1).and_then(|at| self.bytes.get(at)).copied().unwrap_or(b' ');
        let mut front = [0; BLOCK];
        let mut block = [0; BLOCK];
        if let Some((whole, _)) = rest.split_first_chunk::<BLOCK>() {
            block = *whole;
        } else if let Some(start) = block.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        let [first, others @ ..] = &mut front;
        *first = before;
        let [most @ .., _] = &block;
        *others = *most;
        let mut marks = [0_u8; BLOCK];
        for ((mark, byte), front) in marks.iter_mut().zip(block).zip(front) {
            *mark = u8::from(is(byte, front));
        }
        self.mask = bits(&marks);
        self.base = base;
    }
}

/// 64 bytes of 0 or 1 as 64 bits, the first byte lowest.
#[inline]
fn bits(marks: &[u8; BLOCK]) -> u64 {
    let mut mask = 0;
    for (at, word) in marks.chunks_exact(8).enumerate() {
        let word = word.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        mask |= (word.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (at * 8);
    }
    mask
}

/// How many of eight bytes are letters or digits, from the highest down to the first that is neither.
#[inline]
pub(super) const fn alphanumerics_before(word: u64) -> usize {
    let low = word & !HIGH;
    let small = low | ONES.wrapping_mul(0x20);
    let digits = low.wrapping_add(ONES.wrapping_mul((0x80 - b'0') as u64))
        & !low.wrapping_add(ONES.wrapping_mul((0x80 - b':') as u64));
    let letters = small.wrapping_add(ONES.wrapping_mul((0x80 - b'a') as u64))
        & !small.wrapping_add(ONES.wrapping_mul((0x80 - b'{') as u64));
    let others = !((digits | letters) & !word) & HIGH;
    (others.leading_zeros() / 8) as usize
}

/// How many of eight bytes are digits, from the lowest on up to the first that is none.
#[inline]
pub(super) const fn digits_of(word: u64) -> usize {
    let low = word & !HIGH;
    let from = low.wrapping_add(ONES.wrapping_mul((0x80 - b'0') as u64));
    let past = low.wrapping_add(ONES.wrapping_mul((0x80 - b':') as u64));
    let digits = from & !past & !word & HIGH;
    ((digits ^ HIGH).trailing_zeros() / 8) as usize
}

/// Whether no byte of the text can begin anything: no digit, no capital, and none of `:` to `@`. Colours hide
/// none of these either, and what is found by its place in a document has capitals or colons.
#[inline]
pub(super) fn is_quiet(bytes: &[u8]) -> bool {
    let loud = |byte: u8| matches!(byte, b'0'..=b'Z');
    let words = bytes.chunks_exact(8);
    let rest = words.remainder();
    let all = words.fold(0, |all, word| {
        all | word.first_chunk().map_or(0, |word| loud_of(u64::from_le_bytes(*word)))
    });
    all == 0 && !rest.iter().copied().any(loud)
}

/// The high bit of each of eight bytes that is one of `0` to `Z`.
#[inline]
const fn loud_of(word: u64) -> u64 {
    let low = word & !HIGH;
    let from = low.wrapping_add(ONES.wrapping_mul((0x80 - b'0') as u64));
    let past = low.wrapping_add(ONES.wrapping_mul((0x80 - b'Z' - 1) as u64));
    from & !past & !word & HIGH
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Which signs stand anywhere in the text, of those that begin what is found by its place: a bit for each kind.
#[derive(Clone, Copy)]
pub(super) struct Signs(u8);

impl Signs {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut seen = Seen::default();
        let (chunks, rest) = bytes.as_chunks();
        for chunk in chunks {
            seen.add(*chunk);
        }
        let mut last = [0; 16];
        if let Some(start) = last.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        seen.add(last);
        let kinds = [
            seen.structure,
            seen.brackets,
            seen.escapes,
            seen.literals | seen.apostrophe,
            seen.quotes | seen.apostrophe,
            seen.stars,
            seen.lines,
            seen.carets,
        ];
        let bit = |seen: u8x16| u8::from(seen.to_bitmask() != 0);
        Self(kinds.into_iter().rev().fold(0, |signs, seen| signs << 1 | bit(seen)))
    }

    /// `{` or `|`
    pub(super) const fn structure(self) -> bool {
        self.0 & 1 != 0
    }

    /// `(`, `<` or `[`
    pub(super) const fn brackets(self) -> bool {
        self.0 & 2 != 0
    }

    /// `%`, `&` or `+`
    pub(super) const fn escapes(self) -> bool {
        self.0 & 4 != 0
    }

    /// `'`, or the `V` of `VALUES`
    pub(super) const fn literals(self) -> bool {
        self.0 & 8 != 0
    }

    /// A quote of any kind.
    pub(super) const fn quotes(self) -> bool {
        self.0 & 16 != 0
    }

    /// `*`
    pub(super) const fn stars(self) -> bool {
        self.0 & 32 != 0
    }

    /// More than one line.
    pub(super) const fn lines(self) -> bool {
        self.0 & 64 != 0
    }

    /// `^`
    pub(super) const fn carets(self) -> bool {
        self.0 & 128 != 0
    }
}

/// The same, for each place of sixteen.
#[derive(Default)]
struct Seen {
    structure: u8x16,
    brackets: u8x16,
    escapes: u8x16,
    literals: u8x16,
    apostrophe: u8x16,
    quotes: u8x16,
    stars: u8x16,
    lines: u8x16,
    carets: u8x16,
}

impl Seen {
    #[inline]
    fn add(&mut self, chunk: [u8; 16]) {
        let bytes = u8x16::new(chunk);
        let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
        self.structure |= is(b'{') | is(b'|');
        self.brackets |= is(b'(') | is(b'<') | is(b'[');
        self.escapes |= is(b'%') | is(b'&') | is(b'+');
        self.literals |= is(b'V');
        self.apostrophe |= is(b'\'');
        self.quotes |= is(b'"') | is(b'`');
        self.stars |= is(b'*');
        self.lines |= is(b'\n');
        self.carets |= is(b'^');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Signs, digits_of, is_quiet};

    #[test]
    fn each_byte_is_quiet_or_loud_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for at in 0..20 {
                let mut bytes = [b'x'; 20];
                bytes[at] = byte;
                let loud = byte.is_ascii_digit()
                    || byte.is_ascii_uppercase()
                    || b":;<=>?@".contains(&byte);
                assert_eq!(is_quiet(&bytes), !loud, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn each_sign_is_seen_wherever_it_stands() {
        let sees = |signs: Signs| {
            [
                ("{|", signs.structure()),
                ("(<[", signs.brackets()),
                ("%&+", signs.escapes()),
                ("'V", signs.literals()),
                ("'\"`", signs.quotes()),
                ("*", signs.stars()),
                ("\n", signs.lines()),
                ("^", signs.carets()),
            ]
        };
        for byte in 0..=u8::MAX {
            for length in 1..40 {
                for at in 0..length {
                    let mut bytes = [b'x'; 40];
                    bytes[at] = byte;
                    for (kind, seen) in sees(Signs::of(&bytes[..length])) {
                        assert_eq!(seen, kind.as_bytes().contains(&byte), "{byte} at {at}: {kind}");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn digits_are_counted_in_words(text in "[0-9]{0,9}[^0-9].{0,8}", at in 0_usize..24, most in 0_usize..24) {
            let (view, bytes) = (crate::scrub::text::Text::new(&text), text.as_bytes());
            let slow = |at: usize| bytes.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
            prop_assert_eq!(view.digits(at, most), slow(at).min(most));
            prop_assert_eq!(digits_of(view.word(at)), slow(at).min(8));
            let before: Vec<u8> = (0..8).map(|back| view.before(at.min(bytes.len()).saturating_sub(back), 2)).collect();
            prop_assert_eq!(view.word_before(at.min(bytes.len()), 2).to_be_bytes().to_vec(), before);
        }

        #[test]
        fn the_slow_engine_finds_nothing_in_quiet_text(text in "[^0-Z]{0,60}") {
            prop_assert!(is_quiet(text.as_bytes()));
            prop_assert!(crate::scrub::engine::scan_slowly(&text, None).is_empty());
        }
    }
}
