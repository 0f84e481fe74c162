//! P9: the past of a stored log cannot be changed unseen, nor a damaged one continued.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use phi_core::audit::note::SigningKey;
use phi_core::audit::{CheckpointError, Finding, Verdict};
use phi_sqlx::audit::{AuditLogError, AuditLogProblem, EventFilter, SqliteAuditLog};
use support::*;

/// A closed log of twelve entries (two of them the writer's own) and its checkpoint.
async fn written() -> (Log, String) {
    let log = Log::new();
    let writer = log.open().await;
    for n in 0..10 {
        append(&writer, &format!("r{n}")).await.unwrap();
    }
    writer.close().await.unwrap();
    let checkpoint = writer.checkpoint().text.as_ref().to_owned();
    assert_eq!(log.verdict(Some(&checkpoint)).await, Verdict::Intact);
    (log, checkpoint)
}

async fn reopened(log: &Log) -> Result<SqliteAuditLog, AuditLogProblem> {
    let opened = SqliteAuditLog::open(&log.path, log.key()).await;
    opened.map_err(|error: AuditLogError| error.problem())
}

#[tokio::test]
async fn triggers_stop_accidents() {
    let (log, _) = written().await;
    let mut db = log.intruder().await;
    for sql in ["DELETE FROM phi_audit_entry", "UPDATE phi_audit_entry SET tenant_seq = 9"] {
        assert!(sqlx::raw_sql(sql).execute(&mut db).await.is_err(), "{sql}");
    }
    sqlx::raw_sql("SELECT idx FROM phi_audit_entry").execute(&mut db).await.unwrap();
}

#[tokio::test]
async fn a_changed_leaf_is_found_and_located() {
    let (log, kept) = written().await;
    log.tamper(
        "UPDATE phi_audit_entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'clinic-a', 'clinic-x') AS BLOB) \
         WHERE idx = 4",
    )
    .await;
    let mut reader = log.reader().await;
    let report = reader.verify(&[log.key().verifier()], Some(&kept)).await.unwrap();
    assert_eq!(report.verdict(), Verdict::Broken);
    assert!(report.log().findings().contains(&Finding::EntryChanged { index: 4 }));
    assert!(report.log().is_located());
    assert_eq!(report.misfiled(), [4]);
    assert!(!report.to_string().contains("clinic"));
    // A reader by tenant does not pass it off as that tenant's.
    let filter = EventFilter::all().tenant("clinic-a");
    let error = reader.events(&filter, 0, 99).await.unwrap_err();
    assert_eq!(error.problem(), AuditLogProblem::Entry { index: 4 });
}

#[tokio::test]
async fn a_leaf_changed_with_its_hash_is_found() {
    let (log, kept) = written().await;
    log.tamper(
        "UPDATE phi_audit_entry SET (leaf, hash) = (SELECT leaf, hash FROM phi_audit_entry WHERE idx = 5) WHERE idx = 4",
    )
    .await;
    assert_eq!(log.verdict(Some(&kept)).await, Verdict::Broken);
    assert_eq!(log.verdict(None).await, Verdict::Broken); // the log's own head shows it
    assert_eq!(reopened(&log).await.unwrap_err(), AuditLogProblem::Rewritten { size: 12 });
}

#[tokio::test]
async fn a_removed_entry_is_found_and_the_log_not_continued() {
    let (log, kept) = written().await;
    log.tamper("DELETE FROM phi_audit_entry WHERE idx = 6").await;
    let report = log.reader().await.verify(&[log.key().verifier()], Some(&kept)).await.unwrap();
    assert_eq!(report.verdict(), Verdict::Broken);
    assert!(report.log().findings().contains(&Finding::Index { index: 6, found: 7 }));
    assert_eq!(reopened(&log).await.unwrap_err(), AuditLogProblem::Inconsistent);
}

#[tokio::test]
async fn a_cut_end_is_found_and_the_log_not_continued() {
    let (log, kept) = written().await;
    log.tamper("DELETE FROM phi_audit_entry WHERE idx >= 9").await;
    assert_eq!(log.verdict(None).await, Verdict::Broken);
    assert_eq!(log.verdict(Some(&kept)).await, Verdict::Broken);
    let refused = reopened(&log).await.unwrap_err();
    assert_eq!(refused, AuditLogProblem::Truncated { size: 12, entries: 9 });
    log.tamper("DELETE FROM phi_audit_head").await; // and with it the head
    assert_eq!(log.verdict(None).await, Verdict::Broken);
    assert_eq!(reopened(&log).await.unwrap_err(), AuditLogProblem::Inconsistent);
}

