use indicatif::ProgressBar;
use phi_core::policy::{Action, Purpose};
use phi_core::{Grant, Id, Membership, PhiRecord, Principal};
use uuid::Uuid;

use super::{Broken, Import, Incoming, Problem};
use crate::clinic::database::{Session, Stored, on};
use crate::clinic::draft::Filing;
use crate::clinic::{App, Failure};

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// Patients.
    pub patients: usize,
    /// Visits.
    pub visits: usize,
    /// Conditions.
    pub conditions: usize,
    /// Resources of other kinds, left out.
    pub skipped: u64,
}

/// Seals the records of a file and stores them, all or none. A clinic that is not there is made.
///
/// The work is done in the name of a job with the role `importer`: the intent is in the audit log
/// before the first row is written, the outcome after the transaction has committed, or in it where
/// the log is in the same database.
///
/// # Errors
///
/// [`Failure::Import`] if an id is taken or a patient unknown; otherwise what kept the records
/// from being sealed, stored or recorded. Nothing was written then, unless the error is the audit
/// log's after the commit: the intent in the log says which job to look at.
pub async fn load(
    app: &App,
    job: &str,
    into: Uuid,
    import: Import,
    progress: &ProgressBar,
) -> Result<Loaded, Failure> {
    fits(app.database().session_in(into).await?, into, &import).await?;
    app.open_clinic(into, "imported").await?;
    let mut session = app.database().session_in(into).await?;
    let loaded = Loaded {
        patients: import.patients.len(),
        visits: import.visits.len(),
        conditions: import.conditions.len(),
        skipped: import.skipped,
    };
    let membership = Membership::new(Id::opaque(job), into, "importer");
    let mut job = Job {
        app,
        principal: Principal::job(job, membership),
        rows: &mut session,
        progress,
        grants: Vec::new(),
    };
    let filing = Filing { clinic: into, clinician: None, now: jiff::Timestamp::now().as_second() };
    job.write("patient", import.patients, |id, patient| patient.file(id, filing)).await?;
    let visit = |id, (patient, visit): (_, super::NewVisit)| visit.file(id, patient, filing);
    job.write("visit", import.visits, visit).await?;
    let condition = |id, (patient, c): (_, super::NewCondition)| c.file(id, patient, filing);
    job.write("condition", import.conditions, condition).await?;
    let grants = job.grants;
    app.audit().commit(session, grants).await?;
    Ok(loaded)
}

/// What is written as one, and the grants that stay open until it is committed.
struct Job<'j> {
    app: &'j App,
    principal: Principal,
    rows: &'j mut Session,
    progress: &'j ProgressBar,
    grants: Vec<Grant>,
}

impl Job<'_> {
    async fn write<T, R>(
        &mut self,
        label: &'static str,
        incoming: Vec<Incoming<T>>,
        file: impl Fn(Uuid, T) -> R,
    ) -> Result<(), Failure>
    where
        R: PhiRecord,
        R::Sealed: Stored,
    {
        if incoming.is_empty() {
            return Ok(());
        }
        // One grant for all records of a kind: its event is split into parts by the log.
        let (action, purpose) = (Action::Create, Purpose::PatientAdministration);
        let safeguards = self.app.safeguards();
        let grant = safeguards.begin(&self.principal, action, label, purpose).await?;
        for Incoming { id, draft, .. } in incoming {
            let row = grant.seal(&file(id, draft))?;
            self.rows.insert(label, &row).await?;
            self.progress.inc(1);
        }
        self.grants.push(grant);
        Ok(())
    }
}

/// Looks for lines that the database cannot take, before anything is written. A row that comes in
/// between is caught by the tables' own keys.
async fn fits(mut rows: Session, clinic: Uuid, import: &Import) -> Result<(), Failure> {
    let mut found = Vec::new();
    for Incoming { line, id, .. } in &import.patients {
        if is_taken(&mut rows, "patient", *id).await? {
            found.push((*line, Problem::Taken));
        }
    }
    let in_file: std::collections::HashSet<_> = import.patients.iter().map(|p| p.id).collect();
    let visits = import.visits.iter().map(|v| ("visit", v.line, v.id, v.draft.0));
    let conditions = import.conditions.iter().map(|c| ("condition", c.line, c.id, c.draft.0));
    for (table, line, id, patient) in visits.chain(conditions) {
        if is_taken(&mut rows, table, id).await? {
            found.push((line, Problem::Taken));
        } else if !in_file.contains(&patient) && !is_here(&mut rows, clinic, patient).await? {
            found.push((line, Problem::UnknownPatient));
        }
    }
    // Found kind by kind, told in the order of the file.
    found.sort_unstable_by_key(|(line, _)| *line);
    let mut broken = Broken::default();
    for (line, problem) in found {
        broken.add(line, problem);
    }
    Ok(broken.none_or_err()?)
}

/// Whether any clinic has a row with this id.
async fn is_taken(rows: &mut Session, table: &'static str, id: Uuid) -> Result<bool, Failure> {
    Ok(rows.has_row(table, id).await? || rows.clinic_of(table, id).await?.is_some())
}

/// Whether the clinic has this patient.
async fn is_here(rows: &mut Session, clinic: Uuid, patient: Uuid) -> Result<bool, sqlx::Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM patient WHERE id = $1 AND clinic_id = $2)";
    on!(*rows, db => sqlx::query_scalar(sql).bind(patient).bind(clinic).fetch_one(db).await)
}
