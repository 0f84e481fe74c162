//! P11: what is acknowledged is in the file that stands under the log's name, whatever is done to that file meanwhile.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::fs;

use phi_core::audit::{AuditError, Verdict};
use phi_sqlx::audit::{AuditLogProblem, SqliteAuditLog};
use support::*;

/// Everything went into a file without a name, and was acknowledged.
#[tokio::test]
async fn a_log_that_is_removed_under_its_writer_acknowledges_nothing_more() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "before").await.unwrap();
    fs::remove_file(&log.path).unwrap();
    assert_eq!(append(&writer, "after").await, Err(AuditError::Unavailable));
    assert!(writer.problem().is_some());
    assert_eq!(append(&writer, "later").await, Err(AuditError::Unavailable));
    assert!(matches!(writer.close().await, Err(AuditError::Lost { .. })));
}

#[tokio::test]
async fn a_log_that_is_replaced_under_its_writer_acknowledges_nothing_more() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "before").await.unwrap();
    writer.close().await.unwrap();
    let older = log.folder.file("older.db");
    fs::copy(&log.path, &older).unwrap();
    let writer = log.open().await;
    append(&writer, "kept").await.unwrap();
    fs::rename(&older, &log.path).unwrap();
    fs::remove_file(log.folder.file("audit.db-wal")).unwrap();
    assert_eq!(append(&writer, "after").await, Err(AuditError::Unavailable));
    let problem = writer.problem().unwrap();
    let truncated = matches!(problem, AuditLogProblem::Truncated { .. });
    assert!(truncated || problem == AuditLogProblem::Moved, "{problem:?}");
    assert!(matches!(writer.close().await, Err(AuditError::Lost { .. })));
}

/// The entries that `SQLite` had not moved into the log's own file yet were gone at the next start.
#[tokio::test]
async fn what_is_beside_the_log_belongs_to_it() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "before").await.unwrap();
    fs::remove_file(log.folder.file("audit.db-wal")).unwrap();
    assert_eq!(append(&writer, "after").await, Err(AuditError::Unavailable));
}

#[tokio::test]
async fn a_file_of_two_names_is_opened_under_neither() {
    let log = Log::new();
    log.open().await.close().await.unwrap();
    let other = log.folder.file("other.db");
    fs::hard_link(&log.path, &other).unwrap();
    for path in [&log.path, &other] {
        let refused = SqliteAuditLog::open(path, log.key()).await.unwrap_err();
        assert_eq!(refused.problem(), AuditLogProblem::Linked);
        assert!(refused.to_string().contains("hard link"));
    }
    fs::remove_file(other).unwrap();
    log.open().await.close().await.unwrap();
}

/// A trigger that passes over rows made the log acknowledge what it did not hold.
#[tokio::test]
async fn a_trigger_of_somebody_else_is_noticed_at_the_next_event_and_the_next_start() {
    const PASS_OVER: &str = "CREATE TRIGGER quiet BEFORE INSERT ON phi_audit_entry \
        WHEN new.idx % 2 = 0 BEGIN SELECT RAISE(IGNORE); END";
    let log = Log::new();
    let writer = log.open().await;
    log.tamper(PASS_OVER).await;
    let mut refused = false;
    for request in ["one", "two"] {
        refused |= append(&writer, request).await == Err(AuditError::Unavailable);
    }
    assert!(refused);
    let _ = writer.close().await;
    let again = SqliteAuditLog::open(&log.path, log.key()).await.unwrap_err();
    assert_eq!(again.problem(), AuditLogProblem::Altered);
    log.tamper("DROP TRIGGER quiet").await;
    let writer = log.open().await;
    append(&writer, "three").await.unwrap();
    writer.close().await.unwrap();
    let kept = writer.checkpoint();
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
}

/// A reader that looked while another process wrote took two moments for one.
#[tokio::test]
async fn a_start_beside_a_writer_that_ignores_the_lock_sees_one_moment() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "before").await.unwrap();
    let load = tokio::spawn(async move {
        for n in 0..200 {
            // The second one may be faster with an event of its own; then this one reads the log anew.
            let _ = append(&writer, &format!("r{n}")).await;
        }
        writer
    });
    let lock = log.folder.file("audit.db.lock");
    while !load.is_finished() {
        fs::remove_file(&lock).unwrap();
        match SqliteAuditLog::open(&log.path, log.key()).await {
            Ok(second) => drop(second),
            Err(error) => assert!(
                matches!(error.problem(), AuditLogProblem::Database(_) | AuditLogProblem::InUse),
                "{error}"
            ),
        }
    }
    let _ = load.await.unwrap().close().await;
    assert_ne!(log.verdict(None).await, Verdict::Broken);
}

/// One that does nothing yet may do it later.
#[tokio::test]
async fn a_view_or_trigger_of_somebody_else_stops_a_start() {
    let log = Log::new();
    log.open().await.close().await.unwrap();
    for (made, dropped) in [
        (
            "CREATE TRIGGER later BEFORE INSERT ON phi_audit_entry WHEN new.idx > 9999 \
             BEGIN SELECT RAISE(IGNORE); END",
            "DROP TRIGGER later",
        ),
        ("CREATE VIEW later AS SELECT 1", "DROP VIEW later"),
    ] {
        log.tamper(made).await;
        let refused = SqliteAuditLog::open(&log.path, log.key()).await.unwrap_err();
        assert_eq!(refused.problem(), AuditLogProblem::Altered);
        log.tamper(dropped).await;
        log.open().await.close().await.unwrap();
    }
}
