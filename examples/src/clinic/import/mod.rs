//! FHIR R4 resources as NDJSON (the format of FHIR Bulk Data Access, hl7.org/fhir/uv/bulkdata):
//! one resource a line.
//!
//! The whole file is read before anything is written. `Patient`, `Encounter` and `Condition` are
//! kept, other resources are counted. What a resource says beyond the clinic's own fields is left
//! behind; what it says badly in one of them is a broken line, and one broken line stops it all.

mod broken;
mod fhir;
mod lines;
mod load;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::io::BufRead;

use uuid::Uuid;

pub use broken::{Broken, ImportError, Problem};
pub use load::{Loaded, load};

use super::draft::{NewCondition, NewPatient, NewVisit};
use fhir::Resource;
use lines::{Line, Lines};

/// The longest line that is read, in bytes.
pub const MAX_LINE: usize = 1024 * 1024;

/// What a file holds.
#[derive(Debug, Default)]
pub struct Import {
    /// The patients.
    pub patients: Vec<Incoming<NewPatient>>,
    /// The encounters, with their patients.
    pub visits: Vec<Incoming<(Uuid, NewVisit)>>,
    /// The conditions, with their patients.
    pub conditions: Vec<Incoming<(Uuid, NewCondition)>>,
    /// How many resources of other kinds there were.
    pub skipped: u64,
}

/// One record of a file.
#[derive(Debug)]
pub struct Incoming<T> {
    /// The line it came from, counted from 1.
    pub line: u64,
    /// The resource's id, which stays the record's.
    pub id: Uuid,
    /// The record.
    pub draft: T,
}

impl Import {
    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.patients.len() + self.visits.len() + self.conditions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Reads a file of FHIR resources.
///
/// ```
/// use examples::clinic::import::{self, ImportError};
///
/// let file = br#"{"resourceType":"Patient","id":"00000000-0000-0000-0000-000000000001","name":[{"text":"Ada Sample"}]}
/// {"resourceType":"Device","id":"x"}
/// "#;
/// let import = import::parse(&file[..])?;
/// assert_eq!((import.patients.len(), import.skipped), (1, 1));
///
/// // Refused: the second line has no name. The error tells where and why, and quotes nothing.
/// let file = br#"{"resourceType":"Device"}
/// {"resourceType":"Patient","id":"00000000-0000-0000-0000-000000000001","gender":"Ada"}
/// "#;
/// let error = import::parse(&file[..]).unwrap_err();
/// assert_eq!(error.to_string(), "1 broken line, nothing was written; line 2: not of the form FHIR R4 gives it");
/// # Ok::<(), ImportError>(())
/// ```
///
/// # Errors
///
/// [`ImportError::Broken`] with the first broken lines, [`ImportError::Io`] if reading fails.
///
/// # Security
///
/// Total on any bytes: a line over [`MAX_LINE`] is passed over in bounded memory and reported.
pub fn parse(reader: impl BufRead) -> Result<Import, ImportError> {
    let mut lines = Lines::new(reader);
    let mut import = Import::default();
    let mut broken = Broken::default();
    let mut ids = HashSet::new();
    while let Some((number, line)) = lines.next()? {
        let resource = match line {
            Line::Blank => continue,
            Line::TooLong => Err(Problem::TooLong),
            Line::Text(bytes) => fhir::read(bytes),
        };
        match resource {
            Ok(Resource::Other) => import.skipped += 1,
            Ok(resource) if !ids.insert(resource.key()) => broken.add(number, Problem::IdTwice),
            Ok(Resource::Patient(id, draft)) => {
                import.patients.push(Incoming { line: number, id, draft });
            }
            Ok(Resource::Encounter(id, patient, draft)) => {
                import.visits.push(Incoming { line: number, id, draft: (patient, draft) });
            }
            Ok(Resource::Condition(id, patient, draft)) => {
                import.conditions.push(Incoming { line: number, id, draft: (patient, draft) });
            }
            Err(problem) => broken.add(number, problem),
        }
    }
    broken.none_or_err()?;
    Ok(import)
}
