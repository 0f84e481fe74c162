//! A policy that has met the records: checked whole, and ready to decide.

use std::fmt;

use super::catalog::{Catalog, ResourceView};
use super::error::{Faults, PolicyError};
use super::mask::{ClassMask, Decision};
use super::model::{Action, Purpose};
use super::resolve::{ResolvedRole, resolve};
use super::rules::Policy;
use super::table::Table;
use super::unused;

/// The number of a role, valid in the [`CompiledPolicy`] that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleIx(pub(super) usize);

/// The number of a record, valid in the [`CompiledPolicy`] that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceIx(pub(super) usize);

/// A policy bound to the records of an application.
///
/// # Security
/// A decision is looked up, not searched for: its cost does not depend on the number of rules.
/// A role or record number that is not of this policy is denied. Names in rules were checked
/// when it was made: it holds no rule that is misspelt, contradicted or without effect.
pub struct CompiledPolicy {
    pub(super) roles: Vec<ResolvedRole>,
    pub(super) catalog: Catalog,
    pub(super) table: Table,
    /// Role names, sorted, each with the number of its role.
    names: Vec<(Box<str>, usize)>,
}

/// Checks a policy against the records and makes the table of its decisions.
///
/// # Errors
/// [`PolicyError`] with every record, class and scope that does not fit; or, when all fit, with
/// every rule that can never matter.
pub(crate) fn compile(
    policy: &Policy,
    records: &[ResourceView<'_>],
) -> Result<CompiledPolicy, PolicyError> {
    let mut faults = Faults::default();
    let catalog = Catalog::new(records, &mut faults);
    // Rules cannot be judged by records that are themselves at fault.
    faults.finish()?;
    let mut faults = Faults::default();
    let roles = resolve(policy, &catalog, &mut faults);
    faults.finish()?;
    let table = Table::new(&roles, &catalog);
    let mut faults = Faults::default();
    unused::check(&roles, &table, &mut faults);
    faults.finish()?;
    let names = roles.iter().enumerate();
    let mut names: Vec<_> = names.map(|(n, role)| (role.name.clone(), n)).collect();
    names.sort_unstable();
    Ok(CompiledPolicy { roles, catalog, table, names })
}

impl CompiledPolicy {
    /// What a role may use of a record, by doing what and for which purpose.
    pub fn decide(
        &self,
        role: RoleIx,
        resource: ResourceIx,
        action: Action,
        purpose: Purpose,
    ) -> Decision {
        self.table.get(role.0, resource.0, action, purpose)
    }

    /// The role with this name.
    pub fn role_index(&self, name: &str) -> Option<RoleIx> {
        let names = &self.names;
        let found = names.binary_search_by(|(role, _)| (**role).cmp(name)).ok()?;
        names.get(found).map(|(_, number)| RoleIx(*number))
    }

    /// The record with this label.
    pub fn resource_index(&self, record: &str) -> Option<ResourceIx> {
        let found = self.catalog.resource(record);
        found.map(|(number, _)| ResourceIx(number))
    }

    /// The names of the roles, in the order of the policy.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(|role| &*role.name)
    }

    /// The class of one field of a record; `None` if the record has no such field.
    pub fn field_mask(&self, resource: ResourceIx, field: &str) -> Option<ClassMask> {
        self.catalog.resources.get(resource.0)?.field(field)
    }

    /// The classes of some fields of a record; `None` if the record lacks one of them.
    pub fn class_mask(
        &self,
        resource: ResourceIx,
        fields: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Option<ClassMask> {
        let record = self.catalog.resources.get(resource.0)?;
        let mut fields = fields.into_iter().map(|field| record.field(field.as_ref()));
        fields.try_fold(ClassMask::EMPTY, |mask, field| Some(mask.union(field?)))
    }
}

/// How much it holds, not the rules.
impl fmt::Debug for CompiledPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledPolicy")
            .field("roles", &self.roles.len())
            .field("records", &self.catalog.resources.len())
            .field("classes", &self.catalog.classes.len())
            .finish_non_exhaustive()
    }
}
