//! Vault, policy and audit log together: nothing opens without a grant, and no grant goes unrecorded.

mod builder;
mod clock;
mod convert;
mod declared;
mod error;
mod grant;
mod notes;
mod principal;
mod reach;
mod registry;
mod safeguards;

pub use builder::SafeguardsBuilder;
pub use clock::{Clock, SystemClock};
pub use declared::{Circumstances, Mode, Needs};
pub use error::{GrantError, NoTenant, StartError};
pub use grant::Grant;
pub use principal::{Membership, Principal, PrincipalKind};
pub use reach::RowScope;
pub use safeguards::Safeguards;
