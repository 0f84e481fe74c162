//! The lock that all processes take which change one keyring.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::{KeyError, KeyErrorKind, owner_only};

/// A change takes milliseconds; ten seconds are a crowd of processes that start at once.
const TRIES: usize = 1000;
pub(super) const PAUSE: Duration = Duration::from_millis(10);

/// Takes the lock; it is given back when the file is dropped, or its process dies.
///
/// Whoever may open the file can hold it for ever, so only its owner may, and nobody waits for ever.
pub(super) fn take(path: &Path, mut pause: impl FnMut()) -> Result<File, KeyError> {
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
