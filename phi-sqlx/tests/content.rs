//! P9 for the data: what is changed, rolled back, removed or put in behind the application's back
//! is found.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use phi_core::Safeguards;
use phi_core::audit::{AuditError, Outcome};
use phi_core::policy::Action;
use phi_sqlx::audit::{ContentFinding, ContentKind, SqliteAuditLog};
use phi_sqlx::{insert, update};
use sqlx::SqliteConnection;
use support::Log;
use support::clinic::*;
use uuid::Uuid;

/// Two patients, written as an application writes them.
struct Clinic {
    log: Log,
    writer: SqliteAuditLog,
    safeguards: Safeguards,
    db: SqliteConnection,
}

impl Clinic {
    async fn new() -> Self {
        let log = Log::new();
        let writer = log.open().await;
        let safeguards = safeguards(&writer);
        let db = data(&log.folder).await;
        let mut clinic = Self { log, writer, safeguards, db };
        for id in [1, 2] {
            let write = begin(&clinic.safeguards, Action::Create).await;
            let row = write.seal(&patient(id)).unwrap();
            insert(&mut clinic.db, "patient", &row).await.unwrap();
            write.finish().await.unwrap();
        }
        assert_eq!(clinic.check().await, []);
        clinic
    }

    async fn rename(&mut self, id: u128, name: &str) {
        let write = begin(&self.safeguards, Action::Update).await;
        let contact = PatientContact {
            id: Uuid::from_u128(id),
            clinic_id: HERE,
            name: name.to_owned().into(),
        };
        let row = write.seal(&contact).unwrap();
        update(&mut self.db, "patient", &row).await.unwrap();
        write.finish().await.unwrap();
    }

    /// Past the application.
    async fn sql(&mut self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.db).await.unwrap();
    }

    /// What is found: whose row ends in which digit, which column, and what is wrong.
    async fn check(&mut self) -> Vec<(char, Option<&'static str>, ContentKind)> {
        let rows = rows(&mut self.db).await;
        let findings = self.log.reader().await.check_all_rows(&rows).await.unwrap();
        findings.iter().map(short).collect()
    }
}

fn short(finding: &ContentFinding) -> (char, Option<&'static str>, ContentKind) {
    assert_eq!(finding.record, "patient");
    (finding.id.as_str().chars().last().unwrap(), finding.column, finding.kind)
}

#[tokio::test]
async fn a_changed_byte_of_a_sealed_column_is_found() {
    let mut clinic = Clinic::new().await;
    clinic
        .sql("UPDATE patient SET name = CAST(substr(name, 1, 60) || x'00' AS BLOB) WHERE id = (SELECT max(id) FROM patient)")
        .await;
    assert_eq!(clinic.check().await, [('2', Some("name"), ContentKind::Differs)]);
}

#[tokio::test]
async fn a_column_set_to_null_and_a_changed_token_are_found() {
    let mut clinic = Clinic::new().await;
    clinic
        .sql("UPDATE patient SET diagnosis = NULL WHERE id = (SELECT min(id) FROM patient)")
        .await;
    clinic
        .sql(
            "UPDATE patient SET ssn_index = x'0102030405' WHERE id = (SELECT max(id) FROM patient)",
        )
        .await;
    assert_eq!(
        clinic.check().await,
        [
            ('1', Some("diagnosis"), ContentKind::Differs),
            ('2', Some("ssn_index"), ContentKind::Differs),
        ],
    );
}

#[tokio::test]
async fn a_column_that_was_rolled_back_is_found() {
    let mut clinic = Clinic::new().await;
    clinic.sql("CREATE TABLE backup AS SELECT * FROM patient").await;
    clinic.rename(1, "Ada Example").await;
    assert_eq!(clinic.check().await, []); // one column written by a smaller struct, the others as before
    clinic
        .sql("UPDATE patient SET name = (SELECT name FROM backup WHERE backup.id = patient.id)")
        .await;
    assert_eq!(clinic.check().await, [('1', Some("name"), ContentKind::Older)]);
}

#[tokio::test]
async fn values_moved_between_rows_are_found() {
    let mut clinic = Clinic::new().await;
    clinic.sql("UPDATE patient SET name = (SELECT name FROM patient ORDER BY id DESC)").await;
    assert_eq!(clinic.check().await, [('1', Some("name"), ContentKind::Differs)]);
}

