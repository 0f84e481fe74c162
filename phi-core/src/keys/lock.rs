//! The lock that all processes take which change one keyring. It stands in a file beside the keyring, in which the newest
//! generation is noted: an older keyring that is put back is seen at the next start.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{KeyError, KeyErrorKind, owner_only};

/// A change takes milliseconds; ten seconds are a crowd of processes that start at once.
const TRIES: usize = 1000;
const PAUSE: Duration = Duration::from_millis(10);

/// The lock, as long as it lives.
pub(super) struct Lock(File);

impl Lock {
    /// Notes the generation of the keyring that was written. A note that fails leaves an older one, which refuses less.
    pub(super) fn note(&self, generation: u64) {
        let mut file = &self.0;
        if file.set_len(0).is_ok() {
            let _ = writeln!(file, "{generation}");
        }
    }
}

/// Waits for the lock beside this keyring.
pub(super) fn wait(keyring: &Path) -> Result<Lock, KeyError> {
    take(&beside(keyring), || std::thread::sleep(PAUSE)).map(Lock)
}

/// The newest generation that was noted beside this keyring, if any was.
pub(super) fn noted(keyring: &Path) -> Option<u64> {
    let bytes = owner_only::read(&beside(keyring)).ok()?;
    std::str::from_utf8(&bytes).ok()?.trim_ascii_end().parse().ok()
}

fn beside(keyring: &Path) -> PathBuf {
    let mut path = keyring.to_owned().into_os_string();
    path.push(".lock");
    path.into()
}

/// Takes the lock; it is given back when the file is dropped, or its process dies.
///
/// Whoever may open the file can hold it for ever, so only its owner may, and nobody waits for ever.
fn take(path: &Path, mut pause: impl FnMut()) -> Result<File, KeyError> {
    let lock = open(path)?;
    for _ in 0..TRIES {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => pause(),
            Err(TryLockError::Error(error)) => return Err(KeyError::io(&error, path)),
        }
    }
    Err(KeyError::new(KeyErrorKind::Locked, path))
}

fn open(path: &Path) -> Result<File, KeyError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    owner_only::open(path, &options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_somebody_keeps_is_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.lock");
        let held = take(&path, || panic!("it is free")).unwrap();
        let mut pauses = 0;
        let refused = take(&path, || pauses += 1).unwrap_err();
        assert_eq!((refused.kind(), refused.path()), (KeyErrorKind::Locked, path.as_path()));
        assert_eq!(pauses, TRIES);
        drop(held);
        assert!(take(&path, || panic!("it is free again")).is_ok());
    }

    #[test]
    fn a_lock_that_is_given_back_meanwhile_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.lock");
        let mut held = Some(take(&path, || panic!("it is free")).unwrap());
        assert!(take(&path, || drop(held.take())).is_ok());
    }
}
