//! Why a record was not written.

use std::fmt;

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

impl std::error::Error for RowError {}
