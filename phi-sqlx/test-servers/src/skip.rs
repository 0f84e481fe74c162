use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

static SKIPS: AtomicUsize = AtomicUsize::new(0);

/// How often a test of this process has gone without a server.
#[must_use]
pub fn skips() -> usize {
    SKIPS.load(Ordering::Relaxed)
}

/// Counts and tells. The test harness swallows what is printed by a test that passes, so this goes
/// to standard error itself.
pub(crate) fn skip(what: &str, variable: &str) {
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!ci, "{what} is not installed, and CI skips nothing; install it or set {variable}");
    let count = SKIPS.fetch_add(1, Ordering::Relaxed) + 1;
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED ({count} so far): {test}: {what} is not installed; install it or set {variable}"
    );
}
