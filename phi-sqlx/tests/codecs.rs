//! The column codecs on a real file, and P1: no name reaches the disk in clear.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use phi_core::{Phi, PhiRecord, Sealed, Vault, refusals, testing};
use phi_sqlx::{IndexToken, insert};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArgumentsBuffer;
use sqlx::{Connection as _, Encode, FromRow, Sqlite, SqliteConnection, Type};
use support::Folder;
use support::clinic::*;
use uuid::Uuid;

#[derive(Debug, PhiRecord)]
#[phi(record = "note", sqlx)]
struct Note {
    #[phi(id)]
    id: i64,
    #[phi(class = "clinical")]
    text: Phi<String>,
    #[phi(class = "clinical", index(exact = "text"))]
    tag: Option<Phi<String>>,
}

async fn notes(folder: &Folder) -> SqliteConnection {
    let mut db = data(folder).await;
    sqlx::raw_sql(
        "CREATE TABLE note (id INTEGER PRIMARY KEY, text BLOB NOT NULL, tag BLOB, tag_index BLOB)",
    )
    .execute(&mut db)
    .await
    .unwrap();
    db
}

fn note(vault: &Vault, id: i64, text: String, tag: Option<&'static str>) -> SealedNote {
    vault.seal(&Note { id, text: text.into(), tag: tag.map(Into::into) }).unwrap()
}

#[tokio::test]
async fn sealed_values_go_through_every_kind_of_query() {
    let (folder, vault) = (Folder::new(), testing::vault(1));
    let mut db = notes(&folder).await;
    let long = "x".repeat(1 << 20);
    let cases = [
        (1, "sample", Some("Blood")),
        (2, "", Some("")),
        (3, long.as_str(), None),
        (4, "ünïcødé \u{1f9ea}", Some("blood")),
    ];
    for (id, text, tag) in cases {
        // An empty tag has no normal form: it is stored without a token.
        let indexed = tag.filter(|tag| !tag.is_empty());
        let row = note(&vault, id, text.to_owned(), indexed);
        sqlx::query("INSERT INTO note VALUES (?, ?, ?, ?)")
            .bind(row.id)
            .bind(&row.text)
            .bind(row.tag.clone())
            .bind(row.tag_index)
            .execute(&mut db)
            .await
            .unwrap();

        let whole: SealedNote = sqlx::query_as("SELECT * FROM note WHERE id = ?")
            .bind(id)
            .fetch_one(&mut db)
            .await
            .unwrap();
        assert_eq!(*whole.text, *row.text);
        let (sealed, tag): (Sealed<String>, Option<Sealed<String>>) =
            sqlx::query_as("SELECT text, tag FROM note WHERE id = ?")
                .bind(id)
                .fetch_one(&mut db)
                .await
                .unwrap();
        assert_eq!((&*sealed, tag.as_deref()), (&*row.text, row.tag.as_deref()));
        let scalar: Sealed<String> = sqlx::query_scalar("SELECT text FROM note WHERE text = ?")
            .bind(&row.text)
            .fetch_one(&mut db)
            .await
            .unwrap();
        assert_eq!(*scalar, *row.text);
        let token: Option<IndexToken> =
            sqlx::query_scalar("SELECT tag_index FROM note WHERE id = ?")
                .bind(id)
                .fetch_one(&mut db)
                .await
                .unwrap();
        assert_eq!(token, row.tag_index);
        let opened = vault.open(whole).unwrap();
        assert_eq!(opened.text.expose(), text);
        assert_eq!(opened.tag.as_ref().map(|tag| tag.expose().as_str()), indexed);
    }
    let nulls: i64 =
        sqlx::query_scalar("SELECT count(*) FROM note WHERE tag IS NULL AND tag_index IS NULL")
            .fetch_one(&mut db)
            .await
            .unwrap();
    assert_eq!(nulls, 2);
    let search = vault.search(Note::TAG_INDEX, None, "BLOOD").unwrap();
    let [one, two] = search.tokens();
    let hits: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM note WHERE tag_index IN (?, ?) ORDER BY id")
            .bind(one)
            .bind(two)
            .fetch_all(&mut db)
            .await
            .unwrap();
    assert_eq!(hits, [1, 4]);
}

