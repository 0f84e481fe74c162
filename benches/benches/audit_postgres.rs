//! The audit log on `PostgreSQL`: durable appends by many writers, sealed meanwhile, against plain
//! inserts and against one locked chain in the same run. And how fast a log is verified, there and
//! on `SQLite`.
//!
//! `cargo bench -p benches --bench audit_postgres`; with `-- inserts` the appends alone.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench stops where it goes wrong"
)]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use benches::{audit_event, is_test, print_machine};
use phi_core::audit::note::{SigningKey, VerifierKey};
use phi_core::audit::{AuditLog as _, Verdict};
use phi_sqlx::audit::{
    PostgresAuditLog, PostgresAuditReader, PostgresAuditTables, PostgresSealer, SqliteAuditLog,
    SqliteAuditReader,
};
use phi_test_servers::Postgres;
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::runtime::Runtime;

/// Rounds of each way.
const ROUNDS: u32 = 5;

fn round() -> Duration {
    if is_test() { Duration::from_millis(50) } else { Duration::from_secs(4) }
}

fn entries() -> u64 {
    if is_test() { 500 } else { 200_000 }
}

static NEXT: AtomicU64 = AtomicU64::new(0);

fn next_event() -> phi_core::audit::Event {
    audit_event(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Lets each of these do work until the time is up; how often all of them did.
async fn count<F, W>(workers: Vec<W>) -> u64
where
    W: FnMut() -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let until = Instant::now() + round();
    let tasks: Vec<_> = workers
        .into_iter()
        .map(|mut work| {
            tokio::spawn(async move {
                let mut done = 0;
                while Instant::now() < until {
                    work().await;
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    sum
}

/// A server with the log's tables, and tables to compare with.
struct Bench {
    url: String,
    tables: PostgresAuditTables,
    application: PgConnectOptions,
    sealer: PgConnectOptions,
}

impl Bench {
    async fn new(server: &Postgres) -> Self {
        let url = server.database().await;
        let tables = PostgresAuditTables::new("phi_audit").unwrap();
        let mut db = PgConnection::connect(&url).await.unwrap();
        tables.migrate(&mut db).await.unwrap();
        let options: PgConnectOptions = url.parse().unwrap();
        let login = |part: &str| {
            let name = format!("phi_test_bench_{part}_{}", std::process::id());
            let sql =
                format!("CREATE ROLE {name} LOGIN PASSWORD 'made up' IN ROLE phi_audit_{part}");
            (sql, options.clone().username(&name).password("made up"))
        };
        let ((first, application), (second, sealer)) = (login("application"), login("sealer"));
        for sql in [
            first.as_str(),
            second.as_str(),
            "CREATE TABLE plain (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event BYTEA NOT NULL)",
            "CREATE TABLE chain (id BIGINT PRIMARY KEY, hash BYTEA NOT NULL, event BYTEA NOT NULL)",
            "CREATE TABLE head (id BIGINT NOT NULL, hash BYTEA NOT NULL)",
            "INSERT INTO head VALUES (0, '')",
        ] {
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut db).await.unwrap();
        }
        Self { url, tables, application, sealer }
    }

    async fn connections(&self, count: usize) -> Vec<Arc<tokio::sync::Mutex<PgConnection>>> {
        let mut connections = Vec::new();
        for _ in 0..count {
            let db = PgConnection::connect(&self.url).await.unwrap();
            connections.push(Arc::new(tokio::sync::Mutex::new(db)));
        }
        connections
    }

    /// The floor: each writer inserts its event, one commit each.
    async fn plain(&self, writers: usize) -> f64 {
        let connections = self.connections(writers).await;
        let begun = Instant::now();
        let done = count(
            connections
                .into_iter()
                .map(|db| {
                    move || {
                        let db = Arc::clone(&db);
                        async move {
                            let insert = sqlx::query("INSERT INTO plain (event) VALUES ($1)");
                            let insert = insert.bind(next_event().encode());
                            insert.execute(&mut *db.lock().await).await.unwrap();
                        }
                    }
                })
                .collect(),
        );
        rate(done.await, begun)
    }

    /// What most do: the head is locked, and each entry holds the hash of the one before.
    async fn chain(&self, writers: usize) -> f64 {
        let connections = self.connections(writers).await;
        let begun = Instant::now();
        let done = count(
            connections
                .into_iter()
                .map(|db| {
                    move || {
                        let db = Arc::clone(&db);
                        async move {
                            let event = next_event().encode();
                            let mut db = db.lock().await;
                            let mut transaction = db.begin().await.unwrap();
                            let head = sqlx::query_as("SELECT id, hash FROM head FOR UPDATE");
                            let (id, hash): (i64, Vec<u8>) =
                                head.fetch_one(&mut *transaction).await.unwrap();
                            let hash = Sha256::new()
                                .chain_update(&hash)
                                .chain_update(&event)
                                .finalize()
                                .to_vec();
                            let insert = sqlx::query("INSERT INTO chain VALUES ($1, $2, $3)");
                            let insert = insert.bind(id).bind(&hash).bind(event);
                            insert.execute(&mut *transaction).await.unwrap();
                            let update = sqlx::query("UPDATE head SET id = $1, hash = $2");
                            update
                                .bind(id + 1)
                                .bind(&hash)
                                .execute(&mut *transaction)
                                .await
                                .unwrap();
                            transaction.commit().await.unwrap();
                        }
                    }
                })
                .collect(),
        );
        rate(done.await, begun)
    }

    /// Ours: the writers are tasks of so many processes, and all that they write is sealed when the
    /// time stops.
    async fn sealed(&self, writers: usize, processes: usize, sealer: &PostgresSealer) -> f64 {
        let mut logs = Vec::new();
        for _ in 0..processes {
            let log = PostgresAuditLog::open(self.application.clone(), &self.tables).await.unwrap();
            logs.push(log);
        }
        let begun = Instant::now();
        let done = count(
            logs.iter()
                .cycle()
                .take(writers)
                .map(|log| {
                    let log = log.clone();
                    move || {
                        let slot = log.reserve().unwrap();
                        async move { slot.append(vec![next_event()]).await.unwrap() }
                    }
                })
                .collect(),
        );
        let done = done.await;
        let mut reader = self.reader().await;
        while reader.queue().await.unwrap().waiting > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let rate = rate(done, begun);
        for log in logs {
            log.close().await.unwrap();
        }
        assert_eq!(sealer.problem(), None);
        rate
    }

    async fn reader(&self) -> PostgresAuditReader {
        PostgresAuditReader::open(self.application.clone(), &self.tables).await.unwrap()
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn rate(done: u64, begun: Instant) -> f64 {
    done as f64 / begun.elapsed().as_secs_f64()
}

/// How long a flush of the server's log takes at least.
#[derive(Clone, Copy)]
enum Flush {
    /// As long as this machine's disk takes.
    Disk,
    /// Two milliseconds more, as a volume on the network: `commit_delay` waits before each flush.
    Slow,
}

impl Flush {
    async fn set(self, url: &str) {
        let (name, delay) = match self {
            Self::Disk => ("this machine's disk", 0),
            Self::Slow => ("a disk that takes 2 ms longer", 2_000),
        };
        println!("\n{name} (commit_delay = {delay})");
        let mut db = PgConnection::connect(url).await.unwrap();
        for sql in [
            format!("ALTER SYSTEM SET commit_delay = {delay}"),
            "ALTER SYSTEM SET commit_siblings = 0".to_owned(),
            "SELECT pg_reload_conf()".to_owned(),
        ] {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
        }
    }
}

fn inserts(runtime: &Runtime, bench: &Bench, sealer: &PostgresSealer, flush: Flush) {
    runtime.block_on(flush.set(&bench.url));
    for (writers, processes) in [(8, 1), (32, 4)] {
        let rounds: Vec<[f64; 4]> = (0..if is_test() { 1 } else { ROUNDS })
            .map(|_| {
                [
                    runtime.block_on(bench.plain(writers)),
                    runtime.block_on(bench.sealed(writers, writers, sealer)),
                    runtime.block_on(bench.sealed(writers, processes, sealer)),
                    runtime.block_on(bench.chain(writers)),
                ]
            })
            .collect();
        println!("\ndurable inserts of one audit event, {writers} writers");
        print_way("plain inserts, one commit each", &rounds, 0);
        println!("  PostgresAuditLog, until all is sealed:");
        print_way("  each writer a process of its own", &rounds, 1);
        print_way(&format!("  tasks, processes: {processes}"), &rounds, 2);
        print_way("one chain, its head locked", &rounds, 3);
    }
}

/// The middle of all rounds, each beside the plain inserts of its own round: other machines of the
/// same host come and go.
fn print_way(name: &str, rounds: &[[f64; 4]], way: usize) {
    let middle = |of: &dyn Fn(&[f64; 4]) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        (all[all.len() / 2], all[0], all[all.len() - 1])
    };
    let (rate, ..) = middle(&|round| round[way]);
    let (share, low, high) = middle(&|round| 100.0 * round[way] / round[0]);
    println!("  {name:<38}{rate:>8.0}/s  {share:>4.0} % ({low:.0} to {high:.0})");
}

/// Best of some checks of a log of so many entries.
fn verify<F: Future<Output = u64>>(runtime: &Runtime, name: &str, check: impl Fn() -> F) {
    let mut best = 0.0_f64;
    for _ in 0..if is_test() { 1 } else { ROUNDS } {
        let begun = Instant::now();
        let entries = runtime.block_on(check());
        best = best.max(rate(entries, begun));
    }
    println!("  verify, {name:<10} {best:>10.0} entries/s");
}

fn verify_sqlite(runtime: &Runtime) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.db");
    let key = SigningKey::generate("log.example/bench").unwrap();
    let keys = [key.verifier()];
    runtime.block_on(async {
        let log = SqliteAuditLog::open(&path, key).await.unwrap();
        for _ in 0..entries() / 500 {
            let events = (0..500).map(|_| next_event()).collect();
            log.reserve().unwrap().append(events).await.unwrap();
        }
        log.close().await.unwrap();
    });
    verify(runtime, "SQLite", || async {
        let mut reader = SqliteAuditReader::open(&path).await.unwrap();
        let report = reader.verify(&keys, None).await.unwrap();
        assert_eq!(report.verdict(), Verdict::TruncationNotExcluded);
        report.log().entries()
    });
}

fn verify_postgres(runtime: &Runtime, bench: &Bench) {
    let key = SigningKey::generate("log.example/bench").unwrap();
    let keys: [VerifierKey; 1] = [key.verifier()];
    runtime.block_on(async {
        let (log, sealer) = (
            PostgresAuditLog::open(bench.application.clone(), &bench.tables).await.unwrap(),
            PostgresSealer::start(bench.sealer.clone(), &bench.tables, key).await.unwrap(),
        );
        for _ in 0..entries() / 500 {
            let events = (0..500).map(|_| next_event()).collect();
            log.reserve().unwrap().append(events).await.unwrap();
        }
        log.close().await.unwrap();
        sealer.close().await.unwrap();
    });
    verify(runtime, "PostgreSQL", || async {
        let report = bench.reader().await.verify(&keys, None).await.unwrap();
        assert_eq!(report.verdict(), Verdict::TruncationNotExcluded);
        report.log().entries()
    });
}

fn main() {
    print_machine();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if !std::env::args().any(|arg| arg == "inserts") {
        verify_sqlite(&runtime);
        let Some(server) = Postgres::shared() else { return };
        verify_postgres(&runtime, &runtime.block_on(Bench::new(server)));
    }
    // The roles of a bench have its process's name: one database at a time.
    let Some(server) = Postgres::start() else { return };
    let bench = runtime.block_on(Bench::new(&server));
    let key = SigningKey::generate("log.example/bench").unwrap();
    let sealer = PostgresSealer::start(bench.sealer.clone(), &bench.tables, key);
    let sealer = runtime.block_on(sealer).unwrap();
    for flush in [Flush::Disk, Flush::Slow] {
        inserts(&runtime, &bench, &sealer, flush);
    }
    runtime.block_on(sealer.close()).unwrap();
}
