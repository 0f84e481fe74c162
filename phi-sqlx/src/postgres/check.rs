use phi_core::OVERHEAD;

use crate::check::{TOKEN, quoted};

/// The `CHECK` expression of a sealed column, for `CREATE TABLE` on `PostgreSQL`: NULL, or bytes
/// that have the shape of a sealed value.
///
/// ```
/// use phi_sqlx::postgres::sealed_check;
///
/// let table = format!("CREATE TABLE patient (id UUID PRIMARY KEY, name BYTEA CHECK ({}))", sealed_check("name"));
/// # let _ = table;
/// ```
///
/// On a `TEXT` column the statement is refused: there is no such function of text. That matters,
/// since bytes bound to such a column would be stored as text without a word.
///
/// # Security
///
/// It looks at the shape: type, length and version byte. That the bytes open in their place is
/// known when they are opened.
#[must_use]
pub fn sealed_check(column: &str) -> String {
    let column = quoted(column);
    // Padding leaves at least one byte of ciphertext.
    let least = OVERHEAD + 1;
    format!(
        "{column} IS NULL OR CASE WHEN octet_length({column}) >= {least} \
         THEN get_byte({column}, 0) = 1 ELSE FALSE END"
    )
}

/// The `CHECK` expression of a search token's column: NULL, or 5 to 36 bytes.
///
/// For an example see [`sealed_check`].
#[must_use]
pub fn token_check(column: &str) -> String {
    let column = quoted(column);
    let (least, most) = TOKEN;
    // `get_byte` knows no text either; every length is that of bytes.
    format!(
        "{column} IS NULL OR CASE WHEN octet_length({column}) BETWEEN {least} AND {most} \
         THEN get_byte({column}, 0) IS NOT NULL ELSE FALSE END"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_quote_the_column() {
        assert_eq!(
            sealed_check("ssn"),
            r#""ssn" IS NULL OR CASE WHEN octet_length("ssn") >= 46 THEN get_byte("ssn", 0) = 1 ELSE FALSE END"#
        );
        assert!(token_check(r#"a" OR 1 --"#).starts_with(r#""a"" OR 1 --" IS NULL"#));
    }
}
