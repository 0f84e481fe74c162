//! Tests of the store alone: faults that only its own connection can be given, and marks.

use std::path::PathBuf;

use phi_core::audit::note::SigningKey;
use phi_core::audit::{
    Action, Event, EventId, EventTime, Outcome, Printable, SealLogError, Verdict,
};
use sqlx::Connection as _;
use uuid::Uuid;

use super::SqliteAuditReader;
use super::store::Store;
use crate::DatabaseFault;
use crate::audit::AuditLogProblem;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("phi-sqlx-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Fixture {
    folder: Folder,
    path: PathBuf,
}

impl Fixture {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let path = folder.0.join("audit.db");
        super::file::WriterLock::take(&path).unwrap();
        SigningKey::generate("log.example/clinic")
            .unwrap()
            .create_file(folder.0.join("log.key"))
            .unwrap();
        Self { folder, path }
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_file(self.folder.0.join("log.key")).unwrap()
    }

    async fn open(&self, writer: u128, kept: Option<&str>) -> Result<Store, AuditLogProblem> {
        Store::open(&self.path, self.key(), Vec::new(), kept, Uuid::from_u128(writer)).await
    }

    async fn verdict(&self, kept: &str) -> Verdict {
        let mut reader = SqliteAuditReader::open(&self.path).await.unwrap();
        let keys = [self.key().verifier()];
        reader.verify(&keys, Some(kept)).await.unwrap().verdict()
    }
}

fn event(n: u64) -> Vec<u8> {
    let time = EventTime::new("2026-11-22T08:15:00Z".parse().unwrap());
    let id = EventId::generate(time);
    let mut event = Event::new(id, time, Action::Read, Outcome::Success);
    event.request = Some(Printable::clean(&n.to_string()));
    event.tenant = Some(["clinic-a", "clinic-b"][usize::from(n.is_multiple_of(2))].into());
    event.encode()
}

#[tokio::test]
async fn a_full_disk_is_told_and_survived() {
    let fixture = Fixture::new("full");
    let mut store = fixture.open(1, None).await.unwrap();
    store.write(&[&[event(0)]]).await.unwrap();
    sqlx::raw_sql("PRAGMA max_page_count = 1").execute(store.db()).await.unwrap();
    let batch: Vec<_> = (1..200).map(event).collect();
    let full = store.write(&[&batch]).await.unwrap_err();
    assert_eq!(full, AuditLogProblem::Database(DatabaseFault::Full));
    // The next batch opens the database anew, where there is room again.
    let written = store.write(&[&batch]).await.unwrap();
    assert_eq!(written.head.as_ref().unwrap().size, 200);
    assert_eq!(fixture.verdict(&written.head.unwrap().text).await, Verdict::Intact);
}

#[tokio::test]
async fn a_database_that_may_not_be_written_is_told_and_survived() {
    let fixture = Fixture::new("read-only");
    let mut store = fixture.open(1, None).await.unwrap();
    sqlx::raw_sql("PRAGMA query_only = ON").execute(store.db()).await.unwrap();
    let refused = store.write(&[&[event(0)]]).await.unwrap_err();
    assert_eq!(refused, AuditLogProblem::Database(DatabaseFault::ReadOnly));
    assert_eq!(store.write(&[&[event(0)]]).await.unwrap().head.unwrap().size, 1);
}

#[tokio::test]
async fn commits_that_would_not_be_durable_are_refused() {
    let fixture = Fixture::new("durable");
    let mut store = fixture.open(1, None).await.unwrap();
    let sync: i64 =
        sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *store.db()).await.unwrap();
    let mode: String =
        sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *store.db()).await.unwrap();
    assert_eq!((sync, mode.as_str()), (2, "wal"));
    // A database in memory has no WAL: what it would commit is gone with the process.
    let mut memory = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
    let refused = super::store::prepare(&mut memory, || Ok(())).await.unwrap_err();
    assert_eq!(refused, AuditLogProblem::NotDurable);
}

