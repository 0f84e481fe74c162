use sqlx::Database;
use sqlx::error::BoxDynError;

use super::SealedRecord;

/// The columns of a sealed record, each bound by its name: what inserts and updates a whole row.
///
/// `#[phi(sqlx)]` on the record writes it for every database that can encode the fields that are
/// not PHI. A column has the name of its field; an index adds one named after its field and
/// `_index`.
///
/// ```
/// use phi_core::record::Columns;
/// use phi_core::{Phi, PhiRecord};
/// use sqlx::{Arguments as _, Database, Sqlite};
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "patient", sqlx)]
/// struct Patient {
///     #[phi(id)]
///     id: i64,
///     #[phi(tenant)]
///     clinic_id: i64,
///     #[phi(class = "identifier", index(exact = "ssn"))]
///     ssn: Phi<String>,
/// }
///
/// /// The arguments of an UPDATE: what changes, then what finds the row.
/// fn update<DB: Database, S: Columns<DB>>(row: &S) -> Result<DB::Arguments, sqlx::Error> {
///     let fixed = |name: &&&str| **name == S::ID || S::TENANT == Some(**name);
///     let mut arguments = DB::Arguments::default();
///     for name in S::NAMES.iter().filter(|name| !fixed(name)) {
///         row.bind(name, &mut arguments).map_err(sqlx::Error::Encode)?;
///     }
///     row.bind(S::ID, &mut arguments).map_err(sqlx::Error::Encode)?;
///     Ok(arguments)
/// }
///
/// type Row = SealedPatient;
/// assert_eq!(<Row as Columns<Sqlite>>::NAMES, ["id", "clinic_id", "ssn", "ssn_index"]);
/// assert_eq!(<Row as Columns<Sqlite>>::TENANT, Some("clinic_id"));
/// # let _ = update::<Sqlite, Row>;
/// ```
///
/// # Security
///
/// Only the sealed twin has columns: the open record cannot be bound, as a whole or by field.
pub trait Columns<DB: Database>: SealedRecord {
    /// Every column, in the order of the struct.
    const NAMES: &'static [&'static str];

    /// What each of [`NAMES`](Self::NAMES) holds, in the same order.
    const KINDS: &'static [ColumnKind];

    /// The column of the record's id.
    const ID: &'static str;

    /// The column of its tenant.
    const TENANT: Option<&'static str>;

    /// Adds the value of one column to the arguments of a statement.
    ///
    /// # Errors
    ///
    /// If there is no such column, the database refuses the value, or it is the search token of a
    /// row that was read back without its tokens.
    fn bind(&self, column: &str, arguments: &mut DB::Arguments) -> Result<(), BoxDynError>;

    /// Adds the values of all columns, in the order of [`NAMES`](Self::NAMES).
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    fn bind_all(&self, arguments: &mut DB::Arguments) -> Result<(), BoxDynError> {
        Self::NAMES.iter().try_for_each(|column| self.bind(column, arguments))
    }
}

/// What a column of a sealed record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// The record's id.
    Id,
    /// Its tenant.
    Tenant,
    /// Its owner.
    Owner,
    /// The patient it is about.
    Subject,
    /// Something that is not PHI.
    Clear,
    /// A sealed value.
    Sealed {
        /// The type it opens to, as the struct spells it.
        value: &'static str,
    },
    /// A search token.
    Token,
}

impl ColumnKind {
    /// Whether the column holds bytes that the library made, and nothing else may stand there.
    #[must_use]
    pub fn is_sealed(self) -> bool {
        matches!(self, Self::Sealed { .. } | Self::Token)
    }
}
