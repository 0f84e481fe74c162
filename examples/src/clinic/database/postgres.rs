//! The clinic on a `PostgreSQL` server: row-level security, and a role that cannot go past it.

use phi_sqlx::audit::PostgresAuditTables;
use phi_sqlx::postgres::{
    IsolationFault, check_tenant_isolation, sealed_check, tenant_lookup, tenant_policies,
    tenant_transaction_of, token_check,
};
use phi_sqlx::{IdType, check_columns};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool, Row as _};
use uuid::Uuid;

use crate::clinic::Failure;
use crate::clinic::folder::Folder;
use crate::clinic::record::{SealedCondition, SealedPatient, SealedVisit};

/// The tables of a clinic's own rows.
const OF_A_CLINIC: [&str; 3] = ["patient", "visit", "condition"];

/// Any number: two programs that start at once make the tables one after the other.
const LOCK: i64 = 0x7068_6963_6c69_6e69;

/// The audit log's schema.
const LOG: &str = "phi_audit";

/// Makes the tables where there are none, and connects as the application.
///
/// The URL may name a role that is bound by row-level security. A superuser makes the audit log as
/// well, and roles that are bound; the application connects as one of those.
pub(super) async fn open(url: &str, folder: &Folder) -> Result<PgPool, Failure> {
    let pool = PgPool::connect(url).await?;
    let pool = match check_tenant_isolation(&pool, &[]).await {
        Ok(()) => {
            let mut owner = pool.acquire().await?;
            let role: String =
                sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *owner).await?;
            migrate(&mut owner, &role, &role).await?;
            drop(owner);
            pool
        }
        Err(error)
            if matches!(
                error.fault,
                IsolationFault::Superuser | IsolationFault::BypassRls | IsolationFault::Becomes
            ) =>
        {
            let application = as_application(&pool, folder).await?;
            pool.close().await;
            application
        }
        Err(error) => return Err(error.into()),
    };
    check_tenant_isolation(&pool, &OF_A_CLINIC).await?;
    check_columns::<SealedPatient, _>(&pool, "patient").await?;
    check_columns::<SealedVisit, _>(&pool, "visit").await?;
    check_columns::<SealedCondition, _>(&pool, "condition").await?;
    Ok(pool)
}

/// The roles' names: a server's databases share their roles.
async fn role(owner: &mut PgConnection, part: &str) -> Result<String, Failure> {
    let sql = "SELECT current_database() || '_' || $1";
    Ok(sqlx::query_scalar(sql).bind(part).fetch_one(owner).await?)
}

/// A pool of the application's own role, which this makes with the others.
async fn as_application(owner: &PgPool, folder: &Folder) -> Result<PgPool, Failure> {
    let mut db = owner.acquire().await?;
    let (application, sealer) = (role(&mut db, "clinic").await?, role(&mut db, "sealer").await?);
    let reader = role(&mut db, "reader").await?;
    let (password, sealers) = (folder.database_password()?, folder.sealer_password()?);
    make_role(&mut db, &application, &format!("LOGIN PASSWORD '{password}'")).await?;
    make_role(&mut db, &sealer, &format!("LOGIN PASSWORD '{sealers}'")).await?;
    // Nobody logs in as this one: it tells whose an id is.
    make_role(&mut db, &reader, "NOLOGIN BYPASSRLS").await?;
    migrate(&mut db, &application, &reader).await?;
    PostgresAuditTables::new(LOG)?.migrate(&mut db).await?;
    let sql = format!(
        "GRANT phi_audit_application TO {}; GRANT phi_audit_sealer TO {}",
        quoted(&application),
        quoted(&sealer)
    );
    db.execute(AssertSqlSafe(sql)).await?;
    let options = owner.connect_options().as_ref().clone();
    Ok(PgPool::connect_with(options.username(&application).password(&password)).await?)
}

/// Makes a role, or sets the password of one that is there.
async fn make_role(db: &mut PgConnection, name: &str, rights: &str) -> Result<(), Failure> {
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(name)
        .fetch_one(&mut *db)
        .await?;
    let verb = if known { "ALTER" } else { "CREATE" };
    // A quoted name, words of ours and hex digits.
    db.execute(AssertSqlSafe(format!("{verb} ROLE {} {rights}", quoted(name)))).await?;
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Tables, policies, and what the application's role may do with them.
async fn migrate(owner: &mut PgConnection, role: &str, reader: &str) -> Result<(), Failure> {
    let mut sql = vec![super::tables(sealed_check, token_check, ["UUID", "BYTEA", "BIGINT"], "")];
    let columns = [("id", IdType::Uuid), ("clinic_id", IdType::Uuid)];
    let quoted = quoted(role);
    for table in OF_A_CLINIC {
        sql.push(tenant_policies(table, "clinic_id", IdType::Uuid)?);
        sql.push(tenant_lookup(table, columns, reader, role)?);
        // An owner may have it as well; no policy stops it.
        sql.push(format!("REVOKE TRUNCATE ON {table} FROM {quoted};"));
    }
    for table in ["clinic", "membership"].iter().chain(&OF_A_CLINIC) {
        sql.push(format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {quoted};"));
    }
    let mut transaction = owner.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    transaction.execute(AssertSqlSafe(sql.concat())).await?;
    Ok(transaction.commit().await?)
}

/// As whom the audit log is written, and as whom it is sealed.
pub(in crate::clinic) struct LogLogins {
    pub(in crate::clinic) tables: PostgresAuditTables,
    pub(in crate::clinic) application: PgConnectOptions,
    pub(in crate::clinic) sealer: PgConnectOptions,
}

/// `None` if the log is not in this database: a plain role can make no others.
pub(super) async fn log_logins(
    pool: &PgPool,
    folder: &Folder,
) -> Result<Option<LogLogins>, Failure> {
    let mut db = pool.acquire().await?;
    if !is_there(&mut db).await? {
        return Ok(None);
    }
    let sealer = role(&mut db, "sealer").await?;
    let application = pool.connect_options().as_ref().clone();
    let sealer = application.clone().username(&sealer).password(&folder.sealer_password()?);
    Ok(Some(LogLogins { tables: PostgresAuditTables::new(LOG)?, application, sealer }))
}

async fn is_there(db: &mut PgConnection) -> Result<bool, Failure> {
    let sql = "SELECT to_regclass('phi_audit.phi_audit_version') IS NOT NULL";
    Ok(sqlx::query_scalar(sql).fetch_one(db).await?)
}

/// Every value of a clinic's rows in the server's own binary form, so that no text hides in hex, and
/// of the audit log if it is here.
pub(super) async fn bytes_of(pool: &PgPool, clinic: Uuid) -> Result<Vec<Vec<u8>>, Failure> {
    let mut transaction = tenant_transaction_of(pool, &clinic.into()).await?;
    let mut values = Vec::new();
    let log = ["phi_audit.phi_audit_entry", "phi_audit.phi_audit_queue"];
    let log = if is_there(&mut transaction).await? { &log[..] } else { &[] };
    for table in OF_A_CLINIC.iter().chain(log) {
        let query = sqlx::query(AssertSqlSafe(format!("SELECT * FROM {table}")));
        for row in query.fetch_all(&mut *transaction).await? {
            for column in 0..row.len() {
                let value = row.try_get_raw(column)?;
                values.extend(value.as_bytes().ok().map(<[u8]>::to_vec));
            }
        }
    }
    Ok(values)
}
