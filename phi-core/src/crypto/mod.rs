//! Every call into a cipher, a hash or a generator, so that a second provider can stand beside this one.
//!
//! Nothing outside this folder names `aes`, `aes_gcm`, `hkdf`, `hmac` or `rand`.

mod kdf;
mod mac;
mod random;
mod xaes;

pub(crate) use kdf::Prk;
pub(crate) use mac::{Mac, constant_time_eq, sha256};
pub(crate) use random::Random;
pub(crate) use xaes::{Derived, NONCE_LEN, PREFIX_LEN, TAG_LEN, XaesKey};

/// A 256-bit secret that is wiped when dropped.
pub(crate) type Secret = zeroize::Zeroizing<[u8; 32]>;

/// Appends `part` behind its length (4 bytes, big-endian), so that no two lists of parts look alike.
///
/// A part longer than `u32::MAX` cannot be described; labels and ids never come near.
pub(crate) fn length_prefixed(out: &mut Vec<u8>, part: &[u8]) {
    let len = u32::try_from(part.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(part);
}

/// Length-prefixes each part in turn.
pub(crate) fn encode_parts(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|p| p.len() + 4).sum());
    for part in parts {
        length_prefixed(&mut out, part);
    }
    out
}
