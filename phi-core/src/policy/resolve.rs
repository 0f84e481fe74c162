//! Rules with the numbers and bits of the records in place of names.

use super::catalog::{Catalog, Resource};
use super::error::{Faults, PolicyFaultKind as Kind, Position};
use super::mask::{ActionSet, ClassMask, PurposeSet};
use super::model::{Action, Purpose, Scope};
use super::rules::{Effect, Listed, Placed, Policy, Rule};

/// A role and its own rules.
#[derive(Debug)]
pub(super) struct ResolvedRole {
    pub(super) name: Box<str>,
    pub(super) title: Option<Box<str>>,
    /// Indices of the roles whose rules it has, itself first.
    pub(super) lineage: Vec<usize>,
    pub(super) rules: Vec<ResolvedRule>,
}

/// A rule as sets.
#[derive(Debug)]
pub(super) struct ResolvedRule {
    pub(super) at: Position,
    /// The rows it opens; `None` is a deny rule.
    pub(super) scope: Option<Scope>,
    pub(super) actions: ActionSet,
    pub(super) purposes: PurposeSet,
    /// Whether it says `all` in place of naming classes.
    pub(super) is_all_classes: bool,
    /// The classes it opens or closes, by record number, sorted. None is empty.
    pub(super) masks: Vec<(usize, ClassMask)>,
}

impl ResolvedRule {
    /// Its classes of one record.
    pub(super) fn mask(&self, resource: usize) -> ClassMask {
        let found = self.masks.binary_search_by_key(&resource, |(n, _)| *n);
        let mask = found.ok().and_then(|place| self.masks.get(place));
        mask.map_or(ClassMask::EMPTY, |(_, mask)| *mask)
    }

    /// Whether it speaks of this action for this purpose.
    pub(super) fn is_about(&self, action: Action, purpose: Purpose) -> bool {
        self.actions.has(action) && self.purposes.has(purpose)
    }
}

/// All rules a role has, its own first.
pub(super) fn rules_of<'r>(
    role: &'r ResolvedRole,
    roles: &'r [ResolvedRole],
) -> impl Iterator<Item = (&'r ResolvedRole, &'r ResolvedRule)> {
    let line = role.lineage.iter().filter_map(|number| roles.get(*number));
    line.flat_map(|role| role.rules.iter().map(move |rule| (role, rule)))
}

/// Puts the records in place of names in every rule, and lists what does not fit.
pub(super) fn resolve(
    policy: &Policy,
    catalog: &Catalog,
    faults: &mut Faults,
) -> Vec<ResolvedRole> {
    let roles = policy.roles.iter();
    roles
        .map(|role| ResolvedRole {
            name: role.name.clone(),
            title: role.title.clone(),
            lineage: role.lineage.clone(),
            rules: role.rules.iter().map(|rule| resolve_rule(rule, catalog, faults)).collect(),
        })
        .collect()
}

fn resolve_rule(rule: &Rule, catalog: &Catalog, faults: &mut Faults) -> ResolvedRule {
    let (found, all_found) = find_resources(&rule.resources, catalog, faults);
    let classes = match &rule.classes {
        Listed::All if rule.effect == Effect::Deny => Some(ClassMask(u64::MAX)),
        Listed::All => Some(ClassMask(u64::MAX).without(catalog.reserved)),
        Listed::Names(names) => {
            let offered = found.iter().map(|found| found.resource.classes);
            let offered = offered.fold(ClassMask::EMPTY, ClassMask::union);
            // With a resource unknown, nobody can say which classes it has.
            let offered = if all_found { offered } else { ClassMask(u64::MAX) };
            find_classes(names, offered, catalog, faults)
        }
    };
    let scope = match rule.effect {
        Effect::Allow(scope) => Some(scope),
        Effect::Deny => None,
    };
    let mut masks = Vec::with_capacity(found.len());
    for found in found {
        if let Some(scope) = scope {
            check_scope(scope, found.resource, faults);
        }
        let mask = classes.map(|classes| found.resource.classes.intersection(classes));
        match (mask, found.named_at) {
            (Some(mask), _) if !mask.is_empty() => masks.push((found.number, mask)),
            (Some(_), Some(at)) => {
                let resource = found.resource.label.clone();
                faults.push(at, Kind::ResourceWithoutClasses { resource });
            }
            _ => {}
        }
    }
    masks.sort_unstable_by_key(|(number, _)| *number);
    ResolvedRule {
        at: rule.at,
        scope: scope.map(|scope| scope.value),
        actions: rule.actions,
        purposes: rule.purposes,
        is_all_classes: matches!(rule.classes, Listed::All),
        masks,
    }
}

/// A record of a rule, and where the rule names it.
struct Found<'c> {
    number: usize,
    resource: &'c Resource,
    named_at: Option<Position>,
}

/// The records of a rule, and whether all of its names are records.
fn find_resources<'c>(
    listed: &Listed,
    catalog: &'c Catalog,
    faults: &mut Faults,
) -> (Vec<Found<'c>>, bool) {
    let mut found = Vec::new();
    let mut all_found = true;
    let Listed::Names(names) = listed else {
        for (number, resource) in catalog.resources.iter().enumerate() {
            let named_at = None;
            found.push(Found { number, resource, named_at });
        }
        return (found, all_found);
    };
    for Placed { value: name, at } in names {
        if let Some((number, resource)) = catalog.resource(name) {
            found.push(Found { number, resource, named_at: Some(*at) });
        } else {
            let resource = name.clone();
            faults.push(*at, Kind::UnknownResource { resource });
            all_found = false;
        }
    }
    (found, all_found)
}

/// The classes a rule names, or `None` if one does not fit.
fn find_classes(
    names: &[Placed<Box<str>>],
    offered: ClassMask,
    catalog: &Catalog,
    faults: &mut Faults,
) -> Option<ClassMask> {
    let mut mask = Some(ClassMask::EMPTY);
    for Placed { value: name, at } in names {
        let class = name.clone();
        match catalog.class(name) {
            Some(bit) if offered.contains(bit) => {
                mask = mask.map(|mask| mask.union(bit));
                continue;
            }
            Some(_) => faults.push(*at, Kind::ClassNotInResources { class }),
            None => faults.push(*at, Kind::UnknownClass { class }),
        }
        mask = None;
    }
    mask
}

/// Refuses a scope that the record's columns cannot express.
fn check_scope(scope: Placed<Scope>, record: &Resource, faults: &mut Faults) {
    let has_column = match scope.value {
        Scope::Own => record.has_owner,
        Scope::Tenant => record.has_tenant,
        Scope::All => true,
    };
    if !has_column {
        let (resource, scope, at) = (record.label.clone(), scope.value, scope.at);
        faults.push(at, Kind::ScopeWithoutColumn { resource, scope });
    }
}
