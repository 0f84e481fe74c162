//! What handlers take out of a request. Refusals quote nothing of it and log nothing of it.

mod access;
mod json;
mod path;
mod query;

pub use self::access::{Access, SignedIn};
pub use self::json::Json;
pub use self::path::Path;
pub use self::query::Query;

/// What the guard tells the extractors.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) caller: Caller,
    /// Longest body that [`Json`] reads.
    pub(crate) body_limit: usize,
}

/// Who is asking, as far as the route asked for it.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// On a public route.
    Anybody,
    /// On a route for whoever is signed in.
    SignedIn(phi_core::Principal),
    /// On a route that needs records.
    Granted(phi_core::Grant),
}

impl Caller {
    pub(crate) fn grant(&self) -> Option<&phi_core::Grant> {
        match self {
            Self::Granted(grant) => Some(grant),
            Self::Anybody | Self::SignedIn(_) => None,
        }
    }
}

/// Without the guard, as axum has it.
pub(crate) const BODY_LIMIT: usize = 2 * 1024 * 1024;
