//! `reveal` shows what `#[derive(Serialize)]` would show of the same struct, under the same names.
#![cfg(feature = "derive")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]
#![allow(dead_code, reason = "serde need not look at what it leaves out")]

use std::fmt;

use phi_core::{Phi, PhiRecord};
use serde::ser::{Impossible, SerializeStruct};
use serde::{Deserialize, Serialize, Serializer};

/// What a serializer is told of a struct beside the values: formats that announce the number of
/// fields write a broken answer if it is wrong.
#[derive(Debug, Default, PartialEq)]
struct Outline {
    name: &'static str,
    announced: usize,
    shown: Vec<&'static str>,
    left_out: Vec<&'static str>,
}

impl SerializeStruct for Outline {
    type Ok = Self;
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        _: &T,
    ) -> Result<(), fmt::Error> {
        self.shown.push(key);
        Ok(())
    }

    fn skip_field(&mut self, key: &'static str) -> Result<(), fmt::Error> {
        self.left_out.push(key);
        Ok(())
    }

    fn end(self) -> Result<Self, fmt::Error> {
        Ok(self)
    }
}

/// Takes structs and nothing else.
struct Structs;

macro_rules! refuse {
    ($($method:ident($($argument:ty),*) -> $answer:ty;)*) => {
        $(fn $method(self $(, _: $argument)*) -> Result<$answer, fmt::Error> {
            Err(fmt::Error)
        })*
    };
}

impl Serializer for Structs {
    type Ok = Outline;
    type Error = fmt::Error;
    type SerializeSeq = Impossible<Outline, fmt::Error>;
    type SerializeTuple = Impossible<Outline, fmt::Error>;
    type SerializeTupleStruct = Impossible<Outline, fmt::Error>;
    type SerializeTupleVariant = Impossible<Outline, fmt::Error>;
    type SerializeMap = Impossible<Outline, fmt::Error>;
    type SerializeStruct = Outline;
    type SerializeStructVariant = Impossible<Outline, fmt::Error>;

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Outline, fmt::Error> {
        Ok(Outline { name, announced: len, ..Outline::default() })
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Outline, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<Outline, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Outline, fmt::Error> {
        Err(fmt::Error)
    }

    refuse! {
        serialize_bool(bool) -> Outline;
        serialize_i8(i8) -> Outline;
        serialize_i16(i16) -> Outline;
        serialize_i32(i32) -> Outline;
        serialize_i64(i64) -> Outline;
        serialize_u8(u8) -> Outline;
        serialize_u16(u16) -> Outline;
        serialize_u32(u32) -> Outline;
        serialize_u64(u64) -> Outline;
        serialize_f32(f32) -> Outline;
        serialize_f64(f64) -> Outline;
        serialize_char(char) -> Outline;
        serialize_str(&str) -> Outline;
        serialize_bytes(&[u8]) -> Outline;
        serialize_none() -> Outline;
        serialize_unit() -> Outline;
        serialize_unit_struct(&'static str) -> Outline;
        serialize_unit_variant(&'static str, u32, &'static str) -> Outline;
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeStructVariant;
    }
}

/// A record as `reveal` serialises it.
struct View<'a, R>(&'a R);

impl<R: PhiRecord> Serialize for View<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.reveal_fields(serializer)
    }
}

fn seen(value: &impl Serialize) -> (Outline, String) {
    (value.serialize(Structs).unwrap(), serde_json::to_string(value).unwrap())
}

fn revealed(record: &impl PhiRecord) -> String {
    seen(&View(record)).1
}

