//! From stored rows back to a state that may go on, or a reason why it may not.

use std::collections::HashMap;
use std::future::poll_fn;

use futures_core::stream::BoxStream;
use phi_core::audit::merkle::{Edge, Hash};
use phi_core::audit::note::VerifierKey;
use phi_core::audit::{Checkpoint, Entry, Id, LogState, Reason};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::AuditLogProblem::{self, Inconsistent, Rewritten, Truncated};

/// What an append needs to know.
#[derive(Debug, Default)]
pub(super) struct Restored {
    pub(super) log: LogState,
    /// The row of each tenant.
    pub(super) tenants: HashMap<Id, i64>,
    /// The row of each writer.
    pub(super) writers: HashMap<Uuid, i64>,
    /// The size at the last mark.
    pub(super) marked: u64,
    /// The last writer, if it did not say that it closed.
    pub(super) unclosed: Option<Uuid>,
}

/// Restores the state and checks it: the hashes from the last mark on give the edge, the edge the
/// root, and one of the keys signed the root.
///
/// A kept checkpoint moves the start back to a mark before it.
pub(super) async fn restore(
    db: &mut SqliteConnection,
    keys: &[VerifierKey],
    kept: Option<&str>,
) -> Result<Restored, AuditLogProblem> {
    let origin = keys.first().map_or("", VerifierKey::name);
    let open = |text: &str| Checkpoint::open(text, origin, keys);
    let kept = kept.map(open).transpose().map_err(AuditLogProblem::Kept)?;
    let entries = number(
        sqlx::query_scalar("SELECT coalesce(max(idx), -1) + 1 FROM phi_audit_entry")
            .fetch_one(&mut *db)
            .await?,
    )?;
    if let Some(kept) = kept.as_ref().filter(|kept| kept.size > entries) {
        return Err(Truncated { size: kept.size, entries });
    }
    let head: Option<(i64, Vec<u8>, String)> =
        sqlx::query_as("SELECT size, edge, checkpoint FROM phi_audit_head")
            .fetch_optional(&mut *db)
            .await?;
    let Some((size, edge, checkpoint)) = head else {
        return if entries == 0 { Ok(Restored::default()) } else { Err(Inconsistent) };
    };
    let head = open(&checkpoint).map_err(AuditLogProblem::Checkpoint)?;
    if head.size > entries {
        return Err(Truncated { size: head.size, entries });
    }
    let edge = Edge::from_bytes(&edge).map_err(|_| Inconsistent)?;
    if [number(size)?, edge.size(), entries] != [head.size; 3] || edge.root() != head.root {
        return Err(Inconsistent);
    }
    check_tail(db, &edge, kept.as_ref()).await?;
    let marked = sqlx::query_scalar("SELECT coalesce(max(size), 0) FROM phi_audit_mark")
        .fetch_one(&mut *db)
        .await?;
    let (tenants, tenants_next) = tenants(db).await?;
    let (writers, writers_next) = writers(db).await?;
    let log = LogState::restore(edge, tenants_next, writers_next).map_err(|_| Inconsistent)?;
    let unclosed = unclosed(db).await?;
    Ok(Restored { log, tenants, writers, marked: number(marked)?, unclosed })
}

