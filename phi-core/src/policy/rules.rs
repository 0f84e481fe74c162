//! A policy after its checks and before it meets the records.

use super::error::Position;
use super::mask::{ActionSet, PurposeSet};
use super::model::Scope;

/// The most bytes of a policy text.
pub(super) const MAX_TEXT: usize = 1 << 20;
/// The most roles of a policy.
pub(super) const MAX_ROLES: usize = 256;
/// The most rules of a policy, over all roles.
pub(super) const MAX_RULES: usize = 4096;

/// Roles and their rules: consistent in themselves, not yet checked against records.
///
/// # Security
/// What no rule allows is denied, and what any rule denies stays denied whatever allows it. The
/// order of rules has no meaning. The classes `psychotherapy`, `part2` and `sud_notes` are
/// reserved: an allow rule gives them only if it names them, `classes = "all"` leaves them out
/// (45 CFR 164.508(a)(2); 42 CFR part 2).
#[derive(Clone, Debug)]
pub struct Policy {
    pub(super) roles: Vec<Role>,
}

/// One role. It has its own rules and those of every role of its lineage.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) name: Box<str>,
    pub(super) title: Option<Box<str>>,
    /// Indices of the roles whose rules it has: itself, then the inherited ones, nearest first.
    pub(super) lineage: Vec<usize>,
    pub(super) rules: Vec<Rule>,
}

/// One allow or deny rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) at: Position,
    pub(super) effect: Effect,
    pub(super) actions: ActionSet,
    pub(super) resources: Listed,
    pub(super) classes: Listed,
    pub(super) purposes: PurposeSet,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Opens its classes on the rows of the scope.
    Allow(Placed<Scope>),
    /// Closes its classes on every row.
    Deny,
}

/// Names, or all there are.
#[derive(Clone, Debug)]
pub(super) enum Listed {
    All,
    Names(Vec<Placed<Box<str>>>),
}

/// A value and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) at: Position,
}

impl<T> Placed<T> {
    pub(super) const fn new(value: T, at: Position) -> Self {
        Self { value, at }
    }
}
