//! P11 for transactions on servers: serialisation failures, deadlocks, and connections that are
//! lost before and during the commit.
#![cfg(all(feature = "postgres", feature = "mysql"))]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/postgres.rs"]
mod server;
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use phi_sqlx::postgres::retry_tenant_transaction;
use phi_sqlx::{DatabaseFault, Pause, Retry, RetryError, Transient as _, retry_transaction};
use proxy::{Cut, Proxy};
use server::run;
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor as _, MySqlPool, MySqlTransaction, PgPool, PgTransaction};
use tokio::sync::Barrier;

#[derive(Clone, Copy)]
struct NoPause;

impl Pause for NoPause {
    async fn pause(&self, most: Duration) {
        assert!(most <= Duration::from_secs(1));
    }
}

fn retry() -> Retry<NoPause> {
    Retry::new().pause_by(NoPause)
}

/// Two pools on one database: straight, and through a proxy.
async fn through(at: &'static [u8], cut: Cut) -> Option<(PgPool, PgPool, Proxy)> {
    let pool = server::pool().await?;
    run(&pool, "CREATE TABLE t (x INTEGER)").await;
    let options = pool.connect_options().as_ref().clone();
    let proxy = Proxy::new(format!("{}:{}", options.get_host(), options.get_port()), at, cut).await;
    let options = options.port(proxy.address.port());
    let cut = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    Some((pool, cut, proxy))
}

async fn count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(pool).await.unwrap()
}

type Done<T> = Result<(T, ()), sqlx::Error>;

async fn insert(mut transaction: PgTransaction<'static>) -> Done<PgTransaction<'static>> {
    transaction.execute("INSERT INTO t VALUES (1)").await?;
    Ok((transaction, ()))
}

#[tokio::test]
async fn a_connection_lost_during_the_commit_is_unknown_whichever_way_it_went() {
    for (cut, stored) in [(Cut::Before, 0), (Cut::Behind, 1)] {
        let Some((straight, pool, proxy)) = through(b"COMMIT", cut).await else { return };
        proxy.cut(1);
        let tried = AtomicU32::new(0);
        let work = |transaction| {
            tried.fetch_add(1, Ordering::Relaxed);
            insert(transaction)
        };
        let lost = retry_transaction(&pool, &retry(), work).await.unwrap_err();
        assert!(matches!(lost, RetryError::Unknown), "{cut:?}");
        assert_eq!((tried.into_inner(), proxy.left()), (1, 0)); // once, and it was cut
        assert_eq!(count(&straight).await, stored, "{cut:?}");
        // The control: the next one gets through.
        retry_transaction(&pool, &retry(), insert).await.unwrap();
        assert_eq!(count(&straight).await, stored + 1);
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_commit_is_tried_again_and_done_once() {
    for (cut, at) in [
        (Cut::Before, &b"INSERT"[..]),
        (Cut::Behind, b"INSERT"),
        (Cut::Behind, b"BEGIN"),
        (Cut::Before, b"SELECT 1"), // the last question before the commit
    ] {
        let Some((straight, pool, proxy)) = through(at, cut).await else { return };
        proxy.cut(2);
        retry_transaction(&pool, &retry(), insert).await.unwrap();
        assert_eq!((proxy.left(), count(&straight).await), (0, 1), "{cut:?}");
        proxy.cut(5);
        let lost = retry_transaction(&pool, &retry(), insert).await.unwrap_err();
        assert!(!matches!(lost, RetryError::Unknown), "{lost:?}");
        assert_eq!((proxy.left(), count(&straight).await), (0, 1), "{cut:?}");
    }
}

/// Two transactions that read what the other writes. One of them fails, and is right the next time.
#[tokio::test]
async fn a_serialisation_failure_is_tried_again() {
    let Some(pool) = server::pool().await else { return };
    run(&pool, "CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1)").await;
    let serializable = retry().begin("BEGIN ISOLATION LEVEL SERIALIZABLE");
    let tried = AtomicU32::new(0);
    let add_sum = async |transaction: &mut PgTransaction<'static>| -> Result<(), sqlx::Error> {
        transaction.execute("INSERT INTO t SELECT sum(x) FROM t").await.map(drop)
    };
    let (pool, tried_by, add_sum) = (&pool, &tried, &add_sum);
    let work = |mut transaction: PgTransaction<'static>| async move {
        let first = tried_by.fetch_add(1, Ordering::Relaxed) == 0;
        add_sum(&mut transaction).await?;
        if first {
            let mut other = pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await?;
            add_sum(&mut other).await?;
            other.commit().await?;
        }
        Ok::<_, sqlx::Error>((transaction, ()))
    };
    retry_transaction(pool, &serializable, work).await.unwrap();
    let rows: Vec<i32> =
        sqlx::query_scalar("SELECT x FROM t ORDER BY x").fetch_all(pool).await.unwrap();
    assert_eq!((tried.load(Ordering::Relaxed), rows), (2, vec![1, 1, 2]));
}

#[tokio::test]
async fn a_deadlock_is_tried_again_on_postgres() {
    let Some(pool) = server::pool().await else { return };
    run(
        &pool,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER); INSERT INTO t VALUES (1, 0), (2, 0)",
    )
    .await;
    let (tried, met) = (Arc::new(AtomicU32::new(0)), Arc::new(Barrier::new(2)));
    let both = [(1, 2), (2, 1)].map(|(first, second)| {
        let (pool, tried, met) = (pool.clone(), Arc::clone(&tried), Arc::clone(&met));
        tokio::spawn(async move {
            let work = |mut transaction: PgTransaction<'static>| {
                let (tried, met) = (&tried, &met);
                async move {
                    let sql = "UPDATE t SET x = x + 1 WHERE id = $1";
                    let early = tried.fetch_add(1, Ordering::SeqCst) < 2;
                    sqlx::query(sql).bind(first).execute(&mut *transaction).await?;
                    if early {
                        met.wait().await;
                    }
                    sqlx::query(sql).bind(second).execute(&mut *transaction).await?;
                    Ok::<_, sqlx::Error>((transaction, ()))
                }
            };
            retry_transaction(&pool, &retry(), work).await.unwrap();
        })
    });
    for one in both {
        one.await.unwrap();
    }
    let sum: i64 = sqlx::query_scalar("SELECT sum(x) FROM t").fetch_one(&pool).await.unwrap();
    assert_eq!(sum, 4); // each did both, once
    assert!(tried.load(Ordering::SeqCst) > 2);
}

