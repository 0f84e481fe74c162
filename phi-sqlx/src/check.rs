//! `CHECK` texts: the database itself refuses clear text in a sealed column.

use phi_core::OVERHEAD;

/// The shortest and longest search token: a key id, then 1 to 32 bytes.
pub(crate) const TOKEN: (usize, usize) = (4 + 1, 4 + 32);

/// The `CHECK` expression of a sealed column, for `CREATE TABLE` on `SQLite`: NULL, or bytes that
/// have the shape of a sealed value.
///
/// ```
/// use phi_sqlx::{sealed_check, token_check};
/// use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let mut db = SqliteConnection::connect("sqlite::memory:").await?;
/// sqlx::query(AssertSqlSafe(format!(
///     "CREATE TABLE patient (id BLOB PRIMARY KEY, ssn BLOB CHECK ({}), ssn_index BLOB CHECK ({})) STRICT",
///     sealed_check("ssn"),
///     token_check("ssn_index"),
/// )))
/// .execute(&mut db)
/// .await?;
///
/// sqlx::query("INSERT INTO patient VALUES (x'01', NULL, NULL)").execute(&mut db).await?;
/// // Clear text, even as bytes: refused by the database.
/// let clear = sqlx::query("INSERT INTO patient VALUES (x'02', ?, NULL)").bind(&b"123-45-6789"[..]);
/// assert!(clear.execute(&mut db).await.is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
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
        "{column} IS NULL OR (typeof({column}) = 'blob' AND length({column}) >= {least} \
         AND substr({column}, 1, 1) = x'01')"
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
        "{column} IS NULL OR (typeof({column}) = 'blob' \
         AND length({column}) BETWEEN {least} AND {most})"
    )
}

/// The name as SQL quotes it, so that no name can end the expression.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_quote_the_column() {
        assert_eq!(
            sealed_check("ssn"),
            r#""ssn" IS NULL OR (typeof("ssn") = 'blob' AND length("ssn") >= 46 AND substr("ssn", 1, 1) = x'01')"#
        );
        assert_eq!(
            token_check(r#"a" OR 1 --"#),
            r#""a"" OR 1 --" IS NULL OR (typeof("a"" OR 1 --") = 'blob' AND length("a"" OR 1 --") BETWEEN 5 AND 36)"#
        );
    }
}
