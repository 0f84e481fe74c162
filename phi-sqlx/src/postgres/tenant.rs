use std::fmt;

use phi_core::{Grant, Id};
use sqlx::{PgPool, PgTransaction};

use super::policies::SETTING;
use crate::DatabaseFault;

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
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT set_config($1, $2, true)")
        .bind(SETTING)
        .bind(tenant.to_string())
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
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
