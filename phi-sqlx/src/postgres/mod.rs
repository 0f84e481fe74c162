//! What only `PostgreSQL` has: row-level security for tenants, and its `CHECK` texts.
//!
//! ```no_run
//! use phi_core::{Grant, Phi, PhiRecord};
//! use phi_sqlx::postgres::{check_tenant_isolation, sealed_check, tenant_policies, tenant_transaction};
//! use phi_sqlx::{IdType, check_columns, insert};
//! use sqlx::{AssertSqlSafe, PgPool};
//! use uuid::Uuid;
//!
//! #[derive(Debug, PhiRecord)]
//! #[phi(record = "patient", sqlx)]
//! struct Patient {
//!     #[phi(id)]
//!     id: Uuid,
//!     #[phi(tenant)]
//!     clinic_id: Uuid,
//!     #[phi(class = "contact")]
//!     name: Phi<String>,
//! }
//!
//! /// A migration, by the tables' owner.
//! async fn migrate(owner: &PgPool) -> Result<(), Box<dyn std::error::Error>> {
//!     let table = format!(
//!         "CREATE TABLE patient (id UUID PRIMARY KEY, clinic_id UUID NOT NULL, name BYTEA CHECK ({}));",
//!         sealed_check("name"),
//!     );
//!     let policies = tenant_policies("patient", "clinic_id", IdType::Uuid)?;
//!     let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON patient TO clinic_application";
//!     sqlx::raw_sql(AssertSqlSafe([table, policies, rights.into()].concat())).execute(owner).await?;
//!     Ok(())
//! }
//!
//! /// At start-up, by the application's role. A superuser's pool is refused here.
//! async fn start(pool: &PgPool) -> Result<(), Box<dyn std::error::Error>> {
//!     check_tenant_isolation(pool, &["patient"]).await?;
//!     check_columns::<SealedPatient, _>(pool, "patient").await?;
//!     Ok(())
//! }
//!
//! /// In a handler.
//! async fn save(pool: &PgPool, grant: &Grant, patient: &Patient) -> Result<(), Box<dyn std::error::Error>> {
//!     let row = grant.seal(patient)?;
//!     let mut transaction = tenant_transaction(pool, grant).await?;
//!     insert(&mut *transaction, "patient", &row).await?;
//!     transaction.commit().await?;
//!     // Outside of such a transaction there are no rows, not even one's own.
//!     let none: Vec<SealedPatient> = sqlx::query_as("SELECT * FROM patient").fetch_all(pool).await?;
//!     assert!(none.is_empty());
//!     Ok(())
//! }
//! ```

mod check;
mod isolation;
mod lookup;
mod policies;
mod tenant;

pub use check::{sealed_check, token_check};
pub use isolation::{IsolationError, IsolationFault, check_tenant_isolation};
pub use lookup::tenant_lookup;
pub(crate) use policies::quoted;
pub use policies::tenant_policies;
pub use tenant::{
    TenantError, retry_tenant_transaction, tenant_transaction, tenant_transaction_of,
};
