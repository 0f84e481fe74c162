//! Inserts and updates of whole records, and the checks a table may have.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use phi_core::{Phi, PhiRecord, Vault};
use phi_sqlx::{DatabaseFault, RowError, check_columns, insert, update, update_owned};
use sqlx::{Executor, Sqlite, SqliteConnection, SqlitePool};
use support::Folder;
use support::clinic::*;
use uuid::Uuid;

async fn opened(vault: &Vault, db: &mut SqliteConnection) -> Vec<Patient> {
    rows(db).await.into_iter().map(|row| vault.open(row).unwrap()).collect()
}

#[tokio::test]
async fn a_record_is_inserted_updated_and_read_back() {
    let (folder, vault) = (Folder::new(), vault(1));
    let mut db = data(&folder).await;
    insert(&mut db, "patient", &vault.seal(&patient(1)).unwrap()).await.unwrap();
    insert(&mut db, "main.patient", &vault.seal(&patient(2)).unwrap()).await.unwrap();
    let changed =
        Patient { diagnosis: None, active: false, ssn: "900-00-0002".into(), ..patient(1) };
    update(&mut db, "patient", &vault.seal(&changed).unwrap()).await.unwrap();
    let all = opened(&vault, &mut db).await;
    assert_eq!(all[0].ssn.expose(), "900-00-0002");
    assert!(all[0].diagnosis.is_none() && !all[0].active);
    assert_eq!(all[1].ssn.expose(), "900-00-0001"); // the other row is as it was
    assert!(all[1].diagnosis.is_some() && all[1].active);
}

#[tokio::test]
async fn a_smaller_struct_writes_only_its_columns() {
    let (folder, vault) = (Folder::new(), vault(1));
    let mut db = data(&folder).await;
    insert(&mut db, "patient", &vault.seal(&patient(1)).unwrap()).await.unwrap();
    let before = rows(&mut db).await.remove(0);
    let contact = PatientContact { id: before.id, clinic_id: HERE, name: "Ada Example".into() };
    update(&mut db, "patient", &vault.seal(&contact).unwrap()).await.unwrap();
    let after = rows(&mut db).await.remove(0);
    assert_ne!(*before.name, *after.name);
    assert_eq!(*before.ssn, *after.ssn);
    assert_eq!(before.diagnosis.as_deref(), after.diagnosis.as_deref());
    assert_eq!(vault.open(after).unwrap().name.expose(), "Ada Example");
}

#[tokio::test]
async fn a_row_of_another_tenant_or_owner_is_not_found() {
    let (folder, vault) = (Folder::new(), vault(1));
    let mut db = data(&folder).await;
    insert(&mut db, "patient", &vault.seal(&patient(1)).unwrap()).await.unwrap();
    let before = rows(&mut db).await.remove(0);
    let eve = Uuid::from_u128(8);
    let foreign = vault.seal(&Patient { clinic_id: THERE, ..patient(1) }).unwrap();
    let taken = vault.seal(&Patient { clinician_id: eve, ..patient(1) }).unwrap();
    let absent = vault.seal(&patient(9)).unwrap();
    assert_eq!(update(&mut db, "patient", &foreign).await, Err(RowError::NotFound));
    assert_eq!(update(&mut db, "patient", &absent).await, Err(RowError::NotFound));
    let owned = update_owned(&mut db, "patient", "clinician_id", &taken).await;
    assert_eq!(owned, Err(RowError::NotFound));
    assert_eq!(*rows(&mut db).await[0].name, *before.name);
    // The controls: the owner may, and without the owner's column anybody of the tenant may.
    let own = vault.seal(&patient(1)).unwrap();
    update_owned(&mut db, "patient", "clinician_id", &own).await.unwrap();
    assert_eq!(rows(&mut db).await[0].clinician_id, before.clinician_id);
    update(&mut db, "patient", &taken).await.unwrap();
    assert_eq!(rows(&mut db).await[0].clinician_id, eve);
    let unknown = update_owned(&mut db, "patient", "owner; --", &own).await;
    assert_eq!(unknown, Err(RowError::Column));
}

#[tokio::test]
async fn any_executor_will_do() {
    async fn generic(db: impl Executor<'_, Database = Sqlite>, row: &SealedPatient) {
        update(db, "patient", row).await.unwrap();
    }
    let (folder, vault) = (Folder::new(), vault(1));
    drop(data(&folder).await);
    let path = folder.file("data.db");
    let pool = SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    insert(&pool, "patient", &vault.seal(&patient(1)).unwrap()).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    insert(&mut *transaction, "patient", &vault.seal(&patient(2)).unwrap()).await.unwrap();
    update(&mut *transaction, "patient", &vault.seal(&patient(1)).unwrap()).await.unwrap();
    transaction.rollback().await.unwrap();
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM patient").fetch_one(&pool).await.unwrap();
    assert_eq!(count, 1);
    generic(&pool, &vault.seal(&patient(1)).unwrap()).await;
    pool.close().await;
    let closed = insert(&pool, "patient", &vault.seal(&patient(3)).unwrap()).await;
    assert_eq!(closed, Err(RowError::Database(DatabaseFault::Io)));
}

