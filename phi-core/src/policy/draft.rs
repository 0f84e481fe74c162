//! A policy as it was written, and the checks it must pass before it is a [`Policy`].

use std::collections::{HashMap, HashSet};

use super::error::{Faults, PolicyError, PolicyFaultKind as Kind, Position};
use super::mask::WordSet;
use super::model::{Action, Purpose, Scope};
use super::rules::{Effect, Listed, MAX_ROLES, MAX_RULES, Placed, Policy, Role, Rule};

const MAX_NAME: usize = 64;
const MAX_TITLE: usize = 128;

/// A policy as written. Faults found while it was read are already in the list.
#[derive(Debug, Default)]
pub(super) struct PolicyDraft {
    pub(super) roles: Vec<RoleDraft>,
    pub(super) faults: Faults,
}

#[derive(Debug)]
pub(super) struct RoleDraft {
    pub(super) name: Placed<String>,
    pub(super) title: Option<Placed<String>>,
    pub(super) inherits: Vec<Placed<String>>,
    pub(super) rules: Vec<RuleDraft>,
}

#[derive(Debug)]
pub(super) struct RuleDraft {
    pub(super) at: Position,
    pub(super) denies: bool,
    pub(super) actions: Slot<ListDraft<Action>>,
    pub(super) resources: Slot<ListDraft<String>>,
    pub(super) classes: Slot<ListDraft<String>>,
    pub(super) scope: Slot<Placed<Scope>>,
    pub(super) purposes: Slot<ListDraft<Purpose>>,
}

/// The value of a key.
#[derive(Debug)]
pub(super) enum Slot<T> {
    Missing,
    /// It is there and its fault is already listed.
    Faulty,
    Is(T),
}

#[derive(Debug)]
pub(super) struct ListDraft<T> {
    pub(super) at: Position,
    /// `None` is `all`.
    pub(super) entries: Option<Vec<Placed<T>>>,
}

impl RoleDraft {
    pub(super) const fn new(name: String, at: Position) -> Self {
        Self { name: Placed::new(name, at), title: None, inherits: Vec::new(), rules: Vec::new() }
    }
}

impl RuleDraft {
    pub(super) const fn new(denies: bool, at: Position) -> Self {
        Self {
            at,
            denies,
            actions: Slot::Missing,
            resources: Slot::Missing,
            classes: Slot::Missing,
            scope: Slot::Missing,
            purposes: Slot::Missing,
        }
    }

    fn check(self, faults: &mut Faults) -> Option<Rule> {
        let (at, denies) = (self.at, self.denies);
        let actions = present(self.actions, "actions", at, faults)
            .and_then(|list| check_words(list, "actions", denies, faults));
        let resources = present(self.resources, "resources", at, faults)
            .and_then(|list| check_names(list, "resources", denies, faults));
        let classes = present(self.classes, "classes", at, faults)
            .and_then(|list| check_names(list, "classes", true, faults));
        let effect = if denies {
            Some(Effect::Deny)
        } else {
            present(self.scope, "scope", at, faults).map(Effect::Allow)
        };
        let purposes = present(self.purposes, "purposes", at, faults)
            .and_then(|list| check_words(list, "purposes", denies, faults));
        Some(Rule {
            at,
            effect: effect?,
            actions: actions?,
            resources: resources?,
            classes: classes?,
            purposes: purposes?,
        })
    }
}

impl PolicyDraft {
    /// Checks the whole, and lists all that is wrong.
    pub(super) fn check(self) -> Result<Policy, PolicyError> {
        let mut faults = self.faults;
        if let Some((at, kind)) = excess(&self.roles) {
            // The checks below may take time that grows faster than the number of roles.
            return Err(faults.refuse(at, kind));
        }
        let mut index = HashMap::new();
        for (number, role) in self.roles.iter().enumerate() {
            let Placed { value: name, at } = &role.name;
            if !is_name(name) {
                faults.push(*at, Kind::Name);
            } else if index.insert(name.clone(), number).is_some() {
                let role = name.as_str().into();
                faults.push(*at, Kind::RepeatedRole { role });
            }
        }
        let parents: Vec<_> =
            self.roles.iter().map(|role| check_parents(role, &index, &mut faults)).collect();
        let lineages: Vec<_> = (0..parents.len()).map(|n| lineage(n, &parents)).collect();
        for (role, (number, parents)) in self.roles.iter().zip(parents.iter().enumerate()) {
            for parent in parents {
                let above = lineages.get(parent.value);
                if above.is_some_and(|above| above.contains(&number)) {
                    let role = role.name.value.as_str().into();
                    faults.push(parent.at, Kind::InheritanceCycle { role });
                }
            }
        }
        let mut roles = Vec::with_capacity(self.roles.len());
        for (role, lineage) in self.roles.into_iter().zip(lineages) {
            if let Some(title) = role.title.as_ref().filter(|title| !is_title(&title.value)) {
                faults.push(title.at, Kind::Title);
            }
            let rules = role.rules.into_iter();
            let rules = rules.filter_map(|rule| rule.check(&mut faults)).collect();
            roles.push(Role {
                name: role.name.value.into(),
                title: role.title.map(|title| title.value.into()),
                lineage,
                rules,
            });
        }
        faults.finish()?;
        Ok(Policy { roles })
    }
}