#[tokio::test]
async fn an_error_that_the_work_passes_over_is_no_success() {
    let Some(pool) = server::pool().await else { return };
    run(&pool, "CREATE TABLE t (x INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED)").await;
    let careless = |mut transaction: PgTransaction<'static>| async {
        transaction.execute("INSERT INTO t VALUES (1)").await?;
        let _ = transaction.execute("INSERT INTO nowhere VALUES (1)").await;
        Ok::<_, sqlx::Error>((transaction, ()))
    };
    let undone = retry_transaction(&pool, &retry(), careless).await.unwrap_err();
    assert!(matches!(undone, RetryError::Undone), "{undone:?}");
    assert_eq!(count(&pool).await, 0);
    // A commit that the database refuses is a failure, not a riddle.
    retry_transaction(&pool, &retry(), insert).await.unwrap();
    let refused = retry_transaction(&pool, &retry(), insert).await.unwrap_err();
    assert!(matches!(refused, RetryError::Commit(DatabaseFault::Taken)), "{refused:?}");
    assert_eq!(count(&pool).await, 1);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_not_given_more_time() {
    let Some(pool) = server::pool().await else { return };
    let tried = AtomicU32::new(0);
    let tried = &tried;
    let slow = |mut transaction: PgTransaction<'static>| async move {
        tried.fetch_add(1, Ordering::Relaxed);
        transaction.execute("SET LOCAL statement_timeout = 1").await?;
        transaction.execute("SELECT pg_sleep(60)").await?;
        Ok::<_, sqlx::Error>((transaction, ()))
    };
    let cancelled = retry_transaction(&pool, &retry(), slow).await.unwrap_err();
    let RetryError::Work(cancelled) = cancelled else { panic!("{cancelled:?}") };
    assert_eq!(cancelled.fault(), Some(DatabaseFault::Cancelled));
    assert_eq!(tried.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_session_that_is_ended_is_replaced() {
    let Some((straight, pool, _)) = through(b"-", Cut::Before).await else { return };
    let tried = AtomicU32::new(0);
    let (straight, tried) = (&straight, &tried);
    let work = |mut transaction: PgTransaction<'static>| async move {
        if tried.fetch_add(1, Ordering::Relaxed) == 0 {
            let pid: i32 =
                sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *transaction).await?;
            sqlx::query("SELECT pg_terminate_backend($1, 10000)")
                .bind(pid)
                .execute(straight)
                .await?;
        }
        insert(transaction).await
    };
    retry_transaction(&pool, &retry(), work).await.unwrap();
    assert_eq!((tried.load(Ordering::Relaxed), count(straight).await), (2, 1));
}

