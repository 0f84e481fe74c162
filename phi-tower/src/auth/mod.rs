//! Who is asking: the application's business, behind one trait.

#[cfg(feature = "jwt")]
mod cache;
#[cfg(feature = "jwt")]
mod der;
mod error;
#[cfg(feature = "jwt")]
mod jwt;
mod memberships;

use std::future::Future;
use std::sync::Arc;

use http::request::Parts;
use phi_core::Principal;

pub use self::error::{AuthError, AuthSetupError};
#[cfg(feature = "jwt")]
pub use self::jwt::Jwt;
pub use self::memberships::Memberships;

/// Finds out who sent a request.
///
/// [`Jwt`](crate::Jwt) is one that is ready; sessions and client certificates are implementations
/// of the application's own.
///
/// ```
/// use http::request::Parts;
/// use phi_core::{Membership, Principal};
/// use phi_tower::{AuthError, Authenticate};
///
/// /// A sidecar in front of us has checked the caller, and says so in a header that it alone may set.
/// struct Sidecar;
///
/// impl Authenticate for Sidecar {
///     async fn authenticate(&self, head: &Parts) -> Result<Option<Principal>, AuthError> {
///         match head.headers.get("x-caller").map(|name| name.as_bytes()) {
///             None => Ok(None), // nobody: 401
///             Some(b"lab") => Ok(Some(Principal::service("lab", Membership::new(1, 1, "lab")))),
///             Some(_) => Err(AuthError::BadCredentials), // somebody unknown: 401 too
///         }
///     }
/// }
/// ```
///
/// # Security
///
/// The role decides what may be opened: take memberships from a store, never from what the request
/// says about itself.
pub trait Authenticate: Send + Sync + 'static {
    /// Who sent the request with this head; `None` if it names nobody.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if it names somebody and that does not hold, or cannot be checked now.
    fn authenticate(
        &self,
        head: &Parts,
    ) -> impl Future<Output = Result<Option<Principal>, AuthError>> + Send;

    /// Whether it can work at all: asked once, when the guard is built.
    ///
    /// # Errors
    ///
    /// [`AuthSetupError`] if it cannot, for instance because its key is unusable.
    fn check(&self) -> Result<(), AuthSetupError> {
        Ok(())
    }
}

impl<T: Authenticate> Authenticate for Arc<T> {
    fn authenticate(
        &self,
        head: &Parts,
    ) -> impl Future<Output = Result<Option<Principal>, AuthError>> + Send {
        (**self).authenticate(head)
    }

    fn check(&self) -> Result<(), AuthSetupError> {
        (**self).check()
    }
}