#[tokio::test]
async fn a_wrong_event_is_refused_alone() {
    let fixture = Fixture::new("wrong");
    let mut store = fixture.open(1, None).await.unwrap();
    let (good, wrong) = ([event(0)], [event(1), b"{}".to_vec()]);
    let written = store.write(&[&good, &wrong, &good]).await.unwrap();
    let refused = Err(phi_core::audit::AuditError::Rejected);
    assert_eq!(written.results, [Ok(()), refused, Ok(())]);
    assert_eq!(written.head.as_ref().unwrap().size, 2);
    assert_eq!(fixture.verdict(&written.head.unwrap().text).await, Verdict::Intact);
    let written = store.write(&[&wrong]).await.unwrap();
    assert_eq!(written.head, None);
    // What the state itself would have said.
    let error = phi_core::audit::LogState::new().append(Uuid::nil(), 0, &wrong).unwrap_err();
    assert!(matches!(error, SealLogError::Event { at: 1, .. }));
}

#[tokio::test]
async fn a_batch_whose_commit_took_place_unseen_is_not_written_twice() {
    let fixture = Fixture::new("unseen");
    let mut store = fixture.open(1, None).await.unwrap();
    let (one, wrong, two) = ([event(0)], [b"{}".to_vec()], [event(1)]);
    let first = store.write(&[&one, &wrong]).await.unwrap();
    store.lose_sight_of(first.results.clone()).await;
    let again = store.write(&[&one, &wrong]).await.unwrap(); // only what is owed
    assert_eq!((again.results, again.head), (first.results.clone(), first.head));
    store.lose_sight_of(first.results.clone()).await;
    let more = store.write(&[&one, &wrong, &two]).await.unwrap(); // and what came meanwhile
    assert_eq!(more.results, [Ok(()), Err(phi_core::audit::AuditError::Rejected), Ok(())]);
    let head = more.head.unwrap();
    assert_eq!(head.size, 2);
    assert_eq!(fixture.verdict(&head.text).await, Verdict::Intact);
}

#[tokio::test]
async fn a_start_from_any_mark_gives_the_same_log() {
    let fixture = Fixture::new("marks");
    let mut checkpoints = Vec::new();
    for writer in 0..10_u64 {
        let newest = checkpoints.last().map(String::as_str);
        let mut store = fixture.open(writer.into(), newest).await.unwrap();
        for n in 0..writer {
            let batch: Vec<_> = (0..=n).map(event).collect();
            let head = store.write(&[&batch]).await.unwrap().head;
            checkpoints.extend(head.map(|head| head.text.to_string()));
        }
        store.close().await;
    }
    let mut store = fixture.open(99, None).await.unwrap();
    let marks: i64 = sqlx::query_scalar("SELECT count(*) FROM phi_audit_mark")
        .fetch_one(store.db())
        .await
        .unwrap();
    assert!(marks > 5);
    store.close().await;
    for kept in &checkpoints {
        fixture.open(99, Some(kept)).await.unwrap();
        let verdict = fixture.verdict(kept).await;
        assert_ne!(verdict, Verdict::Broken);
    }
    // The control: a checkpoint of the same size over other entries.
    let other = Fixture::new("other-marks");
    std::fs::copy(fixture.folder.0.join("log.key"), other.folder.0.join("log.key")).unwrap();
    let mut store = other.open(1, None).await.unwrap();
    for kept in &checkpoints {
        let size: u64 = kept.lines().nth(1).unwrap().parse().unwrap();
        let mut forged = String::new();
        while forged.lines().nth(1) != Some(&size.to_string()) {
            forged = store.write(&[&[event(size)]]).await.unwrap().head.unwrap().text.to_string();
        }
        let refused = fixture.open(99, Some(&forged)).await.unwrap_err();
        assert_eq!(refused, AuditLogProblem::Rewritten { size });
    }
}
