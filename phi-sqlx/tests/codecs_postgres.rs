//! Sealed columns on a real `PostgreSQL`.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

#[path = "support/postgres.rs"]
mod server;
mod support;

use phi_core::{Sealed, Vault};
use phi_sqlx::{
    ColumnFault, DatabaseFault, IndexToken, RowError, check_columns, insert, update, update_owned,
};
use server::{patient_table, pool, run};
use sqlx::postgres::PgPoolCopyExt as _;
use sqlx::{Executor as _, PgPool, Row as _};
use support::clinic::*;
use uuid::Uuid;

async fn clinic() -> Option<(PgPool, Vault)> {
    let pool = pool().await?;
    run(&pool, patient_table()).await;
    Some((pool, vault(1)))
}

async fn rows(pool: &PgPool) -> Vec<SealedPatient> {
    sqlx::query_as("SELECT * FROM patient ORDER BY id").fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn sealed_values_go_through_every_kind_of_query() {
    let Some((pool, vault)) = clinic().await else { return };
    let long = "x".repeat(1 << 20);
    for (id, diagnosis) in [
        (1, Some("sample")),
        (2, Some("")),
        (3, Some(long.as_str())),
        (4, Some("ünïcødé \u{1f9ea}\0")),
        (5, None),
    ] {
        let person = Patient { diagnosis: diagnosis.map(|d| d.to_owned().into()), ..patient(id) };
        let row = vault.seal(&person).unwrap();
        sqlx::query("INSERT INTO patient VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
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
        let read: SealedPatient = sqlx::query_as("SELECT * FROM patient WHERE id = $1")
            .bind(row.id)
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(read.diagnosis.as_deref(), row.diagnosis.as_deref());
        let (name, token): (Sealed<String>, IndexToken) =
            sqlx::query_as("SELECT name, ssn_index FROM patient WHERE name = $1")
                .bind(&row.name)
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!((&*name, &token), (&*row.name, &row.ssn_index));
        // A simple query answers in text.
        let all = pool.fetch_all("SELECT id, diagnosis FROM patient").await.unwrap();
        let same = all.iter().find(|r| r.get::<Uuid, _>("id") == row.id).unwrap();
        let same: Option<Sealed<String>> = same.get("diagnosis");
        assert_eq!(same.as_deref(), row.diagnosis.as_deref());
        let opened = vault.open(read).unwrap();
        assert_eq!(opened.diagnosis.as_ref().map(|d| d.expose().as_str()), diagnosis);
    }
    let nulls: i64 = sqlx::query_scalar("SELECT count(*) FROM patient WHERE diagnosis IS NULL")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(nulls, 1);
}

#[tokio::test]
async fn arrays_of_tokens_and_of_sealed_values() {
    let Some((pool, vault)) = clinic().await else { return };
    let sealed: Vec<_> = (1..=3)
        .map(|id| {
            let diagnosis = (id != 2).then(|| "sample".into());
            let ssn = format!("900-00-000{}", id % 2).into();
            vault.seal(&Patient { ssn, diagnosis, ..patient(id) }).unwrap()
        })
        .collect();
    // One statement for a batch: an array for each column, NULLs among them.
    sqlx::query(
        "INSERT INTO patient SELECT *, true FROM UNNEST(
             $1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[])",
    )
    .bind(sealed.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind(sealed.iter().map(|row| row.clinic_id).collect::<Vec<_>>())
    .bind(sealed.iter().map(|row| row.clinician_id).collect::<Vec<_>>())
    .bind(sealed.iter().map(|row| row.name.clone()).collect::<Vec<_>>())
    .bind(sealed.iter().map(|row| row.ssn.clone()).collect::<Vec<_>>())
    .bind(sealed.iter().map(|row| row.ssn_index).collect::<Vec<_>>())
    .bind(sealed.iter().map(|row| row.diagnosis.clone()).collect::<Vec<_>>())
    .execute(&pool)
    .await
    .unwrap();
    let read = rows(&pool).await;
    assert_eq!(read.len(), 3);
    assert!(read[1].diagnosis.is_none());
    assert_eq!(read[2].diagnosis.as_deref(), sealed[2].diagnosis.as_deref());

    let search = vault.search(Patient::SSN_INDEX, phi_core::Id::from(HERE), "900 00 0001").unwrap();
    let hits: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM patient WHERE ssn_index = ANY($1) ORDER BY id")
            .bind(search.tokens().to_vec())
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(hits, [Uuid::from_u128(1), Uuid::from_u128(3)]);
    let names: Vec<Sealed<String>> =
        sqlx::query_scalar("SELECT array_agg(name ORDER BY id) FROM patient")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(*names[2], *sealed[2].name);
}

#[tokio::test]
async fn copy_takes_sealed_values_as_text_and_as_bytes() {
    let Some((pool, vault)) = clinic().await else { return };
    run(&pool, "CREATE TABLE copied (id BIGINT, name BYTEA NOT NULL, diagnosis BYTEA)").await;
    let row = vault.seal(&Patient { diagnosis: None, ..patient(1) }).unwrap();
    let hex: String = sqlx::query_scalar("SELECT encode($1, 'hex')")
        .bind(&row.name)
        .fetch_one(&pool)
        .await
        .unwrap();
    let mut copy = pool.copy_in_raw("COPY copied FROM STDIN").await.unwrap();
    // A backslash starts an escape of COPY, so bytea's own is doubled.
    copy.send(format!("1\t\\\\x{hex}\t\\N\n").into_bytes()).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 1);

    let mut bytes = b"PGCOPY\n\xff\r\n\0".to_vec();
    bytes.extend([0; 8]); // flags, and no extension of the head
    bytes.extend(3i16.to_be_bytes());
    for field in [Some(&2i64.to_be_bytes()[..]), Some(&*row.name), None] {
        bytes.extend(field.map_or(-1, |f| i32::try_from(f.len()).unwrap()).to_be_bytes());
        bytes.extend(field.unwrap_or_default());
    }
    bytes.extend((-1i16).to_be_bytes());
    let mut copy = pool.copy_in_raw("COPY copied FROM STDIN (FORMAT binary)").await.unwrap();
    copy.send(bytes).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 1);

    let read: Vec<(i64, Sealed<String>, Option<Sealed<String>>)> =
        sqlx::query_as("SELECT * FROM copied ORDER BY id").fetch_all(&pool).await.unwrap();
    for ((id, name, diagnosis), wanted) in read.iter().zip([1, 2]) {
        assert_eq!((*id, &**name, diagnosis.is_none()), (wanted, &*row.name, true));
    }
    assert_eq!(read.len(), 2);
}

