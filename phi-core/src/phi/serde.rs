use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::Phi;
use crate::value::PhiValue;

/// Taking PHI in is fine; the error text is ours, because serde's quotes the value it refuses.
impl<'de, T: PhiValue + Deserialize<'de>> Deserialize<'de> for Phi<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = T::deserialize(deserializer);
        value
            .map(Self::new)
            .map_err(|_| D::Error::custom("PHI field has another type than expected"))
    }
}