#[tokio::test]
async fn a_removed_row_is_found_and_a_deleted_one_is_not() {
    let mut clinic = Clinic::new().await;
    let row = rows(&mut clinic.db).await.remove(0);
    let delete = begin(&clinic.safeguards, Action::Delete).await;
    delete.delete(&row).unwrap();
    clinic.sql("DELETE FROM patient WHERE id = (SELECT min(id) FROM patient)").await;
    delete.finish().await.unwrap();
    assert_eq!(clinic.check().await, []);
    clinic.sql("DELETE FROM patient").await;
    assert_eq!(clinic.check().await, [('2', None, ContentKind::Missing)]);
    // Brought back from a copy, the first is there although it was deleted.
    insert(&mut clinic.db, "patient", &row).await.unwrap();
    let expected = [('1', None, ContentKind::Deleted), ('2', None, ContentKind::Missing)];
    assert_eq!(clinic.check().await, expected);
    // Rows that are not said to be all: nothing is missing.
    let rows = rows(&mut clinic.db).await;
    let findings = clinic.log.reader().await.check_rows(&rows).await.unwrap();
    assert_eq!(findings.iter().map(short).collect::<Vec<_>>(), expected[..1]);
}

#[tokio::test]
async fn a_row_without_an_event_is_found() {
    let mut clinic = Clinic::new().await;
    let forged = vault(9).seal(&patient(3)).unwrap();
    insert(&mut clinic.db, "patient", &forged).await.unwrap();
    assert_eq!(clinic.check().await, [('3', None, ContentKind::NotLogged)]);
}

#[tokio::test]
async fn a_write_whose_end_is_not_known_is_believed_either_way() {
    let mut clinic = Clinic::new().await;
    // Sealed and noted, but the handler failed before the data was written …
    let write = begin(&clinic.safeguards, Action::Update).await;
    write.seal(&patient(1)).unwrap();
    write.finish_as(Outcome::Failed, None).await.unwrap();
    assert_eq!(clinic.check().await, []);
    // … or after it.
    let write = begin(&clinic.safeguards, Action::Update).await;
    let row = write.seal(&patient(1)).unwrap();
    update(&mut clinic.db, "patient", &row).await.unwrap();
    drop(write);
    clinic.rename(2, "Eve Example").await; // the log is written in order
    assert_eq!(clinic.check().await, []);
    // A row that may never have been there is not missing, and is none that nobody wrote.
    let write = begin(&clinic.safeguards, Action::Create).await;
    let row = write.seal(&patient(3)).unwrap();
    write.finish_as(Outcome::Failed, None).await.unwrap();
    assert_eq!(clinic.check().await, []);
    insert(&mut clinic.db, "patient", &row).await.unwrap();
    assert_eq!(clinic.check().await, []);
    clinic.sql("UPDATE patient SET diagnosis = NULL").await;
    assert_eq!(clinic.check().await.len(), 3);
}

#[tokio::test]
async fn a_write_whose_event_met_a_log_that_was_down_is_no_finding_when_it_is_back() {
    let mut clinic = Clinic::new().await;
    let write = begin(&clinic.safeguards, Action::Update).await;
    let row = write.seal(&patient(1)).unwrap();
    update(&mut clinic.db, "patient", &row).await.unwrap();
    clinic
        .log
        .tamper("CREATE TRIGGER broken BEFORE INSERT ON phi_audit_entry BEGIN SELECT RAISE(ABORT, 'no'); END")
        .await;
    assert_eq!(write.finish().await, Err(AuditError::Unavailable)); // the client is told 503
    assert_eq!(clinic.check().await.len(), 3); // every sealed column it wrote; the token is as it was
    let size = clinic.writer.checkpoint().size;
    clinic.log.tamper("DROP TRIGGER broken").await;
    clinic.writer.next_checkpoint(size).await.unwrap();
    assert_eq!(clinic.check().await, []);
}

#[tokio::test]
async fn an_empty_table_of_written_rows_is_found() {
    let mut clinic = Clinic::new().await;
    clinic.sql("DELETE FROM patient").await;
    let expected = [('1', None, ContentKind::Missing), ('2', None, ContentKind::Missing)];
    assert_eq!(clinic.check().await, expected);
    let told = clinic.log.reader().await.check_all_rows::<SealedPatient>([]).await.unwrap();
    assert!(told[0].to_string().starts_with("patient 0000"));
    clinic.writer.close().await.unwrap();
    assert_eq!(clinic.check().await, expected);
}
