use phi_core::OVERHEAD;

use crate::check::TOKEN;

/// The `CHECK` expression of a sealed column, for `CREATE TABLE` on `MySQL` (8.0.16) and `MariaDB`:
/// NULL, or bytes that have the shape of a sealed value.
///
/// ```
/// use phi_sqlx::mysql::sealed_check;
///
/// let table = format!(
///     "CREATE TABLE patient (id BINARY(16) PRIMARY KEY, name VARBINARY(255) CHECK ({}))",
///     sealed_check("name"),
/// );
/// # let _ = table;
/// ```
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
        "{column} IS NULL OR (charset({column}) = 'binary' AND octet_length({column}) >= {least} \
         AND hex(left({column}, 1)) = '01')"
    )
}

/// The `CHECK` expression of a search token's column: NULL, or 5 to 36 bytes.
///
/// For an example see [`sealed_check`].
#[must_use]
pub fn token_check(column: &str) -> String {
    let column = quoted(column);
    let (least, most) = TOKEN;
    format!(
        "{column} IS NULL OR (charset({column}) = 'binary' \
         AND octet_length({column}) BETWEEN {least} AND {most})"
    )
}

/// The name as `MySQL` quotes it, so that no name can end the expression.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_quote_the_column() {
        assert_eq!(
            sealed_check("ssn"),
            "`ssn` IS NULL OR (charset(`ssn`) = 'binary' AND octet_length(`ssn`) >= 46 AND hex(left(`ssn`, 1)) = '01')"
        );
        assert!(token_check("a` OR 1 --").starts_with("`a`` OR 1 --` IS NULL"));
    }
}
