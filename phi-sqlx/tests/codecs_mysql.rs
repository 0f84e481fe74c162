//! Sealed columns on a real `MariaDB`.
#![cfg(feature = "mysql")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use phi_core::{Sealed, Vault};
use phi_sqlx::mysql::{sealed_check, token_check};
use phi_sqlx::{
    ColumnFault, DatabaseFault, IndexToken, RowError, check_columns, insert, update, update_owned,
};
use sqlx::{AssertSqlSafe, Executor as _, MySqlPool};
use support::clinic::*;
use uuid::Uuid;

async fn clinic() -> Option<(MySqlPool, Vault)> {
    let server = phi_test_servers::MariaDb::shared()?;
    let pool = MySqlPool::connect(&server.database().await).await.unwrap();
    let table = format!(
        "CREATE TABLE patient (
            id BINARY(16) PRIMARY KEY,
            clinic_id BINARY(16) NOT NULL,
            clinician_id BINARY(16) NOT NULL,
            name VARBINARY(400) NOT NULL CHECK ({}),
            ssn VARBINARY(200) NOT NULL CHECK ({}),
            ssn_index VARBINARY(36) NOT NULL CHECK ({}),
            diagnosis LONGBLOB CHECK ({}),
            active BOOLEAN NOT NULL
        )",
        sealed_check("name"),
        sealed_check("ssn"),
        token_check("ssn_index"),
        sealed_check("diagnosis"),
    );
    pool.execute(AssertSqlSafe(table)).await.unwrap();
    Some((pool, vault(1)))
}

