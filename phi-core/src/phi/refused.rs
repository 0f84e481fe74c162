//! What an open value must never do. Each trait is implemented for a bound that no type meets, so
//! that the compiler answers with our sentence instead of "not implemented".

use serde::{Serialize, Serializer};

use super::Phi;
use crate::value::PhiValue;

mod sealed {
    /// Implemented by nothing, and outside this module by nobody.
    pub trait Nobody {}
}

/// Never implemented: serialising an open value would write it in clear.
#[diagnostic::on_unimplemented(
    message = "an open `Phi<{Self}>` would be serialised in clear",
    label = "PHI must not be serialised as it is",
    note = "to answer an authorised request, serialise `grant.reveal(&record)`",
    note = "to store, cache or queue it, seal the record and serialise its sealed twin"
)]
pub trait SerializedInClear: sealed::Nobody {}

impl<T: PhiValue + SerializedInClear> Serialize for Phi<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // No type meets the bound; if one did, it would still find no value here.
        serializer.serialize_unit()
    }
}

/// Never implemented: binding an open value would store it in clear.
#[cfg(feature = "sqlx")]
#[diagnostic::on_unimplemented(
    message = "an open `Phi<{Self}>` would be stored in clear",
    label = "PHI must not be bound to a column as it is",
    note = "seal the record first, `let row = grant.seal(&record)?`, and bind the field of `row`",
    note = "a value that is not PHI does not belong into `Phi<_>`"
)]
pub trait StoredInClear: sealed::Nobody {}

/// Never implemented: what a column holds must be sealed.
#[cfg(feature = "sqlx")]
#[diagnostic::on_unimplemented(
    message = "an open `Phi<{Self}>` would be read from a column in clear",
    label = "PHI must not stand in a column as it is",
    note = "read the record's sealed twin and open it, `grant.open(row)?`"
)]
pub trait ReadInClear: sealed::Nobody {}

#[cfg(feature = "sqlx")]
mod sqlx_refused {
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError;
    use sqlx::{Database, Decode, Encode, Type};

    use super::{Phi, PhiValue, ReadInClear, StoredInClear};

    impl<DB: Database, T: PhiValue + StoredInClear> Type<DB> for Phi<T>
    where
        Vec<u8>: Type<DB>,
    {
        fn type_info() -> DB::TypeInfo {
            <Vec<u8> as Type<DB>>::type_info()
        }
    }

    impl<DB: Database, T: PhiValue + StoredInClear> Encode<'_, DB> for Phi<T> {
        fn encode_by_ref(&self, _: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
            Ok(IsNull::Yes)
        }
    }

    impl<'r, DB: Database, T: PhiValue + ReadInClear> Decode<'r, DB> for Phi<T> {
        fn decode(_: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
            Err("an open value is never read from a column".into())
        }
    }
}
