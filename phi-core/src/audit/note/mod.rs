//! Signed notes in the C2SP format (`c2sp.org/signed-note`), with Ed25519 keys as Go's `sumdb/note` writes them.
//!
//! ```
//! use phi_core::audit::note::{NoteError, SignedNote, SigningKey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate("log.example/clinic")?;
//! let note = key.sign("synthetic text\n")?;
//! assert_eq!(SignedNote::parse(&note)?.verify(&key.verifier())?, "synthetic text\n");
//!
//! let changed = note.replacen("synthetic", "Synthetic", 1);
//! let refused = SignedNote::parse(&changed)?.verify(&key.verifier()).unwrap_err();
//! assert_eq!(refused, NoteError::BadSignature);
//! # Ok(())
//! # }
//! ```

mod file;
mod key;
mod signer;

use std::error::Error;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use self::file::{KeyFileError, KeyFileProblem};
pub use self::key::VerifierKey;
pub use self::signer::SigningKey;

/// The most bytes of a note that is read.
const MAX_BYTES: usize = 1 << 20;

/// The most signatures of a note that is read.
const MAX_SIGNATURES: usize = 100;

/// What a signature line begins with: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// A note that has been taken apart, but whose text nobody has vouched for yet: only
/// [`verify`](SignedNote::verify) gives it out.
pub struct SignedNote<'a> {
    text: &'a str,
    signatures: Vec<Signature<'a>>,
}

struct Signature<'a> {
    name: &'a str,
    key_id: [u8; 4],
    bytes: Vec<u8>,
}

impl<'a> SignedNote<'a> {
    /// Takes a note apart.
    ///
    /// # Errors
    ///
    /// [`NoteError::Malformed`] if it is above 1 MiB, holds a control character other than the line break, has no
    /// blank line, no signature or more than 100, or a line among them that is not a signature.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        Self::split(note).ok_or(NoteError::Malformed)
    }

    fn split(note: &'a str) -> Option<Self> {
        if note.len() > MAX_BYTES || note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return None;
        }
        let (before, lines) = note.rsplit_once("\n\n")?;
        let text = note.get(..=before.len())?; // with its last line break
        let lines = lines.strip_suffix('\n')?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return None;
        }
        let signatures = lines.split('\n').map(Signature::parse).collect::<Option<Vec<_>>>()?;
        Some(Self { text, signatures })
    }

    /// The text, if this key signed it. Signatures of other keys are passed over.
    ///
    /// # Errors
    ///
    /// [`NoteError::Unsigned`] if there is no signature of this key; [`NoteError::BadSignature`] if one of them does
    /// not fit the text, even if another does.
    pub fn verify(&self, key: &VerifierKey) -> Result<&'a str, NoteError> {
        let mut found = false;
        for line in &self.signatures {
            if line.name == key.name() && line.key_id == key.id() {
                if !key.verifies(self.text.as_bytes(), &line.bytes) {
                    return Err(NoteError::BadSignature);
                }
                found = true;
            }
        }
        if found { Ok(self.text) } else { Err(NoteError::Unsigned) }
    }
}

impl fmt::Debug for SignedNote<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedNote")
            .field("signatures", &self.signatures.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Signature<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, base64) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = STANDARD.decode(base64).ok()?;
        let (key_id, signature) = bytes.split_first_chunk::<4>()?;
        (is_name(name) && !signature.is_empty()).then(|| Self {
            name,
            key_id: *key_id,
            bytes: signature.to_vec(),
        })
    }
}

/// True if a text may be a key's name: not empty, no Unicode space, no `+`, no control character.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// True if a text may be signed: it ends in a line break and holds no other control character.
fn is_text(text: &str) -> bool {
    text.ends_with('\n') && text.bytes().all(|b| b >= 0x20 || b == b'\n')
}

/// Why a note was not accepted, or not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteError {
    /// The bytes are not a signed note.
    Malformed,
    /// None of the signatures is by this key.
    Unsigned,
    /// A signature that names this key does not fit the text.
    BadSignature,
    /// A key's name is empty or holds a space, a control character or a plus sign.
    Name,
    /// The text of a key is not one, or its hash does not fit its name and bytes.
    Key,
    /// A text to be signed must end in a line break and hold no other control character.
    Text,
    /// The operating system gave no random bytes.
    NoRandomness,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "text is not a signed note",
            Self::Unsigned => {
                "note is not signed by this key; check that the key belongs to this log"
            }
            Self::BadSignature => "note has a false signature of this key",
            Self::Name => {
                "key name must not be empty or hold spaces, control characters or plus signs"
            }
            Self::Key => "text is not an ed25519 note key",
            Self::Text => "note text must end in a line break and hold no other control character",
            Self::NoRandomness => "operating system gave no random bytes",
        })
    }
}

impl Error for NoteError {}
