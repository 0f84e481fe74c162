//! Every decision there is, made once at start-up.

use std::collections::HashMap;

use super::catalog::Catalog;
use super::mask::{ClassMask, Decision};
use super::model::{Action, Purpose, Scope};
use super::resolve::{ResolvedRole, ResolvedRule};

/// Decisions of one role on one record.
const CELLS: usize = Action::ALL.len() * Purpose::ALL.len();

/// A decision for each record, role, action and purpose.
///
/// Most cells repeat a few decisions, so a cell holds the number of its decision: the table stays
/// small enough for a processor's cache.
#[derive(Debug)]
pub(super) struct Table {
    roles: usize,
    resources: usize,
    /// By record, then role, then action, then purpose.
    cells: Box<[u32]>,
    decisions: Box<[Decision]>,
}

impl Table {
    pub(super) fn new(roles: &[ResolvedRole], catalog: &Catalog) -> Self {
        let mut cells = Vec::with_capacity(catalog.resources.len() * roles.len() * CELLS);
        let mut numbers = HashMap::new();
        let mut decisions = Vec::new();
        for resource in 0..catalog.resources.len() {
            let own: Vec<_> = roles.iter().map(|r| Sums::of(&r.rules, resource)).collect();
            for role in roles {
                let mut sums = Sums::new();
                for number in &role.lineage {
                    own.get(*number).into_iter().for_each(|o| sums.add(o));
                }
                for decision in sums.decisions() {
                    cells.push(*numbers.entry(decision).or_insert_with(|| {
                        decisions.push(decision);
                        // 256 roles on 1024 records make 20 million cells at most. A number that
                        // did not fit would have no decision, and deny.
                        u32::try_from(decisions.len() - 1).unwrap_or(u32::MAX)
                    }));
                }
            }
        }
        Self {
            roles: roles.len(),
            resources: catalog.resources.len(),
            cells: cells.into(),
            decisions: decisions.into(),
        }
    }

    /// One decision; what is not in the table is denied.
    pub(super) fn get(
        &self,
        role: usize,
        resource: usize,
        action: Action,
        purpose: Purpose,
    ) -> Decision {
        // A role of another policy must not reach into the next record's row, nor a sum wrap.
        if role >= self.roles || resource >= self.resources {
            return Decision::DENIED;
        }
        let row = (resource * self.roles + role) * CELLS;
        let number = self.cells.get(row + cell(action, purpose));
        let decision = number
            .and_then(|number| usize::try_from(*number).ok())
            .and_then(|number| self.decisions.get(number));
        decision.copied().unwrap_or(Decision::DENIED)
    }
}

const fn cell(action: Action, purpose: Purpose) -> usize {
    action.index() * Purpose::ALL.len() + purpose.index()
}

/// What rules allow at each scope, and what they deny, for each action and purpose of a record.
struct Sums(Vec<Sum>);

#[derive(Clone, Copy, Default)]
struct Sum {
    own: ClassMask,
    tenant: ClassMask,
    all: ClassMask,
    denied: ClassMask,
}

impl Sums {
    fn new() -> Self {
        Self(vec![Sum::default(); CELLS])
    }

    fn of(rules: &[ResolvedRule], resource: usize) -> Self {
        let mut sums = Self::new();
        for rule in rules {
            let mask = rule.mask(resource);
            if mask.is_empty() {
                continue;
            }
            for action in rule.actions.iter() {
                for purpose in rule.purposes.iter() {
                    if let Some(sum) = sums.0.get_mut(cell(action, purpose)) {
                        let part = match rule.scope {
                            Some(Scope::Own) => &mut sum.own,
                            Some(Scope::Tenant) => &mut sum.tenant,
                            Some(Scope::All) => &mut sum.all,
                            None => &mut sum.denied,
                        };
                        *part = part.union(mask);
                    }
                }
            }
        }
        sums
    }

    fn add(&mut self, other: &Self) {
        for (sum, other) in self.0.iter_mut().zip(&other.0) {
            sum.own = sum.own.union(other.own);
            sum.tenant = sum.tenant.union(other.tenant);
            sum.all = sum.all.union(other.all);
            sum.denied = sum.denied.union(other.denied);
        }
    }

    /// Deny wins, and a wider scope includes the narrower ones.
    fn decisions(&self) -> impl Iterator<Item = Decision> {
        self.0.iter().map(|sum| {
            let tenant = sum.tenant.union(sum.all);
            let own = sum.own.union(tenant);
            Decision {
                own: own.without(sum.denied),
                tenant: tenant.without(sum.denied),
                all: sum.all.without(sum.denied),
            }
        })
    }
}
