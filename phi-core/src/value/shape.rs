//! What a value looks like to JSON, without writing it: to see whether it reads back as itself.

use std::fmt::{self, Display};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Serialize, Serializer, ser};

use super::ValueError;

/// A fingerprint of what a value's JSON text says, without the order of its maps and lists: that of
/// a `HashMap` is another one each time it is read.
///
/// # Errors
///
/// [`ValueError`] for what JSON has no form for, or one that reads back as something else: `NaN`
/// and infinities, `Some` of what is written as `null`, and more levels than the parser takes.
pub(super) fn shape_of<T: Serialize>(value: &T) -> Result<Shape, ValueError> {
    value.serialize(Look { levels: LEVELS }).map_err(|_| ValueError)
}

/// `serde_json` refuses the 128th.
const LEVELS: u8 = 127;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Null,
    Bool(bool),
    Negative(i128),
    Natural(u128),
    Float(u64),
    /// Here and below a hash: texts are not copied.
    Text(u64),
    List(u64),
    Map(u64),
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[derive(Clone, Copy)]
struct Look {
    /// How many may still be opened.
    levels: u8,
}

impl Look {
    fn inside(self) -> Result<Self, Unkept> {
        Ok(Self { levels: self.levels.checked_sub(1).ok_or(Unkept)? })
    }

    fn parts(self, kind: fn(u64) -> Shape) -> Result<Parts, Unkept> {
        Ok(Parts { look: self.inside()?, kind, variant: None, key: Shape::Null, sum: 0 })
    }

    fn variant(self, name: &'static str, kind: fn(u64) -> Shape) -> Result<Parts, Unkept> {
        Ok(Parts { variant: Some(name), ..self.inside()?.parts(kind)? })
    }
}

fn text(text: &str) -> Shape {
    let mut hasher = TextHasher::default();
    hasher.0.write(text.as_bytes());
    Shape::Text(hasher.0.finish())
}

/// As a map of one entry, which is how JSON shows it.
fn tagged(name: &str, content: Shape) -> Shape {
    Shape::Map(hash((text(name), content)))
}

/// For what is written through `Display`: no text in clear is allocated.
#[derive(Default)]
struct TextHasher(DefaultHasher);

impl fmt::Write for TextHasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident: $number:ty;)+) => {$(
        fn $method(self, number: $number) -> Result<Shape, Unkept> {
            self.serialize_i128(number.into())
        }
    )+};
}

impl Serializer for Look {
    type Ok = Shape;
    type Error = Unkept;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    numbers! {
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
    }

    fn serialize_i128(self, number: i128) -> Result<Shape, Unkept> {
        Ok(u128::try_from(number).map_or(Shape::Negative(number), Shape::Natural))
    }

    fn serialize_u128(self, number: u128) -> Result<Shape, Unkept> {
        Ok(Shape::Natural(number))
    }

    fn serialize_f32(self, number: f32) -> Result<Shape, Unkept> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<Shape, Unkept> {
        if number.is_finite() { Ok(Shape::Float(number.to_bits())) } else { Err(Unkept) }
    }

    fn serialize_bool(self, value: bool) -> Result<Shape, Unkept> {
        Ok(Shape::Bool(value))
    }

    fn serialize_char(self, value: char) -> Result<Shape, Unkept> {
        Ok(text(value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, value: &str) -> Result<Shape, Unkept> {
        Ok(text(value))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<Shape, Unkept> {
        use fmt::Write as _;
        let mut hasher = TextHasher::default();
        write!(hasher, "{value}").map_err(|_| Unkept)?;
        Ok(Shape::Text(hasher.0.finish()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Shape, Unkept> {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Result<Shape, Unkept> {
        Ok(Shape::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Shape, Unkept> {
        match value.serialize(self)? {
            Shape::Null => Err(Unkept),
            shape => Ok(shape),
        }
    }

    fn serialize_unit(self) -> Result<Shape, Unkept> {
        Ok(Shape::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Shape, Unkept> {
        Ok(Shape::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Shape, Unkept> {
        Ok(text(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Shape, Unkept> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Shape, Unkept> {
        Ok(tagged(variant, value.serialize(self.inside()?)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Unkept> {
        self.parts(Shape::List)
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Unkept> {
        self.parts(Shape::List)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, Unkept> {
        self.parts(Shape::List)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Unkept> {
        self.variant(variant, Shape::List)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Unkept> {
        self.parts(Shape::Map)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, Unkept> {
        self.parts(Shape::Map)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Unkept> {
        self.variant(variant, Shape::Map)
    }
}

/// A list or a map: the sum of its parts' hashes, so that their order does not matter.
struct Parts {
    look: Look,
    kind: fn(u64) -> Shape,
    variant: Option<&'static str>,
    key: Shape,
    sum: u64,
}

impl Parts {
    fn add(&mut self, hash: u64) {
        self.sum = self.sum.wrapping_add(hash);
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unkept> {
        let shape = value.serialize(self.look)?;
        self.add(hash(shape));
        Ok(())
    }

    fn entry<T: Serialize + ?Sized>(&mut self, key: Shape, value: &T) -> Result<(), Unkept> {
        let shape = value.serialize(self.look)?;
        self.add(hash((key, shape)));
        Ok(())
    }

    fn finish(self) -> Shape {
        let shape = (self.kind)(self.sum);
        self.variant.map_or(shape, |name| tagged(name, shape))
    }
}

macro_rules! lists {
    ($($list:ident::$method:ident)+) => {$(
        impl ser::$list for Parts {
            type Ok = Shape;
            type Error = Unkept;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unkept> {
                self.item(value)
            }

            fn end(self) -> Result<Shape, Unkept> {
                Ok(self.finish())
            }
        }
    )+};
}

lists! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

macro_rules! structs {
    ($($structure:ident)+) => {$(
        impl ser::$structure for Parts {
            type Ok = Shape;
            type Error = Unkept;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Unkept> {
                self.entry(text(key), value)
            }

            fn end(self) -> Result<Shape, Unkept> {
                Ok(self.finish())
            }
        }
    )+};
}

structs! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Parts {
    type Ok = Shape;
    type Error = Unkept;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unkept> {
        self.key = key.serialize(self.look)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unkept> {
        self.entry(self.key, value)
    }

    fn end(self) -> Result<Shape, Unkept> {
        Ok(self.finish())
    }
}

/// JSON does not keep the value. It says no more: what a type's own error says may be PHI.
#[derive(Debug)]
struct Unkept;

impl Display for Unkept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value has no JSON form that reads back")
    }
}

impl std::error::Error for Unkept {}

impl ser::Error for Unkept {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}
