use crate::Id;

/// Where a record belongs: what its ciphertexts are bound to and what row scopes look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The organisation it belongs to.
    pub tenant: Option<Id>,
    /// Its own id, known before the save.
    pub id: Id,
    /// The patient it is about; the record's own id unless a field says otherwise.
    pub subject: Id,
    /// Who owns the row, for the row scope `own`.
    pub owner: Option<Id>,
}
