//! Events and entries, page by page.

use std::fmt;
use std::ops::ControlFlow;

use phi_core::audit::merkle::Hash;
use phi_core::audit::{Entry, Event, Id, Item};
use uuid::Uuid;

use super::AuditReader;
use crate::audit::restore::number;
use crate::audit::tables::{Stored, Tables};
use crate::audit::{AuditLogError, AuditLogProblem};

/// Which events to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct EventFilter {
    tenant: Option<Id>,
    subject: Option<Id>,
}

impl EventFilter {
    /// Every event.
    pub fn all() -> Self {
        Self::default()
    }

    /// Those of this tenant, and those of others that touched its records, as somebody of all tenants does. Every entry is
    /// looked at.
    pub fn tenant(mut self, tenant: impl Into<Id>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Those that touched this patient's records; with a tenant, those that are this tenant's. Every entry is looked at.
    pub fn subject(mut self, subject: impl Into<Id>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    fn lets(&self, event: &Event) -> bool {
        let of = |item: &Item| match &self.tenant {
            None => true,
            tenant => item.tenant.as_ref().or(event.tenant.as_ref()) == tenant.as_ref(),
        };
        let about = |item: &Item| match &self.subject {
            None => true,
            subject => item.subject == *subject,
        };
        let whole =
            self.subject.is_none() && (self.tenant.is_none() || event.tenant == self.tenant);
        whole || event.items.iter().any(|item| of(item) && about(item))
    }
}

/// An event with its numbers in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedEvent {
    /// Its place in the log, from 0.
    pub index: u64,
    /// Its place among its tenant's entries, from 0.
    pub tenant_seq: Option<u64>,
    /// The process that wrote it.
    pub writer: Uuid,
    /// Its place among its writer's entries, from 0.
    pub writer_seq: u64,
    /// What happened.
    pub event: Event,
}

impl LoggedEvent {
    /// Reads a leaf, which must bear the index it is stored under.
    pub(super) fn read(index: u64, leaf: &[u8]) -> Result<Self, AuditLogProblem> {
        let unreadable = AuditLogProblem::Entry { index };
        let entry = Entry::parse(leaf).map_err(|_| unreadable)?;
        let event = entry.decode_event().map_err(|_| unreadable)?;
        if entry.index != index {
            return Err(unreadable);
        }
        let (tenant_seq, writer, writer_seq) = (entry.tenant_seq, entry.writer, entry.writer_seq);
        Ok(Self { index, tenant_seq, writer, writer_seq, event })
    }
}

/// One entry as it is stored, for exports and other verifiers.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredEntry {
    /// Its place in the log, from 0.
    pub index: u64,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// The hash stored beside it.
    pub hash: Hash,
}

impl fmt::Debug for StoredEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredEntry").field("index", &self.index).finish_non_exhaustive()
    }
}

impl<C: Tables> AuditReader<C> {
    /// At most `limit` events, in order, from index `from` on. The next page begins one after the
    /// last event's index.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the log cannot be read, or an entry is not one: run
    /// [`verify`](Self::verify).
    ///
    /// # Security
    ///
    /// Reading checks each entry's form, its index and its tenant, not the tree: a report that must
    /// hold is read after `verify`.
    pub async fn events(
        &mut self,
        filter: &EventFilter,
        from: u64,
        limit: usize,
    ) -> Result<Vec<LoggedEvent>, AuditLogError> {
        let page = self.page(filter, from, limit).await;
        page.map_err(|problem| self.error(problem))
    }

    async fn page(
        &mut self,
        filter: &EventFilter,
        from: u64,
        limit: usize,
    ) -> Result<Vec<LoggedEvent>, AuditLogProblem> {
        let Ok(from) = i64::try_from(from) else { return Ok(Vec::new()) };
        let mut page = Vec::new();
        if limit == 0 {
            return Ok(page);
        }
        let tenant = filter.tenant.as_ref().map(Id::as_str);
        self.db
            .leaves(tenant, from, |leaf| {
                let index = number(leaf.index)?;
                let logged = LoggedEvent::read(index, leaf.bytes)?;
                if leaf.filed && logged.event.tenant != filter.tenant {
                    return Err(AuditLogProblem::Entry { index });
                }
                if filter.lets(&logged.event) {
                    page.push(logged);
                }
                let full = page.len() >= limit;
                Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })
            .await?;
        Ok(page)
    }

    /// At most `limit` entries as they are stored, in order, from index `from` on.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the log cannot be read.
    pub async fn entries(
        &mut self,
        from: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, AuditLogError> {
        let entries = self.entries_from(from, limit).await;
        entries.map_err(|problem| self.error(problem))
    }

    async fn entries_from(
        &mut self,
        from: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, AuditLogProblem> {
        let Ok(from) = i64::try_from(from) else { return Ok(Vec::new()) };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.db.stored(from, limit).await?;
        let entry = |(index, leaf, hash): Stored| {
            let index = number(index)?;
            let hash = hash.try_into().map_err(|_| AuditLogProblem::Entry { index })?;
            Ok(StoredEntry { index, leaf, hash: Hash::new(hash) })
        };
        rows.into_iter().map(entry).collect()
    }
}
