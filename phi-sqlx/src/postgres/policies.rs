use crate::table_name::{TableName, is_name};
use crate::{IdType, RowError};

/// The setting that names the tenant of a transaction.
pub(super) const SETTING: &str = "phi.tenant";

/// The policy that lets a tenant's rows through, and the one that lets no others.
const LETS: &str = "phi_tenant";
pub(super) const BOUNDS: &str = "phi_tenant_only";

/// The statements that put a table under row-level security by tenant, for a migration: only rows
/// of the tenant that [`tenant_transaction`](super::tenant_transaction) has set are seen, changed
/// or written; without one, none.
///
/// ```
/// use phi_sqlx::IdType;
/// use phi_sqlx::postgres::tenant_policies;
///
/// let migration = tenant_policies("patient", "clinic_id", IdType::Uuid)?;
/// assert!(migration.contains("ALTER TABLE \"patient\" FORCE ROW LEVEL SECURITY;"));
///
/// // Refused: no name of a column.
/// assert!(tenant_policies("patient", "clinic_id; --", IdType::Uuid).is_err());
/// # Ok::<(), phi_sqlx::RowError>(())
/// ```
///
/// They may run again: they replace what they made before. A policy that somebody adds later
/// cannot let more rows through: the second of the two here is restrictive.
///
/// # Errors
///
/// [`RowError::Table`] or [`RowError::Column`] if a name is none.
///
/// # Security
///
/// It stops a forgotten `WHERE`. It does not stop injected SQL, which can set the tenant itself:
/// rows of others then show, and none of their sealed values opens. Not covered: `TRUNCATE`,
/// unique and foreign keys, views and functions that run with their owner's rights, partitions
/// that are named themselves. [`check_tenant_isolation`](super::check_tenant_isolation) looks
/// for most of these.
pub fn tenant_policies(table: &str, column: &str, tenant: IdType) -> Result<String, RowError> {
    let table = TableName::parse(table).ok_or(RowError::Table)?.quoted(quoted);
    if !is_name(column) || column.len() > 128 {
        return Err(RowError::Column);
    }
    let (column, cast) = (quoted(column), cast(tenant));
    // Outside a transaction that set it the setting is NULL or, after one, empty.
    let own = format!("{column} = nullif(current_setting('{SETTING}', true), '')::{cast}");
    Ok(format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS {LETS} ON {table};
DROP POLICY IF EXISTS {BOUNDS} ON {table};
CREATE POLICY {LETS} ON {table} AS PERMISSIVE FOR ALL TO PUBLIC
    USING ({own}) WITH CHECK ({own});
CREATE POLICY {BOUNDS} ON {table} AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ({own}) WITH CHECK ({own});
"
    ))
}

/// A name in quotes; without them capitals are small letters.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.to_ascii_lowercase())
}

/// The type's name in casts and signatures.
pub(super) fn cast(id: IdType) -> &'static str {
    match id {
        IdType::Uuid => "uuid",
        IdType::Int => "bigint",
        IdType::Text => "text",
    }
}
