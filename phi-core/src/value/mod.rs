//! What may stand inside a [`Phi`](crate::Phi): its canonical bytes, how it is read back, how it is wiped.

mod buffer;
mod code;
mod dates;
mod json;
mod kind;
mod numbers;
mod shape;
mod text;

pub use buffer::PlainBuf;
pub use code::PhiCode;
pub use json::Json;
pub use kind::ValueType;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

/// A value that can be sealed, opened and wiped.
///
/// Implemented for `String`, `Vec<u8>`, integers, `f64`, `bool`, [`Uuid`](uuid::Uuid), dates and
/// times (jiff always; chrono and time as features), `rust_decimal::Decimal` (feature `decimal`),
/// [`Json<T>`] and enums that derive `PhiCode`.
///
/// The canonical bytes of each type are in FORMAT.md. They are stored for decades: an
/// implementation must write the same bytes for the same value in every release, and
/// [`TYPE`](Self::TYPE) is part of what each ciphertext is bound to.
///
/// # Security
///
/// [`wipe`](Self::wipe) must overwrite every heap byte the value owns. What a type keeps in
/// registers or on the stack while it is built is out of reach, and so are copies that its own
/// `read` or its parser makes; SECURITY.md lists them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sealed: its stored form is not fixed",
    note = "an enum of codes derives `PhiCode`; a struct or a list stands in `Phi<Json<_>>`",
    note = "what stands in `Json<_>` needs `Serialize`, `DeserializeOwned` and `Zeroize`; a type that \
            lacks one, as a `HashMap` or `serde_json::Value`, goes into a struct that has all three",
    note = "in a record, what is not PHI stands outside `Phi<_>`, marked `#[phi(clear)]`"
)]
pub trait PhiValue: Sized {
    /// The stable type that ciphertexts are bound to.
    const TYPE: ValueType;

    /// Bytes that [`write`](Self::write) will write.
    fn encoded_len(&self) -> usize;

    /// Writes the canonical bytes, exactly [`encoded_len`](Self::encoded_len) of them.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if the value has no canonical form or does not fit the announced length.
    fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError>;

    /// Reads a value back from its canonical bytes.
    ///
    /// # Errors
    ///
    /// [`ValueError`] for any other bytes. The error says nothing about them.
    fn read(bytes: &[u8]) -> Result<Self, ValueError>;

    /// Reads a value from a block that holds its canonical bytes and nothing else, for a type that
    /// can keep the block; a block that is not kept is wiped.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn read_block(block: Zeroizing<Vec<u8>>) -> Result<Self, ValueError> {
        Self::read(&block)
    }

    /// Overwrites the value in place.
    fn wipe(&mut self);

    /// Serialises the value in clear, for a view that a grant has revealed.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// A [`PhiValue`] that has a text form, and so can be searched by an exact-match index.
///
/// `bool`, `f64` and coded enums have too few values: equal tokens would show who has which.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot carry a search index",
    note = "an index shows which rows are equal: values with few or no exact forms give themselves away"
)]
pub trait Searchable: PhiValue {
    /// Calls `f` with the text that normalisers work on.
    fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R;
}

/// The bytes are not the canonical form of the type, or the value has none.
///
/// It tells nothing about either, because both may be PHI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValueError;

impl ValueError {
    /// For implementations of [`PhiValue`] and [`PhiCode`].
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("value has no canonical form of its type; check the type of the field")
    }
}

impl std::error::Error for ValueError {}

/// Serialises bytes the way [`PhiValue::reveal`] shows them: base64 where people read it.
fn reveal_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    use base64::Engine as _;
    if serializer.is_human_readable() {
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        Zeroizing::new(text).as_str().serialize(serializer)
    } else {
        serializer.serialize_bytes(bytes)
    }
}

/// Overwrites all bytes of a block, also those behind its length: a `memset`, where `zeroize`
/// writes byte by byte.
pub(crate) fn overwrite_block(block: &mut Vec<u8>) {
    block.clear();
    block.resize(block.capacity(), 0);
    zeroize::optimization_barrier(block.as_slice());
    block.clear();
}

/// Overwrites a plain value and keeps the optimiser from dropping the store.
pub(crate) fn overwrite<T>(value: &mut T, blank: T) {
    *value = blank;
    zeroize::optimization_barrier(value);
}
