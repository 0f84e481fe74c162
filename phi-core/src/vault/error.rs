use std::fmt;

use crate::index::NormalError;
use crate::record::{FieldSchema, RecordSchema};

/// A record that could not be sealed. Names labels, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealError {
    /// The value has no canonical form, or is over 64 MiB.
    Value {
        /// Record label.
        record: &'static str,
        /// Field label.
        field: &'static str,
    },
    /// The value has no normal form for its index.
    NotIndexable {
        /// Record label.
        record: &'static str,
        /// Field label.
        field: &'static str,
        /// What the normaliser wants.
        cause: NormalError,
    },
    /// The record's tenant has no keyring, or no key that may seal.
    NoKey,
    /// The key file could not be read.
    Keys,
    /// The operating system gave no random bytes.
    Random,
    /// The grant does not cover this write.
    Denied {
        /// Record label.
        record: &'static str,
        /// Field label; `None` if it does not cover the kind of record or the action.
        field: Option<&'static str>,
    },
    /// The record is out of the grant's reach: another tenant's or another owner's. Answer as if it
    /// were missing; the audit event says that it was denied.
    NotFound,
    /// The grant is closed: its request, job or response is over.
    Closed,
    /// A hand-written `PhiRecord` named a field that its schema does not have.
    Derive,
}

impl SealError {
    pub(crate) fn value(record: &RecordSchema, field: &FieldSchema) -> Self {
        Self::Value { record: record.record, field: field.field }
    }
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { record, field } => {
                write!(f, "{record}.{field} has no canonical form or is over 64 MiB")
            }
            Self::NotIndexable { record, field, cause } => {
                write!(f, "{record}.{field} cannot be indexed: {cause}")
            }
            Self::NoKey => {
                f.write_str("tenant has no key that seals; call add_tenant for it first")
            }
            Self::Keys => f.write_str("key file cannot be read; see the operator's log"),
            Self::Random => f.write_str("the operating system gave no random bytes"),
            Self::Denied { record, field: Some(field) } => {
                write!(f, "grant does not allow writing {record}.{field}")
            }
            Self::Denied { record, field: None } => {
                write!(f, "grant does not allow writing this {record}")
            }
            Self::NotFound => f.write_str("record not found"),
            Self::Closed => f.write_str("grant is closed; seal before the answer is given"),
            Self::Derive => f.write_str("record names a field that its schema does not have"),
        }
    }
}

impl std::error::Error for SealError {}

/// A row that could not be opened.
///
/// [`Refused`](Self::Refused) is opaque on purpose (SECURITY.md, "opaque errors"): operators see
/// the causes apart in [`refusals`](crate::refusals).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// A sealed value did not open in this place.
    Refused,
    /// The grant does not cover this field. It is denied, not absent.
    Denied {
        /// Record label.
        record: &'static str,
        /// Field label.
        field: &'static str,
    },
    /// The row is out of the grant's reach: another tenant's or another owner's. Answer as if it
    /// were missing; the audit event says that it was denied.
    NotFound,
    /// The grant does not cover this kind of record or action.
    NotGranted {
        /// Record label.
        record: &'static str,
    },
    /// The grant is closed: its request, job or response is over.
    Closed,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("sealed value was refused; see the refusal counters"),
            Self::Denied { record, field } => {
                write!(f, "grant does not allow reading {record}.{field}; read a smaller record")
            }
            Self::NotFound => f.write_str("record not found"),
            Self::NotGranted { record } => write!(f, "grant does not cover reading {record}"),
            Self::Closed => f.write_str("grant is closed; open before the answer is given"),
        }
    }
}

impl std::error::Error for OpenError {}

/// A search that could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SearchError {
    /// The value has no normal form.
    Value(NormalError),
    /// The tenant has no keyring, or a record of another scope was asked for.
    NoKey,
    /// The key file could not be read.
    Keys,
    /// The grant does not cover searching this field.
    Denied {
        /// Record label.
        record: &'static str,
        /// Field label.
        field: &'static str,
    },
    /// The grant is closed.
    Closed,
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(cause) => fmt::Display::fmt(cause, f),
            Self::NoKey => f.write_str("tenant has no index key; call add_tenant for it first"),
            Self::Keys => f.write_str("key file cannot be read; see the operator's log"),
            Self::Denied { record, field } => {
                write!(f, "grant does not allow searching {record}.{field}")
            }
            Self::Closed => f.write_str("grant is closed; search before the answer is given"),
        }
    }
}

impl std::error::Error for SearchError {}
