//! The log's file and the lock beside it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::audit::AuditLogProblem;

/// The right to write one log, as long as it lives. The system takes it back when a process dies.
#[derive(Debug)]
pub(super) struct WriterLock {
    /// The log's file, by its one true path.
    pub(super) path: PathBuf,
    _lock: File,
}

impl WriterLock {
    /// Makes the file if there is none, and takes the lock.
    pub(super) fn take(path: &Path) -> Result<Self, AuditLogProblem> {
        let path = create_or_check(path)?;
        let mut beside = path.clone().into_os_string();
        beside.push(".lock");
        let lock = owner_only().create(true).truncate(false).open(beside)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(AuditLogProblem::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

/// The file's one true path, so that two names of one file have one lock.
fn create_or_check(path: &Path) -> Result<PathBuf, AuditLogProblem> {
    match owner_only().create_new(true).open(path) {
        Ok(file) => {
            file.sync_all()?;
            sync_folder(path);
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.into()),
    }
    existing(path)
}

/// Checks a file that should be there, and gives its one true path.
pub(super) fn existing(path: &Path) -> Result<PathBuf, AuditLogProblem> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(AuditLogProblem::NotAFile);
    }
    if exposed(&metadata) {
        return Err(AuditLogProblem::Exposed);
    }
    if linked(&metadata) {
        return Err(AuditLogProblem::Linked);
    }
    let path = fs::canonicalize(path)?;
    // sqlx wants it so; say it here rather than as a driver's error.
    path.to_str().ok_or(AuditLogProblem::NotAFile)?;
    Ok(path)
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn exposed(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn exposed(_: &fs::Metadata) -> bool {
    false
}

/// Whether the file has another name as well: the lock goes by the name, and so does the file beside it in which
/// `SQLite` keeps what it has not moved yet.
#[cfg(unix)]
fn linked(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn linked(_: &fs::Metadata) -> bool {
    false
}

/// Which files stand under the log's name, and under that of what `SQLite` writes beside it. What is open stays
/// writable when its name is gone or somebody else's, and then nobody reads it again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files {
    log: Option<FileId>,
    beside: Option<FileId>,
}

/// The numbers of a file's device and of its inode.
type FileId = (u64, u64);

impl Files {
    pub(super) fn of(path: &Path) -> Self {
        let mut beside = path.to_owned().into_os_string();
        beside.push("-wal");
        Self { log: id(path), beside: id(Path::new(&beside)) }
    }

    /// Whether these are still the ones; the one beside may have come since.
    pub(super) fn are_still(self, now: Self) -> bool {
        self.log == now.log && (self.beside.is_none() || self.beside == now.beside)
    }
}

#[cfg(unix)]
fn id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn id(_: &Path) -> Option<FileId> {
    None // an open file keeps its name there
}

/// Makes the new name durable where the system can do that.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all(); // not every system can
    }
}
