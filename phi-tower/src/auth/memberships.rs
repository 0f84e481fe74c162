use std::collections::HashMap;
use std::future::{self, Future};
use std::hash::BuildHasher;
use std::sync::Arc;

use phi_core::{Id, Membership};

use super::AuthError;

/// The application's store of memberships: which roles an account has, and where.
///
/// A map will do for a handful of staff; otherwise a closure that asks a database.
///
/// ```
/// use phi_core::{Id, Membership};
/// use phi_tower::{AuthError, Memberships};
///
/// # fn takes(_: impl Memberships) {}
/// takes(|account: Id| async move {
///     // … `SELECT … FROM membership WHERE account = ?`; a failure of the store is `Unavailable`
///     match account {
///         Id::Int(7) => Ok(vec![Membership::new(1, 1, "clinician")]),
///         Id::Int(8) => Ok(Vec::new()), // an account whose memberships were taken away
///         _ => Err(AuthError::NoMembership { account: None }), // no account of ours
///     }
/// });
/// ```
///
/// # Security
///
/// Both of the latter are refused with 403. The audit event names the account whose list is empty,
/// and not the one that there is none of: a name that only its token vouches for may be any text,
/// a patient's too. A store that answers an empty list for every name puts every name into the log.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell the memberships of an account",
    note = "give a store: `.memberships(staff)`, with a `HashMap<Id, Vec<Membership>>`, a closure \
            from `Id` to a future, or an implementation of `Memberships`"
)]
pub trait Memberships: Send + Sync + 'static {
    /// The memberships of an account; an empty list if it has none.
    ///
    /// # Errors
    ///
    /// [`AuthError::NoMembership`] without an account if there is no such account,
    /// [`AuthError::Unavailable`] if the store cannot be asked.
    fn memberships(
        &self,
        account: &Id,
    ) -> impl Future<Output = Result<Vec<Membership>, AuthError>> + Send;
}

impl<S: BuildHasher + Send + Sync + 'static> Memberships for HashMap<Id, Vec<Membership>, S> {
    fn memberships(
        &self,
        account: &Id,
    ) -> impl Future<Output = Result<Vec<Membership>, AuthError>> + Send {
        let unknown = AuthError::NoMembership { account: None };
        future::ready(self.get(account).cloned().ok_or(unknown))
    }
}

impl<M: Memberships> Memberships for Arc<M> {
    fn memberships(
        &self,
        account: &Id,
    ) -> impl Future<Output = Result<Vec<Membership>, AuthError>> + Send {
        (**self).memberships(account)
    }
}

impl<F, R> Memberships for F
where
    F: Fn(Id) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Vec<Membership>, AuthError>> + Send,
{
    fn memberships(
        &self,
        account: &Id,
    ) -> impl Future<Output = Result<Vec<Membership>, AuthError>> + Send {
        self(account.clone())
    }
}
