//! The tables. Sealed columns are bytes, and the database itself refuses clear text in them.

use std::path::Path;
use std::time::Duration;

use phi_sqlx::{sealed_check, token_check};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqlitePool};
use uuid::Uuid;

use super::Failure;

/// Opens the clinic's database, making file and tables where there are none.
///
/// # Errors
///
/// [`Failure::Database`] if the file cannot be used.
pub async fn open(path: &Path) -> Result<SqlitePool, Failure> {
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

/// Whether a table has a row with this id.
///
/// # Errors
///
/// [`Failure::Database`] if it cannot be asked.
pub async fn has_row(
    db: impl sqlx::SqliteExecutor<'_>,
    table: &'static str,
    id: Uuid,
) -> Result<bool, Failure> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE id = ?)");
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).fetch_one(db).await?)
}

fn tables() -> String {
    let sealed = |name: &str| format!("{name} BLOB CHECK ({})", sealed_check(name));
    let token = |name: &str| format!("{name} BLOB CHECK ({})", token_check(name));
    format!(
        "
        CREATE TABLE IF NOT EXISTS clinic (
            id BLOB PRIMARY KEY,
            name TEXT NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS membership (
            id BLOB PRIMARY KEY,
            account_id BLOB NOT NULL,
            clinic_id BLOB NOT NULL REFERENCES clinic (id),
            role TEXT NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS membership_account ON membership (account_id);
        CREATE TABLE IF NOT EXISTS patient (
            id BLOB PRIMARY KEY,
            clinic_id BLOB NOT NULL REFERENCES clinic (id),
            {name} NOT NULL, {born}, {gender}, {phone}, {phone_index}, {address}, {ssn}, {ssn_index},
            {diagnosis},
            clinician_id BLOB,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS patient_ssn ON patient (clinic_id, ssn_index);
        CREATE INDEX IF NOT EXISTS patient_phone ON patient (clinic_id, phone_index);
        CREATE TABLE IF NOT EXISTS visit (
            id BLOB PRIMARY KEY,
            clinic_id BLOB NOT NULL REFERENCES clinic (id),
            patient_id BLOB NOT NULL REFERENCES patient (id),
            {day}, {reason}, {note},
            clinician_id BLOB
        ) STRICT;
        CREATE INDEX IF NOT EXISTS visit_patient ON visit (patient_id);
        CREATE TABLE IF NOT EXISTS condition (
            id BLOB PRIMARY KEY,
            clinic_id BLOB NOT NULL REFERENCES clinic (id),
            patient_id BLOB NOT NULL REFERENCES patient (id),
            {name} NOT NULL, {code}, {onset}
        ) STRICT;
        CREATE INDEX IF NOT EXISTS condition_patient ON condition (patient_id);
        ",
        name = sealed("name"),
        born = sealed("born"),
        gender = sealed("gender"),
        phone = sealed("phone"),
        phone_index = token("phone_index"),
        address = sealed("address"),
        ssn = sealed("ssn"),
        ssn_index = token("ssn_index"),
        diagnosis = sealed("diagnosis"),
        day = sealed("day"),
        reason = sealed("reason"),
        note = sealed("note"),
        code = sealed("code"),
        onset = sealed("onset"),
    )
}
