//! P9 for the data: what is changed, rolled back, removed or put in behind the application's back
//! is found.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use phi_core::audit::{Action as AuditAction, AuditError, Outcome};
use phi_core::policy::{Action, Policy, Purpose};
use phi_core::{Membership, Phi, PhiRecord, Principal, Safeguards, testing};
use phi_sqlx::audit::{ContentFinding, ContentKind, EventFilter, SqliteAuditLog};
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

/// Both were once one row to the check: it missed what was changed or removed in the one, and found the other changed.
#[tokio::test]
async fn the_same_id_in_another_tenant_is_another_row() {
    let mut clinic = Clinic::new().await;
    clinic.safeguards.add_tenant(THERE).unwrap();
    let theirs = Patient { clinic_id: THERE, ..patient(1) };
    let write = begin_in(&clinic.safeguards, THERE, Action::Create).await;
    let theirs = write.seal(&theirs).unwrap();
    write.finish().await.unwrap();
    let [ours, other] = rows(&mut clinic.db).await.try_into().unwrap();
    let mut reader = clinic.log.reader().await;
    let mut check = async |rows: &[&SealedPatient]| {
        let findings = reader.check_all_rows(rows.iter().copied()).await.unwrap();
        let of = |finding: &ContentFinding| {
            (finding.tenant == Some(HERE.into()), finding.column, finding.kind)
        };
        findings.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(check(&[&ours, &theirs, &other]).await, []);
    assert_eq!(check(&[&theirs, &other]).await, [(true, None, ContentKind::Missing)]);
    assert_eq!(check(&[&ours, &other]).await, [(false, None, ContentKind::Missing)]);
    let changed = SealedPatient { name: theirs.name.clone(), ..ours.clone() };
    let expected = [(true, Some("name"), ContentKind::Differs)];
    assert_eq!(check(&[&changed, &theirs, &other]).await, expected);
    // A row that was moved is gone where it was, and nobody wrote it where it is.
    let moved = SealedPatient { clinic_id: THERE, ..other };
    let expected = [(false, None, ContentKind::NotLogged), (true, None, ContentKind::Missing)];
    assert_eq!(check(&[&ours, &theirs, &moved]).await, expected);
}

#[tokio::test]
async fn rows_written_by_somebody_of_all_organisations_are_their_tenants() {
    let log = Log::new();
    let writer = log.open().await;
    let safeguards = safeguards_of(&writer, &POLICY.replace("\"tenant\"", "\"all\""));
    safeguards.add_tenant(THERE).unwrap();
    let everywhere = Principal::person(Uuid::from_u128(9), Membership::global(1, "clinician"));
    let write = safeguards.begin(&everywhere, Action::Create, "patient", Purpose::Treatment);
    let write = write.await.unwrap();
    let ours = write.seal(&patient(1)).unwrap();
    let theirs = write.seal(&Patient { clinic_id: THERE, ..patient(1) }).unwrap();
    write.finish().await.unwrap();
    // One of theirs looks at a row of ours.
    let foreign = Principal::person(Uuid::from_u128(8), Membership::new(2, THERE, "clinician"));
    let read = safeguards.begin(&foreign, Action::Read, "patient", Purpose::Treatment);
    let read = read.await.unwrap();
    read.open(ours.clone()).unwrap();
    read.finish().await.unwrap();

    let mut reader = log.reader().await;
    assert_eq!(reader.check_all_rows([&ours, &theirs]).await.unwrap(), []);
    assert_eq!(reader.check_all_rows([&ours]).await.unwrap().len(), 1);
    let mut read = async |filter: EventFilter| {
        let events = reader.events(&filter, 0, 99).await.unwrap().into_iter();
        events.map(|logged| logged.event.action).filter(|a| *a != AuditAction::Execute).collect()
    };
    let actions: Vec<_> = read(EventFilter::all().tenant(HERE)).await;
    assert_eq!(actions, [AuditAction::Create, AuditAction::Read]);
    let ours = EventFilter::all().tenant(HERE).subject(Uuid::from_u128(1));
    let actions: Vec<_> = read(ours).await;
    assert_eq!(actions, [AuditAction::Create, AuditAction::Read]);
    // The same id is another patient there, at whom nobody looked.
    let theirs = EventFilter::all().tenant(THERE).subject(Uuid::from_u128(1));
    let actions: Vec<_> = read(theirs).await;
    assert_eq!(actions, [AuditAction::Create]);
}

/// The same record in a later version of the program: a column has another name, another one is new.
#[derive(Debug, PhiRecord)]
#[phi(record = "patient", sqlx)]
struct LaterPatient {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "contact", field = "name")]
    full_name: Phi<String>,
    #[phi(class = "identifier", field = "ssn", index(exact = "ssn"))]
    number: Phi<String>,
    #[phi(class = "contact", index(exact = "text"))]
    email: Option<Phi<String>>,
}

