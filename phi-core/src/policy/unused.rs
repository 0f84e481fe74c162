//! Rules that can never matter.
//!
//! A rule without effect misleads: whoever removes it believes that access changed. A deny rule
//! that no allow rule meets is no such rule: it is there to hold against allow rules to come.

use super::error::{Faults, PolicyFaultKind as Kind};
use super::resolve::{ResolvedRole, ResolvedRule, rules_of};
use super::table::Table;

/// Lists every rule that can be taken out without a change to any decision, because deny rules
/// take all of it away or because one other rule of the role, its own or inherited, says as much.
pub(super) fn check(roles: &[ResolvedRole], table: &Table, faults: &mut Faults) {
    for (number, role) in roles.iter().enumerate() {
        for (place, rule) in role.rules.iter().enumerate() {
            if is_denied(rule, number, table) {
                faults.push(rule.at, Kind::DeniedRule);
            } else if let Some(other) = repeated(rule, place, role, roles) {
                let other = other.at;
                faults.push(rule.at, Kind::RepeatedRule { other });
            }
        }
    }
}

/// Whether it is an allow rule of which no decision shows a trace.
fn is_denied(rule: &ResolvedRule, role: usize, table: &Table) -> bool {
    let Some(scope) = rule.scope else {
        return false;
    };
    // What it allows stands in the decisions of its scope unless a deny rule took it out.
    let is_live = rule.masks.iter().any(|(resource, mask)| {
        rule.actions.iter().any(|action| {
            rule.purposes.iter().any(|purpose| {
                let decision = table.get(role, *resource, action, purpose);
                !decision.classes(scope).intersection(*mask).is_empty()
            })
        })
    });
    !is_live
}

/// The rule that makes this one superfluous. Of two that say the same, only the later one is, and
/// an inherited one never: so all that are reported can be removed together.
fn repeated<'r>(
    rule: &ResolvedRule,
    place: usize,
    role: &'r ResolvedRole,
    roles: &'r [ResolvedRole],
) -> Option<&'r ResolvedRule> {
    let mut own = role.rules.iter().enumerate();
    let in_role = own.find(|(other_place, other)| {
        let is_earlier = *other_place < place;
        *other_place != place && covers(other, rule) && (is_earlier || !covers(rule, other))
    });
    if let Some((_, other)) = in_role {
        return Some(other);
    }
    let mut inherited = rules_of(role, roles).skip(role.rules.len());
    inherited.find(|(_, other)| covers(other, rule)).map(|(_, other)| other)
}

/// Whether `wide` does everything that `narrow` does.
fn covers(wide: &ResolvedRule, narrow: &ResolvedRule) -> bool {
    let reaches = match (wide.scope, narrow.scope) {
        (Some(wide), Some(narrow)) => wide >= narrow,
        (None, None) => true,
        _ => false,
    };
    reaches
        && wide.actions.contains(narrow.actions)
        && wide.purposes.contains(narrow.purposes)
        && narrow.masks.iter().all(|(resource, mask)| wide.mask(*resource).contains(*mask))
}
