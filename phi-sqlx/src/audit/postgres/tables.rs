//! Where the log's tables lie, who may do what with them, and how they are made.

use std::fmt::Write as _;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr as _};

use super::connect::enter;
use crate::audit::error::Place;
use crate::audit::{AuditLogError, AuditLogProblem};

/// What `phi_audit_version` says.
pub(super) const VERSION: i32 = 1;

/// Version 1, in whatever schema comes first on the search path.
const CREATE: &str = include_str!("schema.sql");

/// Both roles may read the whole log.
const READ: [&str; 9] =
    ["version", "queue", "entry", "writer", "tenant", "head", "mark", "refused", "lease"];

/// What else the application may do, and what the sealer.
const APPLICATION: [(&str, &str); 1] = [("INSERT", "queue")];
const SEALER: [(&str, &str); 8] = [
    ("DELETE", "queue"),
    ("INSERT", "entry"),
    ("INSERT", "writer"),
    ("INSERT", "tenant"),
    ("INSERT", "mark"),
    ("INSERT", "refused"),
    ("INSERT, UPDATE", "head"),
    ("UPDATE", "lease"),
];

/// The tables of an audit log on `PostgreSQL`: their schema, and the two roles that use them.
///
/// The roles are groups that nobody logs in as. Grant the application's role to what the
/// application logs in as, and the sealer's to what the sealer logs in as; the tables belong to
/// whoever migrates, which is neither.
///
/// ```no_run
/// use phi_sqlx::audit::PostgresAuditTables;
/// use sqlx::Connection as _;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let tables = PostgresAuditTables::new("phi_audit")?; // a schema of one's own, or the data's
/// let mut owner = sqlx::PgConnection::connect("postgres://owner@localhost/clinic").await?;
/// tables.migrate(&mut owner).await?;
/// sqlx::raw_sql("GRANT phi_audit_application TO clinic_web; GRANT phi_audit_sealer TO clinic_sealer")
///     .execute(&mut owner)
///     .await?;
///
/// assert!(PostgresAuditTables::new("no\"name").is_err()); // a name that would need quoting: refused
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresAuditTables {
    schema: Arc<str>,
    application: Arc<str>,
    sealer: Arc<str>,
}

impl PostgresAuditTables {
    /// Tables in this schema, which is made if there is none, for the roles
    /// `phi_audit_application` and `phi_audit_sealer`.
    ///
    /// # Errors
    ///
    /// [`AuditLogProblem::Name`] unless the name consists of at most 63 lower-case letters, digits and
    /// underscores and does not begin with a digit.
    pub fn new(schema: &str) -> Result<Self, AuditLogError> {
        let [schema, application, sealer] =
            [schema, "phi_audit_application", "phi_audit_sealer"].map(name);
        Ok(Self { schema: schema?, application: application?, sealer: sealer? })
    }

    /// Other names for the two roles: a server's roles are shared by its databases.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn roles(mut self, application: &str, sealer: &str) -> Result<Self, AuditLogError> {
        (self.application, self.sealer) = (name(application)?, name(sealer)?);
        Ok(self)
    }

    /// The schema's name.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    pub(super) fn place(&self) -> Place {
        Place::Schema(Arc::clone(&self.schema))
    }

    /// The statements that make schema, tables and roles and give the roles their rights, for those
    /// who migrate with a tool of their own. Run as one transaction; running it again changes
    /// nothing.
    pub fn migration(&self) -> String {
        let Self { schema, application, sealer } = self;
        let mut sql = format!(
            "CREATE SCHEMA IF NOT EXISTS \"{schema}\";\n\
             SET LOCAL search_path = \"{schema}\", pg_temp;\n{CREATE}"
        );
        for (role, rights) in [(application, &APPLICATION[..]), (sealer, &SEALER[..])] {
            // Roles belong to the whole server: another database may make it at this moment.
            let _ = write!(
                sql,
                "DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN\n\
                 CREATE ROLE \"{role}\" NOLOGIN;\n\
                 END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$;\n\
                 GRANT USAGE ON SCHEMA \"{schema}\" TO \"{role}\";\n"
            );
            let read = READ.iter().map(|table| ("SELECT", *table));
            for (right, table) in read.chain(rights.iter().copied()) {
                let _ = writeln!(sql, "GRANT {right} ON phi_audit_{table} TO \"{role}\";");
            }
        }
        sql
    }

    /// Makes schema, tables and roles, as the role that shall own them. What is there already stays.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the role may not, or a later release made the tables.
    pub async fn migrate(&self, owner: &mut PgConnection) -> Result<(), AuditLogError> {
        let migrated = self.migrate_in(owner).await;
        migrated.map_err(|problem| AuditLogError::new(self.place(), problem))
    }

    async fn migrate_in(&self, owner: &mut PgConnection) -> Result<(), AuditLogProblem> {
        let mut transaction = owner.begin().await?;
        // One at a time; the number is `PHIa`.
        let lock = "SELECT pg_advisory_xact_lock(1346914657)";
        sqlx::query(lock).execute(&mut *transaction).await?;
        match version(&mut transaction, &self.schema).await? {
            Some(found) if found > VERSION => return Err(AuditLogProblem::Version),
            _ => {}
        }
        // Names of ours, and names that were checked.
        let sql = AssertSqlSafe(self.migration()).into_sql_str();
        sqlx::raw_sql(sql).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The full name of the queue.
    pub(super) fn queue(&self) -> String {
        format!("\"{}\".phi_audit_queue", self.schema)
    }

    /// Makes a connection speak to these tables, and checks that it can.
    pub(super) async fn enter(&self, db: &mut PgConnection) -> Result<(), AuditLogProblem> {
        enter(db, &self.schema).await?;
        match version(db, &self.schema).await? {
            Some(VERSION) => Ok(()),
            Some(_) => Err(AuditLogProblem::Version),
            None => Err(AuditLogProblem::NotMigrated),
        }
    }
}

/// Each right that goes beyond reading, for the application or the sealer.
pub(super) fn allowed(sealer: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rights: &[_] = if sealer { &SEALER } else { &APPLICATION };
    let each = |(rights, table): &(&'static str, &'static str)| {
        let table = *table;
        rights.split(", ").map(move |right| (right, table))
    };
    rights.iter().flat_map(each)
}

/// The names of the tables without their prefix.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    READ.into_iter()
}

async fn version(db: &mut PgConnection, schema: &str) -> Result<Option<i32>, AuditLogProblem> {
    let there = "SELECT to_regclass(format('%I.phi_audit_version', $1)) IS NOT NULL";
    let there: bool = sqlx::query_scalar(there).bind(schema).fetch_one(&mut *db).await?;
    if !there {
        return Ok(None);
    }
    let sql = format!("SELECT version FROM \"{schema}\".phi_audit_version");
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(db).await?)
}

/// A name that is the same with and without quotation marks.
fn name(text: &str) -> Result<Arc<str>, AuditLogError> {
    let fits = |(at, byte): (usize, u8)| match byte {
        b'a'..=b'z' | b'_' => true,
        b'0'..=b'9' => at > 0,
        _ => false,
    };
    if text.is_empty() || text.len() > 63 || !text.bytes().enumerate().all(|(at, b)| fits((at, b)))
    {
        let place = Place::Schema("(unnamed)".into());
        return Err(AuditLogError::new(place, AuditLogProblem::Name));
    }
    Ok(text.into())
}
