//! What the tests share. Every name, number and id is made up.

#![allow(dead_code, unreachable_pub, reason = "each test file is a crate and uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it goes wrong"
)]

pub mod clinic;
#[cfg(feature = "postgres")]
pub mod pg_log;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use phi_core::audit::note::SigningKey;
use phi_core::audit::{
    Action, AuditError, AuditLog as _, Event, EventId, EventTime, Outcome, Printable, Verdict,
};
use phi_sqlx::audit::{EventFilter, SqliteAuditLog, SqliteAuditReader};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

pub const ORIGIN: &str = "log.example/clinic";

/// A folder that goes away with the test. Whoever has one is watched: the process's log is behind phi-log, and no
/// planted value may be in it when the folder goes.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        watch::begin();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("phi-sqlx-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The bytes of every file in it.
    pub fn bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(&self.0).unwrap();
        files.flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
        watch::end();
    }
}

/// A log in a folder of its own, with its key in a file.
pub struct Log {
    pub folder: Folder,
    pub path: PathBuf,
    pub key: PathBuf,
}

impl Log {
    pub fn new() -> Self {
        let folder = Folder::new();
        let (path, key) = (folder.file("audit.db"), folder.file("log.key"));
        SigningKey::generate(ORIGIN).unwrap().create_file(&key).unwrap();
        Self { folder, path, key }
    }

    pub fn key(&self) -> SigningKey {
        SigningKey::from_file(&self.key).unwrap()
    }

    pub async fn open(&self) -> SqliteAuditLog {
        SqliteAuditLog::open(&self.path, self.key()).await.unwrap()
    }

    pub async fn reader(&self) -> SqliteAuditReader {
        SqliteAuditReader::open(&self.path).await.unwrap()
    }

    /// A connection of somebody who goes past the library.
    pub async fn intruder(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(&self.path).connect().await.unwrap()
    }

    /// Runs statements behind the log's back, past the triggers that stop accidents.
    pub async fn tamper(&self, sql: &'static str) {
        let mut db = self.intruder().await;
        for trigger in ["DROP TRIGGER phi_audit_entry_same", "DROP TRIGGER phi_audit_entry_keep"] {
            let _ = sqlx::raw_sql(trigger).execute(&mut db).await; // gone already the second time
        }
        sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }

    pub async fn verdict(&self, kept: Option<&str>) -> Verdict {
        let keys = [self.key().verifier()];
        self.reader().await.verify(&keys, kept).await.unwrap().verdict()
    }

    /// The request ids of all events that have one, in order.
    pub async fn requests(&self) -> Vec<String> {
        let events = self.reader().await.events(&EventFilter::all(), 0, usize::MAX).await.unwrap();
        let requests = events.into_iter().filter_map(|logged| logged.event.request);
        requests.map(|request| request.as_str().to_owned()).collect()
    }
}

/// An event that is known by its request's id.
pub fn event(request: &str, tenant: Option<&'static str>) -> Event {
    let time = EventTime::new("2026-11-22T08:15:00.00025Z".parse().unwrap());
    let id = EventId::generate(time);
    let mut event = Event::new(id, time, Action::Read, Outcome::Success);
    event.request = Some(Printable::clean(request));
    event.tenant = tenant.map(Into::into);
    event
}

pub async fn append(log: &SqliteAuditLog, request: &str) -> Result<(), AuditError> {
    log.reserve()?.append(vec![event(request, Some("clinic-a"))]).await
}

pub fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}
