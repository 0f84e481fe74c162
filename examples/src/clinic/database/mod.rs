//! The tables, and the two databases they may be in. Sealed columns are bytes, and the database
//! itself refuses clear text in them.

#[cfg(feature = "postgres")]
mod postgres;
mod session;
mod sqlite;
mod stored;

use std::path::Path;

use phi_core::Grant;
use sqlx::SqlitePool;
use uuid::Uuid;

use super::Failure;
#[cfg(feature = "postgres")]
use super::folder::Folder;
#[cfg(feature = "postgres")]
pub(super) use postgres::LogLogins;
pub use session::Session;
pub(crate) use session::on;
pub use stored::Stored;

/// The clinic's database. Statements are written once, with marks that both know (`$1`), and run
/// in a [`Session`].
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite(SqlitePool),
    /// A server, as a role that sees one clinic at a time.
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgPool),
}

impl Database {
    /// Opens the clinic's file, making it and the tables where there are none.
    ///
    /// # Errors
    ///
    /// [`Failure::Database`] if the file cannot be used.
    pub async fn file(path: &Path) -> Result<Self, Failure> {
        Ok(Self::Sqlite(sqlite::open(path).await?))
    }

    /// Connects to a `PostgreSQL` server, making the tables where there are none. For a superuser it
    /// makes the audit log there as well, and roles of their own for the application and the log's
    /// sealer, with passwords that the folder keeps; for a plain role the log stays in the folder.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be used, or the application's role could see every clinic.
    #[cfg(feature = "postgres")]
    pub async fn server(url: &str, folder: &Folder) -> Result<Self, Failure> {
        Ok(Self::Postgres(postgres::open(url, folder).await?))
    }

    /// As whom the audit log is written and sealed here; `None` if it is in a file.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the database cannot be asked, or a password cannot be read.
    #[cfg(feature = "postgres")]
    pub(super) async fn log_logins(&self, folder: &Folder) -> Result<Option<LogLogins>, Failure> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(pool) => postgres::log_logins(pool, folder).await,
        }
    }

    /// What the tour calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "clinic.db",
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// A session for what belongs to no clinic: who works where.
    ///
    /// # Errors
    ///
    /// [`Failure`] if none begins.
    pub async fn session(&self) -> Result<Session, Failure> {
        match self {
            Self::Sqlite(pool) => Ok(Session::Sqlite(pool.acquire().await?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => Ok(Session::Postgres(pool.begin().await?)),
        }
    }

    /// A session in the name of the grant's clinic. A server shows no other clinic's rows in it; a
    /// file shows all, and it is the grant that does not open them.
    ///
    /// # Errors
    ///
    /// [`Failure`] if none begins.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(unused_variables, reason = "a file does not ask for whom")
    )]
    pub async fn session_of(&self, grant: &Grant) -> Result<Session, Failure> {
        match self {
            Self::Sqlite(pool) => Ok(Session::Sqlite(pool.acquire().await?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => {
                let begun = phi_sqlx::postgres::tenant_transaction(pool, grant).await;
                Ok(Session::Postgres(begun?))
            }
        }
    }

    /// A session in the name of a clinic, of which all is kept or nothing.
    ///
    /// # Errors
    ///
    /// [`Failure`] if none begins.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(unused_variables, reason = "a file does not ask for whom")
    )]
    pub async fn session_in(&self, clinic: Uuid) -> Result<Session, Failure> {
        match self {
            Self::Sqlite(pool) => Ok(Session::Whole(pool.begin().await?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => {
                let clinic = phi_core::Id::from(clinic);
                let begun = phi_sqlx::postgres::tenant_transaction_of(pool, &clinic).await;
                Ok(Session::Postgres(begun?))
            }
        }
    }

    /// The bytes of a clinic's rows and of the audit log as a server keeps them, table by table; those
    /// of a file are in the file.
    ///
    /// # Errors
    ///
    /// [`Failure::Database`] if they cannot be read.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(unused_variables, clippy::unused_async, reason = "a file is read by its name")
    )]
    pub async fn bytes_of(&self, clinic: Uuid) -> Result<Vec<Vec<u8>>, Failure> {
        match self {
            Self::Sqlite(_) => Ok(Vec::new()),
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => postgres::bytes_of(pool, clinic).await,
        }
    }

    /// Ends its connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// The tables in a database's own words: its checks, its types of ids, bytes and large integers,
/// and what ends a table.
fn tables(
    sealed: fn(&str) -> String,
    token: fn(&str) -> String,
    [id, bytes, int]: [&str; 3],
    end: &str,
) -> String {
    let sealed = |name: &str| format!("{name} {bytes} CHECK ({})", sealed(name));
    let token = |name: &str| format!("{name} {bytes} CHECK ({})", token(name));
    format!(
        "
        CREATE TABLE IF NOT EXISTS clinic (
            id {id} PRIMARY KEY,
            name TEXT NOT NULL
        ){end};
        CREATE TABLE IF NOT EXISTS membership (
            id {id} PRIMARY KEY,
            account_id {id} NOT NULL,
            clinic_id {id} NOT NULL REFERENCES clinic (id),
            role TEXT NOT NULL
        ){end};
        CREATE INDEX IF NOT EXISTS membership_account ON membership (account_id);
        CREATE TABLE IF NOT EXISTS patient (
            id {id} PRIMARY KEY,
            clinic_id {id} NOT NULL REFERENCES clinic (id),
            {name} NOT NULL, {born}, {gender}, {phone}, {phone_index}, {address}, {ssn}, {ssn_index},
            {diagnosis},
            clinician_id {id},
            created_at {int} NOT NULL
        ){end};
        CREATE INDEX IF NOT EXISTS patient_ssn ON patient (clinic_id, ssn_index);
        CREATE INDEX IF NOT EXISTS patient_phone ON patient (clinic_id, phone_index);
        CREATE TABLE IF NOT EXISTS visit (
            id {id} PRIMARY KEY,
            clinic_id {id} NOT NULL REFERENCES clinic (id),
            patient_id {id} NOT NULL REFERENCES patient (id),
            {day}, {reason}, {note},
            clinician_id {id}
        ){end};
        CREATE INDEX IF NOT EXISTS visit_patient ON visit (patient_id);
        CREATE TABLE IF NOT EXISTS condition (
            id {id} PRIMARY KEY,
            clinic_id {id} NOT NULL REFERENCES clinic (id),
            patient_id {id} NOT NULL REFERENCES patient (id),
            {name} NOT NULL, {code}, {onset}
        ){end};
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
