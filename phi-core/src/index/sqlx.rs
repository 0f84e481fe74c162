//! The column codec of tokens.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};

use super::IndexToken;

impl<DB: Database> Type<DB> for IndexToken
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

impl<'q, DB: Database> Encode<'q, DB> for IndexToken
where
    Vec<u8>: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        if self.as_bytes().is_empty() {
            return Err(
                "search token was left out when the row was serialised; seal it again".into()
            );
        }
        <Vec<u8> as Encode<'q, DB>>::encode(self.as_bytes().to_vec(), buf)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for IndexToken
where
    Vec<u8>: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let bytes = <Vec<u8> as Decode<'r, DB>>::decode(value)?;
        Self::from_bytes(&bytes).ok_or_else(|| {
            "column of search tokens holds something else; seal the row again".into()
        })
    }
}

#[cfg(feature = "postgres")]
impl sqlx::postgres::PgHasArrayType for IndexToken {
    fn array_type_info() -> sqlx::postgres::PgTypeInfo {
        <Vec<u8> as sqlx::postgres::PgHasArrayType>::array_type_info()
    }
}
