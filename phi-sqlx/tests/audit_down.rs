//! P8: while the store fails no receipt is good; when it is back, the log goes on without a gap.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use phi_core::audit::{AuditError, AuditLog as _, Verdict};
use support::*;

#[tokio::test]
async fn a_store_that_fails_gives_no_receipt_and_no_slot_until_it_is_back() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "before").await.unwrap();
    let early = writer.reserve().unwrap();
    log.tamper(
        "CREATE TRIGGER broken BEFORE INSERT ON phi_audit_entry BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    .await;
    assert_eq!(append(&writer, "lost").await, Err(AuditError::Unavailable));
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Unavailable); // known before any PHI is opened
    assert_eq!(early.append(vec![event("lost too", None)]).await, Err(AuditError::Unavailable));

    log.tamper("DROP TRIGGER broken").await;
    let size = writer.checkpoint().size;
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Unavailable); // asks for the next try
    writer.next_checkpoint(size).await.unwrap();
    append(&writer, "after").await.unwrap();

    let kept = writer.checkpoint();
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
    assert_eq!(log.requests().await, ["before", "after"]);
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
    assert_eq!(log.requests().await, ["two"]);
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
