//! 1. Save, and look at the row.

use std::fmt::Write as _;
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Saved, Stage};
use crate::clinic::Failure;
#[cfg(feature = "postgres")]
use crate::clinic::audit::Audit;
use crate::clinic::client::Exchange;
use crate::clinic::database::{Database, on};
use crate::clinic::population::Person;

/// The columns that are shown.
const SHOWN: [&str; 5] = ["name", "phone", "diagnosis", "ssn", "ssn_index"];

pub(super) async fn play(
    stage: &mut Stage<'_>,
    ada: Person,
    bob: Person,
) -> Result<Saved, Failure> {
    stage
        .page
        .heading("1  Saves patients and visits; the row in the database, and as it is read")?;
    let (ada, bob) = (save(stage, ada).await?, save(stage, bob).await?);
    for (exchange, again) in ada.exchanges.iter().zip(&bob.exchanges) {
        stage.show(exchange, &format!("and {} for another patient", again.status))?;
    }
    let (ada, bob) = (ada.saved, bob.saved);
    let clinician = &stage.cast.clinician.1;
    let read = stage.client.get(clinician, "/patients/{id}", Some(ada.0)).await?;
    let seen = read.json();
    let stored = stored(stage, ada.0).await?;
    let shown = format!("as {} shows it: {}", read.asked(), read.status);
    stage.page.columns("column", &format!("in {}", stage.app.database().name()), &shown)?;
    for (column, stored) in SHOWN.into_iter().zip(stored) {
        let seen = seen.get(column).and_then(Value::as_str).unwrap_or("-");
        stage.page.columns(column, &in_hex(stored.as_deref()), seen)?;
    }
    let found = traces(stage, &ada.1).await?;
    let where_from = match (stage.app.database(), stage.app.audit()) {
        (Database::Sqlite(_), _) => "clinic.db, audit.db, their WALs",
        #[cfg(feature = "postgres")]
        (Database::Postgres(_), Audit::Sqlite(..)) => "PostgreSQL's rows, audit.db, its WAL",
        #[cfg(feature = "postgres")]
        (Database::Postgres(_), Audit::Postgres(..)) => "PostgreSQL's rows and log",
    };
    stage.page.line(format_args!(
        "name, SSN, phone and street in the bytes of {where_from} and clinic.log: {found} times"
    ))?;
    Ok(Saved { ada, bob })
}

/// A saved patient, and what was answered.
struct Done {
    saved: (Uuid, Person),
    exchanges: Vec<Exchange>,
}

/// Saves a patient and the first visit.
async fn save(stage: &Stage<'_>, person: Person) -> Result<Done, Failure> {
    let clinician = &stage.cast.clinician.1;
    let saved = stage.client.post(clinician, "/patients", None, &person.json()).await?;
    let patient = created(&saved)?;
    let mut exchanges = vec![saved];
    if let Some(stay) = person.visits.first() {
        let route = "/patients/{id}/visits";
        let visit = stage.client.post(clinician, route, Some(patient), &stay.json()).await?;
        created(&visit)?;
        exchanges.push(visit);
    }
    Ok(Done { saved: (patient, person), exchanges })
}

/// The id of what was saved.
fn created(exchange: &Exchange) -> Result<Uuid, Failure> {
    let body = exchange.json();
    let id = body.get("id").and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok());
    id.filter(|_| exchange.status == 201).ok_or(Failure::Answer(exchange.status))
}

/// The beginning of a stored value, and how long it is.
fn in_hex(stored: Option<&[u8]>) -> String {
    let Some(stored) = stored else { return "NULL".to_owned() };
    let mut text = String::new();
    for byte in stored.iter().take(14) {
        let _ = write!(text, "{byte:02x}"); // a String takes all
    }
    if stored.len() > 14 {
        text.push('…');
    }
    format!("{text} ({} bytes)", stored.len())
}

/// The bytes of the columns that are shown.
async fn stored(stage: &Stage<'_>, id: Uuid) -> Result<Vec<Option<Vec<u8>>>, Failure> {
    let mut session = stage.app.database().session_in(stage.cast.north).await?;
    let mut stored = Vec::new();
    for column in SHOWN {
        let sql = AssertSqlSafe(format!("SELECT {column} FROM patient WHERE id = $1"));
        stored.push(on!(session, db => sqlx::query_scalar(sql).bind(id).fetch_one(db).await)?);
    }
    Ok(stored)
}

/// How often anything that tells of a person stands in the files, and in a server's rows.
async fn traces(stage: &Stage<'_>, person: &Person) -> Result<usize, Failure> {
    let folder = stage.app.folder();
    let mut places = stage.app.database().bytes_of(stage.cast.north).await?;
    for file in ["clinic.db", "clinic.db-wal", "audit.db", "audit.db-wal", "clinic.log"] {
        let path = folder.path().join(file);
        if path.exists() {
            places.push(bytes_of(&path)?);
        }
    }
    let mut count = 0;
    for bytes in &places {
        let times = |text: &String| {
            bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
        };
        count += person.traces().iter().map(times).sum::<usize>();
    }
    Ok(count)
}

/// The bytes of a file that this process has open, as another process reads them.
///
/// A process that closes a file loses all its locks on it, however often it has the file open:
/// `SQLite` would go on without, and whoever looks into the file next takes the WAL away under it.
#[cfg(unix)]
fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = Command::new("cat").arg("--").arg(path).output().map_err(Failure::file(path))?;
    if !read.status.success() {
        return Err(Failure::File(path.to_owned(), std::io::ErrorKind::Other));
    }
    Ok(read.stdout)
}

/// The bytes of a file. Locks belong to a handle here, and stay.
#[cfg(not(unix))]
fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(Failure::file(path))
}
