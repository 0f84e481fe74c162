//! Which rule decided.

use std::fmt;

use super::catalog::Resource;
use super::compile::CompiledPolicy;
use super::error::Position;
use super::mask::ClassMask;
use super::model::{Action, Purpose, Scope};
use super::resolve::{ResolvedRole, ResolvedRule, rules_of};

/// The answer to "may this role do this, and why?": one verdict for each class asked about.
///
/// It prints as one line for each class. A name that the policy does not know is never repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    action: Action,
    purpose: Purpose,
    answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Unknown(Unknown),
    Known { role: Box<str>, resource: Box<str>, verdicts: Vec<Verdict> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unknown {
    Role,
    Resource,
    Class,
}

/// What was decided for one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    class: Box<str>,
    reason: Reason,
}

/// Why a class is open or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A rule allows it, and none denies it. Of several rules the one with the widest scope is
    /// told, of these the nearest.
    Allowed {
        /// The rows it is open on.
        scope: Scope,
        /// The rule that allows it.
        rule: RuleRef,
    },
    /// A rule denies it, whatever allows it. Of several rules the nearest is told.
    Denied {
        /// The rule that denies it.
        rule: RuleRef,
    },
    /// No rule allows it.
    NoRule,
    /// A rule allows every class, but this one is reserved and no rule names it.
    Reserved {
        /// The rule that would have to name it.
        rule: RuleRef,
    },
}

/// A rule of the policy: whose it is and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    role: Box<str>,
    position: Position,
}

impl Explanation {
    /// Whether the role may use a class that was asked about, on some rows at least.
    pub fn is_allowed(&self) -> bool {
        self.verdicts().iter().any(Verdict::is_allowed)
    }

    /// A verdict for each class, sorted by class; empty if the role, the record or the class is
    /// not known.
    pub fn verdicts(&self) -> &[Verdict] {
        match &self.answer {
            Answer::Unknown(_) => &[],
            Answer::Known { verdicts, .. } => verdicts,
        }
    }
}

impl Verdict {
    /// The class.
    pub const fn class(&self) -> &str {
        &self.class
    }

    /// Why it is open or closed.
    pub const fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Whether it is open on some rows.
    pub const fn is_allowed(&self) -> bool {
        matches!(self.reason, Reason::Allowed { .. })
    }
}

impl RuleRef {
    fn new((role, rule): (&ResolvedRole, &ResolvedRule)) -> Self {
        Self { role: role.name.clone(), position: rule.at }
    }

    /// The role whose rule it is; the role asked about may have inherited it.
    pub const fn role(&self) -> &str {
        &self.role
    }

    /// Where the rule begins.
    pub const fn position(&self) -> Position {
        self.position
    }
}

impl CompiledPolicy {
    /// Says what a role may use of a record and which rule decided: for one class, or for each
    /// class that the record has. The answer is that of [`decide`](Self::decide).
    pub fn explain(
        &self,
        role: &str,
        action: Action,
        resource: &str,
        class: Option<&str>,
        purpose: Purpose,
    ) -> Explanation {
        let answer =
            self.answer(role, action, resource, class, purpose).unwrap_or_else(Answer::Unknown);
        Explanation { action, purpose, answer }
    }

    fn answer(
        &self,
        role: &str,
        action: Action,
        resource: &str,
        class: Option<&str>,
        purpose: Purpose,
    ) -> Result<Answer, Unknown> {
        let role = self.role_index(role).and_then(|ix| self.roles.get(ix.0));
        let role = role.ok_or(Unknown::Role)?;
        let (number, record) = self.catalog.resource(resource).ok_or(Unknown::Resource)?;
        let asked = self.asked(record, class).ok_or(Unknown::Class)?;
        let rules: Vec<_> = rules_of(role, &self.roles)
            .filter(|(_, rule)| rule.is_about(action, purpose))
            .collect();
        let verdicts = self.catalog.names(asked).map(|(name, class)| Verdict {
            class: name.into(),
            reason: reason(&rules, number, class),
        });
        Ok(Answer::Known {
            role: role.name.clone(),
            resource: record.label.clone(),
            verdicts: verdicts.collect(),
        })
    }

    /// The classes asked about; `None` if the record has no such class.
    fn asked(&self, record: &Resource, class: Option<&str>) -> Option<ClassMask> {
        let Some(name) = class else {
            return Some(record.classes);
        };
        let class = self.catalog.class(name)?;
        record.classes.contains(class).then_some(class)
    }
}

/// Decides one class by the rules themselves, in the way the table was made.
fn reason(rules: &[(&ResolvedRole, &ResolvedRule)], resource: usize, class: ClassMask) -> Reason {
    let has = |rule: &ResolvedRule| rule.mask(resource).contains(class);
    let of_class = || rules.iter().copied().filter(|(_, rule)| has(rule));
    if let Some(rule) = of_class().find(|(_, rule)| rule.scope.is_none()) {
        let rule = RuleRef::new(rule);
        return Reason::Denied { rule };
    }
    for scope in Scope::ALL.into_iter().rev() {
        if let Some(rule) = of_class().find(|(_, rule)| rule.scope == Some(scope)) {
            let rule = RuleRef::new(rule);
            return Reason::Allowed { scope, rule };
        }
    }
    // A rule on all classes of the record, without this one: it left it out as reserved.
    let would_have = rules.iter().copied().find(|(_, rule)| {
        let reaches = !rule.mask(resource).is_empty();
        rule.scope.is_some() && rule.is_all_classes && reaches
    });
    match would_have.map(RuleRef::new) {
        Some(rule) => Reason::Reserved { rule },
        None => Reason::NoRule,
    }
}

impl fmt::Display for RuleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule of {} at {}", self.role, self.position)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed { scope, rule } => write!(f, "allowed on rows `{scope}` by the {rule}"),
            Self::Denied { rule } => write!(f, "denied by the {rule}"),
            Self::NoRule => f.write_str("no rule allows it"),
            Self::Reserved { rule } => {
                write!(f, "reserved, and not named by the {rule}")
            }
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (role, resource, verdicts) = match &self.answer {
            Answer::Unknown(Unknown::Role) => return f.write_str("the policy has no such role"),
            Answer::Unknown(Unknown::Resource) => return f.write_str("no record has this label"),
            Answer::Unknown(Unknown::Class) => {
                return f.write_str("the record has no field of this class");
            }
            Answer::Known { role, resource, verdicts } => (role, resource, verdicts),
        };
        let (action, purpose) = (self.action, self.purpose);
        for (number, verdict) in verdicts.iter().enumerate() {
            let line = if number == 0 { "" } else { "\n" };
            let (class, reason) = (&verdict.class, &verdict.reason);
            write!(f, "{line}{role}: {action} {class} of {resource} for {purpose}: {reason}")?;
        }
        Ok(())
    }
}