#[tokio::test]
async fn a_table_name_is_a_name_or_refused() {
    let (folder, vault) = (Folder::new(), vault(1));
    let mut db = data(&folder).await;
    let row = vault.seal(&patient(1)).unwrap();
    for name in [
        "",
        ".",
        "patient.",
        ".patient",
        "1patient",
        "patient; DROP TABLE patient",
        "pat ient",
        "\"patient\"",
        "patient--",
        "pätient",
        "patient\0",
        &"a".repeat(129),
    ] {
        assert_eq!(insert(&mut db, name, &row).await, Err(RowError::Table), "{name}");
        assert_eq!(update(&mut db, name, &row).await, Err(RowError::Table), "{name}");
    }
    insert(&mut db, "patient", &row).await.unwrap();
}

#[tokio::test]
async fn errors_tell_the_kind_and_quote_nothing() {
    let (folder, vault) = (Folder::new(), vault(1));
    let mut db = data(&folder).await;
    let row = vault.seal(&patient(1)).unwrap();
    insert(&mut db, "patient", &row).await.unwrap();
    let fault = |fault| Err(RowError::Database(fault));
    assert_eq!(insert(&mut db, "patient", &row).await, fault(DatabaseFault::Taken));
    assert_eq!(insert(&mut db, "nowhere", &row).await, fault(DatabaseFault::Other));
    sqlx::raw_sql(
        "CREATE TRIGGER no BEFORE UPDATE ON patient BEGIN SELECT RAISE(ABORT, 'Ada'); END",
    )
    .execute(&mut db)
    .await
    .unwrap();
    let refused = update(&mut db, "patient", &row).await;
    assert_eq!(refused, fault(DatabaseFault::Constraint));
    assert!(!refused.unwrap_err().to_string().contains("Ada"));
    sqlx::raw_sql("PRAGMA query_only = ON").execute(&mut db).await.unwrap();
    assert_eq!(insert(&mut db, "patient", &row).await, fault(DatabaseFault::ReadOnly));
}

#[tokio::test]
async fn checks_let_sealed_values_in_and_keep_clear_ones_out() {
    let (folder, vault) = (Folder::new(), vault(1));
    let mut db = data(&folder).await;
    let row = vault.seal(&patient(1)).unwrap();
    insert(&mut db, "patient", &row).await.unwrap();
    for sql in [
        "UPDATE patient SET name = CAST('Ada Sample' AS BLOB)",
        "UPDATE patient SET name = CAST('A clear name that is as long as a sealed value at least' AS BLOB)",
        "UPDATE patient SET name = substr(name, 1, 45)",
        "UPDATE patient SET name = CAST(x'02' || substr(name, 2) AS BLOB)",
        "UPDATE patient SET name = 'Ada Sample'",
        "UPDATE patient SET name = x''",
        "UPDATE patient SET ssn_index = CAST('9000' AS BLOB)",
        "UPDATE patient SET ssn_index = zeroblob(37)",
    ] {
        let refused = sqlx::raw_sql(sql).execute(&mut db).await;
        assert!(refused.is_err(), "{sql}");
    }
    for sql in [
        "UPDATE patient SET diagnosis = NULL",
        "UPDATE patient SET name = substr(name, 1, 46)",
        "UPDATE patient SET ssn_index = zeroblob(5)",
    ] {
        sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    }
}

/// Nothing that an update could change.
#[derive(Debug, PhiRecord)]
#[phi(record = "empty", sqlx)]
struct Empty {
    #[phi(id)]
    id: i64,
}

#[derive(Debug, PhiRecord)]
#[phi(record = "device", sqlx)]
struct Device {
    #[phi(id)]
    id: i64,
    #[phi(class = "identifier")]
    serial: Phi<String>,
}

#[tokio::test]
async fn records_without_a_tenant_and_without_columns() {
    let (folder, vault) = (Folder::new(), vault(1));
    let mut db = data(&folder).await;
    sqlx::raw_sql("CREATE TABLE device (id INTEGER PRIMARY KEY, serial BLOB)")
        .execute(&mut db)
        .await
        .unwrap();
    insert(&mut db, "device", &vault.seal(&Empty { id: 1 }).unwrap()).await.unwrap();
    let nothing = update(&mut db, "device", &vault.seal(&Empty { id: 1 }).unwrap()).await;
    assert_eq!(nothing, Err(RowError::Column));
    let device = Device { id: 1, serial: "SAMPLE-1".into() };
    update(&mut db, "device", &vault.seal(&device).unwrap()).await.unwrap();
    let row: SealedDevice =
        sqlx::query_as("SELECT * FROM device").fetch_one(&mut db).await.unwrap();
    assert_eq!(vault.open(row).unwrap().serial.expose(), "SAMPLE-1");
}

#[tokio::test]
async fn a_column_without_a_type_keeps_bytes_as_they_are() {
    let (folder, vault) = (Folder::new(), vault(1));
    let mut db = data(&folder).await;
    sqlx::raw_sql("CREATE TABLE device (id PRIMARY KEY, serial)").execute(&mut db).await.unwrap();
    check_columns::<SealedDevice, _>(&mut db, "device").await.unwrap();
    let sealed = vault.seal(&Device { id: 1, serial: "SAMPLE-1".into() }).unwrap();
    insert(&mut db, "device", &sealed).await.unwrap();
    let row: SealedDevice =
        sqlx::query_as("SELECT * FROM device").fetch_one(&mut db).await.unwrap();
    assert_eq!(*row.serial, *sealed.serial);
    // What would be of no use is still told.
    sqlx::raw_sql("CREATE TABLE loose (id PRIMARY KEY, serial TEXT)")
        .execute(&mut db)
        .await
        .unwrap();
    let refused = check_columns::<SealedDevice, _>(&mut db, "loose").await.unwrap_err();
    assert_eq!(refused.to_string(), "column loose.serial is of type text; give it a type of bytes");
}
