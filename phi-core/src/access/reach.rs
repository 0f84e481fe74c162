//! Which classes of one row a principal reaches: the row scope, applied.

use super::Principal;
use crate::Id;
use crate::audit::Reason;
use crate::policy::{ClassMask, Decision};
use crate::record::{Place, RecordSchema};

/// The classes open on this row, or why none is.
pub(crate) fn reach(
    decision: Decision,
    principal: &Principal,
    schema: &RecordSchema,
    place: &Place,
) -> Result<ClassMask, Reason> {
    let foreign = schema.has_tenant && place.tenant.as_ref() != principal.tenant();
    let owned = !foreign && owns(principal, place);
    let mask = match (owned, foreign) {
        (true, _) => decision.own,
        (false, false) if schema.has_tenant => decision.tenant,
        // Another tenant's row, or one that belongs to no tenant: only `all` reaches it.
        (false, _) => decision.all,
    };
    if !mask.is_empty() {
        return Ok(mask);
    }
    Err(if foreign {
        Reason::ForeignTenant
    } else if decision.own.is_empty() {
        Reason::NoRole
    } else {
        Reason::NotOwner
    })
}

/// The rows of a record's kind that a grant reaches: what a `WHERE` must say to find no others.
///
/// [`Grant::row_scope`](crate::Grant::row_scope) gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowScope {
    /// No row.
    Nothing,
    /// Rows whose owner column names the principal, in text form.
    Own {
        /// Of this organisation only; `None` for records that belong to none.
        tenant: Option<Id>,
        /// The principal.
        owner: Id,
    },
    /// The rows of one organisation.
    Tenant(Id),
    /// Every row.
    All,
}

/// The rows on which [`reach`] gives a mask that `covers` the struct.
pub(crate) fn row_scope(
    decision: Decision,
    principal: &Principal,
    schema: &RecordSchema,
    covers: impl Fn(ClassMask) -> bool,
) -> RowScope {
    // A nearer row has at least the classes of a farther one.
    if covers(decision.all) {
        return RowScope::All;
    }
    let tenant = principal.tenant();
    if schema.has_tenant && tenant.is_none() {
        return RowScope::Nothing; // every row is another tenant's
    }
    let tenant = tenant.filter(|_| schema.has_tenant).cloned();
    match tenant {
        Some(tenant) if covers(decision.tenant) => RowScope::Tenant(tenant),
        tenant if covers(decision.own) && schema.has_owner => {
            RowScope::Own { tenant, owner: principal.id().clone() }
        }
        _ => RowScope::Nothing,
    }
}

/// Whether the row's owner column names the principal, in text form: a token's `sub` is text even
/// where the column is a UUID.
fn owns(principal: &Principal, place: &Place) -> bool {
    let Some(owner) = &place.owner else { return false };
    owner == principal.id() || owner.to_string() == principal.id().to_string()
}
