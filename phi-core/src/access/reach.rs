//! Which classes of one row a principal reaches: the row scope, applied.

use super::Principal;
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

/// Whether the row's owner column names the principal, in text form: a token's `sub` is text even
/// where the column is a UUID.
fn owns(principal: &Principal, place: &Place) -> bool {
    let Some(owner) = &place.owner else { return false };
    owner == principal.id() || owner.to_string() == principal.id().to_string()
}
