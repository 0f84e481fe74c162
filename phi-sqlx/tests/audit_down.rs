//! P8: while the store fails no receipt is good; when it is back, what was handed over meanwhile is
//! written first, and the log goes on without a gap. An older copy is never gone on with.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::fs;

use phi_core::audit::{AuditError, AuditLog as _, Verdict};
use phi_sqlx::audit::{AuditLogProblem, SqliteAuditLog};
use support::*;

const BREAK: &str =
    "CREATE TRIGGER broken BEFORE INSERT ON phi_audit_entry BEGIN SELECT RAISE(ABORT, 'no'); END";
const MEND: &str = "DROP TRIGGER broken";

#[tokio::test]
async fn a_store_that_fails_gives_no_receipt_and_no_slot_until_it_is_back() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "before").await.unwrap();
    let early = writer.reserve().unwrap();
    log.tamper(BREAK).await;
    assert_eq!(append(&writer, "first").await, Err(AuditError::Unavailable));
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Unavailable); // known before any PHI is opened
    assert_eq!(early.append(vec![event("second", None)]).await, Err(AuditError::Unavailable));

    log.tamper(MEND).await;
    let size = writer.checkpoint().size;
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Unavailable); // asks for the next try
    writer.next_checkpoint(size).await.unwrap();
    append(&writer, "after").await.unwrap();

    let kept = writer.checkpoint();
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
    assert_eq!(log.requests().await, ["before", "first", "second", "after"]);
    writer.close().await.unwrap();
    assert_eq!(log.open().await.opened_after_crash(), None);
}

#[tokio::test]
async fn an_event_handed_over_after_the_store_is_back_is_kept_at_once() {
    let log = Log::new();
    let writer = log.open().await;
    let (one, two) = (writer.reserve().unwrap(), writer.reserve().unwrap());
    let mut intruder = log.intruder().await;
    // Somebody else holds the database for writing.
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut intruder).await.unwrap();
    assert_eq!(one.append(vec![event("one", None)]).await, Err(AuditError::Unavailable));
    sqlx::raw_sql("ROLLBACK").execute(&mut intruder).await.unwrap();
    assert_eq!(two.append(vec![event("two", None)]).await, Ok(()));
    assert_eq!(log.requests().await, ["one", "two"]);
    assert_eq!(log.verdict(Some(&writer.checkpoint().text)).await, Verdict::Intact);
}

#[tokio::test]
async fn a_store_damaged_while_it_runs_is_not_continued() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "before").await.unwrap();
    log.tamper("DELETE FROM phi_audit_entry WHERE idx = 1; UPDATE phi_audit_head SET size = 1")
        .await;
    for n in 0..3 {
        assert_eq!(append(&writer, &format!("r{n}")).await, Err(AuditError::Unavailable));
    }
    assert_eq!(log.verdict(None).await, Verdict::Broken);
}

#[tokio::test]
async fn what_was_handed_over_while_the_store_was_down_is_written_without_being_asked() {
    let log = Log::new();
    let writer = log.open().await;
    log.tamper(BREAK).await;
    assert_eq!(append(&writer, "kept").await, Err(AuditError::Unavailable));
    assert_eq!(log.requests().await, [""; 0]);
    assert!(matches!(writer.problem(), Some(AuditLogProblem::Database(_))));
    let size = writer.checkpoint().size;
    log.tamper(MEND).await;
    writer.next_checkpoint(size).await.unwrap(); // nobody asks for a slot
    assert_eq!(log.requests().await, ["kept"]);
    assert_eq!(writer.problem(), None);
}

#[tokio::test]
async fn closing_writes_what_is_kept_or_says_how_much_was_lost() {
    for (mended, end) in [(true, Ok(())), (false, Err(AuditError::Lost { events: 2 }))] {
        let log = Log::new();
        let writer = log.open().await;
        let slots = [writer.reserve().unwrap(), writer.reserve().unwrap()];
        log.tamper(BREAK).await;
        for (slot, request) in slots.into_iter().zip(["one", "two"]) {
            let refused = slot.append(vec![event(request, None)]).await;
            assert_eq!(refused, Err(AuditError::Unavailable));
        }
        if mended {
            log.tamper(MEND).await;
        }
        assert_eq!(writer.close().await, end);
        let expected: &[&str] = if mended { &["one", "two"] } else { &[] };
        assert_eq!(log.requests().await, expected);
    }
}

#[test]
fn a_runtime_that_ends_while_the_store_is_down_says_how_much_was_lost() {
    let log = Log::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let writer = runtime.block_on(log.open());
    runtime.block_on(log.tamper(BREAK));
    assert_eq!(runtime.block_on(append(&writer, "lost")), Err(AuditError::Unavailable));
    drop(runtime);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(runtime.block_on(writer.close()), Err(AuditError::Lost { events: 1 }));
}

#[tokio::test]
async fn an_older_copy_or_an_empty_file_put_in_place_while_the_log_is_down_is_not_gone_on_with() {
    for older in [true, false] {
        let log = Log::new();
        let writer = log.open().await;
        append(&writer, "before").await.unwrap();
        writer.close().await.unwrap();
        let (whole, copy) = (log.folder.file("whole.db"), log.folder.file("copy.db"));
        fs::copy(&log.path, &copy).unwrap();
        let writer = log.open().await;
        append(&writer, "after").await.unwrap();
        let size = writer.checkpoint().size;

        log.tamper(BREAK).await;
        assert_eq!(append(&writer, "kept").await, Err(AuditError::Unavailable));
        log.tamper(MEND).await;
        // The failed batch has closed the file: all of it is in one place.
        fs::rename(&log.path, &whole).unwrap();
        if older {
            fs::copy(&copy, &log.path).unwrap();
        } else {
            fs::write(&log.path, "").unwrap();
        }
        let entries = if older { 3 } else { 0 };
        let truncated = AuditLogProblem::Truncated { size, entries };
        for _ in 0..3 {
            assert_eq!(append(&writer, "never").await, Err(AuditError::Unavailable));
            while writer.problem() != Some(truncated) {
                tokio::task::yield_now().await;
            }
        }
        let left = fs::read(&log.path).unwrap();
        let expected = if older { fs::read(&copy).unwrap() } else { Vec::new() };
        assert!(left == expected, "what was put there is left alone");

        // The control: the file itself is gone on with, and nothing is missing.
        fs::rename(&whole, &log.path).unwrap();
        assert_eq!(writer.close().await, Ok(()));
        assert_eq!(log.requests().await, ["before", "after", "kept"]);
        let opened = SqliteAuditLog::builder(&log.path, log.key());
        let opened = opened.kept(&*writer.checkpoint().text).open().await;
        assert_eq!(opened.unwrap().opened_after_crash(), None);
    }
}
