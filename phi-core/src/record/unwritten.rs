use std::error::Error;
use std::fmt;

/// Why a database has not taken a record's row, for which a guard has an answer of its own.
///
/// A crate that writes rows gives it as the [`source`](Error::source) of its error, so that a guard that knows nothing
/// of that crate answers 404 or 409, and not 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unwritten {
    /// No row of this id, tenant and owner is there to be changed.
    NotFound,
    /// A row of this id, or with a value that must be unique, is there already.
    Taken,
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "row is not there to be changed",
            Self::Taken => "row is there already",
        })
    }
}

impl Error for Unwritten {}
