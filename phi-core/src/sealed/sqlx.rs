//! Column codecs, for every database at once: a sealed value is a byte string.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};

use super::Sealed;

impl<DB: Database, T> Type<DB> for Sealed<T>
where
    Vec<u8>: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <Vec<u8> as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <Vec<u8> as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database, T> Encode<'q, DB> for Sealed<T>
where
    Vec<u8>: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <Vec<u8> as Encode<'q, DB>>::encode(self.bytes.to_vec(), buf)
    }

    fn size_hint(&self) -> usize {
        self.bytes.len()
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for Sealed<T>
where
    Vec<u8>: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        // Owned bytes: borrowed ones fail on PostgreSQL's simple queries.
        Ok(Self::from_bytes(<Vec<u8> as Decode<'r, DB>>::decode(value)?)?)
    }
}

#[cfg(feature = "postgres")]
impl<T> sqlx::postgres::PgHasArrayType for Sealed<T> {
    fn array_type_info() -> sqlx::postgres::PgTypeInfo {
        <Vec<u8> as sqlx::postgres::PgHasArrayType>::array_type_info()
    }
}
