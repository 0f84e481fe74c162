use std::fmt;

use crate::Id;

/// Whose key it is: everyone's or a tenant's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scope {
    /// Records that belong to no tenant.
    All,
    /// The records of one tenant.
    Tenant(Id),
}

impl Scope {
    /// The tenant whose key it is.
    #[must_use]
    pub fn tenant(&self) -> Option<&Id> {
        match self {
            Self::All => None,
            Self::Tenant(tenant) => Some(tenant),
        }
    }

    /// Reads the text form; tenants are UUIDs or integers.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "all" {
            return Some(Self::All);
        }
        match Id::parse(text.strip_prefix("tenant:")?) {
            Id::Opaque(_) => None,
            tenant => Some(Self::Tenant(tenant)),
        }
    }
}

/// The text form that key files use and ciphertexts are bound to.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Tenant(tenant) => write!(f, "tenant:{tenant}"),
        }
    }
}
