//! The vectors of FORMAT.md, made by another implementation (`vectors/make.py`), opened by a
//! process that has sealed nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops where it goes wrong"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use phi_core::keys::{KeyFile, RootKey};
use phi_core::value::Json;
use phi_core::{OpenError, Phi, PhiRecord, PhiValue, Sealed, Vault};
use serde_json::Value;
use support::Status;
use uuid::Uuid;

const CLINIC: Uuid = Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_000a);

#[derive(Debug, PhiRecord)]
#[phi(record = "vector")]
struct Vector {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "a")]
    text: Option<Phi<String>>,
    #[phi(class = "a")]
    bytes: Option<Phi<Vec<u8>>>,
    #[phi(class = "a")]
    int: Option<Phi<i64>>,
    #[phi(class = "a")]
    uint: Option<Phi<u64>>,
    #[phi(class = "a")]
    float: Option<Phi<f64>>,
    #[phi(class = "a")]
    bool: Option<Phi<bool>>,
    #[phi(class = "a")]
    uuid: Option<Phi<Uuid>>,
    #[phi(class = "a")]
    date: Option<Phi<jiff::civil::Date>>,
    #[phi(class = "a")]
    time: Option<Phi<jiff::civil::Time>>,
    #[phi(class = "a")]
    datetime: Option<Phi<jiff::civil::DateTime>>,
    #[phi(class = "a")]
    timestamp: Option<Phi<jiff::Timestamp>>,
    #[phi(class = "a")]
    json: Option<Phi<Json<Vec<JsonAny>>>>,
    #[phi(class = "a")]
    code: Option<Phi<Status>>,
}

/// Any JSON value, wiped as far as this test needs.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
struct JsonAny(Value);

impl zeroize::Zeroize for JsonAny {
    fn zeroize(&mut self) {
        self.0 = Value::Null;
    }
}

#[derive(Debug, PhiRecord)]
#[phi(record = "indexed")]
struct Indexed {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "a", index(exact = "ssn"))]
    ssn: Option<Phi<String>>,
    #[phi(class = "a", index(exact = "phone"))]
    phone: Option<Phi<String>>,
    #[phi(class = "a", index(exact = "text"))]
    name: Option<Phi<String>>,
    #[phi(class = "a", index(exact = "date"))]
    born: Option<Phi<String>>,
    #[phi(class = "a", index(exact = "last4", bits = 13))]
    last4: Option<Phi<String>>,
    #[phi(class = "a", index(exact = "digits", bits = 256))]
    digits: Option<Phi<String>>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn vectors(of: &str) -> Vec<(String, Value)> {
    let mut vectors: Vec<_> = fs::read_dir(folder().join(of))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_slice(&fs::read(&path).unwrap()).unwrap())
        })
        .collect();
    vectors.sort_by(|a, b| a.0.cmp(&b.0));
    vectors
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

