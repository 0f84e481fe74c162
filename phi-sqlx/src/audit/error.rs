//! Why the audit log cannot be used.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
#[cfg(feature = "postgres")]
use std::sync::Arc;

use phi_core::audit::CheckpointError;

#[cfg(feature = "postgres")]
use super::postgres::RoleProblem;
use crate::DatabaseFault;

/// The audit log cannot be opened or read: which, and why.
///
/// Errors of appending are [`AuditError`](phi_core::audit::AuditError)s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLogError {
    place: Place,
    problem: AuditLogProblem,
}

/// Where a log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::audit) enum Place {
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Schema(Arc<str>),
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self::File(path.into())
    }
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            #[cfg(feature = "postgres")]
            Self::Schema(name) => write!(f, "in schema {name}"),
        }
    }
}

impl AuditLogError {
    pub(in crate::audit) fn new(
        place: impl Into<Place>,
        problem: impl Into<AuditLogProblem>,
    ) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }

    /// The log's file, if it lies in one.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::File(path) => Some(path),
            #[cfg(feature = "postgres")]
            Place::Schema(_) => None,
        }
    }

    /// What is wrong with it.
    pub fn problem(&self) -> AuditLogProblem {
        self.problem
    }
}

/// What is wrong with an audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditLogProblem {
    /// The file, or the lock beside it, cannot be opened.
    Io(io::ErrorKind),
    /// Group or others may read or write it.
    Exposed,
    /// It is not a plain file, or its path is not UTF-8.
    NotAFile,
    /// The file has a second name (a hard link), under which another process could write it too.
    Linked,
    /// Another file stands in its place, or none, while it is written.
    Moved,
    /// The database holds a trigger or a view that is not the log's.
    Altered,
    /// Entries are in the file beside it (`-wal`), which can be read only where its folder can be
    /// written.
    NeedsWriting,
    /// Another process, or another place in this one, is its writer.
    InUse,
    /// The file is a database of something else.
    NotALog,
    /// A later release wrote it.
    Version,
    /// The database would not make commits durable.
    NotDurable,
    /// A schema or role has a name that would need quoting.
    Name,
    /// The tables are not there.
    NotMigrated,
    /// The database role may do too much, or too little.
    #[cfg(feature = "postgres")]
    Role(RoleProblem),
    /// Another sealer holds the lease.
    Lease,
    /// The lease is taken for longer than any sealer takes it, so that nobody may be at work.
    LeaseTooLong,
    /// The database does not hold what it acknowledged to this process.
    Forgotten,
    /// The database could not be used.
    Database(DatabaseFault),
    /// The log's own checkpoint was not accepted.
    Checkpoint(CheckpointError),
    /// A kept checkpoint was not accepted.
    Kept(CheckpointError),
    /// A checkpoint covers more entries than there are: data was lost, or an older backup restored.
    Truncated {
        /// How many it covers.
        size: u64,
        /// How many there are.
        entries: u64,
    },
    /// The entries are not those of a checkpoint over this many.
    Rewritten {
        /// How many it covers.
        size: u64,
    },
    /// The stored numbers contradict each other.
    Inconsistent,
    /// An entry cannot be read.
    Entry {
        /// Which, from 0.
        index: u64,
    },
}

/// SQLSTATE of a statement that the role may not run.
#[cfg(feature = "postgres")]
const INSUFFICIENT_PRIVILEGE: &str = "42501";

impl AuditLogProblem {
    /// Whether waiting may help. An entry that is gone does not come back by itself.
    pub(in crate::audit) fn may_pass(self) -> bool {
        matches!(self, Self::Io(_) | Self::Database(_) | Self::Moved | Self::Altered)
    }
}

impl From<DatabaseFault> for AuditLogProblem {
    fn from(fault: DatabaseFault) -> Self {
        Self::Database(fault)
    }
}

impl From<sqlx::Error> for AuditLogProblem {
    fn from(error: sqlx::Error) -> Self {
        #[cfg(feature = "postgres")]
        if let sqlx::Error::Database(error) = &error
            && error.code().is_some_and(|code| code == INSUFFICIENT_PRIVILEGE)
        {
            return Self::Role(RoleProblem::TooLittle);
        }
        Self::Database(DatabaseFault::of(&error))
    }
}

