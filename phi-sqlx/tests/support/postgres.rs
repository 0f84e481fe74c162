//! The clinic's table on a throw-away `PostgreSQL`.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate and uses its part")]

use phi_sqlx::postgres::{sealed_check, token_check};
use sqlx::postgres::PgPoolOptions;
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

/// A role without rights of its own that may use the clinic's table, and a pool of its connections.
pub async fn application(pool: &PgPool, connections: u32) -> PgPool {
    let role = create_role(pool, "app", "").await;
    run(pool, format!("GRANT SELECT, INSERT, UPDATE, DELETE ON patient TO {role}")).await;
    pool_of(pool, &role, connections).await
}

/// A role that may log in, named after the database so that no other test has it.
pub async fn create_role(pool: &PgPool, suffix: &str, rights: &str) -> String {
    let database: String =
        sqlx::query_scalar("SELECT current_database()::text").fetch_one(pool).await.unwrap();
    let role = format!("{database}_{suffix}");
    run(pool, format!("CREATE ROLE {role} LOGIN PASSWORD 'sample' {rights}")).await;
    role
}

/// A pool of another role's connections to the same database.
pub async fn pool_of(pool: &PgPool, role: &str, connections: u32) -> PgPool {
    let options = pool.connect_options().as_ref().clone().username(role).password("sample");
    let options = PgPoolOptions::new().max_connections(connections).connect_with(options);
    options.await.unwrap()
}
