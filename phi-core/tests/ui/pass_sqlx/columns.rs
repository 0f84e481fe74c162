// The twin binds each column by name, to any database, and reads itself from a row.
use phi_core::record::Columns;
use phi_core::{Phi, PhiRecord};
use sqlx::{Arguments, Database, Sqlite};

#[derive(Debug, PhiRecord)]
#[phi(record = "patient", sqlx)]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(tenant)]
    clinic_id: i64,
    #[phi(class = "contact")]
    name: Phi<String>,
    #[phi(class = "contact", index(exact = "phone"))]
    phone: Option<Phi<String>>,
    #[phi(clear)]
    note: Option<String>,
}

#[derive(PhiRecord)]
#[phi(record = "shared", sqlx)]
struct Shared {
    #[phi(id)]
    r#type: i64,
}

fn insert<DB: Database, S: Columns<DB>>(row: &S) -> DB::Arguments {
    let mut arguments = DB::Arguments::default();
    row.bind_all(&mut arguments).unwrap();
    arguments
}

fn from_row<'r, T: sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>>() {}

fn main() {
    type Row = SealedPatient;
    let names = ["id", "clinic_id", "name", "phone", "phone_index", "note"];
    assert_eq!(<Row as Columns<Sqlite>>::NAMES, names);
    assert_eq!(<Row as Columns<Sqlite>>::ID, "id");
    assert_eq!(<Row as Columns<Sqlite>>::TENANT, Some("clinic_id"));
    assert_eq!(<SealedShared as Columns<Sqlite>>::TENANT, None);
    from_row::<Row>();

    let row = SealedShared { r#type: 5 };
    assert_eq!(insert::<Sqlite, _>(&row).len(), 1);
    let mut arguments = <Sqlite as Database>::Arguments::default();
    assert!(Columns::<Sqlite>::bind(&row, "type", &mut arguments).is_ok());
    let refused = Columns::<Sqlite>::bind(&row, "other", &mut arguments).unwrap_err();
    assert_eq!(refused.to_string(), "record has no column of this name");
    assert_eq!(arguments.len(), 1);

    let _ = insert::<Sqlite, Row>;
    let _ = |patient: &Patient| format!("{patient:?}");
    // Beside `absent_sqlx`: a sealed value is bound as it is.
    let _ = |row: Row| sqlx::query::<Sqlite>("UPDATE patient SET name = ?").bind(row.name);
}
