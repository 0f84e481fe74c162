//! The private half of a note key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use rand::TryRng as _;
use rand::rngs::SysRng;
use zeroize::Zeroizing;

use super::key::{ED25519, id_hex};
use super::{DASH, NoteError, VerifierKey, is_name, is_text};

/// What the text of a private key begins with.
const PRIVATE: &str = "PRIVATE+KEY+";

/// A private Ed25519 key with its name.
///
/// Kept in a file of its own ([`create_file`](SigningKey::create_file), [`from_file`](SigningKey::from_file)),
/// neither in the database nor under the root key: whoever can rewrite the log must not be able to sign it too.
///
/// # Security
///
/// The key lies in one heap block that is wiped on drop; copies the cipher's code makes on the stack while it signs
/// are not. `Debug` prints the name and the key id. There is no `Clone`, and no way to read the key out again but
/// the file.
pub struct SigningKey {
    key: Box<ed25519_dalek::SigningKey>,
    verifier: VerifierKey,
}

impl SigningKey {
    /// Makes a new key from the operating system's generator.
    ///
    /// # Errors
    ///
    /// [`NoteError::Name`] if the name is not one; [`NoteError::NoRandomness`] if there are no random bytes.
    ///
    /// ```
    /// use phi_core::audit::note::{NoteError, SigningKey};
    ///
    /// let key = SigningKey::generate("log.example/clinic")?;
    /// assert_eq!(key.verifier().name(), "log.example/clinic");
    /// assert_eq!(SigningKey::generate("two words").unwrap_err(), NoteError::Name);
    /// # Ok::<(), NoteError>(())
    /// ```
    pub fn generate(name: &str) -> Result<Self, NoteError> {
        let mut seed = Zeroizing::new([0; 32]);
        SysRng.try_fill_bytes(&mut *seed).map_err(|_| NoteError::NoRandomness)?;
        Self::from_seed(name, &seed)
    }

    pub(in crate::audit) fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Name);
        }
        let key = Box::new(ed25519_dalek::SigningKey::from_bytes(seed));
        let verifier = VerifierKey::new(name, key.verifying_key());
        Ok(Self { key, verifier })
    }

    /// The public half.
    pub fn verifier(&self) -> VerifierKey {
        self.verifier.clone()
    }

    /// Signs a text and returns the whole note.
    ///
    /// # Errors
    ///
    /// [`NoteError::Text`] if the text does not end in a line break or holds another control character.
    pub fn sign(&self, text: &str) -> Result<String, NoteError> {
        if !is_text(text) {
            return Err(NoteError::Text);
        }
        let signature = self.key.try_sign(text.as_bytes()).map_err(|_| NoteError::Text)?;
        let mut bytes = [0; 4 + 64];
        for (to, from) in
            bytes.iter_mut().zip(self.verifier.id().into_iter().chain(signature.to_bytes()))
        {
            *to = from;
        }
        Ok(format!("{text}\n{DASH}{} {}\n", self.verifier.name(), STANDARD.encode(bytes)))
    }

    /// The key as text: `PRIVATE+KEY+name+hash+base64`.
    pub(in crate::audit) fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([ED25519; 33]);
        for (to, from) in bytes.iter_mut().skip(1).zip(self.key.as_bytes()) {
            *to = *from;
        }
        let mut base64 = Zeroizing::new([0; 44]);
        let filled = STANDARD.encode_slice(bytes.as_slice(), &mut *base64).unwrap_or(0);
        let name = self.verifier.name();
        // Room for all of it at once: a buffer that grows leaves its old block behind.
        let mut text =
            Zeroizing::new(String::with_capacity(PRIVATE.len() + name.len() + 1 + 8 + 1 + filled));
        text.push_str(PRIVATE);
        text.push_str(name);
        text.push('+');
        text.push_str(&id_hex(self.verifier.id()));
        text.push('+');
        for byte in base64.iter().take(filled) {
            text.push(char::from(*byte));
        }
        text
    }

    pub(in crate::audit) fn from_text(text: &str) -> Result<Self, NoteError> {
        let rest = text.strip_prefix(PRIVATE).ok_or(NoteError::Key)?;
        let (name, rest) = rest.split_once('+').ok_or(NoteError::Key)?;
        let (hash, base64) = rest.split_once('+').ok_or(NoteError::Key)?;
        let mut bytes = Zeroizing::new([0; 36]); // what 44 digits may decode to before the padding is seen
        let filled = STANDARD.decode_slice(base64, &mut *bytes).map_err(|_| NoteError::Key)?;
        let seed = match bytes.split_at_checked(filled) {
            Some(([ED25519, seed @ ..], _)) => seed.try_into().map_err(|_| NoteError::Key)?,
            _ => return Err(NoteError::Key),
        };
        let key = Self::from_seed(name, seed)?;
        if id_hex(key.verifier.id()) == hash { Ok(key) } else { Err(NoteError::Key) }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("name", &self.verifier.name())
            .field("id", &id_hex(self.verifier.id()))
            .finish_non_exhaustive()
    }
}
