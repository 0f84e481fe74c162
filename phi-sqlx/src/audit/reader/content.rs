//! Whether the data is what the log says was written.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::ControlFlow;

use phi_core::audit::{Action, ContentHash, Event, Id, Item, Outcome};
use phi_core::{PhiRecord, SealedRecord};
use sha2::{Digest as _, Sha256};

use super::{AuditReader, LoggedEvent};
use crate::audit::restore::number;
use crate::audit::tables::Tables;
use crate::audit::{AuditLogError, AuditLogProblem};

/// A row, or a column of one, that is not as the log says it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentFinding {
    /// The record's label.
    pub record: &'static str,
    /// The record's id as the log has it.
    pub id: Id,
    /// The tenant whose record it is; the same id in another tenant is another record.
    pub tenant: Option<Id>,
    /// The column; `None` if it is about the whole row.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub kind: ContentKind,
}

/// What is wrong with a row or a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentKind {
    /// The column holds what nobody wrote by the log: it was changed, or set to NULL.
    Differs,
    /// The column holds what an earlier event wrote: it was rolled back.
    Older,
    /// No event wrote this row, or this column.
    NotLogged,
    /// The row's deletion is in the log, and yet it is there.
    Deleted,
    /// The row was written and not deleted, and is not there.
    Missing,
    /// The row says that it is about another subject than the last event that wrote it.
    Moved,
}

impl fmt::Display for ContentFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.column.unwrap_or("row");
        let what = match self.kind {
            ContentKind::Differs => "holds what nobody wrote",
            ContentKind::Older => "holds an earlier value",
            ContentKind::NotLogged => "is there without an event",
            ContentKind::Deleted => "is there although its deletion is logged",
            ContentKind::Missing => "is gone without an event",
            ContentKind::Moved => "is filed under somebody else without an event",
        };
        write!(f, "{} {}: {column} {what}", self.record, self.id.as_str())
    }
}

impl<C: Tables> AuditReader<C> {
    /// Checks stored rows against the log: each sealed value and token must be what the latest
    /// event that wrote this column of this record says.
    ///
    /// Finds columns changed, set to NULL or rolled back behind the application's back, rows
    /// without an event, and rows whose `#[phi(subject)]` was made somebody else's. The rows may be
    /// any part of the table; for removed rows see [`check_all_rows`](Self::check_all_rows).
    ///
    /// Memory grows with the rows given and the events about them.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the log cannot be read.
    ///
    /// # Security
    ///
    /// Promise P9. It says as much as the log does: [`verify`](Self::verify) that too. The log
    /// holds what was sealed under a grant: an event that did not end in success may or may not have
    /// reached the data, so both the value before and its own are accepted. Rows read while they
    /// are written may be ahead of the log; and two writers of one row at one moment may reach the
    /// log in another order than the data, which then shows as [`ContentKind::Older`].
    pub async fn check_rows<'a, S: SealedRecord + 'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a S>,
    ) -> Result<Vec<ContentFinding>, AuditLogError> {
        let check = Check::of(rows, false);
        self.compare(check).await.map_err(|problem| self.error(problem))
    }

    /// The same, where the rows given are all there are of this record: rows that were written,
    /// never deleted and are not among them are found too.
    ///
    /// # Errors
    ///
    /// As [`check_rows`](Self::check_rows).
    pub async fn check_all_rows<'a, S: SealedRecord + 'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a S>,
    ) -> Result<Vec<ContentFinding>, AuditLogError> {
        let check = Check::of(rows, true);
        self.compare(check).await.map_err(|problem| self.error(problem))
    }

    async fn compare(&mut self, mut check: Check) -> Result<Vec<ContentFinding>, AuditLogProblem> {
        self.db
            .leaves(None, 0, |leaf| {
                check.note(&LoggedEvent::read(number(leaf.index)?, leaf.bytes)?.event);
                Ok(ControlFlow::Continue(()))
            })
            .await?;
        Ok(check.findings())
    }
}

/// The rows, and what the log says about them.
struct Check {
    record: &'static str,
    /// Whether its rows belong to tenants; the event's is the principal's.
    has_tenant: bool,
    rows: HashMap<Key, Row>,
    /// Whether records that are not among the rows matter.
    all: bool,
    logged: BTreeMap<Key, Logged>,
}

/// A record's tenant and its id.
type Key = (Option<Id>, Id);

/// A stored row.
struct Row {
    /// Whom it is about, if not itself.
    subject: Option<Id>,
    columns: Vec<Held>,
}

/// What a row holds in one column.
struct Held {
    column: &'static str,
    label: &'static str,
    hash: ContentHash,
}

