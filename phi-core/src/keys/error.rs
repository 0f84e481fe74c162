use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A key or a key file that cannot be used. It names the file and what to do, never what was in it.
#[derive(Debug)]
pub struct KeyError {
    kind: KeyErrorKind,
    path: PathBuf,
}

impl KeyError {
    pub(crate) fn new(kind: KeyErrorKind, path: &Path) -> Self {
        Self { kind, path: path.to_owned() }
    }

    pub(crate) fn io(error: &io::Error, path: &Path) -> Self {
        Self::new(KeyErrorKind::Io(error.kind()), path)
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> KeyErrorKind {
        self.kind
    }

    /// The file it is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// What is wrong with a key or a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// The file could not be read or written.
    Io(io::ErrorKind),
    /// Others than the owner may read the file.
    ReadableByOthers,
    /// It is a folder, a named pipe or something else that is not a plain file.
    NotAFile,
    /// The file exists and would be overwritten.
    Exists,
    /// Another program keeps the lock of the keyring.
    Locked,
    /// There is a root and no keyring beside it: the keyring is lost, or was never made because
    /// the first start was cut off.
    KeyringMissing,
    /// There is a keyring and no root beside it.
    RootMissing,
    /// The text is not of the format, at this line.
    Malformed {
        /// Line number from 1; 0 where the file as a whole is wrong.
        line: usize,
    },
    /// The keyring was made under another root.
    WrongRoot,
    /// The keyring was changed by something that does not hold the root.
    NotAuthentic,
    /// The keyring belongs to `Safeguards`; a bare `Vault` would pass by policy and audit.
    Governed,
    /// A tenant's id is neither a UUID nor an integer.
    TenantId,
    /// The file is older than what was read or written here before.
    Older,
    /// The file lacks a key that this process uses: an older copy was put back and went on.
    Forked,
    /// The operating system gave no random bytes.
    Random,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.kind {
            KeyErrorKind::Io(kind) => write!(f, "key file {path} cannot be used: {kind}"),
            KeyErrorKind::ReadableByOthers => {
                write!(f, "key file {path} may be read by others; run `chmod 600` on it")
            }
            KeyErrorKind::NotAFile => {
                write!(f, "key file {path} is not a plain file; copy the key into one")
            }
            KeyErrorKind::Locked => {
                write!(f, "lock {path} stays taken; end the program that keeps it (`fuser` tells)")
            }
            KeyErrorKind::Exists => {
                write!(f, "key file {path} exists already; move it away if you mean to replace it")
            }
            KeyErrorKind::KeyringMissing => write!(
                f,
                "keyring {path} is missing beside its root; restore it from a backup, or remove \
                 the root too if nothing was sealed yet"
            ),
            KeyErrorKind::RootMissing => {
                write!(f, "root {path} is missing; put the one that its keyring was made under")
            }
            KeyErrorKind::Malformed { line: 0 } => {
                write!(f, "key file {path} is not of format 1; restore it from a backup")
            }
            KeyErrorKind::Malformed { line } => {
                write!(f, "key file {path} is malformed in line {line}; restore it from a backup")
            }
            KeyErrorKind::WrongRoot => {
                write!(f, "keyring {path} was made under another root; give the root it belongs to")
            }
            KeyErrorKind::NotAuthentic => {
                write!(f, "keyring {path} was changed from outside; restore it from a backup")
            }
            KeyErrorKind::Governed => {
                write!(
                    f,
                    "keyring {path} is governed; open it with `Safeguards`, not with a bare vault"
                )
            }
            KeyErrorKind::TenantId => {
                f.write_str("a tenant with keys needs a UUID or an integer as its id")
            }
            KeyErrorKind::Older => write!(
                f,
                "keyring {path} is older than the one that was used here; put the newest copy back \
                 (if that is lost, removing {path}.lock gives up what its keys have sealed)"
            ),
            KeyErrorKind::Forked => write!(
                f,
                "keyring {path} lacks a key that is in use: an older copy was put back and changed; \
                 put the copy back that has all keys"
            ),
            KeyErrorKind::Random => {
                f.write_str("the operating system gave no random bytes; keys cannot be made")
            }
        }
    }
}

impl std::error::Error for KeyError {}
