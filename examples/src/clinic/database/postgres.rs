//! The clinic on a `PostgreSQL` server: row-level security, and a role that cannot go past it.

use phi_sqlx::postgres::{
    IsolationFault, check_tenant_isolation, sealed_check, tenant_policies, tenant_transaction_of,
    token_check,
};
use phi_sqlx::{IdType, check_columns};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool, Row as _};
use uuid::Uuid;

use crate::clinic::Failure;
use crate::clinic::record::{SealedCondition, SealedPatient, SealedVisit};

/// The tables of a clinic's own rows.
const OF_A_CLINIC: [&str; 3] = ["patient", "visit", "condition"];

/// Any number: two programs that start at once make the tables one after the other.
const LOCK: i64 = 0x7068_6963_6c69_6e69;

/// Makes the tables where there are none, and connects as the application.
///
/// The URL may name a role that is bound by row-level security. Of one that is not, a superuser
/// most often, only the tables are made and a role that is; the application connects as that.
pub(super) async fn open(url: &str) -> Result<PgPool, Failure> {
    let pool = PgPool::connect(url).await?;
    let pool = match check_tenant_isolation(&pool, &[]).await {
        Ok(()) => {
            let mut owner = pool.acquire().await?;
            let role: String = sqlx::query_scalar("SELECT quote_ident(current_user)")
                .fetch_one(&mut *owner)
                .await?;
            migrate(&mut owner, &role).await?;
            drop(owner);
            pool
        }
        Err(error)
            if matches!(
                error.fault,
                IsolationFault::Superuser | IsolationFault::BypassRls | IsolationFault::Becomes
            ) =>
        {
            let application = as_application(&pool).await?;
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

/// A pool of the application's own role, which this makes. Its password is drawn at each start and
/// is kept nowhere.
async fn as_application(owner: &PgPool) -> Result<PgPool, Failure> {
    let password = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let mut owner_connection = owner.acquire().await?;
    let (name, role): (String, String) = sqlx::query_as(
        "SELECT name, quote_ident(name) FROM (SELECT current_database() || '_clinic' AS name) x",
    )
    .fetch_one(&mut *owner_connection)
    .await?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(&name)
        .fetch_one(&mut *owner_connection)
        .await?;
    let verb = if known { "ALTER" } else { "CREATE" };
    // A name that the server quoted, and hex digits.
    let sql = format!("{verb} ROLE {role} LOGIN PASSWORD '{password}'");
    owner_connection.execute(AssertSqlSafe(sql)).await?;
    migrate(&mut owner_connection, &role).await?;
    let options = owner.connect_options().as_ref().clone().username(&name).password(&password);
    Ok(PgPool::connect_with(options).await?)
}

/// Tables, policies, and what the application's role may do with them.
async fn migrate(owner: &mut PgConnection, role: &str) -> Result<(), Failure> {
    let mut sql = vec![super::tables(sealed_check, token_check, ["UUID", "BYTEA", "BIGINT"], "")];
    for table in OF_A_CLINIC {
        sql.push(tenant_policies(table, "clinic_id", IdType::Uuid)?);
        // An owner may have it as well; no policy stops it.
        sql.push(format!("REVOKE TRUNCATE ON {table} FROM {role};"));
    }
    for table in ["clinic", "membership"].iter().chain(&OF_A_CLINIC) {
        sql.push(format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role};"));
    }
    let mut transaction = owner.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    transaction.execute(AssertSqlSafe(sql.concat())).await?;
    Ok(transaction.commit().await?)
}

/// Every value of a clinic's rows in the server's own binary form, so that no text hides in hex.
pub(super) async fn bytes_of(pool: &PgPool, clinic: Uuid) -> Result<Vec<Vec<u8>>, Failure> {
    let mut transaction = tenant_transaction_of(pool, &clinic.into()).await?;
    let mut values = Vec::new();
    for table in OF_A_CLINIC {
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
