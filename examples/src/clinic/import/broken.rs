use std::fmt;
use std::io;

/// How many broken lines are named.
const NAMED: usize = 20;

/// Why a line cannot be imported. It tells the rule, never the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Longer than [`MAX_LINE`](super::MAX_LINE).
    TooLong,
    /// Not UTF-8.
    NotText,
    /// Not a JSON object with a `resourceType`.
    NotAResource,
    /// The JSON is not what FHIR R4 says of this resource.
    NotFhir,
    /// The id is no UUID.
    Id,
    /// Another line has the same id.
    IdTwice,
    /// The patient has no name.
    NoName,
    /// There is no reference to a patient, or it names no UUID.
    NoPatient,
    /// The condition is not named.
    NoCondition,
    /// A date has no day, or is none.
    Date,
    /// The social security number has not nine digits.
    Ssn,
    /// The phone number is none that can be searched.
    Phone,
    /// The patient is neither in the file nor in this clinic.
    UnknownPatient,
    /// A record with this id is in the database already.
    Taken,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "longer than 1 MiB",
            Self::NotText => "not UTF-8",
            Self::NotAResource => "not a JSON object with a resourceType",
            Self::NotFhir => "not of the form FHIR R4 gives it",
            Self::Id => "id is no UUID",
            Self::IdTwice => "id is in the file twice",
            Self::NoName => "patient has no name",
            Self::NoPatient => "no reference to a patient by UUID",
            Self::NoCondition => "condition is not named",
            Self::Date => "date is not a whole one",
            Self::Ssn => "social security number has not nine digits",
            Self::Phone => "phone number has not 10 digits, or 8 to 15 behind a +",
            Self::UnknownPatient => "patient is neither in the file nor in the clinic",
            Self::Taken => "id is in the database already",
        })
    }
}

/// The broken lines of a file: the first few by number, the others by count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Broken {
    first: Vec<(u64, Problem)>,
    count: u64,
}

impl Broken {
    pub(super) fn add(&mut self, line: u64, problem: Problem) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push((line, problem));
        }
    }

    pub(super) fn none_or_err(self) -> Result<(), ImportError> {
        if self.count == 0 { Ok(()) } else { Err(ImportError::Broken(self)) }
    }

    /// How many lines are broken.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first twenty: line number from 1, and what is wrong.
    #[must_use]
    pub fn first(&self) -> &[(u64, Problem)] {
        &self.first
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = if self.count == 1 { "line" } else { "lines" };
        write!(f, "{} broken {lines}, nothing was written", self.count)?;
        for (line, problem) in &self.first {
            write!(f, "; line {line}: {problem}")?;
        }
        if self.count > NAMED as u64 {
            write!(f, "; and {} more", self.count - NAMED as u64)?;
        }
        Ok(())
    }
}

/// Why nothing was imported.
#[derive(Debug)]
#[non_exhaustive]
pub enum ImportError {
    /// Lines of the file are broken.
    Broken(Broken),
    /// The file cannot be read.
    Io(io::ErrorKind),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(broken) => broken.fmt(f),
            Self::Io(kind) => write!(f, "file cannot be read ({kind}), nothing was written"),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<io::Error> for ImportError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}
