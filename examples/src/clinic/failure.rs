//! Why the application cannot go on, in a sentence that says what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use phi_core::audit::AuditError;
use phi_core::audit::note::{KeyFileError, NoteError};
use phi_core::keys::KeyError;
use phi_core::policy::PolicyError;
use phi_core::{GrantError, OpenError, SealError, StartError};
use phi_sqlx::RowError;
use phi_sqlx::audit::AuditLogError;

use super::import::ImportError;

/// Why the application cannot go on. Like the library's errors it holds no text that may quote
/// what was read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// A file or folder cannot be used.
    File(PathBuf, io::ErrorKind),
    /// The tour cannot be written out.
    Output(io::ErrorKind),
    /// Another logger was there first, and it does not scrub.
    Log(phi_log::InitError),
    /// The network cannot be used.
    Network(io::ErrorKind),
    /// The database cannot be used, or refused a statement. What it says itself may quote a row.
    Database,
    /// A row was not written.
    Row(RowError),
    /// No transaction began in the name of a clinic.
    #[cfg(feature = "postgres")]
    Tenant(phi_sqlx::postgres::TenantError),
    /// Rows and their audit events were not committed together.
    #[cfg(feature = "postgres")]
    Commit(phi_sqlx::audit::CommitError),
    /// The application's role could see every clinic.
    #[cfg(feature = "postgres")]
    Isolation(phi_sqlx::postgres::IsolationError),
    /// A table does not fit a record.
    #[cfg(feature = "postgres")]
    Column(phi_sqlx::ColumnError),
    /// The key files cannot be used.
    Keys(KeyError),
    /// The audit log's signing key cannot be used.
    LogKey(KeyFileError),
    /// The tokens' key has another form than `RootKey` and its like give it.
    TokenKey(PathBuf),
    /// Key, policy and records do not fit together.
    Start(StartError),
    /// The policy file is refused.
    Policy(PolicyError),
    /// The audit log cannot be opened or read.
    AuditLog(AuditLogError),
    /// The audit log does not take events.
    Audit(AuditError),
    /// Policy does not let the job work.
    Grant(GrantError),
    /// A record cannot be sealed.
    Seal(SealError),
    /// A record cannot be opened.
    Open(OpenError),
    /// The file was not imported.
    Import(ImportError),
    /// The routes do not fit the table.
    Routes(phi_tower::BuildError),
    /// The server answered what the tour cannot go on with.
    Answer(u16),
    /// Something that the program itself made is not as it should be.
    Program(&'static str),
}

impl Failure {
    /// A file or folder that cannot be used.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File(path, error.kind())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, kind) => write!(f, "{} cannot be used: {kind}", path.display()),
            Self::Output(kind) => write!(f, "standard output cannot be written: {kind}"),
            Self::Log(error) => error.fmt(f),
            Self::Network(kind) => write!(f, "local network cannot be used: {kind}"),
            Self::Database => f.write_str(
                "the database cannot be used; check that it is there and its disk is well",
            ),
            Self::Row(error) => error.fmt(f),
            #[cfg(feature = "postgres")]
            Self::Tenant(error) => error.fmt(f),
            #[cfg(feature = "postgres")]
            Self::Commit(error) => error.fmt(f),
            #[cfg(feature = "postgres")]
            Self::Isolation(error) => error.fmt(f),
            #[cfg(feature = "postgres")]
            Self::Column(error) => error.fmt(f),
            Self::Keys(error) => error.fmt(f),
            Self::LogKey(error) => error.fmt(f),
            Self::TokenKey(path) => {
                write!(
                    f,
                    "{} holds no key in hex, or others may read it; restore it with mode 600",
                    path.display()
                )
            }
            Self::Start(error) => error.fmt(f),
            Self::Policy(error) => error.fmt(f),
            Self::AuditLog(error) => error.fmt(f),
            Self::Audit(error) => error.fmt(f),
            Self::Grant(error) => error.fmt(f),
            Self::Seal(error) => error.fmt(f),
            Self::Open(error) => error.fmt(f),
            Self::Import(error) => error.fmt(f),
            Self::Routes(error) => error.fmt(f),
            Self::Answer(status) => write!(f, "the server answered {status}; see clinic.log"),
            Self::Program(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Failure {
    /// What phi-tower answers as the library's own: a wrapped refusal says no more than a bare one.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(error) => Some(error),
            Self::Seal(error) => Some(error),
            Self::Grant(error) => Some(error),
            Self::Audit(error) => Some(error),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($error:ty => $variant:ident,)+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })+
    };
}

from! {
    AuditError => Audit,
    AuditLogError => AuditLog,
    GrantError => Grant,
    ImportError => Import,
    KeyError => Keys,
    KeyFileError => LogKey,
    OpenError => Open,
    PolicyError => Policy,
    RowError => Row,
    SealError => Seal,
    StartError => Start,
    phi_log::InitError => Log,
    phi_tower::BuildError => Routes,
}

#[cfg(feature = "postgres")]
from! {
    phi_sqlx::ColumnError => Column,
    phi_sqlx::audit::CommitError => Commit,
    phi_sqlx::postgres::IsolationError => Isolation,
    phi_sqlx::postgres::TenantError => Tenant,
}

impl From<sqlx::Error> for Failure {
    fn from(_: sqlx::Error) -> Self {
        Self::Database
    }
}

impl From<NoteError> for Failure {
    fn from(_: NoteError) -> Self {
        Self::Program("the operating system gave no random bytes")
    }
}
