use std::error::Error;
use std::fmt;

use phi_core::Id;

/// Why nobody is signed in, though the request names somebody. Holds no part of the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {
    /// The credentials are malformed, expired, revoked or not ours: 401.
    BadCredentials,
    /// The account has no membership to act under, or several and chose none of them: 403.
    NoMembership {
        /// The account, for the audit event; `None` if the store does not know it, since its name
        /// may be any text then.
        account: Option<Id>,
    },
    /// The store that would tell cannot be asked: 503.
    Unavailable,
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadCredentials => "credentials were refused; sign in again",
            Self::NoMembership { .. } => {
                "account has no membership to act under; choose one of its own"
            }
            Self::Unavailable => "accounts cannot be checked now; try again later",
        })
    }
}

impl Error for AuthError {}

/// Why authentication cannot work at all, in a fixed text that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthSetupError(&'static str);

impl AuthSetupError {
    /// An error with this text: lower case, one line, no key material.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self(text)
    }
}

impl fmt::Display for AuthSetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for AuthSetupError {}
