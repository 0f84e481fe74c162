//! Records that several tests use. All of it is synthetic.
#![allow(dead_code, reason = "each test uses a part")]

use std::sync::LazyLock;

use phi_core::value::Json;
use phi_core::{Phi, PhiCode, PhiRecord, Vault, testing};
use uuid::Uuid;

/// What `work` logs, as plain text.
pub(crate) fn logged(work: impl FnOnce()) -> String {
    let lines = tempfile::NamedTempFile::new().unwrap();
    let writer = std::sync::Mutex::new(lines.reopen().unwrap());
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
    tracing::subscriber::with_default(subscriber, work);
    std::fs::read_to_string(lines.path()).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, PhiCode)]
pub(crate) enum Status {
    #[phi(code = "negative")]
    Negative,
    #[phi(code = "positive")]
    Positive,
}

/// One field of every value type.
#[derive(Debug, PhiRecord)]
#[phi(record = "everything")]
pub(crate) struct Everything {
    #[phi(id)]
    pub id: Uuid,
    #[phi(tenant)]
    pub clinic_id: Uuid,
    #[phi(class = "a")]
    pub text: Phi<String>,
    #[phi(class = "a")]
    pub bytes: Phi<Vec<u8>>,
    #[phi(class = "a")]
    pub int: Phi<i64>,
    #[phi(class = "a")]
    pub small: Phi<u8>,
    #[phi(class = "a")]
    pub uint: Phi<u64>,
    #[phi(class = "a")]
    pub float: Phi<f64>,
    #[phi(class = "a")]
    pub flag: Phi<bool>,
    #[phi(class = "a")]
    pub uuid: Phi<Uuid>,
    #[phi(class = "a")]
    pub date: Phi<jiff::civil::Date>,
    #[phi(class = "a")]
    pub time: Phi<jiff::civil::Time>,
    #[phi(class = "a")]
    pub date_time: Phi<jiff::civil::DateTime>,
    #[phi(class = "a")]
    pub timestamp: Phi<jiff::Timestamp>,
    #[phi(class = "a")]
    pub json: Phi<Json<Vec<String>>>,
    #[phi(class = "a")]
    pub code: Phi<Status>,
    #[phi(class = "a")]
    pub absent: Option<Phi<String>>,
}

#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
pub(crate) struct Patient {
    #[phi(id)]
    pub id: Uuid,
    #[phi(tenant)]
    pub clinic_id: Uuid,
    #[phi(owner)]
    pub clinician_id: Uuid,
    #[phi(class = "contact", index(exact = "text"))]
    pub name: Phi<String>,
    #[phi(class = "identifier", index(exact = "ssn"))]
    pub ssn: Phi<String>,
    #[phi(class = "clinical", pad = 64)]
    pub diagnosis: Option<Phi<String>>,
}

/// The page of a role that sees less: the same label, fewer fields.
#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
pub(crate) struct PatientContact {
    #[phi(id)]
    pub id: Uuid,
    #[phi(tenant)]
    pub clinic_id: Uuid,
    #[phi(owner)]
    pub clinician_id: Uuid,
    #[phi(class = "contact", index(exact = "text"))]
    pub name: Phi<String>,
}

pub(crate) const HERE: Uuid = Uuid::from_u128(0x0a);
pub(crate) const THERE: Uuid = Uuid::from_u128(0x0b);

pub(crate) fn ada() -> Patient {
    Patient {
        id: Uuid::from_u128(1),
        clinic_id: HERE,
        clinician_id: Uuid::from_u128(7),
        name: "Ada Sample".into(),
        ssn: "123-45-6789".into(),
        diagnosis: Some("Sample diagnosis".into()),
    }
}

/// A vault with keys for both clinics, the same for all tests of a process.
pub(crate) fn vault() -> Vault {
    static VAULT: LazyLock<Vault> = LazyLock::new(|| {
        let vault = testing::vault(1);
        vault.add_tenant(HERE).unwrap();
        vault.add_tenant(THERE).unwrap();
        vault
    });
    VAULT.clone()
}