/// What the log says about one record.
#[derive(Default)]
struct Logged {
    columns: BTreeMap<Id, Column>,
    /// Whom the record may be about now: the last who was told. A struct without that field tells nobody.
    subjects: Vec<Id>,
    /// Whether the row should be there.
    there: There,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum There {
    /// Nothing that surely happened says so or otherwise.
    #[default]
    Unknown,
    Yes,
    No,
}

/// What one column may hold now, and what it held before.
#[derive(Default)]
struct Column {
    now: Vec<ContentHash>,
    before: Vec<ContentHash>,
}

impl Column {
    fn write(&mut self, hash: ContentHash, surely: bool) {
        if surely {
            self.before.append(&mut self.now);
        }
        self.now.push(hash);
    }
}

impl Check {
    fn of<'a, S: SealedRecord + 'a>(rows: impl IntoIterator<Item = &'a S>, all: bool) -> Self {
        let hashes = |row: &S| {
            let mut columns = Vec::new();
            row.visit_stored(&mut |stored| {
                let hash = match stored.bytes {
                    Some(bytes) => ContentHash::Sha256(Sha256::digest(bytes).into()),
                    None => ContentHash::Null,
                };
                columns.push(Held { column: stored.column, label: stored.label, hash });
            });
            let place = row.place();
            let subject = Some(&place.subject).filter(|subject| **subject != place.id);
            let row = Row { subject: subject.map(Id::from), columns };
            ((place.tenant.as_ref().map(Id::from), Id::from(&place.id)), row)
        };
        let rows = rows.into_iter().map(hashes).collect();
        let schema = S::Open::schema();
        let (record, has_tenant) = (schema.record, schema.has_tenant);
        Self { record, has_tenant, rows, all, logged: BTreeMap::new() }
    }

    /// Takes the next event of the log.
    fn note(&mut self, event: &Event) {
        let surely = event.outcome == Outcome::Success;
        for item in &event.items {
            let ours = item.record.as_str() == self.record && !item.hashes.is_empty();
            if !ours {
                continue;
            }
            let tenant = item.tenant.as_ref().or(event.tenant.as_ref()).filter(|_| self.has_tenant);
            let key = (tenant.cloned(), item.id.clone());
            if self.all || self.rows.contains_key(&key) {
                let logged = self.logged.entry(key).or_default();
                logged.note(item, event.action == Action::Delete, surely);
            }
        }
    }

    fn findings(self) -> Vec<ContentFinding> {
        let record = self.record;
        let finding = |(tenant, id): &Key, column, kind| ContentFinding {
            record,
            id: id.clone(),
            tenant: tenant.clone(),
            column,
            kind,
        };
        let mut findings = Vec::new();
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        for (key, row) in rows {
            match self.logged.get(key) {
                None => findings.push(finding(key, None, ContentKind::NotLogged)),
                Some(logged) if logged.there == There::No => {
                    findings.push(finding(key, None, ContentKind::Deleted));
                }
                Some(logged) => {
                    if logged.is_moved(row) {
                        findings.push(finding(key, None, ContentKind::Moved));
                    }
                    findings.extend(row.columns.iter().filter_map(|held| {
                        let kind = logged.kind(held)?;
                        Some(finding(key, Some(held.column), kind))
                    }));
                }
            }
        }
        let missing = self.logged.iter().filter(|(key, logged)| {
            self.all && logged.there == There::Yes && !self.rows.contains_key(key)
        });
        findings.extend(missing.map(|(key, _)| finding(key, None, ContentKind::Missing)));
        findings
    }
}

impl Logged {
    fn note(&mut self, item: &Item, deleted: bool, surely: bool) {
        if let Some(subject) = item.subject.as_ref().filter(|subject| **subject != item.id) {
            if surely {
                self.subjects.clear();
            }
            self.subjects.push(subject.clone());
        }
        for (column, hash) in &item.hashes {
            let column = self.columns.entry(column.clone()).or_default();
            if deleted && !surely {
                continue; // if it did not happen, the row is as it was
            }
            column.write(*hash, surely);
        }
        self.there = match (deleted, surely) {
            (true, true) => There::No,
            (true, false) => There::Unknown,
            (false, true) => There::Yes,
            // A write that may have failed makes a row possible, and needs none to be there.
            (false, false) if self.there == There::No => There::Unknown,
            (false, false) => self.there,
        };
    }

    fn is_moved(&self, row: &Row) -> bool {
        let told = row.subject.as_ref().filter(|_| !self.subjects.is_empty());
        told.is_some_and(|subject| !self.subjects.contains(subject))
    }

    fn kind(&self, held: &Held) -> Option<ContentKind> {
        let mut columns = self.columns.iter().filter(|(label, _)| label.as_str() == held.label);
        match columns.next() {
            // A column that came later is NULL in the rows that were there.
            None if held.hash == ContentHash::Null => None,
            None => Some(ContentKind::NotLogged),
            Some((_, logged)) if logged.now.contains(&held.hash) => None,
            Some((_, logged)) if logged.before.contains(&held.hash) => Some(ContentKind::Older),
            Some(_) => Some(ContentKind::Differs),
        }
    }
}
