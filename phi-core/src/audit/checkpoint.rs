//! The signed head of the log (`c2sp.org/tlog-checkpoint`).

use std::error::Error;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::entry::parse_decimal;
use super::merkle::Hash;
use super::note::{NoteError, SignedNote, SigningKey, VerifierKey};

/// The log's origin, its size and its root.
///
/// Three lines (origin, decimal size, base64 of the root) as the text of a signed note, and no extension lines:
/// anybody's tlog tools read it.
///
/// ```
/// use phi_core::audit::merkle::Hash;
/// use phi_core::audit::note::SigningKey;
/// use phi_core::audit::{Checkpoint, CheckpointError};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = SigningKey::generate("log.example/clinic")?;
/// let signed = Checkpoint::new("log.example/clinic", 0, Hash::EMPTY).sign(&key)?;
/// let head = Checkpoint::open(&signed, "log.example/clinic", &[key.verifier()])?;
/// assert_eq!(head.size, 0);
///
/// let other = Checkpoint::open(&signed, "log.example/other", &[key.verifier()]);
/// assert_eq!(other.unwrap_err(), CheckpointError::Origin); // another log's head: refused
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checkpoint {
    /// The log's unique name, as `clinic.example/phi-log`.
    pub origin: String,
    /// How many entries the log has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// A head that nobody has signed.
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Self {
        Self { origin: origin.into(), size, root }
    }

    /// Signs it. The key should bear the origin's name.
    ///
    /// # Errors
    ///
    /// [`NoteError::Text`] if the origin is empty or holds a control character.
    pub fn sign(&self, key: &SigningKey) -> Result<String, NoteError> {
        if self.origin.is_empty() || self.origin.contains('\n') {
            return Err(NoteError::Text);
        }
        key.sign(&format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root.as_bytes())
        ))
    }

    /// Reads a signed checkpoint of this log.
    ///
    /// One of the keys must have signed it. More than one is for the time after a change of keys.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if it is not a note, not signed by any of the keys, falsely signed, of another origin, or
    /// its text has another form, extension lines included.
    pub fn open(signed: &str, origin: &str, keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(signed).map_err(CheckpointError::Note)?;
        let mut verified = Err(NoteError::Unsigned);
        for key in keys {
            match note.verify(key) {
                Err(NoteError::Unsigned) => {}
                Err(error) => return Err(CheckpointError::Note(error)),
                Ok(text) => verified = Ok(text),
            }
        }
        let text = verified.map_err(CheckpointError::Note)?;
        let checkpoint = Self::parse(text).ok_or(CheckpointError::Malformed)?;
        if checkpoint.origin == origin { Ok(checkpoint) } else { Err(CheckpointError::Origin) }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        if origin.is_empty() || lines.next().is_some() {
            return None;
        }
        let size = parse_decimal(size.as_bytes())?;
        let root = STANDARD.decode(root).ok()?.try_into().ok()?;
        Some(Self::new(origin, size, Hash::new(root)))
    }
}

/// Why a text is not a checkpoint of this log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The note around it was not accepted.
    Note(NoteError),
    /// The signed text is not the three lines of a checkpoint.
    Malformed,
    /// It belongs to another log.
    Origin,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => error.fmt(f),
            Self::Malformed => f.write_str("signed text is not a checkpoint"),
            Self::Origin => f.write_str("checkpoint belongs to another log; check the origin"),
        }
    }
}

impl Error for CheckpointError {}