/// Grows the tree from a mark over the stored hashes and compares it with the signed head.
///
/// A start must not take longer as the log grows; the whole of it is for `verify` to read.
async fn check_tail(
    db: &mut SqliteConnection,
    head: &Edge,
    kept: Option<&Checkpoint>,
) -> Result<(), AuditLogProblem> {
    let from = kept.map_or(head.size(), |kept| kept.size);
    let mark: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT size, edge FROM phi_audit_mark WHERE size <= ? ORDER BY size DESC LIMIT 1",
    )
    .bind(i64::try_from(from).map_err(|_| Inconsistent)?)
    .fetch_optional(&mut *db)
    .await?;
    let mut edge = Edge::new();
    if let Some((size, bytes)) = mark {
        edge = Edge::from_bytes(&bytes).map_err(|_| Inconsistent)?;
        if edge.size() != number(size)? {
            return Err(Inconsistent);
        }
    }
    let reached = |edge: &Edge| match kept.filter(|kept| kept.size == edge.size()) {
        Some(kept) if kept.root != edge.root() => Err(Rewritten { size: kept.size }),
        _ => Ok(()),
    };
    let after = i64::try_from(edge.size()).map_err(|_| Inconsistent)?;
    let mut rows =
        sqlx::query_as("SELECT idx, hash FROM phi_audit_entry WHERE idx >= ? ORDER BY idx")
            .bind(after)
            .fetch(&mut *db);
    while let Some(row) = next(&mut rows).await {
        reached(&edge)?;
        let (index, hash): (i64, Vec<u8>) = row?;
        if number(index)? != edge.size() {
            return Err(Inconsistent);
        }
        edge.push(Hash::new(hash.try_into().map_err(|_| Inconsistent)?));
    }
    reached(&edge)?;
    if edge == *head { Ok(()) } else { Err(Rewritten { size: head.size() }) }
}

/// The rows of the tenants, and the next number of each.
async fn tenants(
    db: &mut SqliteConnection,
) -> Result<(HashMap<Id, i64>, Vec<(Id, u64)>), AuditLogProblem> {
    let rows: Vec<(i64, String, i64)> = sqlx::query_as(
        "SELECT id, name, (SELECT coalesce(max(tenant_seq), -1) + 1 FROM phi_audit_entry e WHERE e.tenant = t.id) \
         FROM phi_audit_tenant t",
    )
    .fetch_all(db)
    .await?;
    let (mut ids, mut numbers) = (HashMap::new(), Vec::new());
    for (row, name, next) in rows {
        let id = Id::from_stored(name).map_err(|_| Inconsistent)?;
        ids.insert(id.clone(), row);
        numbers.push((id, number(next)?));
    }
    Ok((ids, numbers))
}

/// The rows of the writers, and the next number of each.
async fn writers(
    db: &mut SqliteConnection,
) -> Result<(HashMap<Uuid, i64>, Vec<(Uuid, u64)>), AuditLogProblem> {
    let rows: Vec<(i64, Vec<u8>, i64)> = sqlx::query_as(
        "SELECT id, uuid, (SELECT coalesce(max(writer_seq), -1) + 1 FROM phi_audit_entry e WHERE e.writer = w.id) \
         FROM phi_audit_writer w",
    )
    .fetch_all(db)
    .await?;
    let (mut ids, mut numbers) = (HashMap::new(), Vec::new());
    for (row, uuid, next) in rows {
        let uuid = Uuid::from_slice(&uuid).map_err(|_| Inconsistent)?;
        ids.insert(uuid, row);
        numbers.push((uuid, number(next)?));
    }
    Ok((ids, numbers))
}

/// The last writer, unless its last entry says that it closed. Writers come one after the other.
async fn unclosed(db: &mut SqliteConnection) -> Result<Option<Uuid>, AuditLogProblem> {
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT idx, leaf FROM phi_audit_entry ORDER BY idx DESC LIMIT 1")
            .fetch_optional(db)
            .await?;
    let Some((index, leaf)) = last else { return Ok(None) };
    let unreadable = AuditLogProblem::Entry { index: number(index)? };
    let entry = Entry::parse(&leaf).map_err(|_| unreadable)?;
    let event = entry.decode_event().map_err(|_| unreadable)?;
    Ok((event.reason != Some(Reason::WriterClosed)).then_some(entry.writer))
}

/// A stored number, which is never negative.
pub(super) fn number(stored: i64) -> Result<u64, AuditLogProblem> {
    u64::try_from(stored).map_err(|_| Inconsistent)
}

/// The next row of a stream.
pub(super) async fn next<T>(rows: &mut BoxStream<'_, T>) -> Option<T> {
    poll_fn(|context| rows.as_mut().poll_next(context)).await
}
