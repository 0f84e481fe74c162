/// The stable type of a sealed value: a closed list, part of what a ciphertext is bound to.
///
/// FORMAT.md fixes each label and its canonical bytes. Labels never change and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueType {
    /// UTF-8 text.
    Text,
    /// Bytes as they are.
    Bytes,
    /// A signed integer of up to 64 bits.
    Int,
    /// An unsigned 64-bit integer.
    Uint,
    /// IEEE 754 binary64.
    Float,
    /// True or false.
    Bool,
    /// A UUID (RFC 9562).
    Uuid,
    /// A decimal number.
    Decimal,
    /// A calendar date (ISO 8601).
    Date,
    /// A time of day (ISO 8601).
    Time,
    /// A date and time without a zone (ISO 8601).
    DateTime,
    /// An instant (RFC 3339, UTC).
    Timestamp,
    /// A JSON text (RFC 8259).
    Json,
    /// A code from a closed list.
    Code,
}

impl ValueType {
    /// The label that is bound and written into schemas.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Uuid => "uuid",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "datetime",
            Self::Timestamp => "timestamp",
            Self::Json => "json",
            Self::Code => "code",
        }
    }
}
