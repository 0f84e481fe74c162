use crate::index::Normaliser;
use crate::value::ValueType;

/// The labels of one struct: stable, and independent of names in Rust and in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordSchema {
    /// The record label, bound into every ciphertext.
    pub record: &'static str,
    /// Whose key seals the record.
    pub key: KeyScope,
    /// Whether the record belongs to a tenant.
    pub has_tenant: bool,
    /// Whether the record has an owner column, which the row scope `own` needs.
    pub has_owner: bool,
    /// The PHI fields, in the order of the struct.
    pub fields: &'static [FieldSchema],
}

impl RecordSchema {
    /// Describes a record. The derive calls it.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        record: &'static str,
        has_tenant: bool,
        has_owner: bool,
        fields: &'static [FieldSchema],
    ) -> Self {
        let key = if has_tenant { KeyScope::Tenant } else { KeyScope::All };
        Self { record, key, has_tenant, has_owner, fields }
    }
}

/// Whose key seals a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyScope {
    /// One keyring for everybody: records without a tenant.
    All,
    /// The keyring of the record's tenant.
    Tenant,
}

/// One PHI field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldSchema {
    /// The field label, bound into every ciphertext.
    pub field: &'static str,
    /// The class that policy rules name.
    pub class: &'static str,
    /// The type of the value, bound into every ciphertext.
    pub value: ValueType,
    /// Multiple of bytes that the text is padded to before sealing.
    pub pad: u16,
    /// How the field is searched, if at all.
    pub index: Option<IndexSchema>,
}

impl FieldSchema {
    /// Describes a field. The derive calls it.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        field: &'static str,
        class: &'static str,
        value: ValueType,
        pad: u16,
        index: Option<IndexSchema>,
    ) -> Self {
        Self { field, class, value, pad, index }
    }
}

/// An exact-match index over a sealed field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexSchema {
    /// The rule that brings written and asked values to one form.
    pub normaliser: Normaliser,
    /// Bits of HMAC that a token keeps, 8 to 256.
    pub bits: u16,
}

impl IndexSchema {
    /// Describes an index. The derive calls it.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(normaliser: Normaliser, bits: u16) -> Self {
        Self { normaliser, bits }
    }
}
