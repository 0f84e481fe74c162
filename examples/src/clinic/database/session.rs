use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Sqlite, SqliteTransaction};
use uuid::Uuid;

use super::Stored;
use crate::clinic::Failure;

/// Where the statements of one request or job run.
#[derive(Debug)]
pub enum Session {
    /// A connection to the file: each statement is kept by itself.
    Sqlite(PoolConnection<Sqlite>),
    /// A transaction on the file.
    Whole(SqliteTransaction<'static>),
    /// A transaction on the server, most often in the name of one clinic.
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgTransaction<'static>),
}

/// Runs sqlx's statements in a session: `on!(session, db => sqlx::query(…).execute(db).await)`.
/// The same words are compiled for each database.
macro_rules! on {
    ($session:expr, $db:ident => $statement:expr) => {
        match &mut $session {
            $crate::clinic::database::Session::Sqlite($db) => {
                let $db = &mut **$db;
                $statement
            }
            $crate::clinic::database::Session::Whole($db) => {
                let $db = &mut **$db;
                $statement
            }
            #[cfg(feature = "postgres")]
            $crate::clinic::database::Session::Postgres($db) => {
                let $db = &mut **$db;
                $statement
            }
        }
    };
}
pub(crate) use on;

impl Session {
    /// Inserts a sealed record.
    ///
    /// # Errors
    ///
    /// [`Failure::Row`] if it is not taken.
    pub async fn insert<S: Stored>(&mut self, table: &str, row: &S) -> Result<(), Failure> {
        Ok(on!(*self, db => phi_sqlx::insert(db, table, row).await)?)
    }

    /// Whether a table has a row with this id, as far as the session sees.
    ///
    /// # Errors
    ///
    /// [`Failure::Database`] if it cannot be asked.
    pub async fn has_row(&mut self, table: &'static str, id: Uuid) -> Result<bool, Failure> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE id = $1)");
        let query = AssertSqlSafe(sql);
        Ok(on!(*self, db => sqlx::query_scalar(query).bind(id).fetch_one(db).await)?)
    }

    /// Whose row an id is, also one that the session may not see.
    ///
    /// # Errors
    ///
    /// [`Failure::Database`] if it cannot be asked.
    pub async fn clinic_of(
        &mut self,
        table: &'static str,
        id: Uuid,
    ) -> Result<Option<Uuid>, Failure> {
        #[cfg(feature = "postgres")]
        if let Self::Postgres(transaction) = self {
            let sql = AssertSqlSafe(format!("SELECT phi_tenant_of_{table}($1)"));
            let asked = sqlx::query_scalar(sql).bind(id);
            return Ok(asked.fetch_one(&mut **transaction).await?);
        }
        let sql = AssertSqlSafe(format!("SELECT clinic_id FROM {table} WHERE id = $1"));
        Ok(on!(*self, db => sqlx::query_scalar(sql).bind(id).fetch_optional(db).await)?)
    }

    /// Keeps what was written.
    ///
    /// # Errors
    ///
    /// [`Failure::Database`] if it cannot be kept.
    pub async fn commit(self) -> Result<(), Failure> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Whole(transaction) => Ok(transaction.commit().await?),
            #[cfg(feature = "postgres")]
            Self::Postgres(transaction) => Ok(transaction.commit().await?),
        }
    }
}
