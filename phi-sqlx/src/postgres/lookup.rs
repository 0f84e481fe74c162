use super::policies::{cast, quoted};
use crate::table_name::{TableName, is_name};
use crate::{IdType, RowError};

/// What the function's name begins with; the table's name follows.
const NAME: &str = "phi_tenant_of_";

/// The statements that make a function `phi_tenant_of_<table>(id)`, for a migration: which tenant
/// has the row with this id, or NULL if nobody has. Behind row-level security an application can
/// ask it after a miss, so that its log tells a foreign row from one that is not there.
///
/// The function runs as `reader`, a role that nobody logs in as, and `application` may call it. The
/// reader is made by a superuser, `CREATE ROLE … NOLOGIN BYPASSRLS`, has no other use and may read
/// these two columns. Without `BYPASSRLS` the function sees what the application sees. Both roles
/// are there before this runs, as a superuser, or as a member of the reader while it may create in
/// the schema. `PostgreSQL` 14 or later.
///
/// ```
/// use phi_sqlx::IdType;
/// use phi_sqlx::postgres::tenant_lookup;
///
/// let columns = [("id", IdType::Uuid), ("clinic_id", IdType::Uuid)];
/// let migration = tenant_lookup("patient", columns, "clinic_reader", "clinic_application")?;
/// assert!(migration.contains("REVOKE ALL ON FUNCTION phi_tenant_of_patient(uuid) FROM PUBLIC;"));
///
/// // Refused: no name of a table.
/// assert!(tenant_lookup("patient; --", columns, "clinic_reader", "clinic_application").is_err());
/// # Ok::<(), phi_sqlx::RowError>(())
/// ```
///
/// It may run again.
///
/// # Errors
///
/// [`RowError::Table`] or [`RowError::Column`] if a name is none, or the table's is longer than 49
/// bytes. Roles may have any name: it is quoted.
///
/// # Security
///
/// Who may call it learns whether an id that they know is a row's, and whose: answer a foreign id
/// as a missing one. Nothing else of a foreign row is shown, whatever the function's body is made
/// to say: [`check_tenant_isolation`](super::check_tenant_isolation) refuses a function whose owner
/// goes past the policies and may read more than two columns of the table.
pub fn tenant_lookup(
    table: &str,
    [(id, id_type), (tenant, tenant_type)]: [(&str, IdType); 2],
    reader: &str,
    application: &str,
) -> Result<String, RowError> {
    let table = TableName::parse(table).ok_or(RowError::Table)?;
    let TableName { schema, name, .. } = table;
    if NAME.len() + name.len() > 63 {
        return Err(RowError::Table);
    }
    if [id, tenant].iter().any(|name| !is_name(name) || name.len() > 63) {
        return Err(RowError::Column);
    }
    let [reader, application] =
        [reader, application].map(|role| format!("\"{}\"", role.replace('"', "\"\"")));
    let schema = schema.map(|schema| quoted(schema) + ".").unwrap_or_default();
    let (table, id, tenant) = (table.quoted(quoted), quoted(id), quoted(tenant));
    let (id_type, tenant_type) = (cast(id_type), cast(tenant_type));
    let function = format!("{schema}{NAME}{name}({id_type})");
    // The body is parsed here: whoever calls it cannot make `table` mean another one.
    Ok(format!(
        "GRANT SELECT ({id}, {tenant}) ON {table} TO {reader};
CREATE OR REPLACE FUNCTION {function} RETURNS {tenant_type}
    LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    RETURN (SELECT {tenant} FROM {table} WHERE {id} = $1);
REVOKE ALL ON FUNCTION {function} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {function} TO {application};
ALTER FUNCTION {function} OWNER TO {reader};
"
    ))
}
