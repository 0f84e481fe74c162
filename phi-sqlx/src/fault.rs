//! What went wrong in the database, without a word of the database's own.

use std::fmt;

/// What kind of trouble a database had.
///
/// The database's own message is never kept: it may quote the statement and the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatabaseFault {
    /// Somebody else holds it for too long, or no connection was free in time.
    Busy,
    /// There is no room left.
    Full,
    /// It may not be written.
    ReadOnly,
    /// It cannot be reached, opened, read or written.
    Io,
    /// It is damaged, or not a database.
    Damaged,
    /// A row breaks a rule of the table.
    Constraint,
    /// The row's key, or a unique column's value, is taken.
    Taken,
    /// A value cannot be stored in, or read from, its column.
    Value,
    /// Anything else: most often a statement that does not fit the tables.
    Other,
}

impl DatabaseFault {
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        match error {
            sqlx::Error::Database(error) => match error.kind() {
                ErrorKind::UniqueViolation => Self::Taken,
                ErrorKind::ForeignKeyViolation
                | ErrorKind::NotNullViolation
                | ErrorKind::CheckViolation
                | ErrorKind::ExclusionViolation => Self::Constraint,
                _ => error.code().map_or(Self::Other, |code| Self::of_sqlite(&code)),
            },
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Io,
            sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => {
                Self::Value
            }
            _ => Self::Other,
        }
    }

    /// By `SQLite`'s result code (sqlite.org/rescode.html); the extended part is cut off. Servers'
    /// codes (SQLSTATE) have five characters, which none of these has.
    fn of_sqlite(code: &str) -> Self {
        if code.len() > 4 {
            return Self::Other;
        }
        match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) => Self::Busy,
            Ok(8) => Self::ReadOnly,
            Ok(10 | 14) => Self::Io,
            Ok(11 | 26) => Self::Damaged,
            Ok(13) => Self::Full,
            Ok(19) => Self::Constraint,
            Ok(20) => Self::Value,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for DatabaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "database is held by somebody else; try again",
            Self::Full => "database has no room left; free some space",
            Self::ReadOnly => "database may not be written; check its rights and its disk",
            Self::Io => "database cannot be reached; check that it is there and its disk is well",
            Self::Damaged => "database is damaged, or the file is not one; restore it",
            Self::Constraint => "row breaks a rule of its table",
            Self::Taken => "key or unique value is taken by another row",
            Self::Value => "value does not fit its column",
            Self::Other => "database refused the statement; check that the tables fit the program",
        })
    }
}

impl std::error::Error for DatabaseFault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_code_is_never_taken_for_one_of_sqlite() {
        assert_eq!(DatabaseFault::of_sqlite("5"), DatabaseFault::Busy);
        assert_eq!(DatabaseFault::of_sqlite("2570"), DatabaseFault::Io); // 10 and an extension
        assert_eq!(DatabaseFault::of_sqlite("22021"), DatabaseFault::Other); // its last byte is a 5
        assert_eq!(DatabaseFault::of_sqlite("40P01"), DatabaseFault::Other);
        assert_eq!(DatabaseFault::of_sqlite(""), DatabaseFault::Other);
    }
}
