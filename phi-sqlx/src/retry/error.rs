use std::fmt;

use crate::{DatabaseFault, RowError};

/// An error that may be the database's passing trouble. Implement it for the error of the work
/// that [`retry_transaction`](super::retry_transaction) runs.
pub trait Transient {
    /// What trouble the database had; `None` if it was none of the database's.
    fn fault(&self) -> Option<DatabaseFault>;
}

impl Transient for sqlx::Error {
    fn fault(&self) -> Option<DatabaseFault> {
        Some(DatabaseFault::of(self))
    }
}

impl Transient for DatabaseFault {
    fn fault(&self) -> Option<DatabaseFault> {
        Some(*self)
    }
}

impl Transient for RowError {
    fn fault(&self) -> Option<DatabaseFault> {
        match self {
            Self::Database(fault) => Some(*fault),
            _ => None,
        }
    }
}

/// Whether the whole transaction may do better the next time: two were in each other's way, or the
/// connection went away before the commit was sent.
pub(super) fn passes(fault: DatabaseFault) -> bool {
    matches!(fault, DatabaseFault::Busy | DatabaseFault::Io)
}

/// Why a transaction was not done, or may not have been.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryError<E> {
    /// The work failed, at last for a reason that trying again does not help. Nothing is committed.
    Work(E),
    /// The grant is over all organisations, so there is no tenant to begin for.
    NoTenant,
    /// No transaction could be begun. Nothing is committed.
    Begin(DatabaseFault),
    /// The database refused the commit. Nothing is committed.
    Commit(DatabaseFault),
    /// A statement failed and the work passed over its error, so that the database has undone what
    /// came before. Nothing is committed.
    Undone,
    /// The connection was lost during the commit: it may be done or not. Look, before it is done
    /// again.
    Unknown,
}

impl<E: fmt::Display> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Work(error) => error.fmt(f),
            Self::NoTenant => {
                f.write_str("grant is over all organisations; go through them one by one")
            }
            Self::Begin(fault) | Self::Commit(fault) => fault.fmt(f),
            Self::Undone => {
                f.write_str("a statement's error was passed over and nothing is committed; hand it on")
            }
            Self::Unknown => f.write_str(
                "connection was lost during the commit; look whether it is done before doing it again",
            ),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for RetryError<E> {
    /// The work's error itself, so that whoever answers by kind of error sees it.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Work(error) => Some(error),
            Self::Begin(fault) | Self::Commit(fault) => Some(fault),
            Self::NoTenant | Self::Undone | Self::Unknown => None,
        }
    }
}
