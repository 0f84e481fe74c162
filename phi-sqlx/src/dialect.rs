//! What differs among the databases.

use std::future::Future;

use sqlx::error::{BoxDynError, DatabaseError};
use sqlx::{Database, Executor, QueryBuilder};

use crate::scope::IdValue;

/// A database that this library writes to: `SQLite`, `PostgreSQL` or `MySQL`/`MariaDB`, each behind
/// the feature of its name.
///
/// Nobody else can implement it, so that what the library promises of a statement holds on each.
pub trait Dialect: Database + sealed::Spoken {}

impl<DB: Database + sealed::Spoken> Dialect for DB {}

/// A column as the database's catalog names it, with its type.
pub(crate) type Described = (String, String);

pub(crate) mod sealed {
    use super::{
        BoxDynError, Database, DatabaseError, Described, Executor, Future, IdValue, QueryBuilder,
    };

    /// How one database says it.
    pub trait Spoken: Database {
        /// The types whose values are bytes, kept as they are, in lower case.
        const BYTES: &'static [&'static str];

        /// How many rows a statement found, changed or not.
        fn rows(result: &Self::QueryResult) -> u64;

        /// Whether a commit that gave this error did not take place for sure.
        fn refused(error: &dyn DatabaseError) -> bool;

        /// Asks whether a commit would keep what the transaction did.
        fn alive(
            connection: &mut Self::Connection,
        ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

        /// A name as a statement has it: in quotes, so that it may be a word of SQL (`user` is the role to `PostgreSQL`),
        /// and of the case that it has without them.
        fn quoted(name: &str) -> String;

        /// What stands before and behind a column of text that is compared byte by byte.
        const EXACT: (&'static str, &'static str);

        /// Adds an id to a statement's arguments.
        fn add_id(arguments: &mut Self::Arguments, id: &IdValue) -> Result<(), BoxDynError>;

        /// Pushes an id's bind mark, with the id.
        fn push_id(builder: &mut QueryBuilder<Self>, id: &IdValue);

        /// The columns of a table, none if there is no such table.
        fn columns<'e, E>(
            executor: E,
            schema: Option<&str>,
            table: &str,
        ) -> impl Future<Output = Result<Vec<Described>, sqlx::Error>> + Send
        where
            E: Executor<'e, Database = Self> + 'e;
    }
}

/// One body for all: the statement takes schema and table, and gives names and types.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
macro_rules! spoken {
    ($db:ty, $bytes:expr, $quoted:expr, $refused:expr, $alive:expr, $exact:expr, $columns:expr) => {
        impl sealed::Spoken for $db {
            const BYTES: &'static [&'static str] = &$bytes;
            const EXACT: (&'static str, &'static str) = $exact;

            fn quoted(name: &str) -> String {
                $quoted(name)
            }

            fn rows(result: &Self::QueryResult) -> u64 {
                result.rows_affected()
            }

            fn refused(error: &dyn DatabaseError) -> bool {
                $refused(error)
            }

            async fn alive(connection: &mut Self::Connection) -> Result<(), sqlx::Error> {
                // `None`: such a transaction gives its error at the commit.
                let ask: Option<&'static str> = $alive;
                match ask {
                    Some(sql) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
                    None => Ok(()),
                }
            }

            fn add_id(arguments: &mut Self::Arguments, id: &IdValue) -> Result<(), BoxDynError> {
                use sqlx::Arguments as _;
                match id {
                    IdValue::Uuid(id) => arguments.add(*id),
                    IdValue::Int(id) => arguments.add(*id),
                    IdValue::Text(id) => arguments.add(id.clone()),
                }
            }

            fn push_id(builder: &mut QueryBuilder<Self>, id: &IdValue) {
                match id {
                    IdValue::Uuid(id) => builder.push_bind(*id),
                    IdValue::Int(id) => builder.push_bind(*id),
                    IdValue::Text(id) => builder.push_bind(id.clone()),
                };
            }

            fn columns<'e, E>(
                executor: E,
                schema: Option<&str>,
                table: &str,
            ) -> impl Future<Output = Result<Vec<Described>, sqlx::Error>> + Send
            where
                E: Executor<'e, Database = Self> + 'e,
            {
                let query = sqlx::query_as($columns).bind(schema.map(str::to_owned));
                query.bind(table.to_owned()).fetch_all(executor)
            }
        }
    };
}

#[cfg(feature = "sqlite")]
spoken!(
    sqlx::Sqlite,
    ["blob", ""], // a column without a type keeps what it is given
    // What double quotes enclose is a text where there is no such column.
    |name: &str| format!("`{name}`"),
    // Busy, locked, full, a constraint; the extended part of the code is cut off. After an
    // input-output error nobody knows what the disk holds.
    |error: &dyn DatabaseError| {
        let code = error.code().and_then(|code| code.parse::<u32>().ok());
        matches!(code.map(|code| code & 0xff), Some(5 | 6 | 13 | 19))
    },
    None,
    ("", " COLLATE BINARY"),
    "SELECT name, lower(type) FROM pragma_table_info(?2, coalesce(?1, 'main'))"
);

#[cfg(feature = "postgres")]
spoken!(
    sqlx::Postgres,
    ["bytea"],
    crate::postgres::quoted,
    // An error before the point of no return undoes the transaction; behind it the server panics.
    // A session that is ended (severity FATAL) may have committed just before.
    |error: &dyn DatabaseError| {
        let error = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
        error.is_some_and(|e| e.severity() == sqlx::postgres::PgSeverity::Error)
    },
    // A failed transaction takes no statement but is "committed" by a silent rollback.
    Some("SELECT 1"),
    ("", " COLLATE \"C\""),
    // A domain counts as what it is made of.
    "SELECT a.attname::text, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL)
     FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = to_regclass(concat_ws('.', $1, $2))
       AND a.attnum > 0 AND NOT a.attisdropped"
);

#[cfg(feature = "mysql")]
spoken!(
    sqlx::MySql,
    ["varbinary", "blob", "mediumblob", "longblob"],
    |name: &str| format!("`{name}`"),
    // Deadlock, a lock that was not free in time, "record has changed".
    |error: &dyn DatabaseError| {
        let error = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>();
        matches!(error.map(sqlx::mysql::MySqlDatabaseError::number), Some(1213 | 1205 | 1020))
    },
    None,
    ("CAST(", " AS BINARY)"),
    "SELECT CAST(column_name AS CHAR), CAST(lower(data_type) AS CHAR)
     FROM information_schema.columns
     WHERE table_schema = coalesce(?, database()) AND table_name = ?"
);
