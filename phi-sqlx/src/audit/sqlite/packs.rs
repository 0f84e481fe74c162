//! Entries for a check, many in one row: a row's way through the driver costs more than checking the
//! entry.

use phi_core::audit::merkle::Hash;
use sqlx::SqliteConnection;
use tokio::sync::mpsc;

use crate::DatabaseFault;
use crate::audit::AuditLogProblem;
use crate::audit::reader::{Filed, Pack};

/// How many entries there are in a pack.
const ENTRIES: i64 = 1024;

/// Each entry as its numbers, its lengths and its bytes. `SQLite` joins bytes as they are.
const PACK: &str = "
SELECT max(idx), CAST(group_concat(
    format('%d,%s,%s,%d,%d,%d,%d:', idx, ifnull(tenant, ''), ifnull(tenant_seq, ''),
        writer, writer_seq, length(hash), length(leaf)) || hash || leaf, '') AS BLOB)
FROM (SELECT * FROM phi_audit_entry WHERE idx > ?1 AND idx <= ?2 ORDER BY idx LIMIT ?3)";

/// Sends all entries up to an index.
pub(in crate::audit) async fn packs(
    db: &mut SqliteConnection,
    up_to: i64,
    sink: mpsc::Sender<Pack>,
) -> Result<(), AuditLogProblem> {
    let mut after = -1;
    loop {
        let (last, bytes): (Option<i64>, Option<Vec<u8>>) =
            sqlx::query_as(PACK).bind(after).bind(up_to).bind(ENTRIES).fetch_one(&mut *db).await?;
        let Some((last, bytes)) = last.zip(bytes) else { return Ok(()) };
        // In a damaged file the order of the entries is not that of their numbers, and this would never end.
        if last <= after {
            return Err(DatabaseFault::Damaged.into());
        }
        if sink.send(Pack::new(bytes, split)).await.is_err() {
            return Ok(());
        }
        after = last;
    }
}

fn split(bytes: &[u8]) -> Option<(Filed<'_>, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b':')?;
    let (head, rest) = bytes.split_at_checked(end)?;
    let mut numbers = std::str::from_utf8(head).ok()?.split(',');
    let mut next = || numbers.next();
    let optional = |text: &str| match text {
        "" => Some(None),
        text => text.parse().ok().map(Some),
    };
    let index = next()?.parse().ok()?;
    let (tenant, tenant_seq) = (optional(next()?)?, optional(next()?)?);
    let (writer, writer_seq) = (next()?.parse().ok()?, next()?.parse().ok()?);
    let (hash_len, leaf_len): (usize, usize) = (next()?.parse().ok()?, next()?.parse().ok()?);
    let (hash, rest) = rest.get(1..)?.split_at_checked(hash_len)?;
    let (leaf, rest) = rest.split_at_checked(leaf_len)?;
    let hash = Hash::new(hash.try_into().ok()?);
    Some((Filed { index, tenant, tenant_seq, writer, writer_seq, hash, leaf }, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pack_is_taken_apart() {
        let mut bytes = b"7,,,1,-2,32,3:".to_vec();
        bytes.extend([9; 32]);
        bytes.extend(b"\0,:8,5,6,1,3,32,0:");
        bytes.extend([8; 32]);
        let pack = Pack::new(bytes, split);
        let entries: Vec<_> = pack.entries().map(Result::unwrap).collect();
        assert_eq!(entries[0].leaf, b"\0,:");
        assert_eq!((entries[0].tenant, entries[0].writer_seq), (None, -2));
        assert_eq!((entries[1].tenant, entries[1].tenant_seq), (Some(5), Some(6)));
        assert_eq!(entries[1].hash, Hash::new([8; 32]));
        assert_eq!(entries.len(), 2);
    }

    proptest! {
        #[test]
        fn any_bytes_are_entries_or_one_error(
            start in "[0-9,]{0,12}:?",
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let pack = Pack::new([start.as_bytes(), &bytes].concat(), split);
            let all: Vec<_> = pack.entries().collect();
            let errors = all.iter().filter(|entry| entry.is_err()).count();
            prop_assert!(errors <= 1 && all.len() <= 220);
        }
    }
}
