//! Whole records in and out of tables.

use std::fmt::Write as _;

use phi_core::PhiRecord;
use phi_core::record::Columns;
use sqlx::{Arguments as _, AssertSqlSafe, Executor, IntoArguments};

use crate::table_name::TableName;
use crate::{DatabaseFault, Dialect, RowError};

/// Inserts a sealed record, every column of it.
///
/// A table's column has the name of the struct's field; an index adds one named after its field and
/// `_index`. Columns of the table that the struct has not are left to their defaults.
///
/// ```
/// use phi_core::{Phi, PhiRecord, testing};
/// use phi_sqlx::{RowError, insert, update};
/// use sqlx::{Connection as _, SqliteConnection};
/// use uuid::Uuid;
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "patient", sqlx)]
/// struct Patient {
///     #[phi(id)]
///     id: Uuid,
///     #[phi(tenant)]
///     clinic_id: Uuid,
///     #[phi(class = "contact")]
///     name: Phi<String>,
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let mut db = SqliteConnection::connect("sqlite::memory:").await?;
/// sqlx::query("CREATE TABLE patient (id BLOB PRIMARY KEY, clinic_id BLOB NOT NULL, name BLOB NOT NULL) STRICT")
///     .execute(&mut db)
///     .await?;
/// let vault = testing::vault(1); // for examples only
/// let (here, there) = (Uuid::from_u128(1), Uuid::from_u128(2));
/// vault.add_tenant(here)?;
/// vault.add_tenant(there)?;
/// let patient = |clinic_id, name: &str| Patient { id: Uuid::from_u128(3), clinic_id, name: name.into() };
///
/// insert(&mut db, "patient", &vault.seal(&patient(here, "Ada Sample"))?).await?;
/// update(&mut db, "patient", &vault.seal(&patient(here, "Ada Example"))?).await?;
///
/// // The same id in another tenant is another row, and there is none.
/// let foreign = update(&mut db, "patient", &vault.seal(&patient(there, "Eve"))?).await;
/// assert_eq!(foreign.unwrap_err(), RowError::NotFound);
///
/// let row: SealedPatient = sqlx::query_as("SELECT * FROM patient").fetch_one(&mut db).await?;
/// assert_eq!(vault.open(row)?.name.expose(), "Ada Example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`RowError`]; it quotes neither the statement nor the row.
pub async fn insert<'e, DB, E, S>(executor: E, table: &str, row: &S) -> Result<(), RowError>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    E: Executor<'e, Database = DB>,
    S: Columns<DB>,
{
    let mut statement = Statement::<DB>::new("INSERT INTO ");
    statement.table(table)?;
    statement.push(" (");
    for (column, before) in S::NAMES.iter().zip(separators(", ")) {
        statement.push(before);
        statement.push(&DB::quoted(column));
    }
    statement.push(") VALUES (");
    for (column, before) in S::NAMES.iter().zip(separators(", ")) {
        statement.push(before);
        statement.bind(row, column)?;
    }
    statement.push(")");
    statement.run(executor).await?;
    Ok(())
}

/// Updates a sealed record: every column of the struct but id and tenant, in the one row of this id
/// and this tenant.
///
/// A struct with fewer fields under the same label writes only those. For an example see
/// [`insert`].
///
/// # Errors
///
/// [`RowError::NotFound`] if there is no such row in this tenant; otherwise as [`insert`].
///
/// # Security
///
/// A grant that reaches only a principal's own rows judges the owner *in the struct*. Unless the
/// row was opened under the grant before, use [`update_owned`], so that another's row is not taken
/// over by naming oneself its owner.
pub async fn update<'e, DB, E, S>(executor: E, table: &str, row: &S) -> Result<(), RowError>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    E: Executor<'e, Database = DB>,
    S: Columns<DB>,
{
    write_one(update_statement(table, row, None)?, executor).await
}

