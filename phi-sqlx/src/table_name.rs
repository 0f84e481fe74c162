/// A table's name, with or without a schema before it: letters, digits and underscores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableName<'a> {
    pub(crate) schema: Option<&'a str>,
    pub(crate) name: &'a str,
}

impl<'a> TableName<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if text.len() > 128 {
            return None;
        }
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text),
        };
        // Not even a dot may come twice: what would it name?
        let all = schema.into_iter().chain([name]).all(is_name);
        all.then_some(Self { schema, name })
    }

    /// Both parts in quotes.
    pub(crate) fn quoted(self, quoted: fn(&str) -> String) -> String {
        let schema = self.schema.map(|schema| quoted(schema) + ".").unwrap_or_default();
        schema + &quoted(self.name)
    }
}

/// Whether a text is a name that no database needs quotes for, were it not for its reserved words.
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
