//! The checked macros, on `SQLite`. They are checked against `.sqlx` beside the manifest, so nothing
//! needs to be installed; CONTRIBUTING.md says how to make it anew.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops where it goes wrong")]

use phi_core::{Phi, PhiRecord, testing};
use phi_sqlx::{IndexToken, Sealed, insert};
use sqlx::SqlitePool;
use uuid::Uuid;

const HERE: Uuid = Uuid::from_u128(0x0a);
const TABLE: &str = include_str!("macros.sql");

#[derive(Debug, PhiRecord)]
#[phi(record = "patient", sqlx)]
pub struct Patient {
    #[phi(id)]
    pub id: Uuid,
    #[phi(tenant)]
    pub clinic_id: Uuid,
    #[phi(class = "identifier", index(exact = "ssn"))]
    pub ssn: Phi<String>,
    #[phi(class = "clinical")]
    pub diagnosis: Option<Phi<String>>,
}

#[tokio::test]
async fn sealed_columns_go_in_and_out_of_the_checked_macros() {
    let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(TABLE).execute(&pool).await.unwrap();
    let vault = testing::vault(1);
    vault.add_tenant(HERE).unwrap();
    let patient = |number, diagnosis| Patient {
        id: Uuid::from_u128(number),
        clinic_id: HERE,
        ssn: "123-45-6789".into(),
        diagnosis,
    };
    let row = vault.seal(&patient(1, Some("sample".into()))).unwrap();
    let written = sqlx::query!(
        "INSERT INTO patient (id, clinic_id, ssn, ssn_index, diagnosis) VALUES (?, ?, ?, ?, ?)",
        row.id,
        row.clinic_id,
        row.ssn,
        row.ssn_index,
        row.diagnosis
    );
    written.execute(&pool).await.unwrap();
    insert(&pool, "patient", &vault.seal(&patient(2, None)).unwrap()).await.unwrap();

    let read = sqlx::query_as!(
        SealedPatient,
        r#"SELECT id AS "id: _", clinic_id AS "clinic_id: _", ssn AS "ssn: _",
                  ssn_index AS "ssn_index: _", diagnosis AS "diagnosis: _"
           FROM patient ORDER BY id"#
    );
    let read = read.fetch_all(&pool).await.unwrap();
    let opened: Vec<_> = read.into_iter().map(|row| vault.open(row).unwrap()).collect();
    let diagnoses: Vec<_> =
        opened.iter().map(|p| p.diagnosis.as_ref().map(|d| d.expose().as_str())).collect();
    assert_eq!(diagnoses, [Some("sample"), None]);

    let id = row.id;
    let columns = sqlx::query!(
        r#"SELECT ssn AS "ssn: Sealed<String>", ssn_index AS "token: IndexToken"
           FROM patient WHERE id = ?"#,
        id
    );
    let columns = columns.fetch_one(&pool).await.unwrap();
    assert_eq!((&*columns.ssn, columns.token), (&*row.ssn, row.ssn_index));
}
