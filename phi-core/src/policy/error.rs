//! Why a policy is refused, and where.

use std::fmt;
use std::panic::Location;

use super::model::{Scope, UnknownWord};

/// The most faults one [`PolicyError`] lists.
pub(super) const MAX_FAULTS: usize = 256;

/// Where a rule or a fault stands: in the policy text, or in the Rust source that built it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    file: Option<&'static str>,
    line: u32,
    column: u32,
}

impl Position {
    pub(super) const fn in_text(line: u32, column: u32) -> Self {
        let file = None;
        Self { file, line, column }
    }

    pub(super) fn in_rust(caller: &Location<'static>) -> Self {
        // The name alone: the folders of the machine that compiled it are nobody's business.
        let name = caller.file().rsplit(['/', '\\']).next();
        Self { file: name, line: caller.line(), column: caller.column() }
    }

    /// The name of the Rust source file, if the policy was built in Rust.
    pub const fn file(&self) -> Option<&'static str> {
        self.file
    }

    /// The line, from 1.
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The column in characters, from 1.
    pub const fn column(&self) -> u32 {
        self.column
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = self.file {
            write!(f, "{file}, ")?;
        }
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A policy that is refused: every fault that was found, in the order of the text.
///
/// `{}` prints the first fault on one line and counts the others; `{:#}` prints each on a line of
/// its own. Names of roles, records, fields and classes are quoted, for they are configuration;
/// no other text of the policy is, and no word of the TOML parser. At most 256 faults are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    faults: Box<[PolicyFault]>, // never empty: made by `Faults::finish` alone
}

impl PolicyError {
    /// The faults, at least one.
    pub fn faults(&self) -> &[PolicyFault] {
        &self.faults
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("policy refused")?;
        for (number, fault) in self.faults.iter().enumerate() {
            match (number, f.alternate()) {
                (_, true) => write!(f, "\n{fault}")?,
                (0, false) => write!(f, ": {fault}")?,
                (_, false) => return write!(f, " (faults in all: {})", self.faults.len()),
            }
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}

/// One fault of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFault {
    position: Option<Position>,
    kind: PolicyFaultKind,
}

impl PolicyFault {
    /// Where it stands; `None` if it is a fault of the records, or of the text as a whole: its
    /// length or the depth of its brackets.
    pub const fn position(&self) -> Option<Position> {
        self.position
    }

    /// What is wrong.
    pub const fn kind(&self) -> &PolicyFaultKind {
        &self.kind
    }
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        }
        self.kind.fmt(f)
    }
}

/// What is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyFaultKind {
    /// The text is longer than a policy may be.
    TextTooLong {
        /// The most bytes a policy may have.
        max: usize,
    },
    /// The text is not TOML, or has a key twice.
    Syntax,
    /// The version is not one this library reads.
    Version,
    /// A key that must be there is not.
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A key that the place does not know.
    UnknownKey {
        /// The keys it knows.
        known: &'static str,
    },
    /// A key whose value has the wrong type.
    WrongType {
        /// The key.
        key: &'static str,
        /// What to write.
        expected: &'static str,
    },
    /// An action, purpose or scope that is not in the vocabulary.
    UnknownWord(UnknownWord),
    /// A name with characters or a length that names may not have.
    Name,
    /// A title that is empty, too long, or has characters that do not print.
    Title,
    /// A list without entries.
    EmptyList {
        /// The key of the list.
        key: &'static str,
    },
    /// A list that has an entry twice.
    RepeatedEntry {
        /// The key of the list.
        key: &'static str,
    },
    /// The word `all` where each entry must be named.
    AllRefused {
        /// The key of the list.
        key: &'static str,
    },
    /// The word `all` as an entry of a list.
    AllInList {
        /// The key of the list.
        key: &'static str,
    },
    /// A deny rule with a row scope.
    ScopeInDeny,
    /// More roles than a policy may have.
    TooManyRoles {
        /// The most roles.
        max: usize,
    },
    /// More rules than a policy may have.
    TooManyRules {
        /// The most rules.
        max: usize,
    },
    /// A role that is defined twice.
    RepeatedRole {
        /// The role.
        role: Box<str>,
    },
    /// A role that inherits one that is not defined.
    UnknownRole {
        /// The role that is not defined.
        role: Box<str>,
    },
    /// A role that inherits itself, directly or through others.
    InheritanceCycle {
        /// The role.
        role: Box<str>,
    },
    /// A resource that is no registered record.
    UnknownResource {
        /// The resource.
        resource: Box<str>,
    },
    /// A class that no registered record has.
    UnknownClass {
        /// The class.
        class: Box<str>,
    },
    /// A class that none of the rule's resources has.
    ClassNotInResources {
        /// The class.
        class: Box<str>,
    },
    /// A resource that has none of the rule's classes.
    ResourceWithoutClasses {
        /// The resource.
        resource: Box<str>,
    },
    /// A row scope that needs a column the record does not have.
    ScopeWithoutColumn {
        /// The record.
        resource: Box<str>,
        /// The scope.
        scope: Scope,
    },
    /// An allow rule all of which is denied.
    DeniedRule,
    /// A rule that gives or denies nothing which another rule of the role does not.
    RepeatedRule {
        /// Where the other rule stands.
        other: Position,
    },
    /// Two record structs that give the same field of a record to different classes.
    ClassesDisagree {
        /// The record.
        resource: Box<str>,
        /// The field.
        field: Box<str>,
    },
    /// More classes than a policy can tell apart.
    TooManyClasses {
        /// The most classes.
        max: usize,
    },
    /// More records than a policy can tell apart.
    TooManyRecords {
        /// The most records.
        max: usize,
    },
}

