//! P9 on `PostgreSQL`: a superuser cannot change the sealed past unseen, nor is it continued.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use phi_core::audit::note::SigningKey;
use phi_core::audit::{CheckpointError, Finding, Verdict};
use phi_sqlx::audit::{
    AuditLogProblem, EventFilter, PostgresSealer, PostgresSealerBuilder, StoreReport,
};
use sqlx::{Connection as _, PgConnection};
use support::ORIGIN;
use support::pg_log::*;

/// A sealed log of fourteen entries (four of them the log's own) and its checkpoint.
async fn written() -> Option<(PgLog, String)> {
    let log = PgLog::new().await?;
    let sealer = log.seal().await;
    sealer.next_checkpoint(0).await.unwrap(); // its own event is the first
    let writer = log.open().await;
    for n in 0..10 {
        append_to(&writer, &format!("r{n}")).await.unwrap();
    }
    writer.close().await.unwrap();
    sealer.close().await.unwrap();
    let kept = sealer.checkpoint().unwrap();
    assert_eq!(kept.size, 14);
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact); // the control of all below
    Some((log, kept.text.to_string()))
}

fn again(log: &PgLog) -> PostgresSealerBuilder {
    PostgresSealer::builder(log.sealer.clone(), &log.tables, log.key())
}

async fn problem(sealer: PostgresSealerBuilder) -> Option<AuditLogProblem> {
    sealer.start().await.err().map(|error| error.problem())
}

async fn report(log: &PgLog, kept: &str) -> StoreReport {
    log.reader().await.verify(&[log.key().verifier()], Some(kept)).await.unwrap()
}

#[tokio::test]
async fn triggers_stop_accidents_of_the_owner() {
    let Some((log, _)) = written().await else { return };
    let mut db = PgConnection::connect(&log.url).await.unwrap();
    for sql in [
        "DELETE FROM phi_audit.phi_audit_entry",
        "UPDATE phi_audit.phi_audit_entry SET tenant_seq = 9",
        "TRUNCATE phi_audit.phi_audit_entry",
    ] {
        assert!(sqlx::raw_sql(sql).execute(&mut db).await.is_err(), "{sql}");
    }
    sqlx::raw_sql("SELECT idx FROM phi_audit.phi_audit_entry").execute(&mut db).await.unwrap();
}

#[tokio::test]
async fn a_changed_leaf_is_found_and_located() {
    let Some((log, kept)) = written().await else { return };
    log.tamper(
        "UPDATE phi_audit_entry SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'clinic-a', 'clinic-x'), 'UTF8') \
         WHERE idx = 4",
    )
    .await;
    let report = report(&log, &kept).await;
    assert_eq!(report.verdict(), Verdict::Broken);
    assert!(report.log().findings().contains(&Finding::EntryChanged { index: 4 }));
    assert!(report.log().is_located());
    assert_eq!(report.misfiled(), [4]);
    // A reader by tenant does not pass it off as that tenant's.
    let filter = EventFilter::all().tenant("clinic-a");
    let error = log.reader().await.events(&filter, 0, 99).await.unwrap_err();
    assert_eq!(error.problem(), AuditLogProblem::Entry { index: 4 });
}

#[tokio::test]
async fn changed_swapped_removed_and_cut_entries_are_found_and_not_continued() {
    use AuditLogProblem::{Inconsistent, Rewritten, Truncated};
    for (sql, refused) in [
        (
            "UPDATE phi_audit_entry SET (leaf, hash) = (SELECT leaf, hash FROM phi_audit_entry WHERE idx = 5) WHERE idx = 4",
            Rewritten { size: 14 },
        ),
        (
            "UPDATE phi_audit_entry SET idx = 100 WHERE idx = 4; UPDATE phi_audit_entry SET idx = 4 WHERE idx = 5; \
             UPDATE phi_audit_entry SET idx = 5 WHERE idx = 100",
            Rewritten { size: 14 },
        ),
        ("DELETE FROM phi_audit_entry WHERE idx = 6", Inconsistent),
        ("DELETE FROM phi_audit_entry WHERE idx >= 9", Truncated { size: 14, entries: 9 }),
        ("TRUNCATE phi_audit_entry", Truncated { size: 14, entries: 0 }),
        ("DELETE FROM phi_audit_head", Inconsistent),
        ("UPDATE phi_audit_head SET size = 13", Inconsistent),
        ("UPDATE phi_audit_head SET edge = '\\x00'", Inconsistent),
        ("INSERT INTO phi_audit_mark VALUES (4, (SELECT edge FROM phi_audit_head))", Inconsistent),
        (
            "UPDATE phi_audit_head SET size = 1, edge = '\\x0000000000000001'::bytea || \
             (SELECT hash FROM phi_audit_entry WHERE idx = 0)",
            Inconsistent,
        ),
        (
            "INSERT INTO phi_audit_mark SELECT 1, '\\x0000000000000001'::bytea || hash FROM phi_audit_entry WHERE idx = 1",
            Rewritten { size: 14 },
        ),
        ("INSERT INTO phi_audit_tenant (name) VALUES (repeat('x', 300))", Inconsistent),
    ] {
        let Some((log, kept)) = written().await else { return };
        log.tamper(sql).await;
        // What a start refuses with "run verify" is not intact to verify.
        assert_eq!(log.verdict(Some(&kept)).await, Verdict::Broken, "{sql}");
        assert_eq!(problem(again(&log)).await, Some(refused), "{sql}");
    }
    let Some((log, kept)) = written().await else { return };
    assert_eq!(problem(again(&log).kept(kept)).await, None); // the control
}

