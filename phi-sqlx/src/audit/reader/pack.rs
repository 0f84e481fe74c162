//! Many entries in one piece: handing each over by itself would cost more than checking it.

use phi_core::audit::merkle::Hash;

use crate::audit::AuditLogProblem::{self, Inconsistent};

/// Takes the first entry off some bytes.
pub(in crate::audit) type Split = for<'a> fn(&'a [u8]) -> Option<(Filed<'a>, &'a [u8])>;

/// Some entries, one after the other, as a database gave them.
#[derive(Debug)]
pub struct Pack {
    bytes: Vec<u8>,
    split: Split,
}

impl Pack {
    pub(in crate::audit) fn new(bytes: Vec<u8>, split: Split) -> Self {
        Self { bytes, split }
    }

    /// The entries, each with what it is filed under.
    pub(in crate::audit) fn entries(
        &self,
    ) -> impl Iterator<Item = Result<Filed<'_>, AuditLogProblem>> {
        let (mut rest, mut before) = (self.bytes.as_slice(), None);
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            // The order holds in practice; not every statement promises it.
            let split = (self.split)(rest).filter(|(filed, _)| before < Some(filed.index));
            let Some((filed, after)) = split else {
                rest = &[];
                return Some(Err(Inconsistent));
            };
            (rest, before) = (after, Some(filed.index));
            Some(Ok(filed))
        })
    }
}

/// An entry as it is stored.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::audit) struct Filed<'a> {
    pub(in crate::audit) index: i64,
    pub(in crate::audit) tenant: Option<i64>,
    pub(in crate::audit) tenant_seq: Option<i64>,
    pub(in crate::audit) writer: i64,
    pub(in crate::audit) writer_seq: i64,
    pub(in crate::audit) hash: Hash,
    pub(in crate::audit) leaf: &'a [u8],
}
