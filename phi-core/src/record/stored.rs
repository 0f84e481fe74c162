/// One stored column of a sealed record.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// The column: the field's name, or the field's name and `_index`.
    pub column: &'static str,
    /// Whether it is a search token rather than a sealed value.
    pub token: bool,
    /// The stored bytes; `None` for NULL.
    pub bytes: Option<&'a [u8]>,
}

impl<'a> Stored<'a> {
    /// A sealed column. The derive calls it.
    #[doc(hidden)]
    #[must_use]
    pub fn sealed(column: &'static str, bytes: Option<&'a [u8]>) -> Self {
        Self { column, token: false, bytes }
    }

    /// A token column. The derive calls it.
    #[doc(hidden)]
    #[must_use]
    pub fn token(column: &'static str, bytes: Option<&'a [u8]>) -> Self {
        Self { column, token: true, bytes }
    }
}
