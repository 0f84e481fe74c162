//! What a struct with PHI fields tells the library: its labels, its place, and how to reach its fields.
//!
//! `#[derive(PhiRecord)]` writes all of it; nobody should have to by hand.

#[cfg(feature = "sqlx")]
mod columns;
mod fields;
mod place;
mod schema;
mod stored;
mod unwritten;
mod view;

#[cfg(feature = "sqlx")]
pub use columns::{ColumnKind, Columns};
#[doc(hidden)]
pub use fields::has_normal;
pub use fields::{FieldOpener, FieldSealer};
pub use place::Place;
pub use schema::{FieldSchema, IndexSchema, KeyScope, RecordSchema};
pub use stored::Stored;
pub use unwritten::Unwritten;
pub use view::{RevealField, Revealed};

use serde::Serializer;

use crate::index::Normal;
use crate::vault::{OpenError, SealError, Vault};

/// A struct with PHI fields. Derive it.
///
/// ```
/// use phi_core::{Phi, PhiRecord};
/// use uuid::Uuid;
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "patient")]
/// struct Patient {
///     #[phi(id)]
///     id: Uuid,
///     #[phi(tenant)]
///     clinic_id: Uuid,
///     #[phi(class = "contact")]
///     name: Phi<String>,
///     #[phi(class = "identifier", index(exact = "ssn"))]
///     ssn: Phi<String>,
///     #[phi(class = "clinical")]
///     diagnosis: Option<Phi<String>>,
///     #[phi(clear)]
///     active: bool,
/// }
///
/// assert_eq!(Patient::schema().record, "patient");
/// ```
pub trait PhiRecord: Sized {
    /// The sealed twin: the same fields, each `Phi<T>` now `Sealed<T>`, plus a token for each index.
    type Sealed: SealedRecord<Open = Self>;

    /// The record's labels and fields.
    fn schema() -> &'static RecordSchema;

    /// Where this record belongs.
    fn place(&self) -> Place;

    /// Seals each field.
    ///
    /// # Errors
    ///
    /// [`SealError`] if a field cannot be sealed or indexed.
    #[doc(hidden)]
    fn seal_fields(&self, sealer: &mut FieldSealer<'_>) -> Result<Self::Sealed, SealError>;

    /// Whether the field behind index number `field` has this normal form.
    #[doc(hidden)]
    fn has_normal(&self, field: usize, normal: &Normal) -> bool;

    /// Serialises the fields in clear, but for those that serde skips: reached through [`Revealed`] only.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    #[doc(hidden)]
    fn reveal_fields<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Seals the record with a vault: `vault.seal(&record)`.
    ///
    /// # Errors
    ///
    /// As [`Vault::seal`].
    fn seal(&self, vault: &Vault) -> Result<Self::Sealed, SealError> {
        vault.seal(self)
    }
}

/// The sealed twin of a [`PhiRecord`], made by its derive.
pub trait SealedRecord: Sized {
    /// The struct it opens to.
    type Open: PhiRecord<Sealed = Self>;

    /// Where this record claims to belong. Opening proves it.
    fn place(&self) -> Place;

    /// Opens each field.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if a field is refused.
    #[doc(hidden)]
    fn open_fields(self, opener: &mut FieldOpener<'_>) -> Result<Self::Open, OpenError>;

    /// Visits each sealed value and token as it is stored.
    fn visit_stored(&self, visit: &mut dyn FnMut(Stored<'_>));

    /// Opens the record with a vault: `vault.open(row)`.
    ///
    /// # Errors
    ///
    /// As [`Vault::open`].
    fn open(self, vault: &Vault) -> Result<Self::Open, OpenError> {
        vault.open(self)
    }
}
