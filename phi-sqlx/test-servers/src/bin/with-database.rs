//! `with-database postgres|mariadb SCHEMA.sql COMMAND…` runs a command with `DATABASE_URL` naming an
//! empty database of a throw-away server into which the file was loaded.

use std::io::Write as _;
use std::process::{Command, ExitCode};
use std::sync::OnceLock;

use phi_test_servers::{MariaDb, Postgres};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [kind, schema, program, rest @ ..] = args.as_slice() else {
        return tell("usage: with-database postgres|mariadb SCHEMA.sql COMMAND…");
    };
    let Ok(schema) = std::fs::read_to_string(schema) else {
        return tell("the schema cannot be read");
    };
    let Ok(url) = made(kind, schema).await else {
        return tell("the schema is not taken");
    };
    let Some(url) = url else { return tell("there is no such server here") };
    let status = Command::new(program).args(rest).env("DATABASE_URL", url).status();
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Until the program ends.
static SERVER: OnceLock<Option<MariaDb>> = OnceLock::new();

async fn made(kind: &str, schema: String) -> Result<Option<String>, sqlx::Error> {
    let sql = sqlx::raw_sql(AssertSqlSafe(schema));
    let url = if kind == "postgres" {
        let Some(server) = Postgres::shared() else { return Ok(None) };
        let url = server.database().await;
        sql.execute(&mut PgConnection::connect(&url).await?).await?;
        url
    } else {
        let Some(server) = SERVER.get_or_init(MariaDb::start) else { return Ok(None) };
        // sqlx writes the database's name into what it found.
        let url = server.database_named("clinic").await;
        sql.execute(&mut MySqlConnection::connect(&url).await?).await?;
        url
    };
    Ok(Some(url))
}

fn tell(why: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "with-database: {why}");
    ExitCode::FAILURE
}
