//! Somebody with the log's file in hand, or with all rights on its server.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};
#[cfg(feature = "postgres")]
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::Stage;
use crate::clinic::Failure;
use crate::clinic::audit::Audit;

/// Reads and rewrites stored events past the application. Triggers only stop accidents.
pub(super) enum Intruder {
    Sqlite(SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(PgConnection),
}

impl Intruder {
    pub(super) async fn enter(stage: &Stage<'_>) -> Result<Self, Failure> {
        match stage.app.audit() {
            Audit::Sqlite(..) => {
                let path = stage.app.folder().audit();
                Ok(Self::Sqlite(SqliteConnectOptions::new().filename(path).connect().await?))
            }
            #[cfg(feature = "postgres")]
            Audit::Postgres(..) => {
                let url = stage.owner.ok_or(Failure::Program("the server has no URL"))?;
                let mut db = PgConnection::connect(url).await?;
                db.execute("SET search_path = phi_audit").await?;
                Ok(Self::Postgres(db))
            }
        }
    }

    pub(super) async fn leaf(&mut self, index: i64) -> Result<Vec<u8>, Failure> {
        let sql = "SELECT leaf FROM phi_audit_entry WHERE idx = $1";
        match self {
            Self::Sqlite(db) => Ok(sqlx::query_scalar(sql).bind(index).fetch_one(db).await?),
            #[cfg(feature = "postgres")]
            Self::Postgres(db) => Ok(sqlx::query_scalar(sql).bind(index).fetch_one(db).await?),
        }
    }

    pub(super) async fn rewrite(&mut self, index: i64, leaf: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Sqlite(db) => {
                let sql = "SELECT sql FROM sqlite_master \
                           WHERE type = 'trigger' AND name = 'phi_audit_entry_same'";
                let trigger: String = sqlx::query_scalar(sql).fetch_one(&mut *db).await?;
                sqlx::query("DROP TRIGGER phi_audit_entry_same").execute(&mut *db).await?;
                let update = sqlx::query("UPDATE phi_audit_entry SET leaf = $1 WHERE idx = $2");
                update.bind(leaf).bind(index).execute(&mut *db).await?;
                sqlx::query(AssertSqlSafe(trigger)).execute(&mut *db).await?;
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(db) => {
                let trigger = "TRIGGER phi_audit_entry_keep";
                let alter =
                    |verb| AssertSqlSafe(format!("ALTER TABLE phi_audit_entry {verb} {trigger}"));
                db.execute(alter("DISABLE")).await?;
                let update = sqlx::query("UPDATE phi_audit_entry SET leaf = $1 WHERE idx = $2");
                update.bind(leaf).bind(index).execute(&mut *db).await?;
                db.execute(alter("ENABLE")).await?;
            }
        }
        Ok(())
    }
}
