use serde::{Serialize, Serializer};

use super::PhiRecord;
use crate::Phi;
use crate::value::PhiValue;

/// A record in clear for one answer: made by `grant.reveal`, which notes the use.
///
/// It serialises as `#[derive(Serialize)]` on the struct would, the attributes of serde included,
/// and does nothing else; its `Debug` is as silent as the record's.
pub struct Revealed<'a, R>(&'a R);

impl<'a, R: PhiRecord> Revealed<'a, R> {
    pub(crate) fn new(record: &'a R) -> Self {
        Self(record)
    }
}

impl<R: PhiRecord> Serialize for Revealed<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.reveal_fields(serializer)
    }
}

impl<R: PhiRecord> std::fmt::Debug for Revealed<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Revealed({}, redacted)", R::schema().record)
    }
}

/// One open field on its way into a revealed view. The derive names it.
#[doc(hidden)]
pub struct RevealField<'a, T: PhiValue>(pub &'a Phi<T>);

impl<T: PhiValue> Serialize for RevealField<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.expose().reveal(serializer)
    }
}

impl<T: PhiValue> std::fmt::Debug for RevealField<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RevealField(redacted)")
    }
}