/// The first role or rule beyond the limits.
fn excess(roles: &[RoleDraft]) -> Option<(Position, Kind)> {
    if let Some(role) = roles.get(MAX_ROLES) {
        let max = MAX_ROLES;
        return Some((role.name.at, Kind::TooManyRoles { max }));
    }
    let mut rules = roles.iter().flat_map(|role| &role.rules);
    let rule = rules.nth(MAX_RULES)?;
    let max = MAX_RULES;
    Some((rule.at, Kind::TooManyRules { max }))
}

/// The roles a role inherits, by index.
fn check_parents(
    role: &RoleDraft,
    index: &HashMap<String, usize>,
    faults: &mut Faults,
) -> Vec<Placed<usize>> {
    let mut seen = HashSet::new();
    let mut parents = Vec::new();
    for Placed { value: name, at } in &role.inherits {
        if !is_name(name) {
            faults.push(*at, Kind::Name);
        } else if !seen.insert(name) {
            faults.push(*at, Kind::RepeatedEntry { key: "inherits" });
        } else if let Some(parent) = index.get(name) {
            parents.push(Placed::new(*parent, *at));
        } else {
            let role = name.as_str().into();
            faults.push(*at, Kind::UnknownRole { role });
        }
    }
    parents
}

/// The role and all it inherits, nearest first.
fn lineage(role: usize, parents: &[Vec<Placed<usize>>]) -> Vec<usize> {
    let mut seen = vec![false; parents.len()];
    let mut line = vec![role];
    if let Some(own) = seen.get_mut(role) {
        *own = true;
    }
    let mut next = 0;
    while let Some(current) = line.get(next).copied() {
        next += 1;
        for parent in parents.get(current).into_iter().flatten() {
            if let Some(seen) = seen.get_mut(parent.value).filter(|seen| !**seen) {
                *seen = true;
                line.push(parent.value);
            }
        }
    }
    line
}

fn present<T>(slot: Slot<T>, key: &'static str, at: Position, faults: &mut Faults) -> Option<T> {
    match slot {
        Slot::Is(value) => Some(value),
        Slot::Faulty => None,
        Slot::Missing => {
            faults.push(at, Kind::MissingKey { key });
            None
        }
    }
}

fn check_words<S: WordSet>(
    list: ListDraft<S::Word>,
    key: &'static str,
    may_be_all: bool,
    faults: &mut Faults,
) -> Option<S> {
    if !is_list(&list, key, may_be_all, faults) {
        return None;
    }
    let Some(entries) = list.entries else {
        return Some(S::all());
    };
    let mut set = S::default();
    for Placed { value, at } in entries {
        if !set.insert(value) {
            faults.push(at, Kind::RepeatedEntry { key });
        }
    }
    Some(set)
}

fn check_names(
    list: ListDraft<String>,
    key: &'static str,
    may_be_all: bool,
    faults: &mut Faults,
) -> Option<Listed> {
    if !is_list(&list, key, may_be_all, faults) {
        return None;
    }
    let Some(entries) = list.entries else {
        return Some(Listed::All);
    };
    let mut seen = HashSet::new();
    let mut names = Vec::with_capacity(entries.len());
    for Placed { value: name, at } in entries {
        let name: Box<str> = name.into();
        if &*name == "all" {
            faults.push(at, Kind::AllInList { key });
        } else if !is_name(&name) {
            faults.push(at, Kind::Name);
        } else if seen.insert(name.clone()) {
            names.push(Placed::new(name, at));
        } else {
            faults.push(at, Kind::RepeatedEntry { key });
        }
    }
    Some(Listed::Names(names))
}

/// Whether a list may be `all`, if it is, and has entries, if it is not.
fn is_list<T>(
    list: &ListDraft<T>,
    key: &'static str,
    may_be_all: bool,
    faults: &mut Faults,
) -> bool {
    match &list.entries {
        None if !may_be_all => faults.push(list.at, Kind::AllRefused { key }),
        Some(entries) if entries.is_empty() => faults.push(list.at, Kind::EmptyList { key }),
        _ => return true,
    }
    false
}

/// Whether a name may be used: it is quoted in errors and tables, so it must print plainly.
fn is_name(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_plain) && name != "all"
}

/// Whether a title may be used. Characters that reorder or hide text would let a table lie.
fn is_title(title: &str) -> bool {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    title.chars().count() <= MAX_TITLE && !title.trim().is_empty() && !title.chars().any(hides)
}
