use serde::{Serialize, Serializer};
use uuid::Uuid;
use zeroize::{Zeroize, Zeroizing};

use super::{PhiValue, PlainBuf, Searchable, ValueError, ValueType};

macro_rules! integer {
    ($wide:ty, $kind:ident: $($int:ty)+) => {$(
        impl PhiValue for $int {
            const TYPE: ValueType = ValueType::$kind;

            fn encoded_len(&self) -> usize {
                8
            }

            fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
                out.put(Zeroizing::new(<$wide>::from(*self).to_be_bytes()).as_slice())
            }

            fn read(bytes: &[u8]) -> Result<Self, ValueError> {
                let wide = <$wide>::from_be_bytes(bytes.try_into().map_err(|_| ValueError)?);
                wide.try_into().map_err(|_| ValueError)
            }

            fn wipe(&mut self) {
                self.zeroize();
            }

            fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.serialize(serializer)
            }
        }

        impl Searchable for $int {
            fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
                f(&Zeroizing::new(self.to_string()))
            }
        }
    )+};
}

integer!(i64, Int: i8 i16 i32 i64 u8 u16 u32);
integer!(u64, Uint: u64);

impl PhiValue for f64 {
    const TYPE: ValueType = ValueType::Float;

    fn encoded_len(&self) -> usize {
        8
    }

    fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
        out.put(&self.to_bits().to_be_bytes())
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        let bits = u64::from_be_bytes(bytes.try_into().map_err(|_| ValueError)?);
        Ok(Self::from_bits(bits))
    }

    fn wipe(&mut self) {
        self.zeroize();
    }

    fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

impl PhiValue for bool {
    const TYPE: ValueType = ValueType::Bool;

    fn encoded_len(&self) -> usize {
        1
    }

    fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
        out.put(&[u8::from(*self)])
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        match bytes {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(ValueError),
        }
    }

    fn wipe(&mut self) {
        self.zeroize();
    }

    fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

impl PhiValue for Uuid {
    const TYPE: ValueType = ValueType::Uuid;

    fn encoded_len(&self) -> usize {
        16
    }

    fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
        out.put(self.as_bytes())
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        Self::from_slice(bytes).map_err(|_| ValueError)
    }

    fn wipe(&mut self) {
        super::overwrite(self, Self::nil());
    }

    fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

impl Searchable for Uuid {
    fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
        let mut room = Zeroizing::new(Self::encode_buffer());
        f(self.hyphenated().encode_lower(room.as_mut_slice()))
    }
}

#[cfg(feature = "decimal")]
impl PhiValue for rust_decimal::Decimal {
    const TYPE: ValueType = ValueType::Decimal;

    fn encoded_len(&self) -> usize {
        self.with_text(str::len)
    }

    fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
        self.with_text(|text| out.put(text.as_bytes()))
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ValueError)?;
        Self::from_str_exact(text).map_err(|_| ValueError)
    }

    fn wipe(&mut self) {
        super::overwrite(self, Self::ZERO);
    }

    fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| serializer.serialize_str(text))
    }
}

#[cfg(feature = "decimal")]
impl Searchable for rust_decimal::Decimal {
    fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
        f(&Zeroizing::new(self.to_string()))
    }
}