/// One struct twice, once for each derive; answers what serde shows after checking that `reveal`
/// shows the same.
macro_rules! as_serde_shows {
    ($(#[$of:meta])* { $($(#[$at:meta])* $name:ident: $ty:ty = $value:expr,)* }) => {{
        let by_serde = {
            #[derive(Serialize)]
            $(#[$of])*
            struct Sample { $($(#[$at])* $name: $ty,)* id: i64 }
            seen(&Sample { $($name: $value,)* id: 1 })
        };
        let by_reveal = {
            #[derive(PhiRecord)]
            #[phi(record = "sample")]
            $(#[$of])*
            struct Sample {
                $(#[phi(clear)] $(#[$at])* $name: $ty,)*
                #[phi(id)]
                id: i64,
            }
            seen(&View(&Sample { $($name: $value,)* id: 1 }))
        };
        assert_eq!(by_reveal, by_serde);
        by_reveal.1
    }};
}

#[test]
fn a_field_that_serde_skips_is_not_disclosed() {
    let shown = as_serde_shows!({
        #[serde(skip)]
        clinic_id: i64 = 7,
        #[serde(skip_serializing)]
        risk_flag: bool = true,
        #[serde(skip, skip_serializing_if = "Option::is_none")]
        note: Option<String> = Some("internal".to_owned()),
        #[serde(skip_deserializing)]
        version: u8 = 3,
    });
    assert_eq!(shown, r#"{"version":3,"id":1}"#);
}

#[test]
fn a_phi_field_that_serde_skips_is_not_disclosed() {
    #[derive(PhiRecord, Deserialize)]
    #[phi(record = "patient", sealed(serde(rename_all = "camelCase")))]
    #[serde(rename_all = "camelCase")]
    struct Patient {
        #[phi(id)]
        id: i64,
        #[serde(skip)]
        #[phi(tenant)]
        clinic_id: i64,
        #[serde(rename = "fullName")]
        #[phi(class = "contact")]
        name: Phi<String>,
        #[serde(skip_serializing)]
        #[phi(class = "identifier")]
        ssn: Phi<String>,
        #[serde(skip_serializing, default)]
        #[phi(class = "contact")]
        mobile_phone: Option<Phi<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[phi(class = "contact")]
        middle_name: Option<Phi<String>>,
        #[phi(class = "contact")]
        home_address: Option<Phi<String>>,
    }
    let sent =
        r#"{"id":1,"fullName":"Ada Sample","ssn":"000-00-0000","mobilePhone":"555 010 0100"}"#;
    let mut patient: Patient = serde_json::from_str(sent).unwrap();
    let want = r#"{"id":1,"fullName":"Ada Sample","homeAddress":null}"#;
    assert_eq!(revealed(&patient), want);
    patient.middle_name = Some("Bo".into());
    let want = r#"{"id":1,"fullName":"Ada Sample","middleName":"Bo","homeAddress":null}"#;
    assert_eq!(revealed(&patient), want);
    let (outline, _) = seen(&View(&patient));
    assert_eq!((outline.announced, outline.shown.len(), outline.left_out.len()), (4, 4, 0));
}

#[test]
fn a_phi_field_is_left_out_by_a_function_that_is_given_it_as_it_is() {
    fn is_blank(text: &Phi<String>) -> bool {
        text.expose_with(String::is_empty)
    }
    #[derive(PhiRecord)]
    #[phi(record = "note")]
    struct Note {
        #[phi(id)]
        id: i64,
        #[serde(skip_serializing_if = "is_blank")]
        #[phi(class = "clinical")]
        text: Phi<String>,
    }
    assert_eq!(revealed(&Note { id: 1, text: "".into() }), r#"{"id":1}"#);
    assert_eq!(revealed(&Note { id: 1, text: "a".into() }), r#"{"id":1,"text":"a"}"#);
}

#[test]
fn a_field_left_out_by_its_value_is_not_announced() {
    for tags in [vec![], vec![4]] {
        let shown = as_serde_shows!({
            #[serde(skip_serializing_if = "Vec::is_empty", rename = "labels")]
            tags: Vec<u8> = tags.clone(),
            #[serde(skip_serializing_if = "Option::is_none")]
            note: Option<u8> = None,
            #[serde(skip_serializing_if = "<[u8]>::is_empty")]
            rest: Vec<u8> = tags.clone(),
        });
        let want = r#"{"labels":[4],"rest":[4],"id":1}"#;
        assert_eq!(shown, if tags.is_empty() { r#"{"id":1}"# } else { want });
    }
}

#[test]
fn a_name_that_serde_writes_otherwise_is_written_so() {
    let shown = as_serde_shows!(
        #[serde(rename_all(serialize = "camelCase", deserialize = "kebab-case"))]
        #[serde(rename = "person")]
        {
            #[serde(rename = "n")]
            first_name: u8 = 1,
            #[serde(rename(serialize = "l"))]
            last_name: u8 = 2,
            #[serde(rename(deserialize = "no"))]
            middle_name: u8 = 3,
            #[serde(rename(serialize = "b", deserialize = "no"), alias = "no")]
            born_at: u8 = 4,
            r#type: u8 = 5,
        }
    );
    assert_eq!(shown, r#"{"n":1,"l":2,"middleName":3,"b":4,"type":5,"id":1}"#);
    let shown = as_serde_shows!(#[serde(rename(serialize = "person"))] { a_b: u8 = 1, });
    assert_eq!(shown, r#"{"a_b":1,"id":1}"#);
}

#[test]
#[allow(non_snake_case, reason = "names as strange as serde takes them")]
fn each_case_of_serde_names_the_fields_as_serde_does() {
    macro_rules! in_case {
        ($($case:literal => $want:literal,)*) => {
            $({
                let shown = as_serde_shows!(#[serde(rename_all = $case)] {
                    first_name: u8 = 1,
                    r#type: u8 = 2,
                    _a__b2_c: u8 = 3,
                    straße: u8 = 4,
                });
                assert!(shown.starts_with(concat!(r#"{""#, $want, r#"":1,"#)), "{shown}");
            })*
        };
    }
    in_case! {
        "lowercase" => "first_name",
        "UPPERCASE" => "FIRST_NAME",
        "PascalCase" => "FirstName",
        "camelCase" => "firstName",
        "snake_case" => "first_name",
        "SCREAMING_SNAKE_CASE" => "FIRST_NAME",
        "kebab-case" => "first-name",
        "SCREAMING-KEBAB-CASE" => "FIRST-NAME",
    }
}

#[test]
fn what_serde_says_of_reading_changes_nothing() {
    fn one_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        u8::deserialize(deserializer).map(|number| number + 1)
    }
    #[derive(PhiRecord, Deserialize, Default)]
    #[phi(record = "sample")]
    #[serde(default, deny_unknown_fields, expecting = "a sample", bound = "")]
    #[serde(rename_all(deserialize = "UPPERCASE"), rename(deserialize = "other"))]
    struct Sample {
        #[phi(id)]
        #[serde(skip_deserializing, default = "i64::default")]
        id: i64,
        #[phi(clear)]
        #[serde(alias = "one", alias = "two", deserialize_with = "one_more")]
        number: u8,
        #[phi(class = "contact")]
        #[serde(rename(deserialize = "called"), default, bound(deserialize = ""))]
        name: Option<Phi<String>>,
        // Read as part of the whole, and not shown: what serde would do in writing is no matter.
        #[phi(clear)]
        #[serde(with = "unused", skip)]
        rest: u8,
    }
    let sample: Sample = serde_json::from_str(r#"{"two":3,"called":"Ada Sample"}"#).unwrap();
    assert_eq!(revealed(&sample), r#"{"id":0,"number":4,"name":"Ada Sample"}"#);
}
