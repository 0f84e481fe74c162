//! FHIR files, from the line to the answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

mod common;

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use examples::clinic::client::Client;
use examples::clinic::import::{Import, ImportError, Loaded, load, parse};
use examples::clinic::population::{ndjson, people};
use examples::clinic::record::{SealedCondition, SealedPatient, SealedVisit};
use examples::clinic::server::Server;
use examples::clinic::{App, Failure};
use indicatif::ProgressBar;
use phi_core::Phi;
use phi_core::audit::{Outcome, PrincipalKind};
use serde_json::{Value, json};
use uuid::Uuid;

fn read(path: &Path) -> Import {
    parse(BufReader::new(File::open(path).unwrap())).unwrap()
}

async fn import(app: &App, clinic: Uuid, import: Import) -> Result<Loaded, Failure> {
    load(app, "import", clinic, import, &ProgressBar::hidden()).await
}

/// Every text of a file by which somebody could be known.
fn texts(import: &Import) -> Vec<String> {
    let patients = import.patients.iter().map(|patient| &patient.draft);
    let phi = patients.flat_map(|patient| {
        let others = [&patient.ssn, &patient.phone, &patient.address].into_iter().flatten();
        std::iter::once(&patient.name).chain(others)
    });
    let mut texts: Vec<_> = phi.map(Phi::expose).cloned().collect();
    texts.extend(
        import.visits.iter().filter_map(|v| Some(v.draft.1.reason.as_ref()?.expose().clone())),
    );
    texts.extend(import.conditions.iter().map(|c| c.draft.1.name.expose().clone()));
    texts.sort();
    texts.dedup();
    texts
}

/// Loads a file and checks what came of it, in the database, over HTTP, in the log and in the files.
async fn round(path: &Path, database: Option<String>) -> Loaded {
    let dir = tempfile::tempdir().unwrap();
    let app = common::app_on(dir.path(), database).await;
    let clinic = Uuid::now_v7();
    let texts = texts(&read(path));
    let wanted = read(path);
    let loaded = import(&app, clinic, read(path)).await.unwrap();
    let counted = (loaded.patients, loaded.visits, loaded.conditions, loaded.skipped);
    let there =
        (wanted.patients.len(), wanted.visits.len(), wanted.conditions.len(), wanted.skipped);
    assert_eq!(counted, there);

    // Each record is found by its resource's own id, and opens to what the file says.
    let clinician = common::signed_in(&app, clinic, "clinician").await;
    let server = Server::start(&app).await.unwrap();
    let client = Client::new(server.address());
    for patient in &wanted.patients {
        let chart =
            client.get(&clinician, "/patients/{id}", Some(patient.id)).await.unwrap().json();
        let text = |phi: &Option<Phi<String>>| phi.as_ref().map(|phi| phi.expose().clone());
        assert_eq!(chart["name"], json!(patient.draft.name.expose()));
        assert_eq!(chart["ssn"], json!(text(&patient.draft.ssn)));
        assert_eq!(chart["address"], json!(text(&patient.draft.address)));
        let of =
            |count: usize, answer: Value| assert_eq!(answer.as_array().map(Vec::len), Some(count));
        let visits = wanted.visits.iter().filter(|visit| visit.draft.0 == patient.id).count();
        let route = "/patients/{id}/visits";
        of(visits, client.get(&clinician, route, Some(patient.id)).await.unwrap().json());
        let ours = wanted.conditions.iter().filter(|condition| condition.draft.0 == patient.id);
        let route = "/patients/{id}/conditions";
        of(ours.count(), client.get(&clinician, route, Some(patient.id)).await.unwrap().json());
    }
    server.stop().await.unwrap();

    // Nothing of it is in clear in any row; of any file, see below.
    for value in app.database().bytes_of(clinic).await.unwrap() {
        let text =
            texts.iter().find(|text| memchr::memmem::find(&value, text.as_bytes()).is_some());
        assert_eq!(text, None);
    }

    // A named job, an intent before each outcome, and every row accounted for.
    let mut reader = app.audit().reader().await.unwrap();
    let events = reader.events(0).await.unwrap();
    let job = |outcome: Outcome| {
        events
            .iter()
            .filter(|logged| {
                let principal = logged.event.principal.as_ref();
                principal.is_some_and(|p| p.kind == PrincipalKind::Job && p.id.as_str() == "import")
                    && logged.event.outcome == outcome
                    && !logged.event.is_continuation()
            })
            .count()
    };
    assert!(job(Outcome::Success) >= 3);
    assert_eq!(job(Outcome::Success), job(Outcome::Intent));
    let patients: Vec<SealedPatient> = app.all("patient").await.unwrap();
    let visits: Vec<SealedVisit> = app.all("visit").await.unwrap();
    let conditions: Vec<SealedCondition> = app.all("condition").await.unwrap();
    assert!(reader.check_all_rows(&patients).await.unwrap().is_empty());
    assert!(reader.check_all_rows(&visits).await.unwrap().is_empty());
    assert!(reader.check_all_rows(&conditions).await.unwrap().is_empty());
    // The control: one row less is noticed.
    assert_eq!(reader.check_all_rows(&patients[1..]).await.unwrap().len(), 1);
    app.close().await.unwrap();
    assert_eq!(common::traces(dir.path(), &texts), 0);
    assert!(common::traces_in_clear(&texts).await >= texts.len());
    loaded
}

