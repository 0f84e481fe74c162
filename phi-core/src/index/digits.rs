//! The decimal digits of all scripts.

/// The zeros of Unicode 17: behind each, its script's other nine digits follow in order.
#[rustfmt::skip]
const ZEROS: [char; 77] = [
    '\u{30}', '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}',
    '\u{b66}', '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}',
    '\u{f20}', '\u{1040}', '\u{1090}', '\u{17e0}', '\u{1810}', '\u{1946}', '\u{19d0}', '\u{1a80}',
    '\u{1a90}', '\u{1b50}', '\u{1bb0}', '\u{1c40}', '\u{1c50}', '\u{a620}', '\u{a8d0}', '\u{a900}',
    '\u{a9d0}', '\u{a9f0}', '\u{aa50}', '\u{abf0}', '\u{ff10}', '\u{104a0}', '\u{10d30}',
    '\u{10d40}', '\u{11066}', '\u{110f0}', '\u{11136}', '\u{111d0}', '\u{112f0}', '\u{11450}',
    '\u{114d0}', '\u{11650}', '\u{116c0}', '\u{116d0}', '\u{116da}', '\u{11730}', '\u{118e0}',
    '\u{11950}', '\u{11bf0}', '\u{11c50}', '\u{11d50}', '\u{11da0}', '\u{11de0}', '\u{11f50}',
    '\u{16130}', '\u{16a60}', '\u{16ac0}', '\u{16b50}', '\u{16d70}', '\u{1ccf0}', '\u{1d7ce}',
    '\u{1d7d8}', '\u{1d7e2}', '\u{1d7ec}', '\u{1d7f6}', '\u{1e140}', '\u{1e2f0}', '\u{1e4f0}',
    '\u{1e5f1}', '\u{1e950}', '\u{1fbf0}',
];

/// Writes the decimal digits in ASCII and leaves out all else but other numerals (`½`, `²`, `Ⅳ`):
/// left out or spelled out they would make two numbers one, so with them there is `None`.
pub(super) fn digits(text: &str, out: &mut String) -> Option<()> {
    for c in text.chars() {
        match decimal(c) {
            Some(digit) => out.push(digit),
            None if c.is_numeric() => return None,
            None => {}
        }
    }
    Some(())
}

fn decimal(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let zero = ZEROS.get(ZEROS.partition_point(|zero| *zero <= c).checked_sub(1)?)?;
    char::from_digit(u32::from(c).checked_sub(u32::from(*zero))?, 10)
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    #[test]
    fn the_zeros_are_in_order_and_ten_digits_belong_to_each() {
        assert!(ZEROS.is_sorted());
        for zero in ZEROS {
            for value in 0..10 {
                let digit = char::from_u32(u32::from(zero) + value).unwrap();
                assert!(digit.is_numeric(), "{digit:?}");
                assert_eq!(decimal(digit), char::from_digit(value, 10), "{digit:?}");
                // Where Unicode has a plain form for it, that is the same digit.
                let plain: Vec<char> = digit.nfkc().collect();
                assert!(plain == [digit] || Some(plain[0]) == decimal(digit), "{digit:?}");
            }
        }
    }

    #[test]
    fn what_is_no_decimal_digit_has_no_value() {
        for c in ['a', '/', ':', '½', '²', 'Ⅳ', '①', '三', '\u{66a}', '\u{d7ff}', char::MAX]
        {
            assert_eq!(decimal(c), None, "{c:?}");
        }
    }
}
