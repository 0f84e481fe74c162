//! What stands in 64 bytes: a bit for each of them and each class.

use wide::u8x16;

/// Bytes looked at in one step.
pub(super) const BLOCK: usize = 64;

/// The first byte is the lowest bit.
#[derive(Clone, Copy)]
pub(super) struct Classes {
    pub(super) digit: u64,
    /// `1` and `9`, which an age over 89 begins with.
    pub(super) first_of_old: u64,
    pub(super) letter: u64,
    pub(super) capital: u64,
    /// Digits of base 16.
    pub(super) hex: u64,
    pub(super) space: u64,
    pub(super) dash: u64,
    pub(super) dot: u64,
    pub(super) colon: u64,
    /// `=` and `@`
    pub(super) sign: u64,
    /// Bytes of the text that are no signs of ASCII with a shape: tabs, ends of lines, parts of other characters.
    pub(super) strange: u64,
}

impl Classes {
    /// The classes of the first bytes, with 0 behind the last one.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut block = [[0; 16]; BLOCK / 16];
        let whole = block.as_flattened_mut();
        let length = bytes.len().min(BLOCK);
        if let Some(bytes) = bytes.first_chunk::<BLOCK>() {
            whole.copy_from_slice(bytes);
        } else if let Some(start) = whole.get_mut(..length) {
            start.copy_from_slice(bytes);
        }
        let block = block.map(u8x16::new);
        let small = block.map(|bytes| bytes | u8x16::splat(0x20));
        let one = |byte: u8| bits(block, |bytes| bytes.simd_eq(u8x16::splat(byte)));
        let either = |one: u8, other: u8| {
            bits(block, |bytes| {
                bytes.simd_eq(u8x16::splat(one)) | bytes.simd_eq(u8x16::splat(other))
            })
        };
        let digit = bits(block, |bytes| range(bytes, b'0', b'9'));
        let hex = bits(small, |bytes| range(bytes, b'a', b'f'));
        let text = if length == 0 { 0 } else { u64::MAX >> (BLOCK - length) };
        Self {
            digit,
            first_of_old: either(b'1', b'9'),
            letter: bits(small, |bytes| range(bytes, b'a', b'z')),
            capital: bits(block, |bytes| range(bytes, b'A', b'Z')),
            hex: hex | digit,
            space: one(b' '),
            dash: one(b'-'),
            dot: one(b'.'),
            colon: one(b':'),
            sign: either(b'=', b'@'),
            strange: !bits(block, |bytes| range(bytes, b' ', b'~')) & text,
        }
    }

    /// Leaves only these places.
    pub(super) fn hide(&mut self, seen: u64) {
        let Self {
            digit,
            first_of_old,
            letter,
            capital,
            hex,
            space,
            dash,
            dot,
            colon,
            sign,
            strange,
        } = self;
        for class in
            [digit, first_of_old, letter, capital, hex, space, dash, dot, colon, sign, strange]
        {
            *class &= seen;
        }
    }

    /// None of the others: `/`, `,`, brackets and more.
    pub(super) const fn other(&self) -> u64 {
        let Self { space, dash, dot, colon, sign, .. } = *self;
        !(self.alphanumeric() | space | dash | dot | colon | sign)
    }

    pub(super) const fn alphanumeric(&self) -> u64 {
        self.digit | self.letter
    }
}

/// A bit for each byte that is of a class.
#[inline]
fn bits(block: [u8x16; BLOCK / 16], is: impl Fn(u8x16) -> u8x16) -> u64 {
    let [first, second, third, fourth] = block.map(|bytes| u64::from(is(bytes).to_bitmask()));
    first | second << 16 | third << 32 | fourth << 48
}

/// Which bytes lie between two, with them.
#[inline]
fn range(bytes: u8x16, from: u8, to: u8) -> u8x16 {
    let offset = bytes - u8x16::splat(from);
    offset.min(u8x16::splat(to - from)).simd_eq(offset)
}
