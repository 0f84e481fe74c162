//! Who may do what, as a table for people.

use std::fmt;

use super::compile::CompiledPolicy;
use super::mask::{ClassMask, Decision};
use super::model::{Action, Purpose, Scope};

const HEAD: [&str; 5] = ["role", "record", "action", "purpose", "classes@rows"];
const NOTHING: &str = "-";

/// The whole policy as a table: a line for each role, record and action that is open, for each
/// set of purposes with the same classes. What has no line is denied.
///
/// Classes stand before the widest rows they are open on: `contact@tenant notes@own` opens
/// contact on every row of the tenant, and notes on one's own.
#[derive(Clone, Copy)]
pub struct Matrix<'p> {
    policy: &'p CompiledPolicy,
}

impl CompiledPolicy {
    /// Who may do what.
    pub const fn matrix(&self) -> Matrix<'_> {
        Matrix { policy: self }
    }
}

impl fmt::Debug for Matrix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matrix").finish_non_exhaustive()
    }
}

impl Matrix<'_> {
    fn rows(self) -> Vec<[String; 5]> {
        let mut rows = Vec::new();
        for (number, role) in self.policy.roles.iter().enumerate() {
            let name = match &role.title {
                Some(title) => format!("{} ({title})", role.name),
                None => role.name.clone().into(),
            };
            let before = rows.len();
            for (place, resource) in self.policy.catalog.resources.iter().enumerate() {
                for action in Action::ALL {
                    for (purposes, decision) in self.purposes(number, place, action) {
                        rows.push([
                            name.clone(),
                            resource.label.clone().into(),
                            action.to_string(),
                            purposes,
                            self.classes(decision),
                        ]);
                    }
                }
            }
            if rows.len() == before {
                let [record, action, purpose, classes] = [NOTHING; 4].map(str::to_owned);
                rows.push([name, record, action, purpose, classes]);
            }
        }
        rows
    }

    /// The purposes under which anything is open, put together where the same is.
    fn purposes(self, role: usize, resource: usize, action: Action) -> Vec<(String, Decision)> {
        let mut groups = Vec::<(String, Decision)>::new();
        for purpose in Purpose::ALL {
            let decision = self.policy.table.get(role, resource, action, purpose);
            if decision.is_denied() {
                continue;
            }
            if let Some((codes, _)) = groups.iter_mut().find(|(_, same)| *same == decision) {
                codes.push(',');
                codes.push_str(purpose.code());
            } else {
                groups.push((purpose.code().to_owned(), decision));
            }
        }
        groups
    }

    fn classes(self, decision: Decision) -> String {
        let mut told = ClassMask::EMPTY;
        let mut parts = Vec::new();
        for scope in Scope::ALL.into_iter().rev() {
            let classes = decision.classes(scope);
            let names = self.policy.catalog.names(classes.without(told));
            let names: Vec<_> = names.map(|(name, _)| name).collect();
            if !names.is_empty() {
                parts.push(format!("{}@{scope}", names.join(",")));
            }
            told = told.union(classes);
        }
        parts.join(" ")
    }
}

impl fmt::Display for Matrix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let head = HEAD.map(str::to_owned);
        let mut widths = [0; 5];
        for row in std::iter::once(&head).chain(&rows) {
            for (width, text) in widths.iter_mut().zip(row) {
                *width = text.chars().count().max(*width);
            }
        }
        for row in std::iter::once(&head).chain(&rows) {
            let [role, record, action, purpose, classes] = row;
            let [of_role, of_record, of_action, of_purpose, _] = widths;
            write!(f, "{role:of_role$}  {record:of_record$}  ")?;
            writeln!(f, "{action:of_action$}  {purpose:of_purpose$}  {classes}")?;
        }
        Ok(())
    }
}
