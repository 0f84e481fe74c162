use std::fmt;

use crate::audit::{AuditError, Reason};
use crate::keys::KeyError;
use crate::policy::PolicyError;

/// Why `Safeguards` refuse to start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The keyring cannot be used.
    Keys(KeyError),
    /// The policy does not fit the records.
    Policy(PolicyError),
    /// Two structs of one record label disagree about a field.
    Disagree {
        /// Record label.
        record: &'static str,
        /// Field label; `None` if they disagree about having a tenant.
        field: Option<&'static str>,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(error) => error.fmt(f),
            Self::Policy(error) => error.fmt(f),
            Self::Disagree { record, field: Some(field) } => write!(
                f,
                "two structs declare {record}.{field} with another class, type or index; \
                 declare it the same in both"
            ),
            Self::Disagree { record, field: None } => write!(
                f,
                "two structs declare {record}, one with a tenant and one without; \
                 declare it the same in both"
            ),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Keys(error) => Some(error),
            Self::Policy(error) => Some(error),
            Self::Disagree { .. } => None,
        }
    }
}

impl From<KeyError> for StartError {
    fn from(error: KeyError) -> Self {
        Self::Keys(error)
    }
}

impl From<PolicyError> for StartError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

/// Why there is no grant. Either way nothing may be disclosed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantError {
    /// Policy says no; the refusal is in the audit log.
    Denied(Reason),
    /// The audit log does not take events.
    Audit(AuditError),
}

impl fmt::Display for GrantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(reason) => write!(f, "access denied: {}", reason.as_str()),
            Self::Audit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for GrantError {}

impl From<AuditError> for GrantError {
    fn from(error: AuditError) -> Self {
        Self::Audit(error)
    }
}

/// The principal acts in no one organisation, so a record cannot be given its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTenant;

impl fmt::Display for NoTenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("principal acts in no one organisation; choose a membership first")
    }
}

impl std::error::Error for NoTenant {}
