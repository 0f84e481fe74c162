//! From stored rows back to a state that may go on, or a reason why it may not.

use std::collections::HashMap;

use phi_core::audit::merkle::{Edge, Hash};
use phi_core::audit::note::VerifierKey;
use phi_core::audit::{Checkpoint, Entry, Id, LogState, Reason};
use uuid::Uuid;

use super::AuditLogProblem::{self, Inconsistent, Rewritten, Truncated};
use super::tables::{Head, Tables};

/// How many entries there are between two marks, about: what a start reads at most. Fewer in
/// tests, so that they cross some.
pub(super) const MARK_EVERY: u64 = if cfg!(test) { 8 } else { 16_384 };

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
    /// The writer of the last entry, if it did not say that it closed.
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(dead_code, reason = "of many writers it says little")
    )]
    pub(super) unclosed: Option<Uuid>,
    /// The checkpoint over all of it, if there is anything.
    pub(super) checkpoint: Option<String>,
}

/// Restores the state and checks it: the hashes from the last mark on give the edge, the edge the
/// root, and one of the keys signed the root.
///
/// A kept checkpoint moves the start back to a mark before it.
pub(super) async fn restore<T: Tables>(
    db: &mut T,
    keys: &[VerifierKey],
    kept: Option<&str>,
) -> Result<Restored, AuditLogProblem> {
    let origin = keys.first().map_or("", VerifierKey::name);
    let open = |text: &str| Checkpoint::open(text, origin, keys);
    let kept = kept.map(open).transpose().map_err(AuditLogProblem::Kept)?;
    let entries = db.entries().await?;
    if let Some(kept) = kept.as_ref().filter(|kept| kept.size > entries) {
        return Err(Truncated { size: kept.size, entries });
    }
    let Some(Head { size, edge, checkpoint }) = db.head().await? else {
        return if entries == 0 { Ok(Restored::default()) } else { Err(Inconsistent) };
    };
    let head = open(&checkpoint).map_err(AuditLogProblem::Checkpoint)?;
    if head.size > entries {
        return Err(Truncated { size: head.size, entries });
    }
    let edge = Edge::from_bytes(&edge).map_err(|_| Inconsistent)?;
    if [size, edge.size(), entries] != [head.size; 3] || edge.root() != head.root {
        return Err(Inconsistent);
    }
    check_tail(db, &edge, kept.as_ref()).await?;
    let marked = db.mark(i64::MAX).await?.map_or(0, |(size, _)| size);
    let (mut tenants, mut of_tenants) = (HashMap::new(), Vec::new());
    for (row, name, next) in db.tenants().await? {
        let id = Id::from_stored(name).map_err(|_| Inconsistent)?;
        tenants.insert(id.clone(), row);
        of_tenants.push((id, number(next)?));
    }
    let (mut writers, mut of_writers) = (HashMap::new(), Vec::new());
    for (row, uuid, next) in db.writers().await? {
        let uuid = Uuid::from_slice(&uuid).map_err(|_| Inconsistent)?;
        writers.insert(uuid, row);
        of_writers.push((uuid, number(next)?));
    }
    let log = LogState::restore(edge, of_tenants, of_writers).map_err(|_| Inconsistent)?;
    let unclosed = match db.last_leaf().await? {
        None => None,
        Some((index, leaf)) => unclosed(number(index)?, &leaf)?,
    };
    let checkpoint = Some(checkpoint);
    Ok(Restored { log, tenants, writers, marked, unclosed, checkpoint })
}

/// Why a start would refuse what is stored, if it would. Whatever [`restore`] looks at, a check of the
/// whole log finds too, since it is the one to tell what is wrong.
pub(super) async fn refused<T: Tables>(
    db: &mut T,
    keys: &[VerifierKey],
) -> Result<Option<AuditLogProblem>, AuditLogProblem> {
    use AuditLogProblem::{Checkpoint, Entry};
    match restore(db, keys, None).await {
        Ok(_) => Ok(None),
        Err(
            problem @ (Inconsistent
            | Truncated { .. }
            | Rewritten { .. }
            | Checkpoint(_)
            | Entry { .. }),
        ) => Ok(Some(problem)),
        Err(problem) => Err(problem), // it could not be read
    }
}

/// Grows the tree from a mark over the stored hashes and compares it with the signed head.
///
/// A start must not take longer as the log grows; the whole of it is for `verify` to read.
async fn check_tail<T: Tables>(
    db: &mut T,
    head: &Edge,
    kept: Option<&Checkpoint>,
) -> Result<(), AuditLogProblem> {
    let from = kept.map_or(head.size(), |kept| kept.size);
    let mut edge = Edge::new();
    if let Some((size, bytes)) = db.mark(stored(from)?).await? {
        edge = Edge::from_bytes(&bytes).map_err(|_| Inconsistent)?;
        if edge.size() != size {
            return Err(Inconsistent);
        }
    }
    let reached = |edge: &Edge| match kept.filter(|kept| kept.size == edge.size()) {
        Some(kept) if kept.root != edge.root() => Err(Rewritten { size: kept.size }),
        _ => Ok(()),
    };
    let from = stored(edge.size())?;
    db.hashes(from, |index, hash| {
        reached(&edge)?;
        if number(index)? != edge.size() {
            return Err(Inconsistent);
        }
        edge.push(Hash::new(hash.try_into().map_err(|_| Inconsistent)?));
        Ok(())
    })
    .await?;
    reached(&edge)?;
    if edge == *head { Ok(()) } else { Err(Rewritten { size: head.size() }) }
}

/// An entry's writer, unless the entry says that it closed.
fn unclosed(index: u64, leaf: &[u8]) -> Result<Option<Uuid>, AuditLogProblem> {
    let unreadable = AuditLogProblem::Entry { index };
    let entry = Entry::parse(leaf).map_err(|_| unreadable)?;
    let event = entry.decode_event().map_err(|_| unreadable)?;
    Ok((event.reason != Some(Reason::WriterClosed)).then_some(entry.writer))
}

/// A stored number, which is never negative.
pub(super) fn number(stored: i64) -> Result<u64, AuditLogProblem> {
    u64::try_from(stored).map_err(|_| Inconsistent)
}

/// A number as a database holds it. None of ours comes near the end of its range.
pub(super) fn stored(number: u64) -> Result<i64, AuditLogProblem> {
    i64::try_from(number).map_err(|_| Inconsistent)
}
