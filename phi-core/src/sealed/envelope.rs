use std::fmt;

use crate::crypto::{NONCE_LEN, PREFIX_LEN, TAG_LEN};
use crate::keys::KeyId;
use crate::refusals::{Refusal, count};

/// The first byte of format 1.
pub(crate) const VERSION: u8 = 0x01;
/// Version, key id and nonce.
pub(crate) const HEADER_LEN: usize = 1 + 4 + NONCE_LEN;
/// Bytes that sealing adds to the padded text.
pub const OVERHEAD: usize = HEADER_LEN + TAG_LEN;

/// What stands around the text of a sealed value; checked once, here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) key_id: KeyId,
    /// The half of the nonce that chose the derived key.
    pub(crate) prefix: [u8; PREFIX_LEN],
    /// The half that differs for each message.
    pub(crate) nonce: [u8; 12],
    /// Bytes of padded text, behind the header.
    pub(crate) text_len: usize,
    pub(crate) tag: [u8; TAG_LEN],
}

impl Envelope {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, SealedError> {
        Self::split(bytes).ok_or_else(|| {
            // An unknown version reads like clear text; the first byte tells operators apart.
            let cause = match bytes.first() {
                Some(&version @ 0x02..=0x08) => Refusal::Version(version),
                _ => Refusal::ClearText,
            };
            count(cause, None);
            SealedError { cause }
        })
    }

    fn split(bytes: &[u8]) -> Option<Self> {
        let (&version, rest) = bytes.split_first()?;
        if version != VERSION {
            return None;
        }
        let (&key_id, rest) = rest.split_first_chunk()?;
        let (&prefix, rest) = rest.split_first_chunk()?;
        let (&nonce, rest) = rest.split_first_chunk()?;
        let (text, &tag) = rest.split_last_chunk()?;
        // Padding leaves no text empty.
        let (key_id, text_len) = (KeyId::from(key_id), text.len());
        (text_len > 0).then_some(Self { key_id, prefix, nonce, text_len, tag })
    }
}

/// Bytes that are not a sealed value of a known version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedError {
    cause: Refusal,
}

impl fmt::Display for SealedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            Refusal::Version(_) => {
                "sealed value has a version this release does not know; upgrade before reading it"
            }
            _ => "column holds something that is not a sealed value; if rows were stored in clear, read them with another \
                 struct, seal each and write it back",
        })
    }
}

impl std::error::Error for SealedError {}
