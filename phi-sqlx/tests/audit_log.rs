//! The log in good days: slots, order, one writer, a good end.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::fs;
use std::time::Duration;

use phi_core::audit::note::SigningKey;
use phi_core::audit::{AuditError, AuditLog as _, Item, Reason, Verdict};
use phi_sqlx::audit::{AuditLogProblem, EventFilter, SqliteAuditLog, SqliteAuditReader};
use support::*;

#[tokio::test]
async fn what_is_acknowledged_is_read_back_in_order() {
    let log = Log::new();
    let writer = log.open().await;
    for n in 0..20 {
        append(&writer, &format!("r{n}")).await.unwrap();
    }
    let expected: Vec<_> = (0..20).map(|n| format!("r{n}")).collect();
    assert_eq!(log.requests().await, expected); // beside the running writer
    let kept = writer.checkpoint();
    assert_eq!(kept.size, 21); // the first is the writer's own
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
    writer.close().await.unwrap();
    assert_eq!(log.requests().await, expected);
}

#[tokio::test]
async fn each_writer_begins_and_ends_with_an_event_and_goes_on_where_the_last_stopped() {
    let log = Log::new();
    for round in 0..3 {
        let writer = log.open().await;
        assert_eq!(writer.opened_after_crash(), None);
        append(&writer, &format!("r{round}")).await.unwrap();
        writer.close().await.unwrap();
    }
    let events = log.reader().await.events(&EventFilter::all(), 0, 100).await.unwrap();
    let reasons: Vec<_> = events.iter().map(|logged| logged.event.reason.clone()).collect();
    let round = [Some(Reason::WriterOpened), None, Some(Reason::WriterClosed)];
    assert_eq!(reasons, [round.clone(), round.clone(), round].concat());
    let numbers: Vec<_> = events.iter().map(|logged| (logged.index, logged.writer_seq)).collect();
    assert_eq!(numbers, (0..9).map(|n| (n, n % 3)).collect::<Vec<_>>());
    let of_tenant: Vec<_> = events.iter().filter_map(|logged| logged.tenant_seq).collect();
    assert_eq!(of_tenant, [0, 1, 2]);
    assert_ne!(events[0].writer, events[3].writer);
    let checkpoint = log.reader().await.checkpoint().await.unwrap().unwrap();
    assert_eq!(log.verdict(Some(&checkpoint.text)).await, Verdict::Intact);
}

#[tokio::test]
async fn slots_are_bounded_and_come_back() {
    let log = Log::new();
    let writer = SqliteAuditLog::builder(&log.path, log.key()).slots(2).open().await.unwrap();
    let (first, second) = (writer.reserve().unwrap(), writer.reserve().unwrap());
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Full);
    drop(first);
    let third = writer.reserve().unwrap();
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Full);
    second.append(vec![event("second", None)]).await.unwrap();
    third.append(vec![event("third", None)]).await.unwrap();
    assert_eq!(log.requests().await, ["second", "third"]);
}

#[tokio::test]
async fn one_of_two_writers_wins_and_the_other_is_told() {
    let log = Log::new();
    let first = log.open().await;
    let second = SqliteAuditLog::open(&log.path, log.key()).await.unwrap_err();
    assert_eq!(second.problem(), AuditLogProblem::InUse);
    assert!(second.to_string().starts_with("another process is the audit writer of "));
    #[cfg(unix)]
    {
        let alias = log.folder.file("alias.db");
        std::os::unix::fs::symlink(&log.path, &alias).unwrap();
        let third = SqliteAuditLog::open(&alias, log.key()).await.unwrap_err();
        assert_eq!(third.problem(), AuditLogProblem::InUse);
    }
    append(&first, "still here").await.unwrap();
    first.close().await.unwrap();
    log.open().await.close().await.unwrap(); // the first has ended: now it is free
}

