#![doc = include_str!("../README.md")]

mod access;
pub mod audit;
mod crypto;
mod fast;
mod id;
pub mod index;
pub mod keys;
pub mod known;
mod phi;
pub mod policy;
pub mod record;
mod refusals;
mod sealed;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod value;
mod vault;

pub use access::{
    Circumstances, Clock, Grant, GrantError, Membership, Mode, Needs, NoTenant, Principal,
    PrincipalKind, RowScope, Safeguards, SafeguardsBuilder, StartError, SystemClock,
};
pub use id::Id;
pub use phi::Phi;
#[cfg(feature = "derive")]
pub use phi_core_derive::{PhiCode, PhiRecord};
pub use record::{PhiRecord, SealedRecord, Unwritten};
pub use refusals::{Refusals, refusals};
pub use sealed::{OVERHEAD, Sealed, SealedError};
pub use value::{PhiCode, PhiValue};
pub use vault::{OpenError, SealError, SearchError, Vault};

/// What the derive's code names; not for anybody else.
#[doc(hidden)]
pub mod __private {
    pub use crate::record::{RevealField, has_normal};

    /// What an optional token is after a row was read back without its tokens: not "none", which
    /// would be stored and hide the row from searches, but one that cannot be stored.
    #[must_use]
    pub fn token_left_out() -> Option<crate::index::IndexToken> {
        Some(crate::index::IndexToken::left_out())
    }

    pub use serde;
    #[cfg(feature = "sqlx")]
    pub use sqlx;
}
