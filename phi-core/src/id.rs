//! Ids of records, tenants, patients and people.

use std::fmt;

use uuid::Uuid;

/// An id of a record, a tenant, a subject or an owner.
///
/// Ids stand in audit events and error paths in clear, so they must tell nothing: a UUID or an
/// integer that a database gave. Text is accepted only where it is said to be opaque, since a
/// medical record number or an e-mail address in an id is PHI.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Id {
    /// A UUID (RFC 9562).
    Uuid(Uuid),
    /// An integer key.
    Int(i64),
    /// Text that its owner says is opaque.
    Opaque(Box<str>),
}

impl Id {
    /// An opaque text id, for instance the `sub` of a token.
    #[must_use]
    pub fn opaque(text: &str) -> Self {
        Self::Opaque(text.into())
    }

    /// Reads the text form: a hyphenated UUID, a decimal integer, else opaque text.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.len() == 36
            && let Ok(uuid) = Uuid::try_parse(text)
        {
            return Self::Uuid(uuid);
        }
        match text.parse::<i64>() {
            // Only the canonical decimal: `007` and `+7` are texts.
            Ok(int) if int.to_string() == text => Self::Int(int),
            _ => Self::opaque(text),
        }
    }

    /// Appends the kind (1 byte) and the id's bytes, as FORMAT.md fixes them.
    pub(crate) fn encode_into(&self, out: &mut impl Extend<u8>) {
        match self {
            Self::Uuid(id) => out.extend([1].into_iter().chain(*id.as_bytes())),
            Self::Int(id) => out.extend([2].into_iter().chain(id.to_be_bytes())),
            Self::Opaque(id) => out.extend([3].into_iter().chain(id.bytes())),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(17);
        self.encode_into(&mut out);
        out
    }
}

/// The text form: hyphenated lower-case UUID, decimal integer, or the opaque text.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(id) => fmt::Display::fmt(id, f),
            Self::Int(id) => fmt::Display::fmt(id, f),
            Self::Opaque(id) => f.write_str(id),
        }
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

impl From<Uuid> for Id {
    fn from(id: Uuid) -> Self {
        Self::Uuid(id)
    }
}

impl From<i64> for Id {
    fn from(id: i64) -> Self {
        Self::Int(id)
    }
}

impl From<i32> for Id {
    fn from(id: i32) -> Self {
        Self::Int(id.into())
    }
}

impl From<u32> for Id {
    fn from(id: u32) -> Self {
        Self::Int(id.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms_read_back_and_kinds_never_collide() {
        let uuid = Uuid::from_u128(7);
        for id in [Id::from(uuid), Id::from(7i64), Id::from(-7i64), Id::opaque("auth0|7")] {
            assert_eq!(Id::parse(&id.to_string()), id);
        }
        assert_eq!(Id::parse("007"), Id::opaque("007"));
        assert_ne!(Id::opaque("7").encode(), Id::from(7i64).encode());
    }
}
