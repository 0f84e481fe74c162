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
/// policies that [`tenant_policies`](super::tenant_policies) makes. Views and functions that run
/// with their owner's rights are not looked at.
pub async fn check_tenant_isolation(pool: &PgPool, tables: &[&str]) -> Result<(), IsolationError> {
    let role: RoleFacts = sqlx::query_as(ROLE).fetch_one(pool).await.map_err(|e| unread(&e))?;
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
    for table in tables {
        let error = |fault| IsolationError { table: Some((*table).into()), fault };
        let Some(name) = TableName::parse(table) else {
            return Err(IsolationError { table: None, fault: IsolationFault::NoTable });
        };
        let query = sqlx::query_as(TABLE).bind(name.text.to_owned()).bind(BOUNDS).bind(SETTING);
        let found: Result<Option<TableFacts>, _> = query.fetch_optional(pool).await;
        let found = found.map_err(|e| unread(&e))?.ok_or_else(|| error(IsolationFault::NoTable))?;
        let faults = [
            (!found.enabled, IsolationFault::NotEnabled),
            (found.owns && !found.forced, IsolationFault::NotForced),
            (!found.bounded, IsolationFault::NoPolicy),
            (found.truncates, IsolationFault::Truncate),
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
               WHERE (other.rolsuper OR other.rolbypassrls)
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

const TABLE: &str = "
    SELECT c.relrowsecurity AS enabled,
           c.relforcerowsecurity AS forced,
           pg_has_role(current_user, c.relowner, 'MEMBER')
               OR pg_has_role(session_user, c.relowner, 'MEMBER') AS owns,
           has_table_privilege(current_user, c.oid, 'TRUNCATE')
               OR has_table_privilege(session_user, c.oid, 'TRUNCATE') AS truncates,
           EXISTS (
               SELECT FROM pg_catalog.pg_policy p
               WHERE p.polrelid = c.oid AND p.polname = $2 AND NOT p.polpermissive
                 AND p.polcmd = '*' AND p.polroles = ARRAY[0::oid]
                 AND position($3 IN pg_get_expr(p.polqual, p.polrelid)) > 0
                 AND position($3 IN pg_get_expr(p.polwithcheck, p.polrelid)) > 0
           ) AS bounded
    FROM pg_catalog.pg_class c
    WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')";

#[derive(FromRow)]
#[allow(clippy::struct_excessive_bools, reason = "each is one question to the catalog")]
struct TableFacts {
    enabled: bool,
    forced: bool,
    owns: bool,
    truncates: bool,
    bounded: bool,
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
    /// The role is a member of one that is a superuser or has `BYPASSRLS`.
    Becomes,
    /// There is no such table.
    NoTable,
    /// The table has no row-level security.
    NotEnabled,
    /// The role owns the table, and its security is not forced on owners.
    NotForced,
    /// The table's policies are not those that the library makes.
    NoPolicy,
    /// The role may truncate the table, which no policy stops.
    Truncate,
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
                "application's role is a member of one that bypasses row-level security; revoke it",
            ),
            IsolationFault::NoTable => write!(f, "there is no table {table}; check its name"),
            IsolationFault::NotEnabled => {
                write!(f, "table {table} has no row-level security; run its tenant policies")
            }
            IsolationFault::NotForced => write!(
                f,
                "application's role owns table {table}, which does not force row-level security; \
                 run its tenant policies"
            ),
            IsolationFault::NoPolicy => {
                write!(f, "table {table} lacks the tenants' policies; run them again")
            }
            IsolationFault::Truncate => {
                write!(f, "application's role may truncate table {table}; revoke it")
            }
            IsolationFault::Database(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for IsolationError {}
