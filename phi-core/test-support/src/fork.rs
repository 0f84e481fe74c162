use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::FromRawFd;

/// Runs `work` in a child made by `fork`, and returns the bytes it made; `None` if it died.
///
/// The child has this thread only: `work` must not wait for another.
///
/// # Panics
///
/// If the system makes no pipe or no child.
pub fn in_forked_child(work: impl FnOnce() -> Vec<u8>) -> Option<Vec<u8>> {
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for the two descriptors.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0, "pipe");
    // SAFETY: both descriptors are new, and owned by nothing else.
    let (mut reads, mut writes) =
        unsafe { (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1])) };
    // SAFETY: the child calls `work`, writes and leaves; it takes no lock that another thread of
    // the parent could have held but the allocator's, which glibc makes safe to use after a fork.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork");
    if child == 0 {
        drop(reads);
        let bytes =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_default();
        let wrote = writes.write_all(&bytes).is_ok() && !bytes.is_empty();
        // SAFETY: leaves at once, without the parent's exit handlers and test harness.
        unsafe { libc::_exit(i32::from(!wrote)) };
    }
    drop(writes);
    let mut bytes = Vec::new();
    let read = reads.read_to_end(&mut bytes).is_ok();
    let mut status = 0;
    // SAFETY: the child is ours and `status` has room for its end.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    (read && status == 0).then_some(bytes)
}
