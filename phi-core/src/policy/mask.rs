//! Sets as bits: classes, actions, purposes, and the decision made of them.

use std::fmt;

use super::model::{Action, Purpose, Scope};

/// A set of field classes, one bit for each class of the policy's records.
///
/// Bits have a meaning only within the [`CompiledPolicy`](super::CompiledPolicy) they come from.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ClassMask(pub(super) u64);

impl ClassMask {
    /// No class.
    pub const EMPTY: Self = Self(0);
    /// How many distinct classes the records of one application may have.
    pub const MAX_CLASSES: usize = 64;

    /// The mask of the class with this number, empty if there can be none.
    pub(super) fn of_bit(bit: usize) -> Self {
        let shifted = u32::try_from(bit).ok().and_then(|bit| 1_u64.checked_shl(bit));
        Self(shifted.unwrap_or(0))
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every class of `other` is in this set.
    pub const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The classes that are in one set or the other.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The classes that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The classes of this set that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The set as bits.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for ClassMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClassMask({:#x})", self.0)
    }
}

/// The classes that may be used, for each row scope.
///
/// A wider scope includes the narrower ones, so `own` contains `tenant` and `tenant` contains
/// `all`: on a row of one's own each class of `own` is open, on another row of the tenant each
/// of `tenant`, on a row of another tenant each of `all`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decision {
    /// Classes open on rows the principal owns.
    pub own: ClassMask,
    /// Classes open on every row of the active tenant.
    pub tenant: ClassMask,
    /// Classes open on every row.
    pub all: ClassMask,
}

impl Decision {
    /// Nothing is open.
    pub const DENIED: Self =
        Self { own: ClassMask::EMPTY, tenant: ClassMask::EMPTY, all: ClassMask::EMPTY };

    /// Whether no class is open on any row.
    pub const fn is_denied(self) -> bool {
        self.own.is_empty() && self.tenant.is_empty() && self.all.is_empty()
    }

    /// The classes open on rows that are no nearer than `scope`.
    pub const fn classes(self, scope: Scope) -> ClassMask {
        match scope {
            Scope::Own => self.own,
            Scope::Tenant => self.tenant,
            Scope::All => self.all,
        }
    }
}

/// A set of actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ActionSet(u8);

/// A set of purposes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PurposeSet(u16);

/// What both sets do, so that the rule checks are written once.
pub(super) trait WordSet: Copy + Default {
    type Word: Copy;

    /// The set of every word.
    fn all() -> Self;
    /// Adds a word; false if it was there.
    fn insert(&mut self, word: Self::Word) -> bool;
}

impl ActionSet {
    pub(super) const fn has(self, action: Action) -> bool {
        self.0 & (1 << action.index()) != 0
    }

    pub(super) const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.into_iter().filter(move |a| self.has(*a))
    }
}

impl PurposeSet {
    pub(super) const fn has(self, purpose: Purpose) -> bool {
        self.0 & (1 << purpose.index()) != 0
    }

    pub(super) const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.into_iter().filter(move |p| self.has(*p))
    }
}

impl WordSet for ActionSet {
    type Word = Action;

    fn all() -> Self {
        let mut set = Self::default();
        for action in Action::ALL {
            set.insert(action);
        }
        set
    }

    fn insert(&mut self, action: Action) -> bool {
        let is_new = !self.has(action);
        self.0 |= 1 << action.index();
        is_new
    }
}

impl WordSet for PurposeSet {
    type Word = Purpose;

    fn all() -> Self {
        let mut set = Self::default();
        for purpose in Purpose::ALL {
            set.insert(purpose);
        }
        set
    }

    fn insert(&mut self, purpose: Purpose) -> bool {
        let is_new = !self.has(purpose);
        self.0 |= 1 << purpose.index();
        is_new
    }
}