#[tokio::test]
async fn a_renamed_column_and_a_new_one_are_no_findings() {
    let mut clinic = Clinic::new().await;
    let later = |row: SealedPatient| SealedLaterPatient {
        id: row.id,
        clinic_id: row.clinic_id,
        full_name: row.name,
        number: row.ssn,
        number_index: row.ssn_index,
        email: None,
        email_index: None,
    };
    let mut rows: Vec<_> = rows(&mut clinic.db).await.into_iter().map(later).collect();
    let mut reader = clinic.log.reader().await;
    assert_eq!(reader.check_all_rows(&rows).await.unwrap(), []);
    // The controls: what is there without an event, and what was changed.
    rows[0].full_name = rows[1].full_name.clone();
    rows[1].email = Some(rows[1].number.clone());
    let findings = reader.check_all_rows(&rows).await.unwrap();
    assert_eq!(
        findings.iter().map(short).collect::<Vec<_>>(),
        [
            ('1', Some("full_name"), ContentKind::Differs),
            ('2', Some("email"), ContentKind::NotLogged),
        ],
    );
}

/// Of no tenant.
#[derive(Debug, PhiRecord)]
#[phi(record = "donor", sqlx)]
struct Donor {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    name: Phi<String>,
}

#[tokio::test]
async fn rows_of_no_tenant_are_known_whoever_wrote_them() {
    let log = Log::new();
    let writer = log.open().await;
    let policy = POLICY.replace("\"patient\"", "\"donor\"").replace("\"tenant\"", "\"all\"");
    let policy = policy.replace(", \"identifier\", \"clinical\"", "");
    let policy = Policy::from_toml(&policy).unwrap();
    let safeguards = Safeguards::builder(testing::keys(1), policy, writer.clone());
    let safeguards = safeguards.record::<Donor>().build().unwrap();
    let clinician = Principal::person(Uuid::from_u128(7), Membership::new(1, HERE, "clinician"));
    let write = safeguards.begin(&clinician, Action::Create, "donor", Purpose::Treatment);
    let write = write.await.unwrap();
    let row = write.seal(&Donor { id: 1, name: "Ada Sample".into() }).unwrap();
    write.finish().await.unwrap();
    let mut reader = log.reader().await;
    assert_eq!(reader.check_all_rows([&row]).await.unwrap(), []);
    let missing = reader.check_all_rows::<SealedDonor>([]).await.unwrap();
    assert_eq!(missing[0].kind, ContentKind::Missing);
}

#[derive(Debug, PhiRecord)]
#[phi(record = "visit", sqlx)]
struct Visit {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(subject)]
    patient_id: Uuid,
    #[phi(class = "clinical")]
    note: Phi<String>,
}

/// The visit opened in another patient's chart, and nothing was found.
#[tokio::test]
async fn a_record_that_was_filed_under_another_patient_is_found() {
    let log = Log::new();
    let writer = log.open().await;
    let policy = POLICY.replace("\"patient\"", "\"visit\"");
    let policy = policy.replace("\"contact\", \"identifier\", ", "");
    let policy = Policy::from_toml(&policy).unwrap();
    let safeguards = Safeguards::builder(testing::keys(1), policy, writer.clone());
    let safeguards = safeguards.record::<Visit>().build().unwrap();
    safeguards.add_tenant(HERE).unwrap();
    let mut db = data(&log.folder).await;
    let table = "CREATE TABLE visit (id, clinic_id, patient_id, note)";
    sqlx::raw_sql(table).execute(&mut db).await.unwrap();
    let clinician = Principal::person(Uuid::from_u128(7), Membership::new(1, HERE, "clinician"));
    let [ada, bea] = [11, 12].map(Uuid::from_u128);
    let visit = |patient_id| Visit {
        id: Uuid::from_u128(1),
        clinic_id: HERE,
        patient_id,
        note: "sample note".into(),
    };

    let write = safeguards.begin(&clinician, Action::Create, "visit", Purpose::Treatment);
    let write = write.await.unwrap();
    insert(&mut db, "visit", &write.seal(&visit(ada)).unwrap()).await.unwrap();
    write.finish().await.unwrap();
    let stored = "SELECT * FROM visit";
    let row: SealedVisit = sqlx::query_as(stored).fetch_one(&mut db).await.unwrap();
    assert_eq!(log.reader().await.check_all_rows([&row]).await.unwrap(), []);

    let moved = "UPDATE visit SET patient_id = ?";
    sqlx::query(moved).bind(bea).execute(&mut db).await.unwrap();
    let row: SealedVisit = sqlx::query_as(stored).fetch_one(&mut db).await.unwrap();
    let findings = log.reader().await.check_rows([&row]).await.unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].column, findings[0].kind), (None, ContentKind::Moved));
    assert!(findings[0].to_string().contains("filed under somebody else"));

    // By the application: as the log says.
    let write = safeguards.begin(&clinician, Action::Update, "visit", Purpose::Treatment);
    let write = write.await.unwrap();
    update(&mut db, "visit", &write.seal(&visit(bea)).unwrap()).await.unwrap();
    write.finish().await.unwrap();
    let row: SealedVisit = sqlx::query_as(stored).fetch_one(&mut db).await.unwrap();
    assert_eq!(log.reader().await.check_all_rows([&row]).await.unwrap(), []);
}
