// The library under another name: a path that an application gives it, or a macro's own.
mod vendor {
    pub mod safe {
        pub use phi_core::*;
    }
}

mod records {
    use super::vendor::safe::{Phi, PhiCode, PhiRecord};

    #[derive(Clone, Copy, Debug, PartialEq, PhiCode)]
    #[phi(crate = "super::vendor::safe")]
    pub enum Smoking {
        #[phi(code = "never")]
        Never,
    }

    #[derive(Debug, PhiRecord)]
    #[phi(record = "patient", crate = "super::vendor::safe")]
    pub struct Patient {
        #[phi(id, opaque)]
        pub id: String,
        #[phi(tenant)]
        pub clinic_id: i64,
        #[phi(owner)]
        pub owner: Option<i64>,
        #[phi(class = "contact", index(exact = "text"))]
        pub name: Phi<String>,
        #[phi(class = "contact", index(exact = "phone"))]
        pub phone: Option<Phi<String>>,
        #[phi(class = "clinical")]
        pub smoking: Phi<Smoking>,
    }
}

use vendor::safe::PhiRecord;

fn main() {
    use records::{Patient, SealedPatient, Smoking};
    let patient = Patient {
        id: "7".into(),
        clinic_id: 1,
        owner: None,
        name: "sample".into(),
        phone: None,
        smoking: Smoking::Never.into(),
    };
    let mut text = Vec::new();
    patient.reveal_fields(&mut serde_json::Serializer::new(&mut text)).unwrap();
    let want = r#"{"id":"7","clinic_id":1,"owner":null,"name":"sample","phone":null,"smoking":"never"}"#;
    assert_eq!(String::from_utf8(text).unwrap(), want);
    let _ = |row: SealedPatient| (row.name_index, serde_json::to_string(&row.phone));
    let _ = (Patient::NAME_INDEX, Patient::PHONE_INDEX);
}
