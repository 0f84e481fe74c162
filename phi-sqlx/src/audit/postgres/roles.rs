//! Whether the role we act as may do its part, and no more.

use std::fmt;

use sqlx::PgConnection;

use super::PostgresAuditTables;
use super::tables::{all, allowed};
use crate::audit::AuditLogProblem;

/// Whose role it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Application,
    Sealer,
}

/// Why a role is not let near the log.
///
/// What a role may take on (`SET ROLE`) counts as what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoleProblem {
    /// It is a superuser.
    Superuser,
    /// It may make roles, and so give itself any right.
    MakesRoles,
    /// It may write the server's files or run programs there.
    ServerFiles,
    /// It owns one of the log's tables or the schema that they lie in, and so may drop them, or may act as who does.
    Owner,
    /// It may change, remove or add what is not its part.
    TooMuch,
    /// It may not do its part.
    TooLittle,
}

impl fmt::Display for RoleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Superuser => "database role is a superuser; log in as an ordinary one",
            Self::MakesRoles => {
                "database role may make roles; take CREATEROLE from it, or log in as another"
            }
            Self::ServerFiles => {
                "database role may use the server's files or programs; revoke pg_write_server_files and \
                 pg_execute_server_program from it"
            }
            Self::Owner => {
                "database role owns tables of the log or their schema, or may act as their owner; migrate as another \
                 role"
            }
            Self::TooMuch => {
                "database role may write more of the log than its part; revoke what the migration did not grant"
            }
            Self::TooLittle => {
                "database role may not do its part; grant it the application's or the sealer's role"
            }
        })
    }
}

const WHO: &str = "
SELECT coalesce(bool_or(r.rolsuper), true), coalesce(bool_or(r.rolcreaterole), true),
    coalesce(bool_or(f.oid IS NOT NULL), true)
FROM pg_roles r LEFT JOIN pg_roles f
    ON f.rolname IN ('pg_write_server_files', 'pg_execute_server_program')
    AND pg_has_role(r.oid, f.oid, 'MEMBER')
WHERE r.rolname IN (session_user, current_user)
    OR pg_has_role(session_user, r.oid, 'MEMBER') OR pg_has_role(current_user, r.oid, 'MEMBER')";

const RIGHTS: &str = "
WITH ours AS (
    SELECT oid FROM pg_roles
    WHERE pg_has_role(session_user, oid, 'MEMBER') OR pg_has_role(current_user, oid, 'MEMBER')
), here AS (
    SELECT c.oid, c.relname::text AS name, c.relowner, n.nspowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.oid = to_regnamespace($1) AND c.relname = ANY($2)
)
SELECT here.name, bool_or(pg_has_role(ours.oid, here.relowner, 'MEMBER')
        OR pg_has_role(ours.oid, here.nspowner, 'MEMBER')),
    coalesce(array_agg(DISTINCT word) FILTER (WHERE CASE
        WHEN word = 'SELECT' THEN false
        WHEN word IN ('INSERT', 'UPDATE') THEN has_any_column_privilege(ours.oid, here.oid, word)
        ELSE has_table_privilege(ours.oid, here.oid, word) END), '{}'),
    coalesce(array_agg(DISTINCT word) FILTER (WHERE has_table_privilege(here.oid, word)), '{}')
FROM ours, here,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) word
GROUP BY here.oid, here.name";

pub(super) async fn check_role(
    db: &mut PgConnection,
    tables: &PostgresAuditTables,
    part: Part,
) -> Result<(), AuditLogProblem> {
    let (superuser, makes_roles, files): (bool, bool, bool) =
        sqlx::query_as(WHO).fetch_one(&mut *db).await?;
    let refused = [
        (superuser, RoleProblem::Superuser),
        (makes_roles, RoleProblem::MakesRoles),
        (files, RoleProblem::ServerFiles),
    ];
    if let Some((_, problem)) = refused.into_iter().find(|(is, _)| *is) {
        return Err(AuditLogProblem::Role(problem));
    }
    let names: Vec<_> = all().map(|table| format!("phi_audit_{table}")).collect();
    let rights: Vec<(String, bool, Vec<String>, Vec<String>)> =
        sqlx::query_as(RIGHTS).bind(tables.schema()).bind(names).fetch_all(db).await?;
    let allowed: Vec<_> = allowed(part == Part::Sealer).collect();
    for table in all() {
        let row = rights.iter().find(|row| row.0.strip_prefix("phi_audit_") == Some(table));
        let Some((_, owner, writes, may)) = row else {
            return Err(AuditLogProblem::NotMigrated);
        };
        let granted = |right: &str| allowed.contains(&(right, table));
        if *owner {
            return Err(AuditLogProblem::Role(RoleProblem::Owner));
        }
        if writes.iter().any(|right| !granted(right)) {
            return Err(AuditLogProblem::Role(RoleProblem::TooMuch));
        }
        let needs = ["SELECT", "INSERT", "UPDATE", "DELETE"];
        let needs = needs.into_iter().filter(|right| *right == "SELECT" || granted(right));
        if needs.into_iter().any(|right| !may.iter().any(|has| has == right)) {
            return Err(AuditLogProblem::Role(RoleProblem::TooLittle));
        }
    }
    Ok(())
}
