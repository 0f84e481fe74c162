//! The clinic's table on a throw-away `PostgreSQL`.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate and uses its part")]

use phi_sqlx::postgres::{sealed_check, token_check};
use sqlx::{AssertSqlSafe, PgPool};

/// A pool on an empty database, or `None` without a server.
pub async fn pool() -> Option<PgPool> {
    let server = phi_test_servers::Postgres::shared()?;
    Some(PgPool::connect(&server.database().await).await.unwrap())
}

/// `CREATE TABLE patient`, with the checks.
pub fn patient_table() -> String {
    format!(
        "CREATE TABLE patient (
            id UUID PRIMARY KEY,
            clinic_id UUID NOT NULL,
            clinician_id UUID NOT NULL,
            name BYTEA NOT NULL CHECK ({}),
            ssn BYTEA NOT NULL CHECK ({}),
            ssn_index BYTEA NOT NULL CHECK ({}),
            diagnosis BYTEA CHECK ({}),
            active BOOLEAN NOT NULL
        )",
        sealed_check("name"),
        sealed_check("ssn"),
        token_check("ssn_index"),
        sealed_check("diagnosis"),
    )
}

pub async fn run(pool: &PgPool, sql: impl Into<String>) {
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(pool).await.unwrap();
}
