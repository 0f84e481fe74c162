//! The same policy, written in Rust.

use std::panic::Location;

use super::draft::{ListDraft, PolicyDraft, RoleDraft, RuleDraft, Slot};
use super::error::{PolicyError, Position};
use super::model::{Action, Purpose, Scope};
use super::rules::{Placed, Policy};

impl Policy {
    /// Starts a policy in Rust. It passes the same checks as a text; faults and explanations
    /// name the source line of the call.
    ///
    /// ```
    /// use phi_core::policy::{Action, Policy, Purpose, Scope};
    ///
    /// let policy = Policy::builder()
    ///     .role("clinician", |role| {
    ///         role.title("Clinician").allow(|rule| {
    ///             rule.actions([Action::Read, Action::Search])
    ///                 .resources(["patient"])
    ///                 .classes(["contact", "clinical"])
    ///                 .scope(Scope::Tenant)
    ///                 .purposes([Purpose::Treatment])
    ///         })
    ///     })
    ///     .build();
    /// assert!(policy.is_ok());
    ///
    /// // A rule that leaves something open is refused.
    /// let refused = Policy::builder()
    ///     .role("clinician", |role| role.allow(|rule| rule.actions([Action::Read])))
    ///     .build();
    /// assert!(refused.is_err());
    /// ```
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder { draft: PolicyDraft::default() }
    }
}

/// Builds a [`Policy`]; made by [`Policy::builder`].
#[derive(Debug)]
#[must_use = "a policy is there only after `build`"]
pub struct PolicyBuilder {
    draft: PolicyDraft,
}

impl PolicyBuilder {
    /// Adds a role.
    #[track_caller]
    pub fn role(mut self, name: &str, write: impl FnOnce(RoleBuilder) -> RoleBuilder) -> Self {
        let role = RoleBuilder(RoleDraft::new(name.to_owned(), here()));
        self.draft.roles.push(write(role).0);
        self
    }

    /// Checks the policy.
    ///
    /// # Errors
    /// [`PolicyError`] with every fault, as [`Policy::from_toml`].
    pub fn build(self) -> Result<Policy, PolicyError> {
        self.draft.check()
    }
}

/// Builds one role; made by [`PolicyBuilder::role`].
#[derive(Debug)]
#[must_use = "a role is added by returning it"]
pub struct RoleBuilder(RoleDraft);

impl RoleBuilder {
    /// Gives the role a title for tables that people read.
    #[track_caller]
    pub fn title(mut self, title: &str) -> Self {
        self.0.title = Some(Placed::new(title.to_owned(), here()));
        self
    }

    /// Gives the role every rule of another one, deny rules included.
    #[track_caller]
    pub fn inherits(mut self, role: &str) -> Self {
        self.0.inherits.push(Placed::new(role.to_owned(), here()));
        self
    }

    /// Adds an allow rule.
    #[track_caller]
    pub fn allow(mut self, write: impl FnOnce(AllowBuilder) -> AllowBuilder) -> Self {
        let rule = AllowBuilder(RuleDraft::new(false, here()));
        self.0.rules.push(write(rule).0);
        self
    }

    /// Adds a deny rule.
    #[track_caller]
    pub fn deny(mut self, write: impl FnOnce(DenyBuilder) -> DenyBuilder) -> Self {
        let rule = DenyBuilder(RuleDraft::new(true, here()));
        self.0.rules.push(write(rule).0);
        self
    }
}

/// Builds one allow rule; made by [`RoleBuilder::allow`]. Each part must be given; a second call
/// replaces the first.
#[derive(Debug)]
#[must_use = "a rule is added by returning it"]
pub struct AllowBuilder(RuleDraft);

impl AllowBuilder {
    /// What may be done.
    #[track_caller]
    pub fn actions(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        self.0.actions = list(actions);
        self
    }

    /// Which records, by label.
    #[track_caller]
    pub fn resources(mut self, records: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.0.resources = list(records.into_iter().map(owned));
        self
    }

    /// Which field classes. Reserved ones are given only here.
    #[track_caller]
    pub fn classes(mut self, classes: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.0.classes = list(classes.into_iter().map(owned));
        self
    }

    /// Every field class that is not reserved.
    #[track_caller]
    pub fn all_classes(mut self) -> Self {
        self.0.classes = all();
        self
    }

    /// On which rows.
    #[track_caller]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.0.scope = Slot::Is(Placed::new(scope, here()));
        self
    }

    /// For which purposes.
    #[track_caller]
    pub fn purposes(mut self, purposes: impl IntoIterator<Item = Purpose>) -> Self {
        self.0.purposes = list(purposes);
        self
    }
}

/// Builds one deny rule; made by [`RoleBuilder::deny`]. Each part must be given; a second call
/// replaces the first. It has no scope: a deny rule holds for every row.
#[derive(Debug)]
#[must_use = "a rule is added by returning it"]
pub struct DenyBuilder(RuleDraft);

impl DenyBuilder {
    /// What must not be done.
    #[track_caller]
    pub fn actions(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        self.0.actions = list(actions);
        self
    }

    /// Nothing may be done.
    #[track_caller]
    pub fn all_actions(mut self) -> Self {
        self.0.actions = all();
        self
    }

    /// Which records, by label.
    #[track_caller]
    pub fn resources(mut self, records: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.0.resources = list(records.into_iter().map(owned));
        self
    }

    /// Every record.
    #[track_caller]
    pub fn all_resources(mut self) -> Self {
        self.0.resources = all();
        self
    }

    /// Which field classes.
    #[track_caller]
    pub fn classes(mut self, classes: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.0.classes = list(classes.into_iter().map(owned));
        self
    }

    /// Every field class, reserved ones included.
    #[track_caller]
    pub fn all_classes(mut self) -> Self {
        self.0.classes = all();
        self
    }

    /// For which purposes.
    #[track_caller]
    pub fn purposes(mut self, purposes: impl IntoIterator<Item = Purpose>) -> Self {
        self.0.purposes = list(purposes);
        self
    }

    /// For every purpose.
    #[track_caller]
    pub fn all_purposes(mut self) -> Self {
        self.0.purposes = all();
        self
    }
}

#[track_caller]
fn here() -> Position {
    Position::in_rust(Location::caller())
}

#[track_caller]
fn list<T>(entries: impl IntoIterator<Item = T>) -> Slot<ListDraft<T>> {
    let at = here();
    let entries = entries.into_iter().map(|entry| Placed::new(entry, at));
    let entries = Some(entries.collect());
    Slot::Is(ListDraft { at, entries })
}

#[track_caller]
fn all<T>() -> Slot<ListDraft<T>> {
    let (at, entries) = (here(), None);
    Slot::Is(ListDraft { at, entries })
}

fn owned(name: impl AsRef<str>) -> String {
    name.as_ref().to_owned()
}
