//! What is different where the patients are on a `PostgreSQL` server.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

mod common;

use std::process::{Command, Stdio};

use examples::clinic::Failure;
use examples::clinic::client::Client;
use examples::clinic::database::Database;
use examples::clinic::folder::Folder;
use examples::clinic::import::{ImportError, Problem, load, parse};
use examples::clinic::population::{ndjson, people};
use examples::clinic::record::SealedPatient;
use examples::clinic::server::Server;
use indicatif::ProgressBar;
use phi_core::audit::Outcome;
use phi_sqlx::postgres::{IsolationFault, check_tenant_isolation};
use phi_test_servers::Postgres;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

async fn count(db: impl sqlx::PgExecutor<'_>) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM patient").fetch_one(db).await.unwrap()
}

#[tokio::test]
async fn the_program_plays_the_tour_and_imports_a_file_there() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database().await;
    let dir = tempfile::tempdir().unwrap();
    let clinic_id = Uuid::now_v7().to_string();
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clinic"));
        command.args(["--database", &url, "--dir", dir.path().to_str().unwrap()]).args(more);
        let ran = command.stdin(Stdio::null()).output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    let page = run(&[]);
    assert!(page.contains("in PostgreSQL") && !page.contains("clinic.db"));
    assert!(!dir.path().join("clinic.db").exists() && !dir.path().join("audit.db").exists());
    let sample = common::sample();
    let page = run(&["--import", sample.to_str().unwrap(), "--clinic", &clinic_id]);
    assert!(page.contains(&format!("6 patients, 12 visits, 6 conditions into clinic {clinic_id}")));
    // The password in the URL is nowhere.
    let secret = url.split(':').nth(2).unwrap().split('@').next().unwrap();
    assert_eq!(common::traces(dir.path(), &[secret]), 0);
    assert!(!page.contains(secret));
}

#[tokio::test]
async fn the_application_sees_one_clinic_at_a_time_and_an_id_of_another_is_taken() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database().await;
    let dir = tempfile::tempdir().unwrap();
    let app = common::app_on(dir.path(), Some(url.clone())).await;
    let (north, south) = (Uuid::now_v7(), Uuid::now_v7());
    let file = ndjson(&people(8, 4));
    let import = async |clinic| {
        let read = parse(file.as_bytes()).unwrap();
        load(&app, "import", clinic, read, &ProgressBar::hidden()).await
    };
    import(north).await.unwrap();
    // The same ids in another clinic: told by their lines, before anything is written.
    let taken = import(south).await.unwrap_err();
    let Failure::Import(ImportError::Broken(broken)) = &taken else { panic!("{taken}") };
    assert_eq!((broken.count(), broken.first()[0]), (16, (1, Problem::Taken)));
    assert!(!app.database().session().await.unwrap().has_row("clinic", south).await.unwrap());
    let Database::Postgres(pool) = app.database() else { panic!("it is a server") };
    assert_eq!(count(pool).await, 0);
    let owner = PgPool::connect(&url).await.unwrap();
    assert_eq!(count(&owner).await, 4); // the control

    // Another start from this folder leaves the first one's connections as they are.
    let again = Database::server(&url, app.folder()).await.unwrap();
    again.close().await;
    let options = pool.connect_options().as_ref().clone();
    assert_eq!(count(&PgPool::connect_with(options).await.unwrap()).await, 0);
    app.close().await.unwrap();
}

/// P8: the handler's row and its event are there together, or neither is.
#[tokio::test]
async fn a_patient_whose_event_is_not_taken_is_not_there() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database().await;
    let owner = PgPool::connect(&url).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let app = common::app_on(dir.path(), Some(url.clone())).await;
    let north = Uuid::now_v7();
    app.open_clinic(north, "North").await.unwrap();
    let clinician = common::signed_in(&app, north, "clinician").await;
    let server = Server::start(&app).await.unwrap();
    let client = Client::new(server.address());
    let person = people(7, 1).remove(0).json();
    // The log takes all events but those of success.
    let refuse = "ALTER TABLE phi_audit.phi_audit_queue ADD CONSTRAINT refused
        CHECK (position(convert_to('\"outcome\":\"success\"', 'UTF8') IN event) = 0) NOT VALID";
    sqlx::raw_sql(refuse).execute(&owner).await.unwrap();
    let refused = client.post(&clinician, "/patients", None, &person).await.unwrap();
    assert_eq!((refused.status, count(&owner).await), (503, 0));
    // The control.
    let mend = "ALTER TABLE phi_audit.phi_audit_queue DROP CONSTRAINT refused";
    sqlx::raw_sql(mend).execute(&owner).await.unwrap();
    let saved = client.post(&clinician, "/patients", None, &person).await.unwrap();
    assert_eq!((saved.status, count(&owner).await), (201, 1));

    server.stop().await.unwrap();
    let mut reader = app.audit().reader().await.unwrap();
    let events = reader.events(0).await.unwrap();
    let ends = |request: &str| -> Vec<Outcome> {
        let ours = events.iter().map(|logged| &logged.event);
        let ours = ours.filter(|e| e.request.as_ref().is_some_and(|r| r.as_str() == request));
        ours.map(|event| event.outcome.clone()).collect()
    };
    assert_eq!(ends(&refused.request), [Outcome::Intent, Outcome::Failed]);
    assert_eq!(ends(&saved.request), [Outcome::Intent, Outcome::Success]);
    let rows: Vec<SealedPatient> = app.all("patient").await.unwrap();
    assert!(reader.check_all_rows(&rows).await.unwrap().is_empty());
    app.close().await.unwrap();
}

#[tokio::test]
async fn an_owner_that_is_no_superuser_is_bound_as_well() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database().await;
    let owner = PgPool::connect(&url).await.unwrap();
    let name: String =
        sqlx::query_scalar("SELECT current_database()::text").fetch_one(&owner).await.unwrap();
    let sql = format!(
        "CREATE ROLE {name}_owner LOGIN PASSWORD 'sample';
         GRANT CREATE ON SCHEMA public TO {name}_owner"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&owner).await.unwrap();
    let (_, host) = url.split_once('@').unwrap();
    let plain = format!("postgres://{name}_owner:sample@{host}");
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::take(dir.path()).unwrap();
    for _ in 0..2 {
        let database = Database::server(&plain, &folder).await.unwrap();
        let Database::Postgres(pool) = &database else { panic!("it is a server") };
        check_tenant_isolation(pool, &["patient", "visit", "condition"]).await.unwrap();
        database.close().await;
    }
    // The control: whoever opens the rights again is refused the next time.
    let sql = format!("ALTER ROLE {name}_owner BYPASSRLS");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&owner).await.unwrap();
    let pool = PgPool::connect(&plain).await.unwrap();
    let refused = check_tenant_isolation(&pool, &["patient"]).await.unwrap_err();
    assert_eq!(refused.fault, IsolationFault::BypassRls);
}