#[tokio::test]
async fn each_attempt_is_in_the_name_of_the_tenant() {
    use phi_core::audit::RecordingLog;
    use phi_core::policy::{Action, Policy, Purpose};
    use phi_core::{Membership, Principal, Safeguards, testing};
    use support::clinic::{HERE, Patient};

    const POLICY: &str = r#"
version = 1
[[roles.clinician.allow]]
actions = ["read"]
resources = ["patient"]
classes = "all"
scope = "all"
purposes = ["TREAT"]
"#;
    let Some((_, pool, proxy)) = through(b"INSERT", Cut::Before).await else { return };
    let policy = Policy::from_toml(POLICY).unwrap();
    let safeguards = Safeguards::builder(testing::keys(1), policy, RecordingLog::new());
    let safeguards = safeguards.record::<Patient>().build().unwrap();
    let begin = async |membership| {
        let ada = Principal::person(1, membership);
        safeguards.begin(&ada, Action::Read, "patient", Purpose::Treatment).await.unwrap()
    };
    let grant = begin(Membership::new(1, HERE, "clinician")).await;
    proxy.cut(1);
    let work = |transaction| async {
        let (mut transaction, ()) = insert(transaction).await?;
        let tenant: String = sqlx::query_scalar("SELECT current_setting('phi.tenant')")
            .fetch_one(&mut *transaction)
            .await?;
        Ok::<_, sqlx::Error>((transaction, tenant))
    };
    let tenant = retry_tenant_transaction(&pool, &grant, &retry(), work).await.unwrap();
    assert_eq!((tenant, proxy.left()), (HERE.to_string(), 0));
    let grant = begin(Membership::global(1, "clinician")).await;
    let refused = retry_tenant_transaction(&pool, &grant, &retry(), work).await.unwrap_err();
    assert!(matches!(refused, RetryError::NoTenant));
}

async fn mariadb() -> Option<MySqlPool> {
    let server = phi_test_servers::MariaDb::shared()?;
    let pool = MySqlPool::connect(&server.database().await).await.unwrap();
    pool.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER)").await.unwrap();
    pool.execute("INSERT INTO t VALUES (1, 0), (2, 0)").await.unwrap();
    Some(pool)
}

async fn add(mut transaction: MySqlTransaction<'static>) -> Done<MySqlTransaction<'static>> {
    transaction.execute("UPDATE t SET x = x + 1").await?;
    Ok((transaction, ()))
}

async fn sum(pool: &MySqlPool) -> i64 {
    sqlx::query_scalar("SELECT CAST(sum(x) AS SIGNED) FROM t").fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_deadlock_is_tried_again_on_mariadb() {
    let Some(pool) = mariadb().await else { return };
    let (tried, met) = (Arc::new(AtomicU32::new(0)), Arc::new(Barrier::new(2)));
    let both = [(1, 2), (2, 1)].map(|(first, second)| {
        let (pool, tried, met) = (pool.clone(), Arc::clone(&tried), Arc::clone(&met));
        tokio::spawn(async move {
            let work = |mut transaction: MySqlTransaction<'static>| {
                let (tried, met) = (&tried, &met);
                async move {
                    let sql = "UPDATE t SET x = x + 1 WHERE id = ?";
                    let early = tried.fetch_add(1, Ordering::SeqCst) < 2;
                    sqlx::query(sql).bind(first).execute(&mut *transaction).await?;
                    if early {
                        met.wait().await;
                    }
                    sqlx::query(sql).bind(second).execute(&mut *transaction).await?;
                    Ok::<_, sqlx::Error>((transaction, ()))
                }
            };
            retry_transaction(&pool, &retry(), work).await.unwrap();
        })
    });
    for one in both {
        one.await.unwrap();
    }
    assert_eq!(sum(&pool).await, 4); // each did both, once
    assert!(tried.load(Ordering::SeqCst) > 2);
}

#[tokio::test]
async fn a_lost_connection_is_judged_on_mariadb_too() {
    for (at, cut, expected) in [
        (&b"COMMIT"[..], Cut::Before, Err(0)),
        (b"COMMIT", Cut::Behind, Err(2)),
        (b"UPDATE", Cut::Before, Ok(2)),
        (b"UPDATE", Cut::Behind, Ok(2)),
    ] {
        let Some(straight) = mariadb().await else { return };
        let options = straight.connect_options().as_ref().clone();
        let server = format!("{}:{}", options.get_host(), options.get_port());
        let proxy = Proxy::new(server, at, cut).await;
        let options = options.port(proxy.address.port());
        let pool = MySqlPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        proxy.cut(1);
        let ended = retry_transaction(&pool, &retry(), add).await;
        let unknown = matches!(ended, Err(RetryError::Unknown));
        assert_eq!((unknown, proxy.left()), (expected.is_err(), 0), "{ended:?}");
        let (Ok(stored) | Err(stored)) = expected;
        assert_eq!(sum(&straight).await, stored, "{cut:?}");
    }
}
