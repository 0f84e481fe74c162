// A whole record: labels, scopes, optional fields and indexes.
use phi_core::index::{Index, IndexToken, Normaliser};
use phi_core::record::KeyScope;
use phi_core::value::ValueType;
use phi_core::{Id, Phi, PhiRecord, Sealed};
use uuid::Uuid;

/// A patient of a clinic; every value here is made up.
#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
pub struct Patient {
    #[phi(id)]
    pub id: Uuid,
    #[phi(tenant)]
    pub clinic_id: Uuid,
    /// The name.
    #[phi(class = "contact")]
    pub name: Phi<String>,
    #[phi(class = "identifier", index(exact = "ssn"))]
    pub ssn: Phi<String>,
    #[phi(class = "clinical")]
    pub diagnosis: Option<Phi<String>>,
    #[phi(class = "contact", index(exact = "phone", bits = 32), pad = 64)]
    pub phone: Option<Phi<String>>,
    #[phi(class = "contact", field = "date-of-birth", pad = "none")]
    pub born: Phi<jiff::civil::Date>,
    #[phi(owner)]
    pub clinician_id: Uuid,
    #[phi(clear)]
    pub created_at: i64,
}

// The twin: each column of its type, each field as visible as the record's.
mod elsewhere {
    use super::*;

    pub fn columns(row: super::SealedPatient) -> (Uuid, Sealed<String>, IndexToken, i64) {
        let _: Option<Sealed<String>> = row.diagnosis;
        let _: Option<IndexToken> = row.phone_index;
        let _: Sealed<jiff::civil::Date> = row.born;
        (row.clinician_id, row.name, row.ssn_index, row.created_at)
    }
}

fn stored<T: Clone + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned>() {}

fn main() {
    let schema = Patient::schema();
    assert_eq!((schema.record, schema.key), ("patient", KeyScope::Tenant));
    assert!(schema.has_tenant && schema.has_owner);
    let fields: Vec<_> =
        schema.fields.iter().map(|f| (f.field, f.class, f.value.label(), f.pad)).collect();
    assert_eq!(
        fields,
        [
            ("name", "contact", "text", 16),
            ("ssn", "identifier", "text", 16),
            ("diagnosis", "clinical", "text", 16),
            ("phone", "contact", "text", 64),
            ("date-of-birth", "contact", "date", 1),
        ]
    );
    assert_eq!(schema.fields[4].value, ValueType::Date);
    let indexes: Vec<_> =
        schema.fields.iter().map(|f| f.index.map(|i| (i.normaliser, i.bits))).collect();
    assert_eq!(
        indexes,
        [None, Some((Normaliser::Ssn, 64)), None, Some((Normaliser::Phone, 32)), None]
    );
    // One static, so that caches may know a record by its address.
    assert!(std::ptr::eq(schema, Patient::schema()));

    let _: Index<Patient> = Patient::SSN_INDEX;
    assert_eq!(format!("{:?}", Patient::SSN_INDEX), "Index(patient.ssn)");
    assert_eq!(format!("{:?}", Patient::PHONE_INDEX), "Index(patient.phone)");

    let (id, clinic_id, clinician_id) =
        (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
    let patient = Patient {
        id,
        clinic_id,
        name: "Ada Sample".into(),
        ssn: "000-00-0000".into(),
        diagnosis: None,
        phone: Some("555 010 0100".into()),
        born: jiff::civil::date(1982, 4, 16).into(),
        clinician_id,
        created_at: 7,
    };
    let place = patient.place();
    assert_eq!((place.tenant, place.owner), (Some(clinic_id.into()), Some(clinician_id.into())));
    assert_eq!((place.id, place.subject), (Id::from(id), Id::from(id)));
    assert!(!format!("{patient:?}").contains("Sample"));
    stored::<SealedPatient>();
    let _ = elsewhere::columns;
}