#[tokio::test]
async fn a_second_writer_that_ignores_the_lock_makes_no_fork() {
    let log = Log::new();
    let first = log.open().await;
    fs::remove_file(log.folder.file("audit.db.lock")).unwrap();
    let second = log.open().await; // writes its first event
    assert_eq!(append(&first, "fork").await, Err(AuditError::Unavailable));
    append(&second, "goes on").await.unwrap();
    let size = first.checkpoint().size;
    assert_eq!(first.reserve().unwrap_err(), AuditError::Unavailable); // asks for the next try
    first.next_checkpoint(size).await.unwrap();
    append(&first, "after").await.unwrap();
    // What it failed to write then is not lost, and stands after what the other wrote.
    assert_eq!(log.requests().await, ["goes on", "fork", "after"]);
    assert_eq!(log.verdict(Some(&first.checkpoint().text)).await, Verdict::Intact);
}

#[tokio::test]
async fn closing_waits_for_every_slot_that_was_given() {
    let log = Log::new();
    let writer = log.open().await;
    let slot = writer.reserve().unwrap();
    let closing = tokio::spawn({
        let writer = writer.clone();
        async move { writer.close().await }
    });
    while !matches!(writer.reserve(), Err(AuditError::Closed)) {
        tokio::task::yield_now().await;
    }
    assert!(!closing.is_finished());
    let receipt = slot.append(vec![event("late", None)]);
    assert_eq!(closing.await.unwrap(), Ok(()));
    assert_eq!(receipt.await, Ok(()));
    assert_eq!(writer.close().await, Ok(())); // again: the same end
    let events = log.reader().await.events(&EventFilter::all(), 0, 9).await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(last.event.reason, Some(Reason::WriterClosed));
    assert_eq!(log.requests().await, ["late"]);
}

