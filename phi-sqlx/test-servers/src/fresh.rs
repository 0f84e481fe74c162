//! Names of fresh databases, and which of them are left over.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// `phi_test_<seconds since 1970>_<process>_<number>`
pub(crate) fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("phi_test_{}_{}_{number}", now(), std::process::id())
}

/// Whether a database is one of these and more than a day old.
pub(crate) fn left_over(name: &str) -> bool {
    let made = name.strip_prefix("phi_test_").and_then(|rest| rest.split('_').next());
    made.and_then(|made| made.parse::<u64>().ok())
        .is_some_and(|made| made.saturating_add(86_400) < now())
}

/// The URL with another database.
pub(crate) fn with_database(url: &str, database: &str) -> String {
    let (front, query) = url.split_once('?').map_or((url, None), |(f, q)| (f, Some(q)));
    // Behind the `//` the next slash starts the path.
    let host = front.find("://").map_or(0, |at| at + 3);
    let path =
        front.get(host..).and_then(|rest| rest.find('/')).map_or(front.len(), |at| host + at);
    let server = front.get(..path).unwrap_or(front);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{server}/{database}{query}")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_databases_of_ours_are_left_over() {
        assert!(left_over("phi_test_1000_7_0"));
        assert!(!left_over(&name()));
        for other in ["postgres", "phi_test_", "phi_test_x_1_1", "phi_test", "clinic"] {
            assert!(!left_over(other), "{other}");
        }
    }

    #[test]
    fn a_url_keeps_all_but_its_database() {
        for (url, expected) in [
            ("postgres://u:p@h:1", "postgres://u:p@h:1/new"),
            ("postgres://u:p@h:1/", "postgres://u:p@h:1/new"),
            ("postgres://u:p@h:1/old?sslmode=disable", "postgres://u:p@h:1/new?sslmode=disable"),
            ("mysql://h/old", "mysql://h/new"),
        ] {
            assert_eq!(with_database(url, "new"), expected);
        }
    }
}
