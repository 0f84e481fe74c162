//! The closed vocabularies of a policy: what one does, why, and to which rows.

use std::fmt;
use std::str::FromStr;

/// What a principal does to a record: the actions of a FHIR `AuditEvent` and `search`.
///
/// The order is that of the vocabulary and carries no meaning: no action implies another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// A record is written for the first time.
    Create,
    /// A record is opened.
    Read,
    /// A record that exists is written again.
    Update,
    /// A record is removed.
    Delete,
    /// An operation that is none of the others, such as a report or an export.
    Execute,
    /// Records are looked up by the value of a field.
    Search,
}

impl Action {
    /// Every action, in the order of the vocabulary.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Read, Self::Update, Self::Delete, Self::Execute, Self::Search];

    /// The word a policy file uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Execute => "execute",
            Self::Search => "search",
        }
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// Why PHI is used: codes of HL7 v3 `PurposeOfUse` (terminology.hl7.org, `v3-ActReason`).
///
/// A purpose matches itself only. In the HL7 hierarchy `CAREMGT` is a kind of `HOPERAT`; in a
/// policy the right to one is no right to the other, so that each use is stated.
///
/// `BTG` (break the glass) is no member: it is not a purpose that a standing rule may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Purpose {
    /// `TREAT`: treatment.
    Treatment,
    /// `ETREAT`: emergency treatment.
    EmergencyTreatment,
    /// `CAREMGT`: care management.
    CareManagement,
    /// `HPAYMT`: healthcare payment.
    Payment,
    /// `HOPERAT`: healthcare operations.
    Operations,
    /// `PATADMIN`: patient administration.
    PatientAdministration,
    /// `HSYSADMIN`: health system administration, such as maintenance jobs.
    SystemAdministration,
    /// `HLEGAL`: legal.
    Legal,
    /// `PATRQT`: patient requested.
    PatientRequest,
    /// `FAMRQT`: family requested.
    FamilyRequest,
    /// `PWATRNY`: power of attorney.
    PowerOfAttorney,
    /// `HRESCH`: healthcare research.
    Research,
    /// `PUBHLTH`: public health.
    PublicHealth,
}

impl Purpose {
    /// Every purpose, in the order of the vocabulary.
    pub const ALL: [Self; 13] = [
        Self::Treatment,
        Self::EmergencyTreatment,
        Self::CareManagement,
        Self::Payment,
        Self::Operations,
        Self::PatientAdministration,
        Self::SystemAdministration,
        Self::Legal,
        Self::PatientRequest,
        Self::FamilyRequest,
        Self::PowerOfAttorney,
        Self::Research,
        Self::PublicHealth,
    ];

    /// The HL7 v3 code, as it stands in a policy file and in the audit log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Treatment => "TREAT",
            Self::EmergencyTreatment => "ETREAT",
            Self::CareManagement => "CAREMGT",
            Self::Payment => "HPAYMT",
            Self::Operations => "HOPERAT",
            Self::PatientAdministration => "PATADMIN",
            Self::SystemAdministration => "HSYSADMIN",
            Self::Legal => "HLEGAL",
            Self::PatientRequest => "PATRQT",
            Self::FamilyRequest => "FAMRQT",
            Self::PowerOfAttorney => "PWATRNY",
            Self::Research => "HRESCH",
            Self::PublicHealth => "PUBHLTH",
        }
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// Which rows of a record a rule reaches; each scope includes those before it.
///
/// Exhaustive on purpose: code that turns a scope into a predicate must not compile until it
/// knows what a new one means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Rows whose owner column names the principal, within the active tenant where the record
    /// has one.
    Own,
    /// Rows of the active tenant.
    Tenant,
    /// Rows of every tenant.
    All,
}

impl Scope {
    /// Every scope, narrowest first.
    pub const ALL: [Self; 3] = [Self::Own, Self::Tenant, Self::All];

    /// The word a policy file uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Tenant => "tenant",
            Self::All => "all",
        }
    }
}

/// A word that is not in the vocabulary it was read for. The word itself is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownWord {
    /// Not an [`Action`].
    Action,
    /// Not a [`Purpose`].
    Purpose,
    /// Not a [`Scope`].
    Scope,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, words): (_, Vec<_>) = match self {
            Self::Action => ("action", Action::ALL.map(Action::as_str).into()),
            Self::Purpose => ("purpose of use", Purpose::ALL.map(Purpose::code).into()),
            Self::Scope => ("row scope", Scope::ALL.map(Scope::as_str).into()),
        };
        write!(f, "unknown {what}; write one of {}", words.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

impl FromStr for Action {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|a| a.as_str() == word);
        found.ok_or(UnknownWord::Action)
    }
}

impl FromStr for Purpose {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|p| p.code() == word);
        found.ok_or(UnknownWord::Purpose)
    }
}

impl FromStr for Scope {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|s| s.as_str() == word);
        found.ok_or(UnknownWord::Scope)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