async fn rows(pool: &MySqlPool) -> Vec<SealedPatient> {
    sqlx::query_as("SELECT * FROM patient ORDER BY id").fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn sealed_values_go_through_every_kind_of_query() {
    let Some((pool, vault)) = clinic().await else { return };
    let long = "x".repeat(1 << 18);
    for (id, diagnosis) in [
        (1, Some("sample")),
        (2, Some("")),
        (3, Some(long.as_str())),
        (4, Some("ünïcødé \u{1f9ea}\0'\\")),
        (5, None),
    ] {
        let person = Patient { diagnosis: diagnosis.map(|d| d.to_owned().into()), ..patient(id) };
        let row = vault.seal(&person).unwrap();
        sqlx::query("INSERT INTO patient VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(row.id)
            .bind(row.clinic_id)
            .bind(row.clinician_id)
            .bind(&row.name)
            .bind(&row.ssn)
            .bind(row.ssn_index)
            .bind(&row.diagnosis)
            .bind(row.active)
            .execute(&pool)
            .await
            .unwrap();
        let read: SealedPatient = sqlx::query_as("SELECT * FROM patient WHERE id = ?")
            .bind(row.id)
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(read.diagnosis.as_deref(), row.diagnosis.as_deref());
        let (name, token): (Sealed<String>, IndexToken) =
            sqlx::query_as("SELECT name, ssn_index FROM patient WHERE name = ?")
                .bind(&row.name)
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!((&*name, &token), (&*row.name, &row.ssn_index));
        let opened = vault.open(read).unwrap();
        assert_eq!(opened.diagnosis.as_ref().map(|d| d.expose().as_str()), diagnosis);
    }
    let search = vault.search(Patient::SSN_INDEX, phi_core::Id::from(HERE), "900 00 0001").unwrap();
    let [one, two] = search.tokens();
    let hits: i64 = sqlx::query_scalar("SELECT count(*) FROM patient WHERE ssn_index IN (?, ?)")
        .bind(one)
        .bind(two)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(hits, 5);
    // A simple query answers in text.
    let simple = sqlx::raw_sql("SELECT name FROM patient LIMIT 1").fetch_one(&pool).await.unwrap();
    let _: Sealed<String> = sqlx::Row::get(&simple, 0);
}

#[tokio::test]
async fn whole_records_are_inserted_and_updated() {
    let Some((pool, vault)) = clinic().await else { return };
    let row = vault.seal(&patient(1)).unwrap();
    insert(&pool, "patient", &row).await.unwrap();
    insert(&pool, "patient", &vault.seal(&patient(2)).unwrap()).await.unwrap();
    let taken = insert(&pool, "patient", &row).await;
    assert_eq!(taken, Err(RowError::Database(DatabaseFault::Taken)));

    let changed = Patient { diagnosis: None, active: false, ..patient(1) };
    update(&pool, "patient", &vault.seal(&changed).unwrap()).await.unwrap();
    let all = rows(&pool).await;
    assert!(all[0].diagnosis.is_none() && !all[0].active);
    assert!(all[1].diagnosis.is_some() && all[1].active); // the other row is as it was

    let eve = Uuid::from_u128(8);
    let foreign = vault.seal(&Patient { clinic_id: THERE, ..patient(1) }).unwrap();
    let another = vault.seal(&Patient { clinician_id: eve, ..patient(1) }).unwrap();
    assert_eq!(update(&pool, "patient", &foreign).await, Err(RowError::NotFound));
    let owned = update_owned(&pool, "patient", "clinician_id", &another).await;
    assert_eq!(owned, Err(RowError::NotFound));
    let own = vault.seal(&patient(1)).unwrap();
    update_owned(&pool, "patient", "clinician_id", &own).await.unwrap();
    // Nothing changes, and the row is there: it counts what is found, not what is changed.
    update(&pool, "patient", &own).await.unwrap();
}

#[tokio::test]
async fn checks_let_sealed_values_in_and_keep_clear_ones_out() {
    let Some((pool, vault)) = clinic().await else { return };
    insert(&pool, "patient", &vault.seal(&patient(1)).unwrap()).await.unwrap();
    for sql in [
        "UPDATE patient SET name = 'Ada Sample'",
        "UPDATE patient SET name = 'A clear name that is as long as a sealed value at least'",
        "UPDATE patient SET name = left(name, 45)",
        "UPDATE patient SET name = concat(x'02', substr(name, 2))",
        "UPDATE patient SET name = ''",
        "UPDATE patient SET ssn_index = '9000'",
    ] {
        let refused = pool.execute(sql).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "23000", "{sql}");
    }
    for sql in [
        "UPDATE patient SET diagnosis = NULL",
        "UPDATE patient SET name = left(name, 46)",
        "UPDATE patient SET ssn_index = x'0000000000'",
    ] {
        pool.execute(sql).await.unwrap();
    }
}

#[tokio::test]
async fn columns_of_text_are_caught_by_both_nets() {
    let Some((pool, _)) = clinic().await else { return };
    check_columns::<SealedPatient, _>(&pool, "patient").await.unwrap();
    let fault = async |table: &str| {
        let error = check_columns::<SealedPatientContact, _>(&pool, table).await.unwrap_err();
        (error.column, error.fault)
    };
    assert_eq!(fault("nowhere").await, (None, ColumnFault::Table));
    let of = |found: &str| (Some("name"), ColumnFault::Type { found: found.into() });
    for (ty, found) in [("TEXT", "text"), ("VARCHAR(500)", "varchar"), ("BINARY(100)", "binary")] {
        let table = format!("t_{found}");
        let sql = format!("CREATE TABLE {table} (id BINARY(16), clinic_id BINARY(16), name {ty})");
        pool.execute(AssertSqlSafe(sql)).await.unwrap();
        assert_eq!(fault(&table).await, of(found));
    }
    let check = sealed_check("name");
    let sql = format!("CREATE TABLE checked (name TEXT CHARACTER SET latin1 CHECK ({check}))");
    pool.execute(AssertSqlSafe(sql)).await.unwrap();
    let sql = "INSERT INTO checked VALUES (concat(char(1 USING latin1), repeat('x', 60)))";
    pool.execute(sql).await.unwrap_err();
    pool.execute("INSERT INTO checked VALUES (NULL)").await.unwrap();
}
