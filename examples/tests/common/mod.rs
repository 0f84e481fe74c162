//! What several test files need.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod serving;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use examples::clinic::App;
use examples::clinic::client::Caller;
use examples::clinic::folder::Folder;
use phi_core::audit::Reason;
use phi_sqlx::audit::{EventFilter, SqliteAuditReader};
use uuid::Uuid;

/// The small file that is committed with the project.
pub(crate) fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/synthetic-r4.ndjson")
}

/// An application in a folder of its own.
pub(crate) async fn app(dir: &Path) -> App {
    App::open(Folder::take(dir).unwrap()).await.unwrap()
}

/// The same, with its patients on a server if there is a URL.
pub(crate) async fn app_on(dir: &Path, database: Option<String>) -> App {
    match database {
        None => app(dir).await,
        #[cfg(feature = "postgres")]
        Some(url) => {
            let folder = Folder::take(dir).unwrap();
            let database = examples::clinic::database::Database::server(&url, &folder);
            let database = database.await.unwrap();
            App::open_with(folder, database).await.unwrap()
        }
        #[cfg(not(feature = "postgres"))]
        Some(_) => panic!("there is no server"),
    }
}

/// Sends a process a signal by its name.
pub(crate) fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
}

/// The counts of refusals before sign-in, and whether the last event says that the log was closed.
pub(crate) async fn ending(dir: &Path) -> (Vec<u64>, bool) {
    let mut reader = SqliteAuditReader::open(dir.join("audit.db")).await.unwrap();
    let events = reader.events(&EventFilter::all(), 0, 10_000).await.unwrap();
    let counts = events.iter().filter_map(|logged| logged.event.count).collect();
    (counts, events.last().unwrap().event.reason == Some(Reason::WriterClosed))
}

/// Somebody with a role in a clinic, signed in.
pub(crate) async fn signed_in(app: &App, clinic: Uuid, role: &'static str) -> Caller {
    let member = app.staff().hire(clinic, role).await.unwrap();
    let token = app.tokens().issue(member.account, Duration::from_mins(5)).unwrap();
    Caller { name: role.to_owned(), token: Some(token) }
}

/// How often any of the texts stands in any file of a folder: databases, their WALs, logs, keys.
/// This process must have closed them: reading a file drops the locks that `SQLite` holds on it.
pub(crate) fn traces<S: AsRef<str>>(dir: &Path, texts: &[S]) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for text in texts.iter().map(|text| text.as_ref().as_bytes()) {
            assert!(text.len() > 3, "too short to be found by chance alone");
            count += memchr::memmem::find_iter(&bytes, text).count();
        }
    }
    count
}

/// The control of [`traces`]: the same texts in clear, in a database of the same kind.
pub(crate) async fn traces_in_clear<S: AsRef<str>>(texts: &[S]) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let path = format!("sqlite:{}?mode=rwc", dir.path().join("clear.db").display());
    let db = sqlx::SqlitePool::connect(&path).await.unwrap();
    sqlx::query("CREATE TABLE clear (text TEXT)").execute(&db).await.unwrap();
    for text in texts {
        sqlx::query("INSERT INTO clear VALUES (?)").bind(text.as_ref()).execute(&db).await.unwrap();
    }
    db.close().await;
    traces(dir.path(), texts)
}