#[tokio::test]
async fn a_restored_backup_is_refused_where_a_checkpoint_was_kept() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "before").await.unwrap();
    writer.close().await.unwrap();
    let (early, backup) = (writer.checkpoint(), log.folder.file("backup.db"));
    copy(&log.path, &backup);
    let writer = log.open().await;
    append(&writer, "after").await.unwrap();
    writer.close().await.unwrap();
    let kept = writer.checkpoint();

    copy(&backup, &log.path);
    let open = |kept: &str| SqliteAuditLog::builder(&log.path, log.key()).kept(kept).open();
    let refused = open(&kept.text).await.unwrap_err();
    assert_eq!(refused.problem(), AuditLogProblem::Truncated { size: 6, entries: 3 });
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Broken);
    // Without the kept one the file cannot know: the verdict says no more than that.
    assert_eq!(log.verdict(None).await, Verdict::TruncationNotExcluded);
    // Continued all the same, it is another history of the same length.
    let writer = open(&early.text).await.unwrap();
    append(&writer, "another past").await.unwrap();
    writer.close().await.unwrap();
    assert_eq!(writer.checkpoint().size, kept.size);
    let refused = open(&kept.text).await.unwrap_err();
    assert_eq!(refused.problem(), AuditLogProblem::Rewritten { size: 6 });
}

#[tokio::test]
async fn a_log_begun_anew_is_refused_where_a_checkpoint_was_kept() {
    let (log, kept) = written().await;
    std::fs::remove_file(&log.path).unwrap();
    let anew = SqliteAuditLog::builder(&log.path, log.key()).kept(&*kept).open().await;
    let problem = anew.unwrap_err().problem();
    assert_eq!(problem, AuditLogProblem::Truncated { size: 12, entries: 0 });
}

#[tokio::test]
async fn a_head_that_does_not_fit_is_not_continued() {
    for (sql, expected) in [
        ("UPDATE phi_audit_head SET size = 11", AuditLogProblem::Inconsistent),
        ("UPDATE phi_audit_head SET edge = x'00'", AuditLogProblem::Inconsistent),
        ("UPDATE phi_audit_head SET edge = zeroblob(72)", AuditLogProblem::Inconsistent),
        (
            "INSERT INTO phi_audit_mark VALUES (4, (SELECT edge FROM phi_audit_head))",
            AuditLogProblem::Inconsistent,
        ),
        (
            "INSERT INTO phi_audit_mark VALUES (4, x'00000000000000040000000000000000000000000000000000000000000000000000000000000000')",
            AuditLogProblem::Rewritten { size: 12 },
        ),
        ("UPDATE phi_audit_writer SET id = id + 1", AuditLogProblem::Inconsistent),
        (
            "UPDATE phi_audit_head SET size = 1, edge = CAST(x'0000000000000001' || \
             (SELECT hash FROM phi_audit_entry WHERE idx = 0) AS BLOB)",
            AuditLogProblem::Inconsistent,
        ),
        (
            "INSERT INTO phi_audit_tenant (name) VALUES (printf('%0300d', 7))",
            AuditLogProblem::Inconsistent,
        ),
    ] {
        let (log, kept) = written().await;
        log.tamper(sql).await;
        // What a start refuses with "run verify" is not intact to verify.
        assert_eq!(log.verdict(Some(&kept)).await, Verdict::Broken, "{sql}");
        assert_eq!(reopened(&log).await.unwrap_err(), expected, "{sql}");
    }
    let (log, kept) = written().await;
    assert_eq!(log.verdict(Some(&kept)).await, Verdict::Intact);
    reopened(&log).await.unwrap();
}

#[tokio::test]
async fn an_older_checkpoint_put_back_is_found_although_a_kept_one_covers_all() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "before").await.unwrap();
    let older = writer.checkpoint().text;
    append(&writer, "after").await.unwrap();
    writer.close().await.unwrap();
    let kept = writer.checkpoint().text;
    let mut db = log.intruder().await;
    let update = "UPDATE phi_audit_head SET checkpoint = ?";
    sqlx::query(update).bind(&*older).execute(&mut db).await.unwrap();
    assert_eq!(reopened(&log).await.unwrap_err(), AuditLogProblem::Inconsistent);
    assert_eq!(log.verdict(Some(&kept)).await, Verdict::Broken);
    sqlx::query(update).bind(&*kept).execute(&mut db).await.unwrap(); // the control
    assert_eq!(log.verdict(Some(&kept)).await, Verdict::Intact);
}