#[tokio::test]
async fn a_restored_backup_is_refused_where_a_checkpoint_was_kept() {
    let Some((log, early)) = written().await else { return };
    log.tamper(
        "CREATE TABLE saved AS SELECT * FROM phi_audit_entry; CREATE TABLE saved_head AS SELECT * FROM phi_audit_head",
    )
    .await;
    append_to(&log.open().await, "after").await.unwrap();
    let kept = log.sealed().await;
    log.tamper(
        "TRUNCATE phi_audit_entry; INSERT INTO phi_audit_entry SELECT * FROM saved; \
         DELETE FROM phi_audit_head; INSERT INTO phi_audit_head SELECT * FROM saved_head; \
         TRUNCATE phi_audit_queue",
    )
    .await;
    let truncated = AuditLogProblem::Truncated { size: kept.size, entries: 14 };
    assert_eq!(problem(again(&log).kept(&*kept.text)).await, Some(truncated));
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Broken);
    // Without the kept one the database cannot know: the verdict says no more than that.
    assert_eq!(log.verdict(None).await, Verdict::TruncationNotExcluded);
    // Continued all the same, it is another history.
    let writer = log.open().await;
    append_to(&writer, "another past").await.unwrap();
    writer.close().await.unwrap();
    log.sealed().await;
    assert_eq!(log.verdict(Some(&early)).await, Verdict::TruncationNotExcluded);
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Broken);
}

#[tokio::test]
async fn a_history_signed_anew_with_the_stolen_key_is_found() {
    let Some((log, kept)) = written().await else { return };
    // Whoever has key and database writes a past without the fourth event.
    log.tamper(
        "CREATE TABLE saved AS SELECT idx, leaf FROM phi_audit_entry; \
         TRUNCATE phi_audit_entry; TRUNCATE phi_audit_head; TRUNCATE phi_audit_mark; \
         TRUNCATE phi_audit_writer; TRUNCATE phi_audit_tenant; \
         INSERT INTO phi_audit_queue (writer, writer_seq, event) \
         SELECT '00000000-0000-0000-0000-000000000001', row_number() OVER (ORDER BY idx) - 1, \
             convert_to(rtrim(substring(convert_from(leaf, 'UTF8') from '\"event\":(.*)}$')), 'UTF8') \
         FROM saved WHERE idx <> 4",
    )
    .await;
    log.sealed().await;
    assert_eq!(log.verdict(None).await, Verdict::TruncationNotExcluded); // undecidable, and it says so
    assert_eq!(log.verdict(Some(&kept)).await, Verdict::Broken); // caught
}

#[tokio::test]
async fn an_entry_filed_under_another_tenant_is_found() {
    let Some((log, kept)) = written().await else { return };
    log.tamper(
        "INSERT INTO phi_audit_tenant OVERRIDING SYSTEM VALUE VALUES (77, 'clinic-b'); \
         UPDATE phi_audit_entry SET tenant = 77 WHERE idx = 3; \
         UPDATE phi_audit_entry SET writer_seq = 99 WHERE idx = 8",
    )
    .await;
    let report = report(&log, &kept).await;
    assert_eq!(report.misfiled(), [3, 8]);
    assert_eq!(report.verdict(), Verdict::Broken);
    assert_eq!(report.log().verdict(), Verdict::Intact); // the leaves are as they were
}

#[tokio::test]
async fn a_row_removed_from_the_queue_is_reported() {
    let Some(log) = PgLog::new().await else { return };
    let writer = log.open().await;
    for n in 0..5 {
        append_to(&writer, &format!("r{n}")).await.unwrap();
    }
    log.tamper("DELETE FROM phi_audit_queue WHERE writer_seq = 2").await;
    let sealer = log.seal().await;
    until(|| !sealer.held_back().is_empty()).await;
    let held_back = sealer.held_back();
    assert_eq!((held_back.len(), held_back[0].expected, held_back[0].lowest), (1, 2, 3));
    assert_eq!(log.reader().await.queue().await.unwrap().held_back, held_back);
    assert_eq!(log.requests().await, ["r0"]); // its first event, and the one before the hole
}

#[tokio::test]
async fn another_key_cannot_continue_a_log_unless_it_trusts_the_one_before() {
    let Some((log, kept)) = written().await else { return };
    let with = |key| PostgresSealer::builder(log.sealer.clone(), &log.tables, key);
    let other = SigningKey::generate(ORIGIN).unwrap();
    let verifier = other.verifier();
    let refused = problem(with(SigningKey::generate(ORIGIN).unwrap())).await;
    assert!(matches!(refused, Some(AuditLogProblem::Checkpoint(CheckpointError::Note(_)))));
    let sealer = with(other).trust(log.key().verifier()).kept(kept).start().await.unwrap();
    let now = sealer.next_checkpoint(14).await.unwrap();
    let keys = [verifier, log.key().verifier()];
    let report = log.reader().await.verify(&keys, Some(&now.text)).await.unwrap();
    assert_eq!(report.verdict(), Verdict::Intact);
}
