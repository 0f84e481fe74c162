//! Entries for a check, as the server copies them out: no other way of reading costs it less.

use phi_core::audit::merkle::Hash;
use sqlx::PgConnection;
use tokio::sync::mpsc;

use super::copy::{Column, HEADER, TRAILER};
use crate::audit::AuditLogProblem;
use crate::audit::reader::{Filed, Pack};
use crate::audit::tables::next;

/// About how many bytes there are in a pack.
const BYTES: usize = 256 * 1024;

/// Sends all entries up to an index.
pub(in crate::audit) async fn packs(
    db: &mut PgConnection,
    up_to: i64,
    sink: mpsc::Sender<Pack>,
) -> Result<(), AuditLogProblem> {
    let copy = format!(
        "COPY (SELECT idx, tenant, tenant_seq, writer, writer_seq, hash, leaf FROM phi_audit_entry \
         WHERE idx <= {up_to} ORDER BY idx) TO STDOUT (FORMAT binary)"
    );
    let mut rows = db.copy_out_raw(&copy).await?;
    let (mut bytes, mut first) = (Vec::with_capacity(BYTES * 2), true);
    while let Some(row) = next(&mut rows).await {
        let row = row?;
        let mut row: &[u8] = &row;
        if std::mem::take(&mut first) {
            row = row.strip_prefix(HEADER).ok_or(AuditLogProblem::Inconsistent)?;
        }
        if row == TRAILER {
            continue;
        }
        bytes.extend_from_slice(row);
        if bytes.len() >= BYTES {
            let full = std::mem::replace(&mut bytes, Vec::with_capacity(BYTES * 2));
            if sink.send(Pack::new(full, split)).await.is_err() {
                break;
            }
        }
    }
    if !bytes.is_empty() {
        let _ = sink.send(Pack::new(bytes, split)).await; // then the check has ended
    }
    Ok(())
}

fn split(bytes: &[u8]) -> Option<(Filed<'_>, &[u8])> {
    let (columns, mut rest) = bytes.split_first_chunk::<2>()?;
    if u16::from_be_bytes(*columns) != 7 {
        return None;
    }
    let mut column = || Column::next(&mut rest);
    let (index, tenant, tenant_seq) = (column()?, column()?, column()?);
    let (writer, writer_seq, hash, leaf) = (column()?, column()?, column()?, column()?);
    let filed = Filed {
        index: index.int()?,
        tenant: if tenant.is_null() { None } else { Some(tenant.int()?) },
        tenant_seq: if tenant_seq.is_null() { None } else { Some(tenant_seq.int()?) },
        writer: writer.int()?,
        writer_seq: writer_seq.int()?,
        hash: Hash::new(hash.bytes()?.try_into().ok()?),
        leaf: leaf.bytes()?,
    };
    Some((filed, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::copy::Rows;
    use super::*;

    #[test]
    fn a_pack_is_taken_apart() {
        let mut rows = Rows::new();
        for (tenant, writer_seq, leaf) in [(None, -2, &b"\0}"[..]), (Some(5), 6, b"")] {
            rows.row(7);
            for number in [Some(7), tenant, tenant, Some(8), Some(writer_seq)] {
                rows.int(number);
            }
            rows.bytes(&[9; 32]);
            rows.bytes(leaf);
        }
        let bytes = rows.finish();
        let bytes = bytes.strip_prefix(HEADER).unwrap().strip_suffix(TRAILER).unwrap();
        let first = split(bytes).unwrap();
        let second = split(first.1).unwrap();
        assert_eq!((first.0.tenant, first.0.writer_seq, first.0.leaf), (None, -2, &b"\0}"[..]));
        assert_eq!((second.0.index, second.0.tenant, second.0.writer), (7, Some(5), 8));
        assert_eq!((second.0.hash, second.1), (Hash::new([9; 32]), &b""[..]));
        // An index that does not grow ends the pack with an error.
        let pack = Pack::new(bytes.to_vec(), split);
        let entries: Vec<_> = pack.entries().map(|entry| entry.is_ok()).collect();
        assert_eq!(entries, [true, false]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_entries_or_one_error(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..300),
            honest in any::<bool>(),
        ) {
            if honest {
                bytes.splice(0..0, [0, 7, 0, 0, 0, 8]);
            }
            let pack = Pack::new(bytes, split);
            let all: Vec<_> = pack.entries().collect();
            prop_assert!(all.iter().filter(|entry| entry.is_err()).count() <= 1 && all.len() <= 160);
        }
    }
}
