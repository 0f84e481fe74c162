//! The tables of the log, and the statements that write them.

use std::sync::{Arc, LazyLock};

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

/// What `PRAGMA application_id` says: the letters `PHIa`.
pub(super) const APPLICATION_ID: i64 = 0x5048_4961;

/// What `PRAGMA user_version` says.
pub(super) const VERSION: i64 = 1;

/// Version 1. Numbers of writers and tenants are kept by the entries' own unique indexes, so that
/// an append has no counters to update.
pub(super) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS phi_audit_entry (
    idx        INTEGER PRIMARY KEY CHECK (idx >= 0),
    tenant     INTEGER,
    tenant_seq INTEGER,
    writer     INTEGER NOT NULL,
    writer_seq INTEGER NOT NULL,
    hash       BLOB NOT NULL CHECK (length(hash) = 32),
    leaf       BLOB NOT NULL,
    CHECK ((tenant IS NULL) = (tenant_seq IS NULL))
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS phi_audit_entry_writer ON phi_audit_entry (writer, writer_seq);
CREATE UNIQUE INDEX IF NOT EXISTS phi_audit_entry_tenant ON phi_audit_entry (tenant, tenant_seq)
    WHERE tenant IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS phi_audit_entry_keep BEFORE DELETE ON phi_audit_entry
    BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END;
CREATE TRIGGER IF NOT EXISTS phi_audit_entry_same BEFORE UPDATE ON phi_audit_entry
    BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
CREATE TABLE IF NOT EXISTS phi_audit_writer (
    id   INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16)
) STRICT;
CREATE TABLE IF NOT EXISTS phi_audit_tenant (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS phi_audit_head (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    size       INTEGER NOT NULL,
    edge       BLOB NOT NULL,
    checkpoint TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS phi_audit_mark (
    size INTEGER PRIMARY KEY,
    edge BLOB NOT NULL
) STRICT;
PRAGMA application_id = 1346914657;
PRAGMA user_version = 1;
";

/// How many triggers and views there are that do not belong to the log: they could pass over what is written.
pub(super) const FOREIGN: &str = "
SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')
AND name NOT IN ('phi_audit_entry_keep', 'phi_audit_entry_same')";

/// The head moves on only from where this writer left it: a second writer is noticed.
pub(super) const MOVE_HEAD: &str = "
INSERT INTO phi_audit_head (id, size, edge, checkpoint) VALUES (1, ?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE SET size = excluded.size, edge = excluded.edge, checkpoint = excluded.checkpoint
WHERE phi_audit_head.size = ?4";

/// Powers of two: any number of rows is written by few statements, and all of them stay prepared.
pub(super) const ROWS: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];

static INSERTS: LazyLock<[Arc<str>; ROWS.len()]> = LazyLock::new(|| {
    ROWS.map(|rows| {
        let values = vec!["(?,?,?,?,?,?,?)"; rows].join(",");
        format!(
            "INSERT INTO phi_audit_entry (idx, tenant, tenant_seq, writer, writer_seq, hash, leaf) VALUES {values}"
        )
        .into()
    })
});

/// The largest insert that takes no more than `left` rows, and how many it takes.
pub(super) fn insert(left: usize) -> Option<(usize, SqlStr)> {
    let fits = |(rows, _): &(&usize, &Arc<str>)| **rows <= left;
    let (rows, sql) = ROWS.iter().zip(INSERTS.iter()).find(fits)?;
    // Static text and question marks.
    Some((*rows, AssertSqlSafe(Arc::clone(sql)).into_sql_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pragmas_in_the_text_are_the_constants() {
        assert!(CREATE.contains(&format!("application_id = {APPLICATION_ID};")));
        assert!(CREATE.contains(&format!("user_version = {VERSION};")));
    }

    #[test]
    fn any_number_of_rows_is_taken_apart() {
        for rows in 0..600 {
            let mut left = rows;
            while let Some((taken, sql)) = insert(left) {
                assert_eq!(sql.as_str().matches("(?,").count(), taken);
                left -= taken;
            }
            assert_eq!(left, 0);
        }
    }
}