#[tokio::test]
async fn the_committed_file_is_what_the_example_makes_and_is_imported_whole() {
    let committed = fs::read_to_string(common::sample()).unwrap();
    assert!(committed == ndjson(&people(1, 6)), "run: clinic --sample data/synthetic-r4.ndjson");
    let loaded = round(&common::sample(), None).await;
    assert_eq!(loaded, Loaded { patients: 6, visits: 12, conditions: 6, skipped: 6 });
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_file_is_imported_whole_on_postgres() {
    let Some(server) = phi_test_servers::Postgres::shared() else { return };
    let loaded = round(&common::sample(), Some(server.database().await)).await;
    assert_eq!(loaded, Loaded { patients: 6, visits: 12, conditions: 6, skipped: 6 });
}

#[tokio::test]
async fn a_larger_file_is_imported_whole() {
    let Some(path) = std::env::var_os("PHI_TEST_NDJSON") else {
        println!("skipped: PHI_TEST_NDJSON names no file of FHIR R4 resources");
        return;
    };
    let loaded = round(Path::new(&path), None).await;
    println!("imported {loaded:?}");
    assert!(loaded.patients > 0);
}

#[tokio::test]
async fn one_broken_line_stops_everything_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let app = common::app(dir.path()).await;
    let clinic = Uuid::now_v7();
    let people = people(8, 4);
    let file = ndjson(&people);
    import(&app, clinic, parse(file.as_bytes()).unwrap()).await.unwrap();
    let before = rows(&app).await;
    assert_eq!(before, 4 + 8 + 4);

    // The same file again: every id is taken, and the lines are told in order.
    let again = import(&app, clinic, parse(file.as_bytes()).unwrap()).await.unwrap_err();
    let Failure::Import(ImportError::Broken(broken)) = &again else { panic!("{again}") };
    assert_eq!(broken.count(), 16);
    assert_eq!(broken.first()[..4].iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3, 4]);

    // Visits alone are fine where the patient is, and broken in another clinic.
    let visit = json!({
        "resourceType": "Encounter",
        "id": Uuid::now_v7(),
        "subject": { "reference": format!("Patient/{}", people[0].id) },
    });
    let visit = || parse(visit.to_string().as_bytes()).unwrap();
    let other = Uuid::now_v7();
    let foreign = import(&app, other, visit()).await.unwrap_err();
    assert!(
        foreign.to_string().ends_with("line 1: patient is neither in the file nor in the clinic")
    );
    assert_eq!(rows(&app).await, before);
    // Not even the clinic was made, while the one that took rows is there.
    let made = async |id| app.database().session().await?.has_row("clinic", id).await;
    assert!(!made(other).await.unwrap() && made(clinic).await.unwrap());
    import(&app, clinic, visit()).await.unwrap();
    assert_eq!(rows(&app).await, before + 1);
    app.close().await.unwrap();
}

async fn rows(app: &App) -> usize {
    let patients: Vec<SealedPatient> = app.all("patient").await.unwrap();
    let visits: Vec<SealedVisit> = app.all("visit").await.unwrap();
    let conditions: Vec<SealedCondition> = app.all("condition").await.unwrap();
    patients.len() + visits.len() + conditions.len()
}
