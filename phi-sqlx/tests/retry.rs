//! P11 for transactions: what passes is tried again, what is committed is never done twice, and
//! what nobody knows is not said.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use phi_sqlx::{DatabaseFault, Jitter, Pause, Retry, RetryError, retry_transaction};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Executor as _, SqlitePool, SqliteTransaction};
use support::Folder;

/// Waits not at all, and remembers for how long it should have.
#[derive(Default)]
struct Counted(Mutex<Vec<Duration>>);

impl Pause for &Counted {
    async fn pause(&self, most: Duration) {
        self.0.lock().unwrap().push(most);
    }
}

impl Counted {
    fn millis(&self) -> Vec<u128> {
        self.0.lock().unwrap().iter().map(Duration::as_millis).collect()
    }
}

async fn pool(folder: &Folder) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(folder.file("data.db"));
    let options = options.create_if_missing(true).busy_timeout(Duration::ZERO);
    let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
    pool.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)").await.unwrap();
    pool
}

type Done = Result<(SqliteTransaction<'static>, ()), sqlx::Error>;

async fn insert(mut transaction: SqliteTransaction<'static>) -> Done {
    sqlx::query("INSERT INTO t VALUES (1)").execute(&mut *transaction).await?;
    Ok((transaction, ()))
}

async fn count(pool: &SqlitePool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_database_that_somebody_holds_is_asked_again_with_longer_pauses() {
    let folder = Folder::new();
    let pool = pool(&folder).await;
    let holder = Mutex::new(pool.begin_with("BEGIN IMMEDIATE").await.ok());
    let counted = Counted::default();
    let retry =
        Retry::new().attempts(9).pauses(Duration::from_millis(5), Duration::from_millis(30));
    let tried = AtomicU32::new(0);
    let work = |transaction| async {
        if tried.fetch_add(1, Ordering::Relaxed) == 5 {
            let held = holder.lock().unwrap().take();
            held.unwrap().rollback().await.unwrap();
        }
        insert(transaction).await
    };
    retry_transaction(&pool, &retry.pause_by(&counted), work).await.unwrap();
    assert_eq!((tried.into_inner(), count(&pool).await), (6, 1));
    assert_eq!(counted.millis(), [5, 10, 20, 30, 30]);
}

#[tokio::test]
async fn it_ends_with_the_last_error_when_nothing_helps() {
    let folder = Folder::new();
    let pool = pool(&folder).await;
    let _holder = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let counted = Counted::default();
    let retry = Retry::new().pause_by(&counted);
    let refused = retry_transaction(&pool, &retry, insert).await.unwrap_err();
    assert!(matches!(refused, RetryError::Work(sqlx::Error::Database(_))), "{refused:?}");
    assert_eq!(counted.millis().len(), 4);
    // Kept out already by the statement that begins.
    let retry = retry.begin("BEGIN IMMEDIATE");
    let refused = retry_transaction(&pool, &retry, insert).await.unwrap_err();
    assert!(matches!(refused, RetryError::Begin(DatabaseFault::Busy)), "{refused:?}");
    assert_eq!(counted.millis().len(), 8);
}

#[tokio::test]
async fn what_does_not_pass_is_tried_once_and_leaves_nothing() {
    let folder = Folder::new();
    let pool = pool(&folder).await;
    let counted = Counted::default();
    let retry = Retry::new().pause_by(&counted);
    let twice = |transaction| async { insert(insert(transaction).await?.0).await };
    let refused = retry_transaction(&pool, &retry, twice).await.unwrap_err();
    assert!(matches!(refused, RetryError::Work(_)));
    assert_eq!((counted.millis().len(), count(&pool).await), (0, 0));
    // The control: the same work without its second half is done.
    retry_transaction(&pool, &retry, insert).await.unwrap();
    assert_eq!(count(&pool).await, 1);
}

#[tokio::test]
async fn a_commit_that_a_reader_keeps_waiting_is_tried_again() {
    let folder = Folder::new();
    let pool = pool(&folder).await;
    // Without a write-ahead log a reader lets a writer write, and not commit.
    let mut reading = pool.begin().await.unwrap();
    sqlx::query("SELECT * FROM t").fetch_all(&mut *reading).await.unwrap();
    let reading = Mutex::new(Some(reading));
    let (tried, counted) = (AtomicU32::new(0), Counted::default());
    let work = |transaction| async {
        if tried.fetch_add(1, Ordering::Relaxed) == 2 {
            let held = reading.lock().unwrap().take();
            held.unwrap().rollback().await.unwrap();
        }
        insert(transaction).await
    };
    retry_transaction(&pool, &Retry::new().pause_by(&counted), work).await.unwrap();
    assert_eq!((tried.into_inner(), count(&pool).await), (3, 1));
}

#[tokio::test]
async fn a_handler_may_await_it() {
    fn handler(future: impl Future<Output = Result<(), RetryError<sqlx::Error>>> + Send + 'static) {
        drop(future);
    }
    let folder = Folder::new();
    let pool = pool(&folder).await;
    handler(async move {
        let row = String::from("borrowed");
        let work = |mut transaction: SqliteTransaction<'static>| {
            let row = &row;
            async move {
                sqlx::query("INSERT INTO t VALUES (?)")
                    .bind(row)
                    .execute(&mut *transaction)
                    .await?;
                Ok((transaction, ()))
            }
        };
        retry_transaction(&pool, &Retry::new(), work).await
    });
}

#[tokio::test]
async fn the_default_pause_ends() {
    Jitter.pause(Duration::from_micros(1)).await;
}
