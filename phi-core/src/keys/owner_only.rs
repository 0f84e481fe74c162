//! Files that only their owner may read, written so that a crash leaves the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::time::SystemTime;

use zeroize::Zeroizing;

use super::{KeyError, KeyErrorKind};

/// No key file of ours comes near; a larger one is not read into memory.
const MAX_LEN: u64 = 64 * 1024 * 1024;

/// Reads a secret from a file that only its owner may read: a token issuer's, for instance.
///
/// # Errors
///
/// [`KeyError`] if the file cannot be read, is not a plain file, or others may read it too.
///
/// # Security
///
/// The bytes are wiped when dropped. File modes are checked on Unix only.
pub fn read_owner_only(path: impl AsRef<Path>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    read(path.as_ref())
}

/// Reads a whole file, after a look at who else may.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let file = open(path, OpenOptions::new().read(true))?;
    let meta = file.metadata().map_err(|e| KeyError::io(&e, path))?;
    let len = usize::try_from(meta.len().min(MAX_LEN)).unwrap_or(0);
    // Room for all of it at once, so that reading leaves no shorter copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(len.saturating_add(1)));
    file.take(MAX_LEN).read_to_end(&mut bytes).map_err(|e| KeyError::io(&e, path))?;
    Ok(bytes)
}

/// What tells one version of a file from the next, without reading it: each replaces the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl Stamp {
    pub(super) fn of(path: &Path) -> Option<Self> {
        let meta = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&meta);
        #[cfg(not(unix))]
        let inode = 0;
        Some(Self { modified: meta.modified().ok(), length: meta.len(), inode })
    }
}

/// Opens a plain file that nobody else may use.
pub(super) fn open(path: &Path, options: &OpenOptions) -> Result<File, KeyError> {
    let io = |error: std::io::Error| KeyError::io(&error, path);
    // Before opening: a named pipe would keep the process waiting.
    match fs::metadata(path) {
        Ok(meta) => check(path, &meta)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {} // `options` may make it
        Err(error) => return Err(io(error)),
    }
    let file = options.open(path).map_err(io)?;
    check(path, &file.metadata().map_err(io)?)?;
    Ok(file)
}

fn check(path: &Path, meta: &fs::Metadata) -> Result<(), KeyError> {
    if !meta.is_file() {
        return Err(KeyError::new(KeyErrorKind::NotAFile, path));
    }
    if readable_by_others(meta) {
        return Err(KeyError::new(KeyErrorKind::ReadableByOthers, path));
    }
    Ok(())
}

/// Writes a new file; one that exists is left alone.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let mut file = open_new(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => KeyError::new(KeyErrorKind::Exists, path),
        _ => KeyError::io(&e, path),
    })?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| KeyError::io(&e, path))?;
    sync_folder(path);
    Ok(())
}

/// Replaces a file in one step.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    // What an interrupted writer left there; callers hold the lock, so nobody writes it now.
    let _ = fs::remove_file(beside);
    create(beside, bytes)?;
    fs::rename(beside, path).map_err(|e| KeyError::io(&e, path))?;
    sync_folder(path);
    Ok(())
}

fn open_new(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the new name durable where the system can; where it cannot, the rename still happened.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(unix)]
fn readable_by_others(meta: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn readable_by_others(_: &fs::Metadata) -> bool {
    false
}