/// The key files of the vectors, copied to where only their owner may read them.
fn vault() -> Vault {
    let dir = tempfile::tempdir().unwrap();
    for name in ["root.key", "keyring"] {
        let to = dir.path().join(name);
        fs::copy(folder().join(name), &to).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&to, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let root = RootKey::open(dir.path().join("root.key")).unwrap();
    Vault::new(KeyFile::open(dir.path().join("keyring"), root).unwrap()).unwrap()
}

fn sealed<T: PhiValue>(bytes: Vec<u8>) -> Option<Sealed<T>> {
    Sealed::from_bytes(bytes).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A row whose one column holds the vector's bytes; refused at once if they are no sealed value.
fn row(vector: &Value) -> Option<SealedVector> {
    let bytes = unhex(vector["sealed"].as_str().unwrap());
    let mut row = SealedVector {
        id: vector["id"].as_str().unwrap().parse().unwrap(),
        clinic_id: CLINIC,
        text: None,
        bytes: None,
        int: None,
        uint: None,
        float: None,
        bool: None,
        uuid: None,
        date: None,
        time: None,
        datetime: None,
        timestamp: None,
        json: None,
        code: None,
    };
    match vector["field"].as_str().unwrap() {
        "text" => row.text = Some(sealed(bytes)?),
        "bytes" => row.bytes = Some(sealed(bytes)?),
        "int" => row.int = Some(sealed(bytes)?),
        "uint" => row.uint = Some(sealed(bytes)?),
        "float" => row.float = Some(sealed(bytes)?),
        "bool" => row.bool = Some(sealed(bytes)?),
        "uuid" => row.uuid = Some(sealed(bytes)?),
        "date" => row.date = Some(sealed(bytes)?),
        "time" => row.time = Some(sealed(bytes)?),
        "datetime" => row.datetime = Some(sealed(bytes)?),
        "timestamp" => row.timestamp = Some(sealed(bytes)?),
        "json" => row.json = Some(sealed(bytes)?),
        "code" => row.code = Some(sealed(bytes)?),
        other => panic!("no field {other}"),
    }
    Some(row)
}

#[test]
fn every_vector_opens_to_its_value() {
    let vault = vault();
    let all = vectors("opens");
    assert_eq!(all.len(), 20);
    for (name, vector) in all {
        let opened = vault.open(row(&vector).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let field = vector["field"].as_str().unwrap();
        let want = &vector["value"];
        let shown = |value: String| Value::String(value);
        let got = match field {
            "text" => shown(opened.text.unwrap().expose().clone()),
            "bytes" => shown(hex(opened.bytes.unwrap().expose())),
            "int" => (*opened.int.unwrap().expose()).into(),
            "uint" => (*opened.uint.unwrap().expose()).into(),
            "float" => (*opened.float.unwrap().expose()).into(),
            "bool" => (*opened.bool.unwrap().expose()).into(),
            "uuid" => shown(opened.uuid.unwrap().expose().to_string()),
            "date" => shown(opened.date.unwrap().expose().to_string()),
            "time" => shown(opened.time.unwrap().expose().to_string()),
            "datetime" => shown(opened.datetime.unwrap().expose().to_string()),
            "timestamp" => shown(opened.timestamp.unwrap().expose().to_string()),
            "json" => serde_json::to_value(&opened.json.unwrap().expose().0).unwrap(),
            "code" => shown(phi_core::PhiCode::code(opened.code.unwrap().expose()).into()),
            other => panic!("no field {other}"),
        };
        assert_eq!(&got, want, "{name}");
    }
}

#[test]
fn every_refusal_is_refused() {
    let vault = vault();
    let all = vectors("refuses");
    assert_eq!(all.len(), 35);
    for (name, vector) in all {
        if let Some(row) = row(&vector) {
            assert_eq!(vault.open(row).unwrap_err(), OpenError::Refused, "{name}");
        }
    }
}

#[test]
fn tokens_are_those_of_the_other_implementation() {
    let vault = vault();
    let all = vectors("tokens");
    assert_eq!(all.len(), 6);
    for (name, vector) in all {
        let index = match name.as_str() {
            "ssn" => Indexed::SSN_INDEX,
            "phone" => Indexed::PHONE_INDEX,
            "name" => Indexed::NAME_INDEX,
            "born" => Indexed::BORN_INDEX,
            "last4" => Indexed::LAST4_INDEX,
            "digits" => Indexed::DIGITS_INDEX,
            other => panic!("no index {other}"),
        };
        let value = vector["value"].as_str().unwrap();
        let search = vault.search(index, Some(CLINIC.into()), value).unwrap();
        let want: Vec<_> = vector["tokens"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| unhex(t.as_str().unwrap()))
            .collect();
        let got: Vec<_> = search.tokens().iter().map(|t| t.as_bytes().to_vec()).collect();
        assert_eq!(got, want, "{name}");
    }
}
