//! Connections of the log itself, and what the server must be like.

use std::future::Future;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::time::timeout;

use super::PostgresAuditTables;
use super::roles::{Part, check_role};
use crate::DatabaseFault;
use crate::audit::AuditLogProblem;

/// How long the server may take to answer before the connection is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Gives a piece of work its time. A connection whose work was cut off must not be used again.
pub(super) async fn in_time<T>(
    work: impl Future<Output = Result<T, AuditLogProblem>> + Send,
) -> Result<T, AuditLogProblem> {
    let late = |_| Err(DatabaseFault::Io.into());
    timeout(PATIENCE, work).await.unwrap_or_else(late)
}

/// A connection that makes commits durable, for a role that may do its part and no more.
pub(super) async fn connect(
    options: &PgConnectOptions,
    tables: &PostgresAuditTables,
    part: Part,
) -> Result<PgConnection, AuditLogProblem> {
    in_time(async {
        let mut db = options.clone().disable_statement_logging().connect().await?;
        tables.enter(&mut db).await?;
        check_durable(&mut db, tables).await?;
        check_role(&mut db, tables, part).await?;
        if part == Part::Application {
            // It inserts: there is one plan for that, and no need to make it for every event.
            sqlx::raw_sql("SET plan_cache_mode = auto").execute(&mut db).await?;
        }
        Ok(db)
    })
    .await
}

/// A connection that only reads.
pub(super) async fn connect_to_read(
    options: &PgConnectOptions,
    tables: &PostgresAuditTables,
) -> Result<PgConnection, AuditLogProblem> {
    in_time(async {
        let mut db = options.clone().disable_statement_logging().connect().await?;
        tables.enter(&mut db).await?;
        Ok(db)
    })
    .await
}

/// Settings of the session. Temporary tables come last on the path: nobody can put one before ours.
/// Plans are made anew: the queue is empty when statistics are taken, and full when they matter.
pub(super) async fn enter(db: &mut PgConnection, schema: &str) -> Result<(), AuditLogProblem> {
    sqlx::query(
        "SELECT set_config('search_path', format('%I, pg_temp', $1), false), \
         set_config('synchronous_commit', CASE current_setting('synchronous_commit') \
            WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false), \
         set_config('default_transaction_isolation', 'read committed', false), \
         set_config('statement_timeout', '0', false), \
         set_config('lock_timeout', '5s', false), \
         set_config('idle_in_transaction_session_timeout', '10s', false), \
         set_config('plan_cache_mode', 'force_custom_plan', false), \
         set_config('enable_seqscan', 'off', false), \
         set_config('jit', 'off', false)",
    )
    .bind(schema)
    .execute(db)
    .await?;
    Ok(())
}

/// Refuses a server that forgets what it has acknowledged.
async fn check_durable(
    db: &mut PgConnection,
    tables: &PostgresAuditTables,
) -> Result<(), AuditLogProblem> {
    let (commit, fsync, pages, logged): (String, String, String, bool) = sqlx::query_as(
        "SELECT current_setting('synchronous_commit'), current_setting('fsync'), \
         current_setting('full_page_writes'), \
         (SELECT coalesce(bool_and(relpersistence = 'p'), false) FROM pg_class \
          WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' AND relname LIKE 'phi\\_audit\\_%')",
    )
    .bind(tables.schema())
    .fetch_one(db)
    .await?;
    if !["on", "remote_apply"].contains(&commit.as_str()) || fsync != "on" || !logged {
        return Err(AuditLogProblem::NotDurable);
    }
    if pages != "on" {
        // Right on a file system that never writes half a page, and only there.
        tracing::warn!("audit log: full_page_writes is off; a power failure may damage the log");
    }
    Ok(())
}
