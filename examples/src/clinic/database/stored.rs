use phi_core::record::Columns;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Sqlite};

/// A sealed record that goes in and out of each database: every derived one does.
#[cfg(not(feature = "postgres"))]
pub trait Stored: Columns<Sqlite> + for<'r> FromRow<'r, SqliteRow> + Send + Sync + Unpin {}

#[cfg(not(feature = "postgres"))]
impl<S> Stored for S where S: Columns<Sqlite> + for<'r> FromRow<'r, SqliteRow> + Send + Sync + Unpin {}

/// A sealed record that goes in and out of each database: every derived one does.
#[cfg(feature = "postgres")]
pub trait Stored:
    Columns<Sqlite>
    + Columns<sqlx::Postgres>
    + for<'r> FromRow<'r, SqliteRow>
    + for<'r> FromRow<'r, sqlx::postgres::PgRow>
    + Send
    + Sync
    + Unpin
{
}

#[cfg(feature = "postgres")]
impl<S> Stored for S where
    S: Columns<Sqlite>
        + Columns<sqlx::Postgres>
        + for<'r> FromRow<'r, SqliteRow>
        + for<'r> FromRow<'r, sqlx::postgres::PgRow>
        + Send
        + Sync
        + Unpin
{
}
