//! Entries for a check, as the server copies them out: no other way of reading costs it less.

use phi_core::audit::merkle::Hash;
use sqlx::PgConnection;
use tokio::sync::mpsc;

use crate::audit::AuditLogProblem;
use crate::audit::reader::{Filed, Pack};
use crate::audit::tables::next;

/// About how many bytes there are in a pack.
const BYTES: usize = 256 * 1024;

/// What a copy in binary begins with: a signature, flags, and the length of an extension (chapter
/// "COPY", "Binary Format").
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What it ends with: a row of -1 columns.
const TRAILER: &[u8] = &[0xff, 0xff];

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
    let mut column = || -> Option<Option<&[u8]>> {
        let (len, after) = rest.split_first_chunk::<4>()?;
        let len = i32::from_be_bytes(*len);
        let (value, after) = match usize::try_from(len) {
            Ok(len) => after.split_at_checked(len).map(|(value, after)| (Some(value), after))?,
            Err(_) => (None, after), // NULL
        };
        rest = after;
        Some(value)
    };
    let (index, tenant, tenant_seq) = (column()?, column()?, column()?);
    let (writer, writer_seq, hash, leaf) = (column()?, column()?, column()?, column()?);
    let filed = Filed {
        index: int(index?)?,
        tenant: tenant.map(int).map_or(Some(None), |int| int.map(Some))?,
        tenant_seq: tenant_seq.map(int).map_or(Some(None), |int| int.map(Some))?,
        writer: int(writer?)?,
        writer_seq: int(writer_seq?)?,
        hash: Hash::new(hash?.try_into().ok()?),
        leaf: leaf?,
    };
    Some((filed, rest))
}

fn int(bytes: &[u8]) -> Option<i64> {
    Some(i64::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(columns: [Option<&[u8]>; 7]) -> Vec<u8> {
        let mut bytes = vec![0, 7];
        for column in columns {
            let len = column.map_or(-1, |column| i32::try_from(column.len()).unwrap());
            bytes.extend(len.to_be_bytes());
            bytes.extend(column.unwrap_or_default());
        }
        bytes
    }

    #[test]
    fn a_pack_is_taken_apart() {
        let [seven, eight, minus] = [7_i64, 8, -2].map(i64::to_be_bytes);
        let hash = [9; 32];
        let mut bytes =
            row([Some(&seven), None, None, Some(&eight), Some(&minus), Some(&hash), Some(b"\0}")]);
        let (eight, seven) = (Some(&eight[..]), Some(&seven[..]));
        bytes.extend(row([eight, seven, seven, seven, seven, Some(&hash), Some(b"")]));
        let pack = Pack::new(bytes, split);
        let entries: Vec<_> = pack.entries().map(Result::unwrap).collect();
        assert_eq!((entries[0].index, entries[0].tenant, entries[0].leaf), (7, None, &b"\0}"[..]));
        assert_eq!((entries[0].writer, entries[0].writer_seq), (8, -2));
        assert_eq!((entries[1].tenant, entries[1].tenant_seq), (Some(7), Some(7)));
        assert_eq!(entries.len(), 2);
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
