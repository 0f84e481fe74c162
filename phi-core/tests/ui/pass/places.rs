// Every form of id, subject and owner.
use phi_core::{Id, Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "note")]
struct Note {
    #[phi(id)]
    id: u32,
    #[phi(tenant)]
    agency: i32,
    #[phi(subject)]
    patient: i64,
    #[phi(owner)]
    author: Option<uuid::Uuid>,
    #[phi(class = "clinical")]
    text: Phi<String>,
}

#[derive(PhiRecord)]
#[phi(record = "import")]
struct Import {
    #[phi(id, opaque)]
    id: String,
    #[phi(tenant)]
    source: u32,
    #[phi(owner, opaque)]
    by: Option<String>,
    #[phi(class = "clinical")]
    body: Phi<Vec<u8>>,
}

// No tenant, no owner, and one label for two structs.
#[derive(PhiRecord)]
#[phi(record = "import")]
struct SmallImport {
    #[phi(id, opaque)]
    id: String,
}

fn main() {
    let mut note = Note { id: 1, agency: 2, patient: 3, author: None, text: "sample".into() };
    let place = note.place();
    assert_eq!((place.id, place.tenant), (Id::Int(1), Some(Id::Int(2))));
    assert_eq!((place.subject, place.owner), (Id::Int(3), None));
    note.author = Some(uuid::Uuid::from_u128(4));
    assert_eq!(note.place().owner, Some(Id::Uuid(uuid::Uuid::from_u128(4))));

    let import = Import {
        id: "7".into(),
        source: 3,
        by: Some("job".into()),
        body: vec![1].into(),
    };
    let place = import.place();
    assert_eq!((place.id, place.tenant), (Id::opaque("7"), Some(Id::Int(3))));
    assert_eq!(place.owner, Some(Id::opaque("job")));
    assert_eq!(Import { by: None, ..import }.place().owner, None);

    let small = SmallImport::schema();
    assert!(small.fields.is_empty() && !small.has_tenant && !small.has_owner);
    assert_eq!(small.record, Import::schema().record);
    assert_eq!(SmallImport { id: "7".into() }.place().tenant, None);
}
