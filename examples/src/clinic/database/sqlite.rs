//! The clinic in a `SQLite` file.

use std::path::Path;
use std::time::Duration;

use phi_sqlx::{sealed_check, token_check};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqlitePool};

use crate::clinic::Failure;

/// Opens the file, making it and the tables where there are none.
pub(super) async fn open(path: &Path) -> Result<SqlitePool, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true);
    let pool = SqlitePool::connect_with(options).await?;
    // The text is made of this file's own words.
    sqlx::raw_sql(AssertSqlSafe(tables())).execute(&pool).await?;
    Ok(pool)
}

fn tables() -> String {
    // Bytes hold ids as well, and integers are of any width.
    super::tables(sealed_check, token_check, ["BLOB", "BLOB", "INTEGER"], " STRICT")
}
