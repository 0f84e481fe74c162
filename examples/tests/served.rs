//! The server after the tour, while others look into its files and when it ends.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

mod common;

use std::fs::File;
use std::path::Path;

use common::serving::Serving;
use examples::clinic::client::Caller;
use rustix::fs::{FlockOperation, fcntl_lock};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use uuid::Uuid;

/// A file of the server's, as somebody else opens it.
async fn opened(dir: &Path, file: &str) -> SqliteConnection {
    SqliteConnectOptions::new().filename(dir.join(file)).connect().await.unwrap()
}

/// How many stored events tell of this id.
async fn events_of(dir: &Path, id: Uuid) -> usize {
    let mut db = opened(dir, "audit.db").await;
    let sql = "SELECT leaf FROM phi_audit_entry";
    let leaves: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(&mut db).await.unwrap();
    let id = id.to_string();
    leaves.iter().filter(|leaf| memchr::memmem::find(leaf, id.as_bytes()).is_some()).count()
}

#[tokio::test]
async fn a_server_that_was_asked_to_end_by_a_signal_lost_its_sums_and_left_its_log_open() {
    for name in ["TERM", "INT"] {
        let dir = tempfile::tempdir().unwrap();
        let mut serving = Serving::start(dir.path());
        let nobody = Caller { name: String::new(), token: None };
        for _ in 0..5 {
            let refused = serving.client.get(&nobody, "/patients/{id}", Some(serving.patient));
            assert_eq!(refused.await.unwrap().status, 401);
        }
        assert_eq!(serving.signal(name).code(), Some(0), "{name}");
        let (counts, closed) = common::ending(dir.path()).await;
        assert!(counts.contains(&5) && closed, "{name}: {counts:?}");
    }
}

/// Whether another process holds the locks by which `SQLite` knows that a file is in use.
fn is_locked(path: &Path) -> bool {
    let file = File::options().read(true).write(true).open(path).unwrap();
    fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).is_err()
}

#[tokio::test]
async fn the_tours_look_at_the_bytes_dropped_the_locks_of_a_server_that_stays_up() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(dir.path());
    for file in ["clinic.db", "audit.db"] {
        assert!(is_locked(&dir.path().join(file)), "the next to close {file} takes its WAL away");
    }
    assert!(!is_locked(&dir.path().join("policy.toml")), "the control");
    let new = json!({ "name": "Zoe Sample" });
    let saved = serving.client.post(&serving.clinician, "/patients", None, &new).await.unwrap();
    assert_eq!(saved.status, 201);
    let id = Uuid::try_parse(saved.json()["id"].as_str().unwrap()).unwrap();
    assert!(!serving.signal("KILL").success());

    let mut db = opened(dir.path(), "clinic.db").await;
    let sql = "SELECT count(*) FROM patient WHERE id = ?";
    let rows: i64 = sqlx::query_scalar(sql).bind(id).fetch_one(&mut db).await.unwrap();
    assert_eq!((rows, events_of(dir.path(), id).await), (1, 1));
}
