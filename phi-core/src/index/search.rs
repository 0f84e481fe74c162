use std::fmt;
use std::marker::PhantomData;

use super::{IndexToken, Normal};
use crate::record::PhiRecord;

/// Names one index of a record: `Patient::SSN_INDEX`, made by the derive.
pub struct Index<R> {
    field: usize,
    record: PhantomData<fn() -> R>,
}

impl<R> Index<R> {
    /// The index over field number `field` of the record's schema. The derive calls it.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(field: usize) -> Self {
        Self { field, record: PhantomData }
    }

    pub(crate) fn field(self) -> usize {
        self.field
    }
}

impl<R> Clone for Index<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Index<R> {}

impl<R: PhiRecord> fmt::Debug for Index<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = R::schema();
        let field = schema.fields.get(self.field).map_or("", |field| field.field);
        write!(f, "Index({}.{field})", schema.record)
    }
}

/// A question to an index: the tokens to bind, and the normal form that hits are checked against.
///
/// There are always two tokens, so that `IN (?, ?)` keeps its shape while keys rotate; with one
/// live key both are the same.
pub struct Search<R> {
    tokens: [IndexToken; 2],
    normal: Normal,
    index: Index<R>,
    /// The number under which a grant has noted it.
    noted: Option<u64>,
}

impl<R: PhiRecord> Search<R> {
    pub(crate) fn new(index: Index<R>, tokens: [IndexToken; 2], normal: Normal) -> Self {
        Self { tokens, normal, index, noted: None }
    }

    pub(crate) fn noted_as(self, serial: u64) -> Self {
        Self { noted: Some(serial), ..self }
    }

    pub(crate) fn noted(&self) -> Option<u64> {
        self.noted
    }

    /// The tokens to bind: `WHERE ssn_index IN (?, ?)`.
    #[must_use]
    pub fn tokens(&self) -> &[IndexToken; 2] {
        &self.tokens
    }

    /// Whether an opened record is a true hit: tokens are short, so two values may share one.
    #[must_use]
    pub fn confirms(&self, record: &R) -> bool {
        record.has_normal(self.index.field(), &self.normal)
    }
}

impl<R: PhiRecord> fmt::Debug for Search<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Search({:?}, redacted)", self.index)
    }
}