impl fmt::Display for PolicyFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TextTooLong { max } => write!(f, "policy is too long; keep it under {max} bytes"),
            Self::Syntax => f.write_str("not valid TOML, or a key written twice"),
            Self::Version => f.write_str("unknown policy version; write `version = 1`"),
            Self::MissingKey { key } => write!(f, "`{key}` is missing; write it out"),
            Self::UnknownKey { known } => write!(f, "unknown key; known here: {known}"),
            Self::WrongType { key, expected } => {
                write!(f, "`{key}` has the wrong type; write {expected}")
            }
            Self::UnknownWord(word) => word.fmt(f),
            Self::Name => f.write_str(
                "name must have 1 to 64 letters a-z or A-Z, digits, `-`, `_` or `.`, \
                 and not be `all`",
            ),
            Self::Title => f.write_str("title must have 1 to 128 printable characters"),
            Self::EmptyList { key } => write!(f, "`{key}` is empty; fill it or remove the rule"),
            Self::RepeatedEntry { key } => write!(f, "entry stands twice in `{key}`; remove one"),
            Self::AllRefused { key } => write!(
                f,
                "an allow rule must list its {key}; `all` is for classes and for deny rules"
            ),
            Self::AllInList { key } => {
                write!(f, "`all` is no entry of a list; write `{key} = \"all\"`")
            }
            Self::ScopeInDeny => f.write_str("a deny rule has no scope: it holds for every row"),
            Self::TooManyRoles { max } => write!(f, "too many roles; the most is {max}"),
            Self::TooManyRules { max } => write!(f, "too many rules; the most is {max}"),
            Self::RepeatedRole { role } => write!(f, "role `{role}` is defined twice"),
            Self::UnknownRole { role } => write!(f, "role `{role}` is not defined"),
            Self::InheritanceCycle { role } => write!(f, "role `{role}` inherits itself"),
            Self::UnknownResource { resource } => write!(f, "no record is named `{resource}`"),
            Self::UnknownClass { class } => write!(f, "no record has a field of class `{class}`"),
            Self::ClassNotInResources { class } => {
                write!(f, "no resource of this rule has a field of class `{class}`")
            }
            Self::ResourceWithoutClasses { resource } => write!(
                f,
                "record `{resource}` has no field of this rule's classes; reserved classes must \
                 be named"
            ),
            Self::ScopeWithoutColumn { resource, scope } => {
                let column = if *scope == Scope::Own { "owner" } else { "tenant" };
                write!(
                    f,
                    "scope `{scope}` needs a column that record `{resource}` lacks; mark one as \
                     its {column} or change the scope"
                )
            }
            Self::DeniedRule => {
                f.write_str("unused rule: deny rules take away all it allows; remove it or them")
            }
            Self::RepeatedRule { other } => {
                write!(f, "unused rule: the rule at {other} says all of it; remove one")
            }
            Self::ClassesDisagree { resource, field } => {
                write!(f, "field `{field}` of record `{resource}` has two classes; give it one")
            }
            Self::TooManyClasses { max } => write!(f, "too many field classes; the most is {max}"),
            Self::TooManyRecords { max } => write!(f, "too many records; the most is {max}"),
        }
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<PolicyFault>);

impl Faults {
    pub(super) fn push(&mut self, position: impl Into<Option<Position>>, kind: PolicyFaultKind) {
        if self.0.len() < MAX_FAULTS {
            let position = position.into();
            self.0.push(PolicyFault { position, kind });
        }
    }

    /// # Errors
    /// [`PolicyError`] with all of them, if there are any.
    pub(super) fn finish(self) -> Result<(), PolicyError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(self.into_error())
    }

    /// The error for a last fault, after which no other can be looked for.
    pub(super) fn refuse(
        mut self,
        position: impl Into<Option<Position>>,
        kind: PolicyFaultKind,
    ) -> PolicyError {
        self.push(position, kind);
        self.into_error()
    }

    fn into_error(mut self) -> PolicyError {
        self.0.sort_by_key(PolicyFault::position);
        let faults = self.0.into();
        PolicyError { faults }
    }
}
