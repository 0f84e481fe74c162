//! The `sqlx.toml` that tells the checked macros which columns are sealed.

use std::collections::BTreeMap;
use std::fmt;

use phi_core::record::{ColumnKind, Columns};

use crate::Dialect;

/// The text of a `sqlx.toml` by which the checked macros know sealed columns without `: _` in each
/// statement. Keep it beside `Cargo.toml`, with a test that it is current; sqlx reads it with its
/// feature `sqlx-toml`.
///
/// ```
/// use phi_core::{Phi, PhiRecord};
/// use phi_sqlx::SqlxToml;
/// use sqlx::Sqlite;
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "patient", sqlx)]
/// struct Patient {
///     #[phi(id)]
///     id: i64,
///     #[phi(class = "identifier", index(exact = "ssn"))]
///     ssn: Phi<String>,
/// }
///
/// let text = SqlxToml::new().table::<Sqlite, SealedPatient>("patient").to_string();
/// assert_eq!(
///     text,
///     r#"[macros.table-overrides.'patient']
/// 'ssn' = "::phi_core::Sealed<String>"
/// 'ssn_index' = "::phi_core::index::IndexToken"
/// "#
/// );
/// ```
///
/// Types of values are spelled as in the struct, so a statement finds them where the struct's own
/// imports are in scope. Columns in clear keep the types that sqlx gives them.
#[derive(Debug, Clone, Default)]
pub struct SqlxToml {
    tables: BTreeMap<String, BTreeMap<&'static str, String>>,
}

impl SqlxToml {
    /// A file without tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the columns of a record to those of its table. On `MySQL` sqlx puts the database before
    /// the table's name: write `clinic.patient` there.
    #[must_use]
    pub fn table<DB: Dialect, S: Columns<DB>>(mut self, table: &str) -> Self {
        let columns = self.tables.entry(table.to_owned()).or_default();
        for (name, kind) in S::NAMES.iter().zip(S::KINDS) {
            let ty = match kind {
                // The compiler spells a type of several tokens with spaces between them.
                ColumnKind::Sealed { value } => {
                    format!("::phi_core::Sealed<{}>", value.replace(' ', ""))
                }
                ColumnKind::Token => "::phi_core::index::IndexToken".to_owned(),
                _ => continue,
            };
            columns.insert(name, ty);
        }
        self
    }
}

impl fmt::Display for SqlxToml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (table, columns)) in self.tables.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            // In a literal string nothing is escaped, and neither name holds a quote.
            writeln!(f, "[macros.table-overrides.'{}']", table.replace('\'', ""))?;
            for (column, ty) in columns {
                writeln!(f, "'{column}' = \"{}\"", ty.replace(['"', '\\'], ""))?;
            }
        }
        Ok(())
    }
}