#[tokio::test]
async fn whole_records_are_inserted_and_updated() {
    let Some((pool, vault)) = clinic().await else { return };
    let row = vault.seal(&patient(1)).unwrap();
    insert(&pool, "patient", &row).await.unwrap();
    insert(&pool, "public.patient", &vault.seal(&patient(2)).unwrap()).await.unwrap();
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
    update(&pool, "patient", &own).await.unwrap(); // nothing changes, and the row is there
}

#[tokio::test]
async fn checks_let_sealed_values_in_and_keep_clear_ones_out() {
    let Some((pool, vault)) = clinic().await else { return };
    insert(&pool, "patient", &vault.seal(&patient(1)).unwrap()).await.unwrap();
    for sql in [
        "UPDATE patient SET name = 'Ada Sample'",
        "UPDATE patient SET name = 'A clear name that is as long as a sealed value at least'",
        "UPDATE patient SET name = substring(name FROM 1 FOR 45)",
        "UPDATE patient SET name = '\\x02'::bytea || substring(name FROM 2)",
        "UPDATE patient SET name = ''",
        "UPDATE patient SET ssn_index = '9000'",
        "UPDATE patient SET ssn_index = decode(repeat('00', 37), 'hex')",
    ] {
        let refused = pool.execute(sql).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "23514", "{sql}");
    }
    for sql in [
        "UPDATE patient SET diagnosis = NULL",
        "UPDATE patient SET name = substring(name FROM 1 FOR 46)",
        "UPDATE patient SET ssn_index = decode(repeat('00', 5), 'hex')",
    ] {
        pool.execute(sql).await.unwrap();
    }
}

#[tokio::test]
async fn the_silent_cast_to_text_is_caught_by_both_nets() {
    let Some((pool, vault)) = clinic().await else { return };
    run(
        &pool,
        "CREATE TABLE loose (id UUID, clinic_id UUID, clinician_id UUID, name TEXT, ssn BYTEA,
             ssn_index BYTEA, diagnosis BYTEA, active BOOLEAN)",
    )
    .await;
    // What happens without them: the row goes in, and never comes out.
    let row = vault.seal(&patient(1)).unwrap();
    insert(&pool, "loose", &row).await.unwrap();
    let read: Result<SealedPatient, _> =
        sqlx::query_as("SELECT * FROM loose").fetch_one(&pool).await;
    read.unwrap_err();

    let found = check_columns::<SealedPatient, _>(&pool, "loose").await.unwrap_err();
    assert_eq!(found.to_string(), "column loose.name is of type text; give it a type of bytes");
    for check in [phi_sqlx::postgres::sealed_check("name"), phi_sqlx::postgres::token_check("name")]
    {
        let sql = format!("CREATE TABLE refused (name TEXT CHECK ({check}))");
        let refused = pool.execute(sqlx::AssertSqlSafe(sql)).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "42883"); // no such function
    }
}

#[tokio::test]
async fn columns_are_found_where_the_statements_would_find_them() {
    let Some((pool, _)) = clinic().await else { return };
    check_columns::<SealedPatient, _>(&pool, "patient").await.unwrap();
    check_columns::<SealedPatient, _>(&pool, "public.patient").await.unwrap();
    let fault = async |table: &str| {
        let error = check_columns::<SealedPatientContact, _>(&pool, table).await.unwrap_err();
        (error.column, error.fault)
    };
    assert_eq!(fault("nowhere").await, (None, ColumnFault::Table));
    assert_eq!(fault("other.patient").await, (None, ColumnFault::Table));
    assert_eq!(fault("patient; --").await, (None, ColumnFault::Table));
    run(&pool, "CREATE TABLE narrow (id UUID, clinic_id UUID)").await;
    assert_eq!(fault("narrow").await, (Some("name"), ColumnFault::Missing));
    run(
        &pool,
        "CREATE DOMAIN sealed AS BYTEA;
         CREATE TABLE of_domain (id UUID, clinic_id UUID, name sealed)",
    )
    .await;
    check_columns::<SealedPatientContact, _>(&pool, "of_domain").await.unwrap();
}
