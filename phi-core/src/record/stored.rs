/// One stored column of a sealed record.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// The column: the field's name, or the field's name and `_index`.
    pub column: &'static str,
    /// What the audit log calls it, whatever the column's name is: the field's label, or the field's label and `_index`.
    pub label: &'static str,
    /// Whether it is a search token rather than a sealed value.
    pub token: bool,
    /// The stored bytes; `None` for NULL.
    pub bytes: Option<&'a [u8]>,
}

impl<'a> Stored<'a> {
    /// A sealed column. The derive calls it.
    #[doc(hidden)]
    #[must_use]
    pub fn sealed(column: &'static str, label: &'static str, bytes: Option<&'a [u8]>) -> Self {
        Self { column, label, token: false, bytes }
    }

    /// A token column. The derive calls it.
    #[doc(hidden)]
    #[must_use]
    pub fn token(column: &'static str, label: &'static str, bytes: Option<&'a [u8]>) -> Self {
        Self { column, label, token: true, bytes }
    }
}
