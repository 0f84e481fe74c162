//! P3: no block of memory that our code frees still holds an open value.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops where it goes wrong"
)]

mod support;

use phi_core::value::Json;
use phi_core::{Phi, PhiRecord};
use phi_test_support::{CanaryAlloc, watch};
use support::{HERE, vault};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: CanaryAlloc = CanaryAlloc;

const CANARY: &[u8] = b"canary-5f3a9c71e0-sits-in-freed-memory";

fn canary() -> String {
    String::from_utf8(CANARY.to_vec()).unwrap()
}

#[derive(Debug, PhiRecord)]
#[phi(record = "wiped")]
struct Wiped {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "a", index(exact = "text"))]
    text: Phi<String>,
    #[phi(class = "a")]
    bytes: Phi<Vec<u8>>,
    #[phi(class = "a")]
    json: Phi<Json<Vec<String>>>,
    #[phi(class = "a")]
    optional: Option<Phi<String>>,
}

fn wiped() -> Wiped {
    Wiped {
        id: Uuid::from_u128(1),
        clinic_id: HERE,
        text: canary().into(),
        bytes: CANARY.to_vec().into(),
        json: Json(vec![canary()]).into(),
        optional: Some(canary().into()),
    }
}

#[test]
fn an_unwiped_buffer_is_found() {
    // Negative control: the test would see a leak if there were one.
    let ((), found) = watch(CANARY, || drop(canary()));
    assert_eq!(found, 1);
    let ((), found) = watch(CANARY, || {
        let mut grown = canary();
        grown.push_str("and it moves");
        std::hint::black_box(&grown);
        std::mem::forget(grown);
    });
    assert_eq!(found, 1, "a buffer that grew left its old block behind");
}

#[test]
fn what_a_request_knows_is_wiped_with_it() {
    phi_core::known::collect();
    let vault = vault();
    let record = Wiped { text: format!("\"{}\"", canary()).into(), ..wiped() };
    let ((), found) = watch(CANARY, || {
        let request = phi_core::known::KnownValues::new();
        request.enter(|| {
            let row = vault.seal(&record).unwrap();
            drop(vault.open(row).unwrap());
        });
        let mut hits = 0;
        let line = Phi::from(canary());
        request.find(line.expose(), |_| hits += 1);
        assert_eq!(hits, 1, "the control: it was known");
    });
    assert_eq!(found, 0);
}

#[test]
fn seal_open_search_and_drop_free_no_block_with_the_value() {
    let vault = vault();
    let record = wiped();
    let normal = canary();
    let ((), found) = watch(CANARY, || {
        let row = vault.seal(&record).unwrap();
        let opened = vault.open(row).unwrap();
        assert_eq!(opened.text.expose().as_bytes(), CANARY);
        let search = vault.search(Wiped::TEXT_INDEX, Some(HERE.into()), &normal).unwrap();
        assert!(search.confirms(&opened));
        assert!(opened.text.same_as(&record.text));
        let copy = opened.text.duplicate();
        let shorter = copy.map(|text| text.len() as u64);
        drop((opened, search, shorter, record));
    });
    assert_eq!(found, 0);
}

#[test]
fn a_refused_value_leaves_nothing_either() {
    let vault = vault();
    let record = wiped();
    let row = vault.seal(&record).unwrap();
    let ((), found) = watch(CANARY, || {
        let moved = SealedWiped { id: Uuid::from_u128(2), ..row.clone() };
        assert!(vault.open(moved).is_err());
        // A later field fails after earlier ones were opened.
        let mut bytes = row.json.to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        let broken = SealedWiped { json: phi_core::Sealed::from_bytes(bytes).unwrap(), ..row };
        assert!(vault.open(broken).is_err());
    });
    assert_eq!(found, 0);
}

#[derive(Debug, PhiRecord)]
#[phi(record = "measured")]
struct Measured {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "a")]
    values: Phi<Json<Vec<Measure>>>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Measure {
    name: String,
    value: f64,
    /// Reads back one more than it was, so that the value is refused once it was parsed.
    #[serde(deserialize_with = "one_more")]
    count: i64,
}

fn one_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    <i64 as serde::Deserialize>::deserialize(deserializer).map(|count| count + 1)
}

impl zeroize::Zeroize for Measure {
    fn zeroize(&mut self) {
        self.name.zeroize();
    }
}

#[test]
fn json_that_is_not_sealed_leaves_no_copy_of_what_was_parsed() {
    let vault = vault();
    for value in [f64::NAN, 1.0] {
        let measure = || Measure { name: canary(), value, count: 1 };
        let values = Json(vec![measure(), measure()]).into();
        let record = Measured { id: Uuid::from_u128(1), clinic_id: HERE, values };
        let ((), found) = watch(CANARY, || {
            assert!(vault.seal(&record).is_err());
            drop(record);
        });
        assert_eq!(found, 0);
    }
}
