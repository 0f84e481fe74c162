//! `Phi<Json<T>>`: what is sealed opens as it was, and the rest is not sealed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops where it goes wrong"
)]

mod support;

use std::collections::HashMap;

use phi_core::value::Json;
use phi_core::{Phi, PhiRecord, SealError};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use support::{HERE, vault};
use uuid::Uuid;
use zeroize::Zeroize;

#[derive(Debug, PhiRecord)]
#[phi(record = "lab")]
struct Lab {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "clinical")]
    values: Phi<Json<Any>>,
}

/// One of the shapes that values have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Any {
    Nothing,
    One(f64),
    Single(f32),
    Pair(i128, u128),
    Named {
        name: String,
        letter: char,
        code: Option<u8>,
    },
    #[allow(clippy::option_option, reason = "the value that JSON cannot hold")]
    Missing(Option<Option<u8>>),
    Unit(Option<()>),
    MaybeNumber(Option<f64>),
    Keyed(HashMap<i64, String>),
    Inside(Box<Any>),
    Many(Vec<Any>),
    Moved(Moved),
    Guessed(Guessed),
    Shown(Shown),
}

impl Zeroize for Any {
    fn zeroize(&mut self) {
        *self = Self::Nothing; // these tests look at what is refused, `wiped.rs` at the memory
    }
}

/// Reads another number than it wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Moved {
    #[serde(deserialize_with = "one_more")]
    number: i64,
}

fn one_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    i64::deserialize(deserializer).map(|number| number + 1)
}

/// Written through `Display`, in several pieces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Shown {
    #[serde(serialize_with = "by_pieces")]
    text: String,
}

fn by_pieces<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let (one, other) = text.split_at(text.len() / 2);
    serializer.collect_str(&format_args!("{one}{other}"))
}

/// What fits two of its forms reads back as the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Guessed {
    Float(f64),
    Whole(i64),
}

fn sealed_and_opened(value: &Any) -> Result<Any, SealError> {
    let values = Json(value.clone()).into();
    let row = vault().seal(&Lab { id: Uuid::from_u128(1), clinic_id: HERE, values })?;
    Ok(vault().open(row).expect("what was sealed opens").values.expose().0.clone())
}

fn assert_refused(value: &Any) {
    let refused = SealError::Value { record: "lab", field: "values" };
    assert_eq!(sealed_and_opened(value).unwrap_err(), refused, "{value:?}");
}

fn nested(levels: usize) -> Any {
    // Each `Inside` is a level, and so is the innermost list.
    (1..levels).fold(Any::Many(Vec::new()), |inner, _| Any::Inside(Box::new(inner)))
}

#[test]
fn what_json_has_no_number_for_is_refused_when_it_is_sealed() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_refused(&Any::One(number));
        // Its text is `null`, which would open as `None`.
        assert_refused(&Any::MaybeNumber(Some(number)));
        assert_refused(&Any::Many(vec![Any::One(1.0), Any::One(number)]));
    }
    assert_refused(&Any::Single(f32::NAN));
}

#[test]
fn some_of_none_is_refused_and_does_not_open_as_none() {
    assert_refused(&Any::Missing(Some(None)));
    assert_refused(&Any::Unit(Some(())));
    for kept in [Any::Missing(None), Any::Missing(Some(Some(1))), Any::Unit(None)] {
        assert_eq!(sealed_and_opened(&kept).unwrap(), kept);
    }
}

#[test]
fn what_is_nested_too_deep_to_open_is_refused_when_it_is_sealed() {
    // The list's own tag is a level too.
    assert_eq!(sealed_and_opened(&nested(126)).unwrap(), nested(126));
    assert_refused(&nested(127));
    assert_refused(&nested(300));
}

#[test]
fn a_type_that_reads_back_as_another_value_is_refused() {
    assert_refused(&Any::Moved(Moved { number: 1 }));
    assert_refused(&Any::Guessed(Guessed::Whole(1)));
    let kept = Any::Guessed(Guessed::Float(1.0));
    assert_eq!(sealed_and_opened(&kept).unwrap(), kept);
}

#[test]
fn a_map_whose_order_changes_is_sealed_all_the_same() {
    let map = Any::Keyed((-50..50).map(|n| (n, format!("value {n}"))).collect());
    assert_eq!(sealed_and_opened(&map).unwrap(), map);
}

#[test]
fn every_shape_opens_as_it_was() {
    let values = vec![
        Any::Nothing,
        Any::One(-0.0),
        Any::Single(0.1),
        Any::Pair(i128::MIN, u128::MAX),
        Any::Named { name: "Ada \"\u{1}\"".into(), letter: 'é', code: None },
        Any::Named { name: String::new(), letter: 'a', code: Some(0) },
        Any::MaybeNumber(None),
        Any::Shown(Shown { text: "piece by piece".into() }),
    ];
    assert_eq!(sealed_and_opened(&Any::Many(values.clone())).unwrap(), Any::Many(values));
}

proptest! {
    #[test]
    fn a_number_opens_to_the_last_bit(number in any::<f64>(), short in any::<f32>()) {
        for kept in [Any::One(number), Any::One(number % 300.0), Any::Single(short)] {
            let finite = match kept {
                Any::One(number) => number.is_finite(),
                _ => short.is_finite(),
            };
            if finite {
                prop_assert_eq!(sealed_and_opened(&kept).unwrap(), kept);
            }
        }
    }
}
