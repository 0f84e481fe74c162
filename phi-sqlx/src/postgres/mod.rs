//! What only `PostgreSQL` has: row-level security for tenants, and its `CHECK` texts.

mod check;
mod isolation;
mod policies;
mod tenant;

pub use check::{sealed_check, token_check};
pub use isolation::{IsolationError, IsolationFault, check_tenant_isolation};
pub use policies::tenant_policies;
pub use tenant::{
    TenantError, retry_tenant_transaction, tenant_transaction, tenant_transaction_of,
};
