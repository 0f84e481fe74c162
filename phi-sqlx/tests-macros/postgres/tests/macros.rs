//! The checked macros on `PostgreSQL`. They are checked against `.sqlx` beside the manifest, so the test
//! compiles without a server; `../refresh` makes it anew.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops where it goes wrong")]

use phi_core::{Phi, PhiRecord, testing};
use phi_sqlx::{SqlxToml, insert};
use sqlx::{PgPool, Postgres};
use uuid::Uuid;

const HERE: Uuid = Uuid::from_u128(0x0a);

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

#[test]
fn the_file_that_sqlx_reads_is_current() {
    let current = SqlxToml::new().table::<Postgres, SealedPatient>("patient").to_string();
    assert_eq!(include_str!("../sqlx.toml"), current);
}

#[tokio::test]
async fn sealed_columns_go_in_and_out_of_the_checked_macros() {
    let Some(server) = phi_test_servers::Postgres::shared() else { return };
    let pool = PgPool::connect(&server.database().await).await.unwrap();
    sqlx::raw_sql(include_str!("../schema.sql")).execute(&pool).await.unwrap();
    let vault = testing::vault(1);
    vault.add_tenant(HERE).unwrap();
    let patient = |number, diagnosis| Patient {
        id: Uuid::from_u128(number),
        clinic_id: HERE,
        ssn: "900-45-6789".into(),
        diagnosis,
    };
    let row = vault.seal(&patient(1, Some("sample".into()))).unwrap();
    let written = sqlx::query!(
        "INSERT INTO patient (id, clinic_id, ssn, ssn_index, diagnosis) VALUES ($1, $2, $3, $4, $5)",
        row.id,
        row.clinic_id,
        &*row.ssn,
        row.ssn_index.as_bytes(),
        row.diagnosis.as_deref()
    );
    written.execute(&pool).await.unwrap();
    insert(&pool, "patient", &vault.seal(&patient(2, None)).unwrap()).await.unwrap();

    // The types are named where the statement is, by `: _` …
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

    // … or once, in `sqlx.toml`.
    let columns =
        sqlx::query!("SELECT ssn, ssn_index, diagnosis FROM patient WHERE id = $1", row.id);
    let columns = columns.fetch_one(&pool).await.unwrap();
    assert_eq!((&*columns.ssn, columns.ssn_index), (&*row.ssn, row.ssn_index));
    assert_eq!(columns.diagnosis.as_deref(), row.diagnosis.as_deref());

    let search = vault.search(Patient::SSN_INDEX, phi_core::Id::from(HERE), "900456789").unwrap();
    let tokens: Vec<_> = search.tokens().iter().map(|token| token.as_bytes().to_vec()).collect();
    let found = sqlx::query!("SELECT ssn FROM patient WHERE ssn_index = ANY($1)", &tokens);
    assert_eq!(found.fetch_all(&pool).await.unwrap().len(), 2);
}