#[tokio::test]
async fn a_mark_that_a_start_may_read_from_is_found_wherever_it_is() {
    let (log, kept) = written().await;
    let report =
        async || log.reader().await.verify(&[log.key().verifier()], Some(&kept)).await.unwrap();
    // Of one entry, as it should be; a start with a kept checkpoint over few entries reads from there.
    log.tamper(
        "INSERT INTO phi_audit_mark VALUES (1, CAST(x'0000000000000001' || \
         (SELECT hash FROM phi_audit_entry WHERE idx = 0) AS BLOB))",
    )
    .await;
    assert_eq!(
        (report().await.false_marks(), report().await.verdict()),
        (&[][..], Verdict::Intact)
    );
    log.tamper(
        "INSERT INTO phi_audit_mark VALUES (99, (SELECT edge FROM phi_audit_head)), (3, x'00'), (-1, x'00');
         UPDATE phi_audit_mark SET edge = CAST(x'0000000000000001' || \
         (SELECT hash FROM phi_audit_entry WHERE idx = 1) AS BLOB) WHERE size = 1",
    )
    .await;
    let report = report().await;
    assert_eq!(report.false_marks(), [-1, 1, 3, 99]);
    assert_eq!((report.verdict(), report.log().verdict()), (Verdict::Broken, Verdict::Intact));
    assert!(report.edge_fits() && report.head_fits());
    assert!(report.to_string().contains("4 stored marks are not those of the entries"));
    // What was over entries that are gone now is not blamed.
    log.tamper("DELETE FROM phi_audit_mark; DELETE FROM phi_audit_entry WHERE idx > 5").await;
    let edge = "INSERT INTO phi_audit_mark VALUES (7, (SELECT edge FROM phi_audit_head))";
    log.tamper(edge).await;
    let report = log.reader().await.verify(&[log.key().verifier()], Some(&kept)).await.unwrap();
    assert_eq!((report.verdict(), report.false_marks()), (Verdict::Broken, &[][..]));
    assert!(report.edge_fits() && report.head_fits());
}

#[tokio::test]
async fn a_right_edge_is_not_blamed_for_entries_that_were_changed_or_removed() {
    for (sql, edge_fits) in [
        ("UPDATE phi_audit_entry SET leaf = x'7b7d' WHERE idx = 4", true),
        ("UPDATE phi_audit_entry SET hash = zeroblob(32) WHERE idx = 4", true),
        ("DELETE FROM phi_audit_entry WHERE idx = 4", true),
        ("DELETE FROM phi_audit_entry WHERE idx > 8", true),
        // The control: here it is.
        ("UPDATE phi_audit_head SET edge = x'00'", false),
        (
            "UPDATE phi_audit_head SET edge = CAST(substr(edge, 1, 8) || zeroblob(length(edge) - 8) AS BLOB)",
            false,
        ),
    ] {
        let (log, kept) = written().await;
        log.tamper(sql).await;
        let report = log.reader().await.verify(&[log.key().verifier()], Some(&kept)).await.unwrap();
        assert_eq!((report.verdict(), report.edge_fits()), (Verdict::Broken, edge_fits), "{sql}");
        let blamed = report.to_string().contains("stored edge");
        assert_eq!(blamed, !edge_fits, "{sql}");
    }
}

#[tokio::test]
async fn a_broken_edge_is_a_finding() {
    let (log, kept) = written().await;
    log.tamper("UPDATE phi_audit_head SET edge = x'00'").await;
    let report = log.reader().await.verify(&[log.key().verifier()], Some(&kept)).await.unwrap();
    assert!(!report.edge_fits());
    assert_eq!(report.log().verdict(), Verdict::Intact); // the leaves are as they were
    assert_eq!(report.verdict(), Verdict::Broken);
}

#[tokio::test]
async fn an_entry_filed_under_another_tenant_is_found() {
    let (log, kept) = written().await;
    log.tamper(
        "INSERT INTO phi_audit_tenant VALUES (77, 'clinic-b');
         UPDATE phi_audit_entry SET tenant = 77 WHERE idx = 3;
         UPDATE phi_audit_entry SET writer_seq = 99 WHERE idx = 8",
    )
    .await;
    let report = log.reader().await.verify(&[log.key().verifier()], Some(&kept)).await.unwrap();
    assert_eq!(report.misfiled(), [3, 8]);
    assert_eq!(report.verdict(), Verdict::Broken);
    assert_eq!(report.log().verdict(), Verdict::Intact); // the leaves are as they were
}

#[tokio::test]
async fn another_key_cannot_continue_a_log_unless_it_trusts_the_one_before() {
    let (log, kept) = written().await;
    let other = || SigningKey::generate(ORIGIN).unwrap();
    let refused = SqliteAuditLog::open(&log.path, other()).await.unwrap_err();
    assert!(matches!(refused.problem(), AuditLogProblem::Checkpoint(CheckpointError::Note(_))));
    let stranger = SigningKey::generate("log.example/other").unwrap();
    let refused = SqliteAuditLog::open(&log.path, stranger).await.unwrap_err();
    assert!(matches!(refused.problem(), AuditLogProblem::Checkpoint(_)));

    let (before, after) = (log.key().verifier(), other());
    let verifier = after.verifier();
    let builder = SqliteAuditLog::builder(&log.path, after).trust(before.clone()).kept(kept);
    let writer = builder.open().await.unwrap();
    append(&writer, "new key").await.unwrap();
    let now = writer.checkpoint();
    let mut reader = log.reader().await;
    let report = reader.verify(&[verifier, before.clone()], Some(&now.text)).await.unwrap();
    assert_eq!(report.verdict(), Verdict::Intact);
    let report = reader.verify(&[before], None).await.unwrap();
    assert_eq!(report.verdict(), Verdict::Broken);
}
