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
pub(crate) fn skip(what: &str, variable: Option<&str>) {
    skip_in(std::env::var("CI").is_ok_and(|ci| ci == "true"), what, variable);
}

fn skip_in(ci: bool, what: &str, variable: Option<&str>) {
    let or_set = variable.map(|variable| format!(" or set {variable}")).unwrap_or_default();
    assert!(!ci, "{what} is not installed, and CI skips nothing; install it{or_set}");
    let count = SKIPS.fetch_add(1, Ordering::Relaxed) + 1;
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED ({count} so far): {test}: {what} is not installed; install it{or_set}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "CI skips nothing; install it or set PHI_TEST_NOTHING_URL")]
    fn in_ci_a_skip_is_a_failure() {
        skip_in(true, "Nothing", Some("PHI_TEST_NOTHING_URL"));
    }
}