/// The same, only if the stored row has the struct's owner too: `owner` is the owner's column. It
/// cannot be changed this way.
///
/// # Errors
///
/// [`RowError::NotFound`] if there is no such row of this owner; [`RowError::Column`] if the struct
/// has no such column; otherwise as [`insert`].
pub async fn update_owned<'e, DB, E, S>(
    executor: E,
    table: &str,
    owner: &str,
    row: &S,
) -> Result<(), RowError>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    E: Executor<'e, Database = DB>,
    S: Columns<DB>,
{
    let owner = named::<DB, S>(owner).ok_or(RowError::Column)?;
    write_one(update_statement(table, row, Some(owner))?, executor).await
}

/// The column of this name.
fn named<DB: Dialect, S: Columns<DB>>(name: &str) -> Option<&'static str> {
    S::NAMES.iter().copied().find(|column| *column == name)
}

async fn write_one<'e, DB, E>(statement: Statement<DB>, executor: E) -> Result<(), RowError>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    E: Executor<'e, Database = DB>,
{
    match statement.run(executor).await? {
        0 => Err(RowError::NotFound),
        _ => Ok(()),
    }
}

/// Built before anything is awaited: its closures over column names would keep a handler's future
/// from being `Send` for every lifetime.
fn update_statement<DB: Dialect, S: Columns<DB>>(
    table: &str,
    row: &S,
    owner: Option<&'static str>,
) -> Result<Statement<DB>, RowError> {
    // A record that says it has a tenant is never written without it.
    if S::Open::schema().has_tenant != S::TENANT.is_some() {
        return Err(RowError::Column);
    }
    let fixed = [Some(S::ID), S::TENANT, owner];
    let mut changed = S::NAMES.iter().filter(|column| !fixed.contains(&Some(**column))).peekable();
    if changed.peek().is_none() {
        return Err(RowError::Column);
    }
    let mut statement = Statement::<DB>::new("UPDATE ");
    statement.table(table)?;
    for (column, before) in changed.zip(separators(", ").map(|comma| comma_or(comma, " SET "))) {
        statement.push(before);
        statement.equals(row, column)?;
    }
    for (column, before) in
        fixed.into_iter().flatten().zip(separators(" AND ").map(|and| comma_or(and, " WHERE ")))
    {
        statement.push(before);
        statement.equals(row, column)?;
    }
    Ok(statement)
}

/// Nothing before the first, `text` before each other one.
fn separators(text: &'static str) -> impl Iterator<Item = &'static str> {
    std::iter::once("").chain(std::iter::repeat(text))
}

fn comma_or(comma: &'static str, first: &'static str) -> &'static str {
    if comma.is_empty() { first } else { comma }
}

/// A statement as it grows, with its arguments.
struct Statement<DB: Dialect> {
    sql: String,
    arguments: DB::Arguments,
}

impl<DB: Dialect> Statement<DB> {
    fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), arguments: DB::Arguments::default() }
    }

    fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    /// It is part of the text, so nothing but a name may come.
    fn table(&mut self, name: &str) -> Result<(), RowError> {
        let table = TableName::parse(name).ok_or(RowError::Table)?;
        self.push(&table.quoted(DB::quoted));
        Ok(())
    }

    fn bind<S: Columns<DB>>(&mut self, row: &S, column: &str) -> Result<(), RowError> {
        row.bind(column, &mut self.arguments).map_err(|_| RowError::Value)?;
        self.arguments.format_placeholder(&mut self.sql).map_err(|_| RowError::Value)
    }

    fn equals<S: Columns<DB>>(&mut self, row: &S, column: &str) -> Result<(), RowError> {
        write!(self.sql, "{} = ", DB::quoted(column)).map_err(|_| RowError::Value)?;
        self.bind(row, column)
    }

    /// How many rows it found.
    async fn run<'e, E>(self, executor: E) -> Result<u64, RowError>
    where
        E: Executor<'e, Database = DB>,
        DB::Arguments: IntoArguments<DB>,
    {
        // The text is made of this program's own names and of bind marks.
        let query = sqlx::query_with(AssertSqlSafe(self.sql), self.arguments);
        let done = query.execute(executor).await;
        done.map(|done| DB::rows(&done)).map_err(|error| DatabaseFault::of(&error).into())
    }
}