#[tokio::test]
async fn clear_text_in_a_sealed_column_is_refused_and_counted() {
    let folder = Folder::new();
    let mut db = notes(&folder).await;
    let read = async |db: &mut SqliteConnection| -> Result<Sealed<String>, String> {
        let row: Result<(Sealed<String>,), _> =
            sqlx::query_as("SELECT text FROM note").fetch_one(db).await;
        row.map(|row| row.0).map_err(|error| error.to_string())
    };
    let mut put = async |sql: &'static str| {
        sqlx::raw_sql("DELETE FROM note").execute(&mut db).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
        read(&mut db).await
    };
    let before = refusals().clear_text;
    let clear = put("INSERT INTO note (id, text) VALUES (1, CAST('Ada Sample, a clear name in a column of bytes' AS BLOB))").await;
    assert!(!clear.unwrap_err().contains("Ada"));
    assert!(refusals().clear_text > before);
    let before = refusals().version;
    put("INSERT INTO note (id, text) VALUES (1, x'02' || zeroblob(60))").await.unwrap_err();
    put("INSERT INTO note (id, text) VALUES (1, CAST(x'02' || zeroblob(60) AS BLOB))")
        .await
        .unwrap_err();
    assert!(refusals().version > before);
    // TEXT, numbers and NULL are not even bytes.
    for sql in [
        "INSERT INTO note (id, text) VALUES (1, 'Ada Sample')",
        "INSERT INTO note (id, text) VALUES (1, 42)",
    ] {
        let error = put(sql).await.unwrap_err();
        assert!(!error.contains("Ada") && !error.contains("42"), "{error}");
    }
    // The control: a value of the right shape is read; whether it opens, the vault tells.
    put("INSERT INTO note (id, text) VALUES (1, CAST(x'01' || zeroblob(45) AS BLOB))")
        .await
        .unwrap();
}

#[tokio::test]
async fn null_is_not_a_sealed_value() {
    let folder = Folder::new();
    let mut db = notes(&folder).await;
    let null: Result<Sealed<String>, _> =
        sqlx::query_scalar("SELECT NULL").fetch_one(&mut db).await;
    null.unwrap_err();
    let null: Option<Sealed<String>> =
        sqlx::query_scalar("SELECT NULL").fetch_one(&mut db).await.unwrap();
    assert!(null.is_none());
}

#[tokio::test]
async fn a_token_that_was_left_out_is_never_stored() {
    let (folder, vault) = (Folder::new(), testing::vault(1));
    let mut db = notes(&folder).await;
    let row = note(&vault, 1, "sample".to_owned(), Some("blood"));
    let tokens = row.tag_index;
    let mut cached = row.clone();
    cached.tag_index = Some(IndexToken::default()); // what reading a serialised row gives
    let error = insert(&mut db, "note", &cached).await.unwrap_err();
    assert_eq!(error, phi_sqlx::RowError::Value);
    cached.tag_index = tokens;
    insert(&mut db, "note", &cached).await.unwrap();
}

/// What a careless codec would be: the control of the scan below.
struct Leaky(&'static str);

impl Type<Sqlite> for Leaky {
    fn type_info() -> <Sqlite as sqlx::Database>::TypeInfo {
        <Vec<u8> as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Leaky {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <Vec<u8> as Encode<'_, Sqlite>>::encode(self.0.as_bytes().to_vec(), buffer)
    }
}

#[tokio::test]
async fn no_planted_name_is_in_the_files_of_data_or_log() {
    const NAME: &str = "Zyzzyva Plantedname";
    const SSN: &str = "900-12-3456";
    let log = support::Log::new();
    let writer = log.open().await;
    let safeguards = safeguards(&writer);
    let mut db = data(&log.folder).await;
    for id in 0..20 {
        let write = begin(&safeguards, phi_core::policy::Action::Create).await;
        let person = Patient { name: NAME.into(), ssn: SSN.into(), ..patient(id) };
        insert(&mut db, "patient", &write.seal(&person).unwrap()).await.unwrap();
        write.finish().await.unwrap();
    }
    let contains = |needle: &str| {
        let bytes = log.folder.bytes(); // databases, write-ahead logs, keys
        bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
    };
    let digits = SSN.replace('-', "");
    for needle in [NAME, "Plantedname", "plantedname", SSN, &digits] {
        assert!(!contains(needle), "{needle}");
    }
    assert!(contains("clinician")); // the scan sees what is there in clear
    assert!(log.folder.file("data.db-wal").exists() && log.folder.file("audit.db-wal").exists());

    sqlx::raw_sql("CREATE TABLE leaky (name BLOB)").execute(&mut db).await.unwrap();
    sqlx::query("INSERT INTO leaky VALUES (?)").bind(Leaky(NAME)).execute(&mut db).await.unwrap();
    assert!(contains(NAME));
    db.close().await.unwrap();
}

#[test]
fn a_twin_reads_rows_by_the_derive() {
    fn is_from_row<T: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow>>() {}
    is_from_row::<SealedPatient>();
    is_from_row::<SealedNote>();
    let _ = Uuid::nil();
}
