//! Why a record was not written.

use std::error::Error;
use std::fmt;

use phi_core::Unwritten;

use crate::DatabaseFault;

/// Why a record was not inserted or updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowError {
    /// There is no row of this id, tenant and owner.
    NotFound,
    /// The table's name is not one.
    Table,
    /// The struct has no such column, or none that an update could change.
    Column,
    /// A value cannot be stored: most often the search token of a row that was read back from its
    /// serialised form, which leaves tokens out.
    Value,
    /// The database did not take the row.
    Database(DatabaseFault),
}

impl From<DatabaseFault> for RowError {
    fn from(fault: DatabaseFault) -> Self {
        match fault {
            DatabaseFault::Value => Self::Value,
            fault => Self::Database(fault),
        }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such row"),
            Self::Table => f.write_str(
                "table name must be letters, digits and underscores, with a schema and a dot at most",
            ),
            Self::Column => f.write_str("record has no column that can be written like this"),
            Self::Value => {
                f.write_str("a column cannot be stored; seal a row anew that was serialised")
            }
            Self::Database(fault) => fault.fmt(f),
        }
    }
}

impl Error for RowError {
    /// What a guard answers with 404 or 409.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotFound => Some(&Unwritten::NotFound),
            Self::Database(DatabaseFault::Taken) => Some(&Unwritten::Taken),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A guard answered 500 where nothing was wrong with the server.
    #[test]
    fn rows_that_are_not_there_or_there_already_say_so_to_a_guard() {
        let source = |error: RowError| error.source().and_then(|e| e.downcast_ref().copied());
        assert_eq!(source(RowError::NotFound), Some(Unwritten::NotFound));
        assert_eq!(source(DatabaseFault::Taken.into()), Some(Unwritten::Taken));
        assert_eq!(source(DatabaseFault::Busy.into()), None);
    }
}
