//! Whether the application's role can go past row-level security: asked once, at start-up.

use std::fmt;

use sqlx::{FromRow, PgPool};

use super::policies::{BOUNDS, SETTING};
use crate::DatabaseFault;
use crate::table_name::TableName;

/// Checks that the role of this pool cannot bypass the tenants' row-level security on these
/// tables, and that the tables have it.
///
/// Call it at start-up with every table of a tenant, and do not start if it refuses.
///
/// # Errors
///
/// [`IsolationError`] with the first way around that was found.
///
/// # Security
///
/// It asks the catalog what the role is and what it could become by `SET ROLE`, and looks for the
/// policies that [`tenant_policies`](super::tenant_policies) makes, to the letter; for views that see
/// past them, views of such views, and materialised ones; and for functions that run with the rights
/// of an owner who does, unless that owner may read two columns at most, as
/// [`tenant_lookup`](super::tenant_lookup)'s. Triggers, functions of extensions, and partitions that
/// are named themselves are not looked at.
pub async fn check_tenant_isolation(pool: &PgPool, tables: &[&str]) -> Result<(), IsolationError> {
    // In a transaction, and without a statement that stays: a pooler may stand between.
    let mut db = pool.begin().await.map_err(|e| unread(&e))?;
    let role = sqlx::query_as(ROLE).persistent(false).fetch_one(&mut *db);
    let role: RoleFacts = role.await.map_err(|e| unread(&e))?;
    let faults = [
        (role.superuser, IsolationFault::Superuser),
        (role.bypass, IsolationFault::BypassRls),
        (role.becomes, IsolationFault::Becomes),
    ];
    for (holds, fault) in faults {
        if holds {
            return Err(IsolationError { table: None, fault });
        }
    }
    let own = OWN.replace("SETTING", &SETTING.replace('.', "\\."));
    for table in tables {
        let error = |fault| IsolationError { table: Some((*table).into()), fault };
        if TableName::parse(table).is_none() {
            return Err(IsolationError { table: None, fault: IsolationFault::NoTable });
        }
        let query = sqlx::query_as(TABLE).bind((*table).to_owned()).bind(BOUNDS).bind(&own);
        let found = query.persistent(false).fetch_optional(&mut *db);
        let found: Result<Option<TableFacts>, _> = found.await;
        let found = found.map_err(|e| unread(&e))?.ok_or_else(|| error(IsolationFault::NoTable))?;
        let faults = [
            (!found.enabled, IsolationFault::NotEnabled),
            (!found.forced, IsolationFault::NotForced),
            (!found.bounded, IsolationFault::NoPolicy),
            (found.truncates, IsolationFault::Truncate),
            (found.seen_through, IsolationFault::View),
            (found.called_through, IsolationFault::Function),
        ];
        if let Some((_, fault)) = faults.into_iter().find(|(holds, _)| *holds) {
            return Err(error(fault));
        }
    }
    Ok(())
}