impl From<io::Error> for AuditLogProblem {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl fmt::Display for AuditLogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.place;
        match self.problem {
            AuditLogProblem::Io(kind) => write!(f, "audit log {path}: {kind}"),
            AuditLogProblem::Exposed => {
                write!(f, "audit log {path} may be read or written by others; run chmod 600 on it")
            }
            AuditLogProblem::NotAFile => {
                write!(f, "audit log {path} must be a plain file with a path in UTF-8")
            }
            AuditLogProblem::Linked => write!(
                f,
                "audit log {path} has a second name (hard link); remove all but one, and back up with copies"
            ),
            AuditLogProblem::Moved => write!(
                f,
                "audit log {path} was removed or replaced while it is written; put the file back that this process \
                 wrote, or stop it and run verify with a kept checkpoint"
            ),
            AuditLogProblem::Altered => write!(
                f,
                "audit log {path} holds a trigger or a view that is not its own; find out who made it, drop it, and \
                 run verify with a kept checkpoint"
            ),
            AuditLogProblem::NeedsWriting => write!(
                f,
                "audit log {path} was not closed, and nothing can be written beside it; copy it with its -wal to a \
                 folder that can be written, and open it there"
            ),
            AuditLogProblem::InUse => write!(
                f,
                "another process is the audit writer of {path}; stop it, or give this one a file of its own"
            ),
            AuditLogProblem::NotALog => write!(
                f,
                "{path} is a database of something else; give the audit log a file of its own"
            ),
            AuditLogProblem::Version => {
                write!(
                    f,
                    "audit log {path} was written by a later release; upgrade before opening it"
                )
            }
            AuditLogProblem::NotDurable => write!(
                f,
                "audit log {path}: database would not keep what it commits; SQLite needs WAL with synchronous=FULL \
                 on a local disk, PostgreSQL fsync=on, synchronous_commit=on and logged tables"
            ),
            AuditLogProblem::Name => write!(
                f,
                "audit log {path}: names must be lower-case letters, digits and underscores, at most 63"
            ),
            AuditLogProblem::NotMigrated => {
                write!(f, "audit log {path}: tables are not there; migrate as their owner first")
            }
            #[cfg(feature = "postgres")]
            AuditLogProblem::Role(problem) => write!(f, "audit log {path}: {problem}"),
            AuditLogProblem::Lease => {
                write!(f, "audit log {path}: another sealer holds the lease; one of them is enough")
            }
            AuditLogProblem::LeaseTooLong => write!(
                f,
                "audit log {path}: lease ends far in the future: the server's clock was ahead, or somebody wrote it; \
                 if no sealer is at work, set its end to '-infinity' as the tables' owner"
            ),
            AuditLogProblem::Forgotten => write!(
                f,
                "audit log {path}: database does not hold what it acknowledged to this process: data was lost or an \
                 older backup restored; run verify with a kept checkpoint"
            ),
            AuditLogProblem::Database(fault) => write!(f, "audit log {path}: {fault}"),
            AuditLogProblem::Checkpoint(error) => write!(
                f,
                "audit log {path}: its checkpoint: {error}; after a change of keys trust the old one too"
            ),
            AuditLogProblem::Kept(error) => {
                write!(f, "audit log {path}: kept checkpoint: {error}")
            }
            AuditLogProblem::Truncated { size, entries } => write!(
                f,
                "audit log {path}: checkpoint covers {size} entries, the log has {entries}: data was lost or an \
                 older backup restored; never continue it, begin a log of another origin"
            ),
            AuditLogProblem::Rewritten { size } => write!(
                f,
                "audit log {path}: first {size} entries are not those of a checkpoint; run verify, never continue it"
            ),
            AuditLogProblem::Inconsistent => write!(
                f,
                "audit log {path}: stored numbers contradict each other; run verify, never continue it"
            ),
            AuditLogProblem::Entry { index } => {
                write!(f, "audit log {path}: entry {index} cannot be read; run verify")
            }
        }
    }
}

impl Error for AuditLogError {}
