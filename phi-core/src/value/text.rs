use serde::Serializer;
use zeroize::Zeroizing;

use super::{PhiValue, PlainBuf, Searchable, ValueError, ValueType, overwrite_block, reveal_bytes};

impl PhiValue for String {
    const TYPE: ValueType = ValueType::Text;

    fn encoded_len(&self) -> usize {
        self.len()
    }

    fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
        out.put(self.as_bytes())
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        std::str::from_utf8(bytes).map(Self::from).map_err(|_| ValueError)
    }

    fn read_block(mut block: Zeroizing<Vec<u8>>) -> Result<Self, ValueError> {
        Self::from_utf8(std::mem::take(&mut *block)).map_err(|error| {
            overwrite_block(&mut error.into_bytes());
            ValueError
        })
    }

    fn wipe(&mut self) {
        overwrite_block(&mut std::mem::take(self).into_bytes());
    }

    fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl Searchable for String {
    fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
        f(self)
    }
}

impl PhiValue for Vec<u8> {
    const TYPE: ValueType = ValueType::Bytes;

    fn encoded_len(&self) -> usize {
        self.len()
    }

    fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
        out.put(self)
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        Ok(bytes.to_vec())
    }

    fn read_block(mut block: Zeroizing<Vec<u8>>) -> Result<Self, ValueError> {
        Ok(std::mem::take(&mut *block))
    }

    fn wipe(&mut self) {
        overwrite_block(self);
    }

    fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        reveal_bytes(self, serializer)
    }
}
