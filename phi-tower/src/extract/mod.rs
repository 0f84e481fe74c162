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
    /// `None` on a public route.
    pub(crate) grant: Option<phi_core::Grant>,
    /// Longest body that [`Json`] reads.
    pub(crate) body_limit: usize,
}

/// Without the guard, as axum has it.
pub(crate) const BODY_LIMIT: usize = 2 * 1024 * 1024;
