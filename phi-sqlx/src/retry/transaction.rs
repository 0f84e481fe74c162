use std::time::Duration;

use sqlx::{Pool, Transaction};

use super::error::passes;
use super::{Jitter, Pause, RetryError, Transient};
use crate::{DatabaseFault, Dialect};

/// How often a transaction is tried, and how long is waited in between.
///
/// Five times by default, with pauses of at most 10 ms, 20 ms, 40 ms …
#[derive(Debug, Clone, Copy)]
pub struct Retry<P = Jitter> {
    attempts: u32,
    first: Duration,
    longest: Duration,
    begin: Option<&'static str>,
    pause: P,
}

impl Default for Retry {
    fn default() -> Self {
        Self::new()
    }
}

impl Retry {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        let (first, longest) = (Duration::from_millis(10), Duration::from_secs(1));
        Self { attempts: 5, first, longest, begin: None, pause: Jitter }
    }
}

impl<P: Pause> Retry<P> {
    /// With so many attempts, the first among them.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// With pauses of at most `first`, then twice that and so on, none above `longest`.
    #[must_use]
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        (self.first, self.longest) = (first, longest);
        self
    }

    /// With another statement than `BEGIN`: `BEGIN ISOLATION LEVEL SERIALIZABLE` on `PostgreSQL`,
    /// `BEGIN IMMEDIATE` on `SQLite`.
    #[must_use]
    pub fn begin(mut self, statement: &'static str) -> Self {
        self.begin = Some(statement);
        self
    }

    /// With another way to wait: for tests, and for other clocks.
    #[must_use]
    pub fn pause_by<Q: Pause>(self, pause: Q) -> Retry<Q> {
        let Self { attempts, first, longest, begin, .. } = self;
        Retry { attempts, first, longest, begin, pause }
    }

    pub(crate) async fn started<DB: Dialect>(
        &self,
        pool: &Pool<DB>,
    ) -> Result<Transaction<'static, DB>, sqlx::Error> {
        match self.begin {
            Some(statement) => pool.begin_with(statement).await,
            None => pool.begin().await,
        }
    }

    async fn wait(&self, tried: u32) {
        let doubled = 1u32.checked_shl(tried.saturating_sub(1)).unwrap_or(u32::MAX);
        self.pause.pause(self.first.saturating_mul(doubled).min(self.longest)).await;
    }
}

/// Runs work in a transaction and commits it; where the database had passing trouble, all of it
/// again.
///
/// Tried again are transactions of which nothing was committed for sure: undone by a serialisation
/// failure or a deadlock, kept out by a lock, or without their connection *before* the commit was
/// sent. Any other failure is handed on. A connection that is lost *during* the commit is reported
/// as [`RetryError::Unknown`], neither as done nor as failed, and nothing is tried again.
///
/// The work is given the transaction and hands it back with its result; it may run several times.
/// Seal records before it, so that a grant notes each once, and pass on every error of a statement.
///
/// ```
/// use phi_sqlx::{Retry, RetryError, retry_transaction};
/// use sqlx::SqlitePool;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let pool = SqlitePool::connect("sqlite::memory:").await?;
/// sqlx::raw_sql("CREATE TABLE visit (id INTEGER PRIMARY KEY)").execute(&pool).await?;
/// let insert = |mut transaction: sqlx::SqliteTransaction<'static>| async move {
///     let insert = sqlx::query("INSERT INTO visit VALUES (1)");
///     let done = insert.execute(&mut *transaction).await?;
///     Ok::<_, sqlx::Error>((transaction, done.rows_affected()))
/// };
/// assert_eq!(retry_transaction(&pool, &Retry::new(), insert).await?, 1);
///
/// // Not tried again: the id is taken, and stays so.
/// let refused = retry_transaction(&pool, &Retry::new(), insert).await.unwrap_err();
/// assert!(matches!(refused, RetryError::Work(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`RetryError`]: the last attempt's.
pub async fn retry_transaction<DB, T, E, P, W, F>(
    pool: &Pool<DB>,
    retry_by: &Retry<P>,
    work: W,
) -> Result<T, RetryError<E>>
where
    DB: Dialect,
    E: Transient,
    P: Pause,
    W: FnMut(Transaction<'static, DB>) -> F,
    F: Future<Output = Result<(Transaction<'static, DB>, T), E>>,
{
    retry(retry_by, || retry_by.started(pool), work).await
}

/// The same, with transactions begun in some way of one's own.
pub(crate) async fn retry<DB, T, E, P, B, S, W, F>(
    retry: &Retry<P>,
    mut begin: B,
    mut work: W,
) -> Result<T, RetryError<E>>
where
    DB: Dialect,
    E: Transient,
    P: Pause,
    B: FnMut() -> S,
    S: Future<Output = Result<Transaction<'static, DB>, sqlx::Error>>,
    W: FnMut(Transaction<'static, DB>) -> F,
    F: Future<Output = Result<(Transaction<'static, DB>, T), E>>,
{
    let mut tried = 0;
    loop {
        tried += 1;
        let (error, fault) = match begin().await {
            Err(error) => {
                let fault = DatabaseFault::of(&error);
                (RetryError::Begin(fault), Some(fault))
            }
            Ok(transaction) => match attempt(work(transaction)).await {
                Ok(done) => return Ok(done),
                Err(failed) => failed,
            },
        };
        if tried >= retry.attempts || !fault.is_some_and(passes) {
            return Err(error);
        }
        retry.wait(tried).await;
    }
}

/// One attempt. An error comes with the fault by which it is tried again, if it may be.
async fn attempt<DB, T, E, F>(work: F) -> Result<T, (RetryError<E>, Option<DatabaseFault>)>
where
    DB: Dialect,
    E: Transient,
    F: Future<Output = Result<(Transaction<'static, DB>, T), E>>,
{
    // With the error the transaction is dropped, and undone before its connection is used again.
    let (mut transaction, done) = work.await.map_err(|error| {
        let fault = error.fault();
        (RetryError::Work(error), fault)
    })?;
    if let Err(error) = DB::alive(&mut transaction).await {
        let fault = DatabaseFault::of(&error);
        return Err(match error {
            sqlx::Error::Database(_) if !passes(fault) => (RetryError::Undone, None),
            // Lost before the commit was sent.
            _ => (RetryError::Commit(fault), Some(fault)),
        });
    }
    match transaction.commit().await {
        Ok(()) => Ok(done),
        Err(error) => {
            let refused = error.as_database_error().is_some_and(DB::refused);
            if !refused {
                return Err((RetryError::Unknown, None));
            }
            let fault = DatabaseFault::of(&error);
            Err((RetryError::Commit(fault), Some(fault)))
        }
    }
}
