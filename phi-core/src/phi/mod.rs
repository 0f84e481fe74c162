//! An open value in memory.

mod refused;
mod serde;

use std::fmt;

use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use zeroize::Zeroize;

use crate::value::PhiValue;

/// An open PHI value: redacted in `Debug`, wiped when dropped, and shown by one verb only.
///
/// It cannot be displayed, compared with `==`, cloned, dereferenced, serialised or bound to a
/// column. Each absence is a compile error; where the compiler lets us, it says what to write instead
/// (`Serialize`, `Encode`).
///
/// ```
/// use phi_core::Phi;
///
/// let name = Phi::new(String::from("Ada Sample"));
/// assert_eq!(format!("{name:?}"), "Phi(redacted)"); // refused: no text, no type, no length
/// assert_eq!(name.expose(), "Ada Sample"); // allowed: one verb, found by grep
/// ```
///
/// # Security
///
/// The value sits in one heap block (secrecy's `SecretBox`) that is overwritten on drop together
/// with what it owns. Copies that your own code makes of what [`expose`](Self::expose) shows are
/// yours to keep or wipe. Tests: `phi-core/tests/ui/absent`, `phi-core/tests/wiped.rs`.
pub struct Phi<T: PhiValue>(SecretBox<Held<T>>);

impl<T: PhiValue> Phi<T> {
    /// Takes a value in.
    pub fn new(value: T) -> Self {
        Self(SecretBox::new(Box::new(Held(value))))
    }

    /// Shows the value. The only verb that gives a reference to it.
    pub fn expose(&self) -> &T {
        &self.0.expose_secret().0
    }

    /// Calls `f` with the value, for the place where a reference would live too long.
    pub fn expose_with<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        f(self.expose())
    }

    /// Changes the value in place.
    ///
    /// A `String` that grows moves to a larger block and leaves the old one unwiped: prefer a new
    /// value from [`map`](Self::map).
    pub fn expose_mut(&mut self) -> &mut T {
        &mut self.0.expose_secret_mut().0
    }

    /// A new value made from this one, which is wiped.
    pub fn map<U: PhiValue>(self, f: impl FnOnce(&T) -> U) -> Phi<U> {
        Phi::new(f(self.expose()))
    }

    /// Whether both hold the same canonical bytes, in time that depends on their lengths only.
    ///
    /// There is no `==`: it would be easy to write where a timing difference tells a value.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let (a, b) = (canonical(self.expose()), canonical(other.expose()));
        matches!((a, b), (Some(a), Some(b)) if crate::crypto::constant_time_eq(&a, &b))
    }

    /// A second copy of the value. There is no `Clone`: copies should be easy to find.
    #[must_use]
    pub fn duplicate(&self) -> Self
    where
        T: Clone,
    {
        Self::new(self.expose().clone())
    }
}

impl<T: PhiValue> From<T> for Phi<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Phi<String> {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

/// Fixed text: a type name or a length can be PHI too.
impl<T: PhiValue> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phi(redacted)")
    }
}

/// The canonical bytes of a value in a block of exactly their size, wiped on drop.
fn canonical<T: PhiValue>(value: &T) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let mut bytes = zeroize::Zeroizing::new(vec![0; value.encoded_len()]);
    let mut out = crate::value::PlainBuf::new(&mut bytes);
    value.write(&mut out).ok()?;
    (out.remaining() == 0).then_some(bytes)
}

/// Gives secrecy's box a value that is wiped by its own rule instead of `Zeroize`, which dates,
/// decimals and other crates' types do not have.
struct Held<T: PhiValue>(T);

impl<T: PhiValue> Zeroize for Held<T> {
    fn zeroize(&mut self) {
        self.0.wipe();
    }
}
