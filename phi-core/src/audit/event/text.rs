//! The three kinds of text an event may hold, each bounded when it is made.

use std::borrow::Cow;
use std::fmt;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::EventError;

/// What an [`Id`] that is too long to store as it is starts with.
const HASHED: &str = "sha256:";

/// An identifier or label, kept exactly.
///
/// At most 255 bytes are stored as they are. A longer text, or one that itself starts with `sha256:`, is stored as
/// `sha256:` and the lower-case hex SHA-256 of its bytes, so that two different ids never become one.
///
/// # Security
///
/// A record's id may be PHI where an application says so; `Debug` therefore prints none of it, and there is no
/// `Display`. Control characters survive: escape the text before it reaches a terminal.
///
/// ```
/// use phi_core::audit::Id;
///
/// let id = Id::new("patient-7");
/// assert_eq!(id.as_str(), "patient-7");
/// assert_eq!(format!("{id:?}"), "Id(..)");
///
/// let long = Id::new("x".repeat(300)); // refused as it is: its hash stands for it
/// assert!(long.as_str().starts_with("sha256:"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Cow<'static, str>);

impl Id {
    /// The most bytes an id has when it is stored.
    pub const MAX_BYTES: usize = 255;

    /// Makes an id from a text. A `&'static str` is not copied.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        if text.len() <= Self::MAX_BYTES && !text.starts_with(HASHED) {
            return Self(text);
        }
        let mut hashed = String::with_capacity(HASHED.len() + 64);
        hashed.push_str(HASHED);
        push_hex(&mut hashed, &Sha256::digest(text.as_bytes()));
        Self(Cow::Owned(hashed))
    }

    /// The text, exactly.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An id read back from where [`as_str`](Self::as_str) was stored: it stays as it is, hashed or not.
    ///
    /// # Errors
    ///
    /// [`EventError::Malformed`] above 255 bytes: no id is stored so.
    pub fn from_stored(text: impl Into<Cow<'static, str>>) -> Result<Self, EventError> {
        let text = text.into();
        if Self::is_stored_form(&text) { Ok(Self(text)) } else { Err(EventError::Malformed) }
    }

    /// For text that has been checked.
    pub(in crate::audit) fn stored(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    pub(super) fn is_stored_form(text: &str) -> bool {
        text.len() <= Self::MAX_BYTES
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Id(..)")
    }
}

impl From<&'static str> for Id {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Uuid> for Id {
    /// The hyphenated lower-case form.
    fn from(id: Uuid) -> Self {
        let mut text = Uuid::encode_buffer();
        Self(Cow::Owned(id.hyphenated().encode_lower(&mut text).to_owned()))
    }
}

impl From<i64> for Id {
    /// Decimal digits, with a minus sign where needed.
    fn from(id: i64) -> Self {
        Self::new(id.to_string())
    }
}

/// Text from outside (a user agent, an address, a request id), made harmless: at most `MAX` characters, none of
/// them a control, a line separator, a byte order mark or a mark that changes the direction of writing.
///
/// ```
/// use phi_core::audit::Printable;
///
/// let agent = Printable::<16>::clean("curl/8\r\n\u{1b}[31mfake line and more");
/// assert_eq!(agent.as_str(), "curl/8[31mfake l"); // the line break and the escape are gone, the rest is cut
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Printable<const MAX: usize>(Box<str>);

impl<const MAX: usize> Printable<MAX> {
    /// Keeps the first `MAX` characters that may be printed and drops the rest.
    pub fn clean(text: &str) -> Self {
        // Nearly all are plain: one copy, without looking at characters.
        if text.len() <= MAX && is_plain(text) {
            return Self(text.into());
        }
        Self(text.chars().filter(|c| is_printable(*c)).take(MAX).collect())
    }

    /// The text that was kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn stored(text: String) -> Self {
        Self(text.into_boxed_str())
    }

    pub(super) fn is_stored_form(text: &str) -> bool {
        if is_plain(text) {
            return text.len() <= MAX;
        }
        text.chars().all(is_printable) && text.chars().count() <= MAX
    }
}

impl<const MAX: usize> fmt::Debug for Printable<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Printable(..)")
    }
}

/// Whether a text is printable ASCII.
fn is_plain(text: &str) -> bool {
    !holds(text.as_bytes(), |b| !matches!(b, 0x20..=0x7e))
}

fn is_printable(c: char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
}

/// A code from a code system: 1 to 64 ASCII letters, digits, `-`, `_` or `.`.
///
/// Used for the HL7 v3 purpose of use (`TREAT`, `HPAYMT`, `HOPERAT`, `ETREAT`, …) and for codes of a later version
/// that this one does not list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Cow<'static, str>);

impl Code {
    /// The most characters of a code.
    pub const MAX_BYTES: usize = 64;

    /// Takes a code.
    ///
    /// # Errors
    ///
    /// [`EventError::Code`] if it is empty, longer than 64 characters or holds another character.
    ///
    /// ```
    /// use phi_core::audit::{Code, EventError};
    ///
    /// assert_eq!(Code::new("TREAT")?.as_str(), "TREAT");
    /// assert_eq!(Code::new("free text").unwrap_err(), EventError::Code);
    /// # Ok::<(), EventError>(())
    /// ```
    pub fn new(code: impl Into<Cow<'static, str>>) -> Result<Self, EventError> {
        let code = code.into();
        if Self::is_stored_form(&code) { Ok(Self(code)) } else { Err(EventError::Code) }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn stored(code: &str) -> Self {
        Self(Cow::Owned(code.to_owned()))
    }

    pub(super) fn is_stored_form(code: &str) -> bool {
        (1..=Self::MAX_BYTES).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// True if one of the bytes is such. Looks at all of them, so that the compiler can look at many at once.
pub(super) fn holds(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(0, |found, b| found | u8::from(is(*b))) != 0
}

/// Appends bytes as lower-case hex.
pub(in crate::audit) fn push_hex(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from(hex_digit(nibble)));
        }
    }
}

/// The lower-case hex digit of a number below 16.
pub(super) fn hex_digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble }
}
