//! As much of DER (X.690) as it takes to see how long an RSA key is.

/// The length of an RSA key in bits: that of the first integer, without its sign, of an
/// `RSAPublicKey` in DER (RFC 8017, appendix A.1.1).
pub(super) fn modulus_bits(der: &[u8]) -> Option<usize> {
    let sequence = der_value(der, 0x30)?;
    let modulus = der_value(sequence, 0x02)?;
    let from = modulus.iter().position(|byte| *byte != 0)?;
    let (first, rest) = modulus.get(from..)?.split_first()?;
    Some(8 * rest.len() + (u8::BITS - first.leading_zeros()) as usize)
}

/// The value of the DER element (X.690, section 8.1) that bytes begin with, if it has this tag.
fn der_value(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (&[found, length], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match length {
        0x00..=0x7f => (usize::from(length), rest),
        0x81 => rest.split_first().map(|(one, rest)| (usize::from(*one), rest))?,
        0x82 => rest
            .split_first_chunk::<2>()
            .map(|(two, rest)| (usize::from(u16::from_be_bytes(*two)), rest))?,
        _ => return None,
    };
    if found == tag { rest.get(..length) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An `RSAPublicKey` whose modulus begins with these bytes, sign byte included.
    fn key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
        let integer = |value: &[u8]| {
            let length = u16::try_from(value.len()).unwrap().to_be_bytes();
            [&[0x02, 0x82], &length[..], value].concat()
        };
        let body = [integer(modulus), integer(exponent)].concat();
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[0x30, 0x82], &length[..], &body].concat()
    }

    #[test]
    fn a_key_is_as_long_as_its_modulus() {
        let modulus = |first: u8| [&[0, first][..], &[0x55; 255]].concat();
        assert_eq!(modulus_bits(&key(&modulus(0x80), &[3])), Some(2048));
        // Found in review: a long exponent made up for a short modulus.
        assert_eq!(modulus_bits(&key(&modulus(0x7f), &[1; 64])), Some(2047));
        assert_eq!(modulus_bits(&key(&[0x7f], &[1; 300])), Some(7));
    }

    #[test]
    fn bytes_that_are_no_key_have_no_length() {
        let whole = key(&[0, 0x80, 1, 2], &[3]);
        for cut in 0..whole.len() {
            assert_eq!(modulus_bits(&whole[..cut]), None, "cut at {cut}");
        }
        assert_eq!(modulus_bits(&key(&[0], &[3])), None);
        assert_eq!(modulus_bits(&[0x30, 0x80, 0x02, 0x01, 0x03]), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_a_length_or_none(
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600),
        ) {
            if let Some(bits) = modulus_bits(&bytes) {
                proptest::prop_assert!(bits <= 8 * bytes.len());
            }
        }
    }
}