/// Both names of a session are looked at: `RESET ROLE` goes back to the one it came with.
const ROLE: &str = "
    SELECT bool_or(me.rolsuper) AS superuser,
           bool_or(me.rolbypassrls) AS bypass,
           coalesce(bool_or(EXISTS (
               SELECT FROM pg_catalog.pg_roles other
               WHERE (other.rolsuper OR other.rolbypassrls OR other.rolcreaterole
                      OR other.rolreplication OR other.rolname IN
                      ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
                 AND pg_has_role(me.oid, other.oid, 'MEMBER')
           )), false) AS becomes
    FROM pg_catalog.pg_roles me
    WHERE me.rolname IN (current_user, session_user)";

#[derive(FromRow)]
#[allow(clippy::struct_excessive_bools, reason = "each is one question to the catalog")]
struct RoleFacts {
    superuser: bool,
    bypass: bool,
    becomes: bool,
}

/// What a policy of ours compares, as the catalog shows it: the column, and the setting that names the
/// tenant, in a cast to its type.
const OWN: &str = r#"^\(\(*("([^"]|"")+"|[a-z_][a-z0-9_$]*)\)?(::[a-z ]+)? = \(?NULLIF\(current_setting\('SETTING'::text, true\), ''::text\)\)?(::(uuid|bigint))?\)$"#;

/// `ours` is what the role is or could become; `shown` are the views of a table and the views of those,
/// and whether one on the way sees it with the rights of an owner who bypasses.
const TABLE: &str = "
    WITH ours AS (
        SELECT oid FROM pg_catalog.pg_roles
        WHERE pg_has_role(current_user, oid, 'MEMBER') OR pg_has_role(session_user, oid, 'MEMBER')
    )
    SELECT c.relrowsecurity AS enabled,
           c.relforcerowsecurity AS forced,
           EXISTS (
               SELECT FROM ours WHERE has_table_privilege(ours.oid, c.oid, 'TRUNCATE')
           ) AS truncates,
           EXISTS (
               SELECT FROM pg_catalog.pg_policy p
               WHERE p.polrelid = c.oid AND p.polname = $2 AND NOT p.polpermissive
                 AND p.polcmd = '*' AND p.polroles = ARRAY[0::oid]
                 AND pg_get_expr(p.polqual, p.polrelid) ~ $3
                 AND pg_get_expr(p.polwithcheck, p.polrelid) ~ $3
           ) AS bounded,
           EXISTS (
               WITH RECURSIVE shown(oid, past) AS (
                   SELECT c.oid, false
                   UNION
                   SELECT v.oid, shown.past OR v.relkind = 'm'
                       OR (o.rolsuper OR o.rolbypassrls) AND NOT EXISTS (
                              SELECT FROM pg_options_to_table(v.reloptions)
                              WHERE option_name = 'security_invoker' AND option_value::boolean
                          )
                   FROM shown
                   JOIN pg_catalog.pg_depend d ON d.refobjid = shown.oid
                       AND d.refclassid = 'pg_catalog.pg_class'::regclass
                       AND d.classid = 'pg_catalog.pg_rewrite'::regclass
                   JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
                   JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
                   JOIN pg_catalog.pg_roles o ON o.oid = v.relowner
               )
               SELECT FROM shown, ours
               WHERE shown.past
                 AND (has_any_column_privilege(ours.oid, shown.oid, 'SELECT, INSERT, UPDATE')
                      OR has_table_privilege(ours.oid, shown.oid, 'DELETE'))
           ) AS seen_through,
           EXISTS (
               SELECT FROM pg_catalog.pg_proc f
               JOIN pg_catalog.pg_roles o ON o.oid = f.proowner
               WHERE f.prosecdef AND (o.rolsuper OR o.rolbypassrls)
                 AND f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
                 AND EXISTS (
                     SELECT FROM ours WHERE has_function_privilege(ours.oid, f.oid, 'EXECUTE')
                 )
                 AND NOT EXISTS (
                     SELECT FROM pg_catalog.pg_depend d
                     WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = f.oid
                       AND d.deptype IN ('e', 'i')
                 )
                 AND f.pronamespace <> 'pg_catalog'::regnamespace
                 AND (o.rolsuper OR pg_has_role(o.oid, c.relowner, 'MEMBER')
                      OR has_table_privilege(o.oid, c.oid, 'DELETE, TRUNCATE')
                      OR has_any_column_privilege(o.oid, c.oid, 'INSERT, UPDATE')
                      OR 2 < (
                          SELECT count(*) FROM pg_catalog.pg_attribute a
                          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                            AND has_column_privilege(o.oid, c.oid, a.attnum, 'SELECT')
                      ))
           ) AS called_through
    FROM pg_catalog.pg_class c
    WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')";

#[derive(FromRow)]
#[allow(clippy::struct_excessive_bools, reason = "each is one question to the catalog")]
struct TableFacts {
    enabled: bool,
    forced: bool,
    truncates: bool,
    bounded: bool,
    seen_through: bool,
    called_through: bool,
}

fn unread(error: &sqlx::Error) -> IsolationError {
    let fault = IsolationFault::Database(DatabaseFault::of(error));
    IsolationError { table: None, fault }
}

/// A way around the tenants' row-level security.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IsolationError {
    /// The table, if it is one table's fault.
    pub table: Option<Box<str>>,
    /// What is wrong.
    pub fault: IsolationFault,
}

/// How row-level security could be gone past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IsolationFault {
    /// The role is a superuser.
    Superuser,
    /// The role has `BYPASSRLS`.
    BypassRls,
    /// The role could get past: it is one, or a member of one, that is a superuser, has
    /// `BYPASSRLS`, `CREATEROLE` or `REPLICATION`, or reaches the server's files and programs.
    Becomes,
    /// There is no such table.
    NoTable,
    /// The table has no row-level security.
    NotEnabled,
    /// The table's security is not forced on its owner, and so not on the owner's views and functions.
    NotForced,
    /// The table's policies are not those that the library makes.
    NoPolicy,
    /// The role may truncate the table, which no policy stops.
    Truncate,
    /// The role may use a view that shows the table with the rights of an owner who bypasses, or a
    /// materialised view of it.
    View,
    /// The role may call a function that runs with the rights of an owner who bypasses, and who may
    /// read more than two columns of the table, or write it.
    Function,
    /// The catalog could not be read.
    Database(DatabaseFault),
}

impl fmt::Display for IsolationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table.as_deref().unwrap_or("?");
        match self.fault {
            IsolationFault::Superuser => {
                f.write_str("application's role is a superuser; connect as one without such rights")
            }
            IsolationFault::BypassRls => f.write_str(
                "application's role bypasses row-level security; take BYPASSRLS from it",
            ),
            IsolationFault::Becomes => f.write_str(
                "application's role, or one it is a member of, could bypass row-level security; \
                 take CREATEROLE, REPLICATION and such memberships from it",
            ),
            IsolationFault::NoTable => write!(f, "there is no table {table}; check its name"),
            IsolationFault::NotEnabled => {
                write!(f, "table {table} has no row-level security; run its tenant policies")
            }
            IsolationFault::NotForced => write!(
                f,
                "table {table} does not force row-level security on its owner; run its tenant policies"
            ),
            IsolationFault::NoPolicy => {
                write!(f, "table {table} lacks the tenants' policies; run them again")
            }
            IsolationFault::Truncate => {
                write!(f, "application's role may truncate table {table}; revoke it")
            }
            IsolationFault::View => write!(
                f,
                "a view shows table {table} with its owner's rights; make it security_invoker, or \
                 revoke it from the application's role"
            ),
            IsolationFault::Function => write!(
                f,
                "a function goes past the policies of table {table} with its owner's rights; make it \
                 security invoker, or revoke it from the application's role"
            ),
            IsolationFault::Database(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for IsolationError {}
