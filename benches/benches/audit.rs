//! Durable appends to the audit log on `SQLite`, against a plain insert with the same group commit.
//!
//! `cargo bench -p benches --bench audit`
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops where it goes wrong")]

use benches::{Compare, audit_event, print_machine};
use phi_core::audit::AuditLog;
use phi_core::audit::note::SigningKey;
use phi_sqlx::audit::SqliteAuditLog;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

const GROUP: usize = 100;

async fn plain(path: &std::path::Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = options.connect().await.unwrap();
    let table = "CREATE TABLE entry (n INTEGER PRIMARY KEY, event BLOB NOT NULL) STRICT";
    sqlx::query(table).execute(&mut connection).await.unwrap();
    connection
}

fn main() {
    print_machine();
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut connection = runtime.block_on(plain(&dir.path().join("plain.db")));
    let key = SigningKey::generate("log.example/bench").unwrap();
    let log = runtime.block_on(SqliteAuditLog::open(dir.path().join("audit.db"), key)).unwrap();
    let (mut at_plain, mut at_log) = (0, 0);
    let per_group = u64::try_from(GROUP).unwrap();
    Compare::new("append one audit event, durable, in groups of 100")
        .way("floor: INSERT of the encoded event, one commit per group", || {
            runtime.block_on(async {
                let mut transaction = connection.begin().await.unwrap();
                for _ in 0..GROUP {
                    at_plain += 1;
                    let insert = sqlx::query("INSERT INTO entry (event) VALUES (?)");
                    let insert = insert.bind(audit_event(at_plain).encode());
                    insert.execute(&mut *transaction).await.unwrap();
                }
                transaction.commit().await.unwrap();
            });
        })
        .way("SqliteAuditLog: numbered, hashed into the tree, signed", || {
            runtime.block_on(async {
                let slots: Vec<_> = (0..GROUP).map(|_| log.reserve().unwrap()).collect();
                let receipts: Vec<_> = slots
                    .into_iter()
                    .map(|slot| {
                        at_log += 1;
                        slot.append(vec![audit_event(at_log)])
                    })
                    .collect();
                for receipt in receipts {
                    receipt.await.unwrap();
                }
            });
        })
        .per(per_group)
        .run();
    runtime.block_on(connection.close()).unwrap();
}
