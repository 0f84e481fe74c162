//! Whether a table's columns can hold what is stored in them: asked once, at start-up.

use std::fmt;

use phi_core::record::Columns;
use sqlx::Executor;

use crate::table_name::TableName;
use crate::{DatabaseFault, Dialect};

/// Checks that a table has all columns of a sealed record, and that those of sealed values and
/// search tokens are of bytes: `BLOB`, `BYTEA` or `VARBINARY`; on `SQLite` a column without a type
/// will do, since it keeps what it is given.
///
/// `PostgreSQL` writes bytes that are bound to a `TEXT` column as text, without a word, and every
/// row is then refused when it is read. This says so before the first row.
///
/// ```
/// use phi_core::{Phi, PhiRecord};
/// use phi_sqlx::{ColumnFault, check_columns};
/// use sqlx::{Connection as _, SqliteConnection};
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "patient", sqlx)]
/// struct Patient {
///     #[phi(id)]
///     id: i64,
///     #[phi(class = "contact")]
///     name: Phi<String>,
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let mut db = SqliteConnection::connect("sqlite::memory:").await?;
/// sqlx::raw_sql("CREATE TABLE good (id INTEGER PRIMARY KEY, name BLOB)").execute(&mut db).await?;
/// sqlx::raw_sql("CREATE TABLE bad (id INTEGER PRIMARY KEY, name TEXT)").execute(&mut db).await?;
/// check_columns::<SealedPatient, _>(&mut db, "good").await?;
///
/// let refused = check_columns::<SealedPatient, _>(&mut db, "bad").await.unwrap_err();
/// assert_eq!(refused.to_string(), "column bad.name is of type text; give it a type of bytes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ColumnError`] with the first column that does not fit.
pub async fn check_columns<'e, S, E>(executor: E, table: &str) -> Result<(), ColumnError>
where
    E: Executor<'e> + 'e,
    E::Database: Dialect,
    S: Columns<E::Database>,
{
    use crate::dialect::sealed::Spoken as _;
    let error = |column, fault| ColumnError { table: table.into(), column, fault };
    let Some(TableName { schema, name, .. }) = TableName::parse(table) else {
        return Err(ColumnError { table: "?".into(), column: None, fault: ColumnFault::Table });
    };
    let found = E::Database::columns(executor, schema, name).await;
    let found = found.map_err(|e| error(None, ColumnFault::Database(DatabaseFault::of(&e))))?;
    if found.is_empty() {
        return Err(error(None, ColumnFault::Table));
    }
    for (column, kind) in S::NAMES.iter().zip(S::KINDS) {
        // Outside quotes no database here minds the case.
        let found = found.iter().find(|(name, _)| name.eq_ignore_ascii_case(column));
        let Some((_, found)) = found else {
            return Err(error(Some(column), ColumnFault::Missing));
        };
        if kind.is_sealed() && !E::Database::BYTES.contains(&found.as_str()) {
            let found = found.as_str().into();
            return Err(error(Some(column), ColumnFault::Type { found }));
        }
    }
    Ok(())
}

/// A column that cannot hold what the record stores in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnError {
    /// The table.
    pub table: Box<str>,
    /// The column, if one is to blame.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub fault: ColumnFault,
}

/// What is wrong with a column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnFault {
    /// There is no such table, or none that this role may see.
    Table,
    /// The table has no such column.
    Missing,
    /// It does not hold bytes.
    Type {
        /// The type as the database's catalog names it.
        found: Box<str>,
    },
    /// The catalog could not be read.
    Database(DatabaseFault),
}

impl fmt::Display for ColumnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (table, column) = (&self.table, self.column.unwrap_or("?"));
        match &self.fault {
            ColumnFault::Table => {
                write!(f, "there is no table {table}, or the role may not see it; check its name")
            }
            ColumnFault::Missing => {
                write!(f, "table {table} has no column {column}; add it, or rename the field")
            }
            ColumnFault::Type { found } => {
                write!(f, "column {table}.{column} is of type {found}; give it a type of bytes")
            }
            ColumnFault::Database(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for ColumnError {}
