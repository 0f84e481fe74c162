use std::fmt::{self, Write as _};

use phi_core::{Grant, Id};
use sqlx::{AssertSqlSafe, PgPool, PgTransaction};

use super::policies::SETTING;
use crate::retry::retry;
use crate::{DatabaseFault, Pause, Retry, RetryError, Transient};

/// Begins a transaction in the name of the grant's tenant: tables under
/// [`tenant_policies`](super::tenant_policies) show and take only that tenant's rows in it.
///
/// The tenant is set for the transaction alone (`set_config(…, true)`). After its commit, rollback
/// or drop nothing is left on the connection, so pools may hand it to another tenant next, and a
/// pooler in transaction mode may stand between.
///
/// # Errors
///
/// [`TenantError::NoTenant`] for a grant over all organisations: work through them one by one with
/// [`tenant_transaction_of`].
pub async fn tenant_transaction(
    pool: &PgPool,
    grant: &Grant,
) -> Result<PgTransaction<'static>, TenantError> {
    // Taken out first: the future then borrows nothing but the pool.
    let tenant = grant.tenant().cloned().ok_or(TenantError::NoTenant);
    tenant_transaction_of(pool, &tenant?).await
}

/// The same for a job that goes from tenant to tenant.
///
/// # Errors
///
/// [`TenantError::Database`] if the transaction does not begin.
pub async fn tenant_transaction_of(
    pool: &PgPool,
    tenant: &Id,
) -> Result<PgTransaction<'static>, TenantError> {
    Ok(in_name_of(pool.begin().await?, tenant).await?)
}

/// [`retry_transaction`](crate::retry_transaction) in the name of the grant's tenant, as
/// [`tenant_transaction`] begins it.
///
/// # Errors
///
/// As there; [`RetryError::NoTenant`] for a grant over all organisations.
pub async fn retry_tenant_transaction<T, E, P, W, F>(
    pool: &PgPool,
    grant: &Grant,
    retry_by: &Retry<P>,
    work: W,
) -> Result<T, RetryError<E>>
where
    E: Transient,
    P: Pause,
    W: FnMut(PgTransaction<'static>) -> F,
    F: Future<Output = Result<(PgTransaction<'static>, T), E>>,
{
    let tenant = &grant.tenant().cloned().ok_or(RetryError::NoTenant)?;
    let begin = || async move { in_name_of(retry_by.started(pool).await?, tenant).await };
    retry(retry_by, begin, work).await
}

/// For this transaction alone: the last argument. A simple query, since a prepared statement would
/// stay on the connection.
async fn in_name_of(
    mut transaction: PgTransaction<'static>,
    tenant: &Id,
) -> Result<PgTransaction<'static>, sqlx::Error> {
    let sql = format!("SELECT set_config('{SETTING}', {}, true)", literal(tenant));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await?;
    Ok(transaction)
}

/// The id's text form as SQL. Nothing of a text stands in it but its hex digits.
fn literal(id: &Id) -> String {
    match id {
        Id::Uuid(id) => format!("'{id}'"),
        Id::Int(id) => format!("'{id}'"),
        id => {
            let mut sql = String::from("convert_from(decode('");
            for byte in id.to_string().bytes() {
                let _ = write!(sql, "{byte:02x}"); // a String takes all
            }
            sql.push_str("', 'hex'), 'UTF8')");
            sql
        }
    }
}

/// Why no transaction was begun for a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TenantError {
    /// The grant is over all organisations.
    NoTenant,
    /// The database did not begin it.
    Database(DatabaseFault),
}

impl From<sqlx::Error> for TenantError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(DatabaseFault::of(&error))
    }
}

impl fmt::Display for TenantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTenant => {
                f.write_str("grant is over all organisations; go through them one by one")
            }
            Self::Database(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for TenantError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_literal() {
        assert_eq!(literal(&Id::from(-7)), "'-7'");
        let id = Id::opaque("a', false); DROP TABLE patient; --");
        assert_eq!(
            literal(&id),
            "convert_from(decode('61272c2066616c7365293b2044524f50205441424c452070617469656e743b202d2d', 'hex'), 'UTF8')"
        );
    }
}
