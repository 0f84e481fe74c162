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
    /// The statement took longer than the database lets it, or somebody cancelled it.
    Cancelled,
    /// There is no room left.
    Full,
    /// It may not be written.
    ReadOnly,
    /// The role lacks the right, or a row-level security policy is in the way.
    Denied,
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
                _ => Self::of_code(&**error),
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

    fn of_code(error: &dyn sqlx::error::DatabaseError) -> Self {
        #[cfg(feature = "mysql")]
        if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
            // Numbers first: many share the SQLSTATE "general error".
            match error.number() {
                1213 | 1205 | 1020 => return Self::Busy,
                1317 | 1969 | 3024 => return Self::Cancelled,
                1021 | 1114 => return Self::Full,
                1290 | 1792 | 1836 => return Self::ReadOnly,
                1044 | 1045 | 1142 | 1143 | 1227 => return Self::Denied,
                _ => {}
            }
        }
        let code = error.code().unwrap_or_default();
        if code.len() == 5 { Self::of_sqlstate(&code) } else { Self::of_sqlite(&code) }
    }

    /// By SQLSTATE (`PostgreSQL`, appendix A).
    fn of_sqlstate(code: &str) -> Self {
        match code {
            "40001" | "40P01" | "55P03" | "53300" => Self::Busy,
            "57014" => Self::Cancelled,
            "53100" | "53200" => Self::Full,
            "25006" => Self::ReadOnly,
            "42501" => Self::Denied,
            _ => match code.get(..2) {
                Some("08" | "57" | "58") => Self::Io,
                Some("XX") => Self::Damaged,
                Some("22") => Self::Value,
                Some("23" | "44") => Self::Constraint,
                _ => Self::Other,
            },
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
            Ok(9) => Self::Cancelled,
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
            Self::Cancelled => "statement took too long, or was cancelled",
            Self::Full => "database has no room left; free some space",
            Self::ReadOnly => "database may not be written; check its rights and its disk",
            Self::Denied => "role may not do this; check its rights, and that the tenant is set",
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

    #[test]
    fn a_servers_code_is_read_by_its_class() {
        for (code, fault) in [
            ("40P01", DatabaseFault::Busy),
            ("53100", DatabaseFault::Full),
            ("25006", DatabaseFault::ReadOnly),
            ("42501", DatabaseFault::Denied),
            ("42P01", DatabaseFault::Other),
            ("08006", DatabaseFault::Io),
            ("57014", DatabaseFault::Cancelled),
            ("57P01", DatabaseFault::Io),
            ("22021", DatabaseFault::Value),
            ("23514", DatabaseFault::Constraint),
        ] {
            assert_eq!(DatabaseFault::of_sqlstate(code), fault, "{code}");
        }
    }
}
