//! A clinic with one table, its safeguards and a log. Every name and number in it is made up.

use phi_core::audit::AuditLog;
use phi_core::policy::{Action, Policy, Purpose};
use phi_core::{Grant, Membership, Phi, PhiRecord, Principal, Safeguards, Vault, testing};
use phi_sqlx::{sealed_check, token_check};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};
use uuid::Uuid;

use super::Folder;

pub const HERE: Uuid = Uuid::from_u128(0xa);
pub const THERE: Uuid = Uuid::from_u128(0xb);

#[derive(Debug, PhiRecord)]
#[phi(record = "patient", sqlx)]
pub struct Patient {
    #[phi(id)]
    pub id: Uuid,
    #[phi(tenant)]
    pub clinic_id: Uuid,
    #[phi(owner)]
    pub clinician_id: Uuid,
    #[phi(class = "contact")]
    pub name: Phi<String>,
    #[phi(class = "identifier", index(exact = "ssn"))]
    pub ssn: Phi<String>,
    #[phi(class = "clinical")]
    pub diagnosis: Option<Phi<String>>,
    #[phi(clear)]
    pub active: bool,
}

/// What a front desk reads and writes of the same record.
#[derive(Debug, PhiRecord)]
#[phi(record = "patient", sqlx)]
pub struct PatientContact {
    #[phi(id)]
    pub id: Uuid,
    #[phi(tenant)]
    pub clinic_id: Uuid,
    #[phi(class = "contact")]
    pub name: Phi<String>,
}

pub fn patient(id: u128) -> Patient {
    Patient {
        id: Uuid::from_u128(id),
        clinic_id: HERE,
        clinician_id: Uuid::from_u128(7),
        name: "Ada Sample".into(),
        ssn: "900-00-0001".into(),
        diagnosis: Some("sample finding".into()),
        active: true,
    }
}

/// A vault that knows both tenants.
pub fn vault(seed: u64) -> Vault {
    let vault = testing::vault(seed);
    vault.add_tenant(HERE).unwrap();
    vault.add_tenant(THERE).unwrap();
    vault
}

pub const POLICY: &str = r#"
version = 1
[[roles.clinician.allow]]
actions = ["create", "read", "update", "delete", "search"]
resources = ["patient"]
classes = ["contact", "identifier", "clinical"]
scope = "tenant"
purposes = ["TREAT"]
"#;

pub fn safeguards(log: &(impl AuditLog + Clone)) -> Safeguards {
    safeguards_of(log, POLICY)
}

pub fn safeguards_of(log: &(impl AuditLog + Clone), policy: &str) -> Safeguards {
    let policy = Policy::from_toml(policy).unwrap();
    let safeguards = Safeguards::builder(testing::keys(1), policy, log.clone())
        .record::<Patient>()
        .record::<PatientContact>()
        .build()
        .unwrap();
    safeguards.add_tenant(HERE).unwrap();
    safeguards
}

pub async fn begin(safeguards: &Safeguards, action: Action) -> Grant {
    begin_in(safeguards, HERE, action).await
}

pub async fn begin_in(safeguards: &Safeguards, clinic: Uuid, action: Action) -> Grant {
    let clinician = Principal::person(Uuid::from_u128(7), Membership::new(1, clinic, "clinician"));
    safeguards.begin(&clinician, action, "patient", Purpose::Treatment).await.unwrap()
}

pub async fn data(folder: &Folder) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(folder.file("data.db"));
    let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let mut db = options.connect().await.unwrap();
    let table = format!(
        "CREATE TABLE IF NOT EXISTS patient (
            id BLOB PRIMARY KEY,
            clinic_id BLOB NOT NULL,
            clinician_id BLOB NOT NULL,
            name BLOB NOT NULL CHECK ({}),
            ssn BLOB NOT NULL CHECK ({}),
            ssn_index BLOB NOT NULL CHECK ({}),
            diagnosis BLOB CHECK ({}),
            active INTEGER NOT NULL
        ) STRICT",
        sealed_check("name"),
        sealed_check("ssn"),
        token_check("ssn_index"),
        sealed_check("diagnosis"),
    );
    sqlx::query(AssertSqlSafe(table)).execute(&mut db).await.unwrap();
    db
}

pub async fn rows(db: &mut SqliteConnection) -> Vec<SealedPatient> {
    sqlx::query_as("SELECT * FROM patient ORDER BY id").fetch_all(db).await.unwrap()
}