#[tokio::test]
async fn a_log_whose_handles_are_dropped_ends_in_good_order_too() {
    let log = Log::new();
    let writer = log.open().await;
    let receipts: Vec<_> = (0..50)
        .map(|n| writer.reserve().unwrap().append(vec![event(&format!("r{n}"), None)]))
        .collect();
    drop(writer);
    for receipt in receipts {
        receipt.await.unwrap();
    }
    let next = loop {
        match SqliteAuditLog::open(&log.path, log.key()).await {
            Ok(next) => break next,
            Err(error) => assert_eq!(error.problem(), AuditLogProblem::InUse),
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(next.opened_after_crash(), None);
    assert_eq!(log.requests().await.len(), 50);
}

#[test]
fn a_runtime_that_ends_loses_nothing_that_was_acknowledged() {
    let log = Log::new();
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let first = runtime();
    let writer = first.block_on(log.open());
    first.block_on(append(&writer, "kept")).unwrap();
    let slot = writer.reserve().unwrap();
    drop(first); // and with it the task that writes
    let second = runtime();
    let late = slot.append(vec![event("late", None)]);
    assert_eq!(second.block_on(late), Err(AuditError::Unavailable));
    assert_eq!(writer.reserve().unwrap_err(), AuditError::Closed);
    assert_eq!(second.block_on(writer.close()), Err(AuditError::Unavailable));
    let next = second.block_on(log.open());
    assert!(next.opened_after_crash().is_some());
    assert_eq!(second.block_on(log.requests()), ["kept"]);
    second.block_on(next.close()).unwrap();
    assert_eq!(second.block_on(log.open()).opened_after_crash(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_tasks_leave_no_gap() {
    let log = Log::new();
    let writer = log.open().await;
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let writer = writer.clone();
            tokio::spawn(async move {
                for n in 0..10 {
                    let tenant = [Some("clinic-a"), Some("clinic-b"), None][(task + n) % 3];
                    let slot = writer.reserve().unwrap();
                    slot.append(vec![event(&format!("{task}-{n}"), tenant)]).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let kept = writer.checkpoint();
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::Intact);
    let mut requests = log.requests().await;
    requests.sort_unstable();
    let mut expected: Vec<_> =
        (0..64).flat_map(|task| (0..10).map(move |n| format!("{task}-{n}"))).collect();
    expected.sort_unstable();
    assert_eq!(requests, expected);
}

#[tokio::test]
async fn events_of_one_hand_over_stand_together_and_long_ones_continue() {
    let log = Log::new();
    let writer = log.open().await;
    let mut export = event("export", Some("clinic-a"));
    export.items = (0..1000_i64).map(|id| Item::new("patient", id).with_fields(["name"])).collect();
    let receipt = writer.reserve().unwrap().append(vec![event("before", None), export]);
    receipt.await.unwrap();
    let events = log.reader().await.events(&EventFilter::all(), 1, 100).await.unwrap();
    assert_eq!(events.len(), 3);
    assert_eq!(events[1].event.items.len() + events[2].event.items.len(), 1000);
    assert!(events[2].event.is_continuation());
    writer.reserve().unwrap().append(Vec::new()).await.unwrap();
    assert_eq!(writer.checkpoint().size, 4); // nothing was nothing
}

#[tokio::test]
async fn an_idle_log_writes_heartbeats_and_their_checkpoints() {
    let log = Log::new();
    let beat = Some(Duration::from_millis(1));
    let writer =
        SqliteAuditLog::builder(&log.path, log.key()).heartbeat(beat).open().await.unwrap();
    let next = writer.next_checkpoint(writer.checkpoint().size + 2).await.unwrap();
    writer.close().await.unwrap();
    assert_eq!(writer.next_checkpoint(u64::MAX).await, None);
    let events = log.reader().await.events(&EventFilter::all(), 1, 3).await.unwrap();
    assert!(events.iter().all(|logged| logged.event.reason == Some(Reason::Heartbeat)));
    let report =
        log.reader().await.verify(&[log.key().verifier()], Some(&next.text)).await.unwrap();
    assert_eq!(report.log().kept(), Some(next.size));
    assert_ne!(report.verdict(), Verdict::Broken);
}

#[tokio::test]
async fn events_are_found_by_tenant_by_subject_and_page_by_page() {
    let log = Log::new();
    let writer = log.open().await;
    for n in 0..12 {
        let mut one = event(&format!("r{n}"), [Some("clinic-a"), Some("clinic-b")][n % 2]);
        let subject = ["ada", "bob", "eve"][n % 3];
        one.items.push(Item::new("patient", 1_i64).with_subject(subject));
        writer.reserve().unwrap().append(vec![one]).await.unwrap();
    }
    let mut reader = log.reader().await;
    let mut found = async |filter: EventFilter, from, limit| -> Vec<String> {
        let events: Vec<_> = reader.events(&filter, from, limit).await.unwrap();
        let requests = events.into_iter().map(|logged| logged.event.request.unwrap());
        requests.map(|request| request.as_str().to_owned()).collect()
    };
    let all = EventFilter::all;
    assert_eq!(found(all().tenant("clinic-b"), 0, 99).await, ["r1", "r3", "r5", "r7", "r9", "r11"]);
    assert_eq!(found(all().tenant("clinic-b"), 5, 2).await, ["r5", "r7"]);
    assert_eq!(found(all().subject("eve"), 0, 99).await, ["r2", "r5", "r8", "r11"]);
    assert_eq!(found(all().tenant("clinic-a").subject("eve"), 0, 1).await, ["r2"]);
    assert_eq!(found(all().tenant("nobody"), 0, 99).await, [""; 0]);
    assert_eq!(found(all(), 11, 99).await, ["r10", "r11"]);
    assert_eq!(found(all(), u64::MAX, 99).await, [""; 0]);
    let entries = reader.entries(3, 2).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.index).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(entries[0].hash, phi_core::audit::merkle::Hash::of_leaf(&entries[0].leaf));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "r").await.unwrap();
    for name in ["audit.db", "audit.db-wal", "audit.db-shm", "audit.db.lock"] {
        let mode = fs::metadata(log.folder.file(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    writer.close().await.unwrap();
    fs::set_permissions(&log.path, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = SqliteAuditLog::open(&log.path, log.key()).await.unwrap_err();
    assert_eq!(refused.problem(), AuditLogProblem::Exposed);
    let refused = SqliteAuditReader::open(&log.path).await.unwrap_err();
    assert_eq!(refused.problem(), AuditLogProblem::Exposed);
}

/// A folder in which `SQLite` cannot make the file that it shares with writers. Not even root can open a link to
/// nowhere there, although it passes file modes by.
#[cfg(unix)]
fn cannot_be_written(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::os::unix::fs::symlink("nowhere", folder.join("audit.db-shm")).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
}

#[cfg(unix)]
fn can_be_written(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    fs::remove_file(folder.join("audit.db-shm")).unwrap();
}

#[tokio::test]
#[cfg(unix)]
async fn a_closed_log_is_read_where_nothing_can_be_written() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "r").await.unwrap();
    let kept = writer.checkpoint();
    writer.close().await.unwrap();
    let folder = log.path.parent().unwrap();
    cannot_be_written(folder);
    assert_eq!(log.requests().await, ["r"]);
    // The writer's last event came after that checkpoint.
    assert_eq!(log.verdict(Some(&kept.text)).await, Verdict::TruncationNotExcluded);
    can_be_written(folder);
}

#[tokio::test]
#[cfg(unix)]
async fn a_log_that_was_not_closed_is_not_read_without_its_newest_entries() {
    let log = Log::new();
    let writer = log.open().await;
    append(&writer, "r").await.unwrap();
    // As a crash, or a copy, leaves it.
    let other = Log::new();
    for name in ["audit.db", "audit.db-wal"] {
        copy(&log.folder.file(name), &other.folder.file(name));
    }
    let folder = other.path.parent().unwrap();
    cannot_be_written(folder);
    let refused = SqliteAuditReader::open(&other.path).await.unwrap_err();
    can_be_written(folder);
    assert_eq!(refused.problem(), AuditLogProblem::NeedsWriting);
    assert!(refused.to_string().contains("copy it with its -wal"));
    assert_eq!(other.requests().await, ["r"], "the control: it is there");
}

#[tokio::test]
async fn files_that_are_no_log_are_left_alone() {
    let log = Log::new();
    let refused = async |expected| {
        let before = fs::read(&log.path).unwrap();
        let error = SqliteAuditLog::open(&log.path, log.key()).await.unwrap_err();
        assert_eq!(error.problem(), expected);
        assert_eq!(fs::read(&log.path).unwrap(), before);
        let error = SqliteAuditReader::open(&log.path).await.unwrap_err();
        assert_eq!(error.problem(), expected);
    };
    let write = |bytes: &[u8]| {
        SigningKey::generate("any").unwrap().create_file(&log.path).unwrap(); // owner only
        fs::write(&log.path, bytes).unwrap();
    };
    write(b"a shopping list, which is longer than the sixteen bytes SQLite looks at");
    refused(AuditLogProblem::Database(phi_sqlx::DatabaseFault::Damaged)).await;
    for (sql, expected) in [
        ("CREATE TABLE patient (id INTEGER)", AuditLogProblem::NotALog),
        ("DROP TABLE patient; PRAGMA application_id = 7", AuditLogProblem::NotALog),
        ("PRAGMA application_id = 1346914657; PRAGMA user_version = 2", AuditLogProblem::Version),
    ] {
        if sql.starts_with("CREATE") {
            fs::remove_file(&log.path).unwrap();
            write(b"");
        }
        log.tamper(sql).await;
        refused(expected).await;
    }
    fs::remove_file(&log.path).unwrap();
    fs::create_dir(&log.path).unwrap();
    let error = SqliteAuditLog::open(&log.path, log.key()).await.unwrap_err();
    assert_eq!(error.problem(), AuditLogProblem::NotAFile);
}

#[tokio::test]
async fn a_missing_folder_or_file_is_an_error_that_names_it() {
    let log = Log::new();
    let path = log.folder.file("nowhere/audit.db");
    let error = SqliteAuditLog::open(&path, log.key()).await.unwrap_err();
    assert_eq!(error.problem(), AuditLogProblem::Io(std::io::ErrorKind::NotFound));
    assert_eq!(error.path(), Some(&*path));
    let error = SqliteAuditReader::open(&log.path).await.unwrap_err();
    assert_eq!(error.problem(), AuditLogProblem::Io(std::io::ErrorKind::NotFound));
    log.open().await.close().await.unwrap(); // the same path, by the one who makes it
    log.reader().await;
}
