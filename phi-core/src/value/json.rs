use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

use super::shape::shape_of;
use super::{PhiValue, PlainBuf, ValueError, ValueType};

/// A structured value that is sealed whole, as its JSON text.
///
/// The text is what `serde_json` writes for `T`: map order and number form are the type's own, and
/// a reader in another language needs a JSON parser only.
///
/// What would not open as it was is refused when it is sealed, since nobody could mend it later:
/// `NaN` and infinities, `Some(None)` and `Some(())` (JSON has one `null`), more than 127 levels of
/// lists and maps, and any other value that does not look the same once its text is read back. The
/// order inside a list or map is not compared, because that of a `HashSet` changes; what the type
/// itself leaves out (`#[serde(skip)]`) is not missed. So sealing parses the text once.
///
/// # Security
///
/// `T` must be wipeable: implement [`Zeroize`](zeroize::Zeroize) for it by hand or by derive.
/// What `serde_json` copies while it parses strings with escapes is its own scratch space and is
/// not wiped, nor is what it had read of a value that it then refuses; SECURITY.md lists both.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> std::fmt::Debug for Json<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Json(redacted)")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl<T: Serialize + DeserializeOwned + zeroize::Zeroize> PhiValue for Json<T> {
    const TYPE: ValueType = ValueType::Json;

    fn encoded_len(&self) -> usize {
        // Written twice, once to count: a buffer that grows would leave copies of the text behind.
        let mut count = Count(0);
        match serde_json::to_writer(&mut count, &self.0) {
            Ok(()) => count.0,
            Err(_) => 0, // `write` meets the same error and reports it
        }
    }

    fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
        // Asked before anything is parsed: a parser that gives up half-way drops what it has read
        // without wiping it.
        let shape = shape_of(&self.0)?;
        let text =
            out.written(|out| serde_json::to_writer(out, &self.0).map_err(|_| ValueError))?;
        let back = Zeroizing::new(Self::read(text)?.0);
        if shape_of(&*back)? == shape { Ok(()) } else { Err(ValueError) }
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        serde_json::from_slice(bytes).map(Self).map_err(|_| ValueError)
    }

    fn wipe(&mut self) {
        self.0.zeroize();
    }

    fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
