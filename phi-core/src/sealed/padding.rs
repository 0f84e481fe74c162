//! Padding of FORMAT.md section 3: one 0x80, then zeros up to a multiple of the block (ISO/IEC 7816-4).

/// The length of `len` bytes of text once padded to a multiple of `block`.
///
/// A block of 1 adds the marker only: "no padding" still reads back the same way.
pub(crate) fn padded_len(len: usize, block: u16) -> Option<usize> {
    let marked = len.checked_add(1)?;
    marked.checked_next_multiple_of(usize::from(block.max(1)))
}

/// Writes marker and zeros into the bytes behind the text.
pub(crate) fn write_padding(room: &mut [u8]) {
    room.fill(0);
    if let Some(marker) = room.first_mut() {
        *marker = 0x80;
    }
}

/// The length of the text in front of the padding; `None` if there is no marker.
///
/// Run only on text whose tag has verified, so its timing tells an attacker nothing.
pub(crate) fn unpadded_len(text: &[u8]) -> Option<usize> {
    let marker = text.iter().rposition(|&byte| byte != 0)?;
    (text.get(marker) == Some(&0x80)).then_some(marker)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn padding_reads_back(text: Vec<u8>, block in 1u16..300) {
            let padded = padded_len(text.len(), block).unwrap();
            prop_assert_eq!(padded % usize::from(block), 0);
            prop_assert!(padded > text.len() && padded <= text.len() + usize::from(block));
            let mut room = text.clone();
            room.resize(padded, 0xff);
            write_padding(&mut room[text.len()..]);
            prop_assert_eq!(unpadded_len(&room), Some(text.len()));
        }

        #[test]
        fn text_without_a_marker_is_refused(zeros in 0usize..40, last in 1u8..0x80) {
            let mut text = vec![last];
            text.resize(1 + zeros, 0);
            prop_assert_eq!(unpadded_len(&text), None);
        }
    }

    #[test]
    fn nothing_but_zeros_is_refused() {
        assert_eq!(unpadded_len(&[0; 16]), None);
        assert_eq!(unpadded_len(&[]), None);
    }
}
