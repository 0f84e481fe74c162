//! The whole check: leaves, hashes, numbers, head, and the columns that reports are read by.

use std::collections::HashMap;
use std::fmt;

use phi_core::audit::merkle::Edge;
use phi_core::audit::note::VerifierKey;
use phi_core::audit::{Entry, Event, Report, Verdict, Verifier};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::AuditReader;
use super::pack::{Filed, Pack};
use crate::audit::restore::number;
use crate::audit::tables::{Head, Tables, View};
use crate::audit::{AuditLogError, AuditLogProblem};

/// How many misfiled entries are kept; the others are counted.
const MAX_MISFILED: usize = 1000;

/// How many packs may wait to be checked.
const PACKS: usize = 4;

/// The result of checking a stored log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreReport {
    report: Report,
    misfiled: Vec<u64>,
    more: u64,
    edge_fits: bool,
}

impl StoreReport {
    /// What it comes to: the log's own verdict, and broken too if the columns beside the leaves do
    /// not say what the leaves say.
    pub fn verdict(&self) -> Verdict {
        if self.misfiled.is_empty() && self.edge_fits {
            self.report.verdict()
        } else {
            Verdict::Broken
        }
    }

    /// The check of the leaves themselves.
    pub fn log(&self) -> &Report {
        &self.report
    }

    /// Entries whose stored index, tenant or numbers are not those of their leaf, so that a reader
    /// by tenant would miss them; at most the first 1,000.
    pub fn misfiled(&self) -> &[u64] {
        &self.misfiled
    }

    /// Whether the stored edge of the tree has the root of the leaves. Without it the log cannot
    /// be continued.
    pub fn edge_fits(&self) -> bool {
        self.edge_fits
    }
}

impl fmt::Display for StoreReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for index in &self.misfiled {
            writeln!(f, "entry {index}: stored under another index, tenant or number")?;
        }
        if self.more > 0 {
            writeln!(f, "and {} misfiled entries more", self.more)?;
        }
        if !self.edge_fits {
            writeln!(f, "stored edge is not that of the entries")?;
        }
        fmt::Display::fmt(&self.report, f)?;
        if self.report.verdict() != Verdict::Broken && self.verdict() == Verdict::Broken {
            f.write_str("\nbroken: the store is not as it was written")?;
        }
        Ok(())
    }
}

impl<C: Tables> AuditReader<C> {
    /// Checks the whole log: every leaf against the hash stored beside it, the tree, the gapless
    /// numbers of tenants and writers, the log's own checkpoint, the kept one if there is one, and
    /// the columns beside the leaves. In memory that grows with tenants and writers only.
    ///
    /// The first key's name is the log's origin; further keys are older ones.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the log cannot be read. What is wrong with the log is in the report.
    ///
    /// # Security
    ///
    /// As [`Verifier`]: without a kept checkpoint the verdict is never better than
    /// [`Verdict::TruncationNotExcluded`].
    pub async fn verify(
        &mut self,
        keys: &[VerifierKey],
        kept: Option<&str>,
    ) -> Result<StoreReport, AuditLogError> {
        let report = self.check(keys, kept).await;
        report.map_err(|problem| self.error(problem))
    }

    async fn check(
        &mut self,
        keys: &[VerifierKey],
        kept: Option<&str>,
    ) -> Result<StoreReport, AuditLogProblem> {
        // The log only grows: what comes later is left to the next check.
        let view = self.db.view().await?;
        let origin = keys.first().map_or("", VerifierKey::name);
        let mut verifier = Verifier::new(origin, keys.to_vec());
        if let Some(head) = &view.head {
            verifier = verifier.with_checkpoint(&head.checkpoint);
        }
        if let Some(kept) = kept {
            verifier = verifier.with_kept(kept);
        }
        let last = view.last;
        // The database gathers the next entries while these are checked.
        let (sink, packs) = mpsc::channel(PACKS);
        let check = Check { verifier, files: Files::of(&view), misfiled: Vec::new(), more: 0 };
        let checking = spawn_blocking(|| check.run(packs));
        let sent = self.db.packs(last, sink).await;
        // A pack that cannot be read ends the sending too, and is the one to tell.
        let check = checking.await.map_err(|_| AuditLogProblem::Inconsistent)??;
        sent?;
        let report = check.verifier.finish();
        let edge_fits = edge_fits(view.head.as_ref(), &report);
        Ok(StoreReport { report, misfiled: check.misfiled, more: check.more, edge_fits })
    }
}

/// A check under way.
struct Check {
    verifier: Verifier,
    files: Files,
    misfiled: Vec<u64>,
    more: u64,
}

impl Check {
    fn run(mut self, mut packs: mpsc::Receiver<Pack>) -> Result<Self, AuditLogProblem> {
        while let Some(pack) = packs.blocking_recv() {
            for filed in pack.entries() {
                let filed = filed?;
                self.verifier.push_stored(filed.leaf, filed.hash);
                if self.files.hold(&filed) {
                    continue;
                }
                if self.misfiled.len() < MAX_MISFILED {
                    self.misfiled.push(number(filed.index)?);
                } else {
                    self.more += 1;
                }
            }
        }
        Ok(self)
    }
}

/// Only a head over all entries can be compared; one that is behind is a finding of the log.
fn edge_fits(head: Option<&Head>, report: &Report) -> bool {
    let Some(head) = head else { return report.entries() == 0 };
    Edge::from_bytes(&head.edge).is_ok_and(|edge| {
        edge.size() == head.size
            && (edge.size() != report.entries() || edge.root() == report.root())
    })
}

/// What the numbers in the columns stand for.
struct Files {
    /// Each tenant's name, and how an event that names it looks like.
    tenants: HashMap<i64, (String, Vec<u8>)>,
    writers: HashMap<i64, Vec<u8>>,
}

impl Files {
    fn of(view: &View) -> Self {
        let tenants = view.tenants.iter().map(|(id, name)| {
            let sign = format!(",\"tenant\":\"{name}\",\"action\":").into_bytes();
            (*id, (name.clone(), sign))
        });
        Self { tenants: tenants.collect(), writers: view.writers.iter().cloned().collect() }
    }

    /// Whether a row is filed under what its leaf says. A leaf that cannot be read is the log's
    /// own finding, not one of the files.
    fn hold(&self, filed: &Filed<'_>) -> bool {
        let Filed { index, tenant, tenant_seq, writer, writer_seq, leaf, .. } = filed;
        let writer = self.writers.get(writer).and_then(|uuid| Uuid::from_slice(uuid).ok());
        let event = writer.and_then(|writer| {
            let tenant_seq =
                tenant_seq.map_or_else(String::new, |seq| format!(",\"tenant_seq\":{seq}"));
            let filed = format!(
                "{{\"v\":1,\"index\":{index}{tenant_seq},\"writer\":\"{writer}\",\"writer_seq\":{writer_seq},\"event\":"
            );
            leaf.strip_prefix(filed.as_bytes())?.strip_suffix(b"}")
        });
        event.map_or_else(|| Entry::parse(leaf).is_err(), |event| self.names(*tenant, event))
    }

    /// Whether the event names this tenant.
    fn names(&self, tenant: Option<i64>, event: &[u8]) -> bool {
        let Some((name, sign)) = tenant.and_then(|tenant| self.tenants.get(&tenant)) else {
            return tenant.is_none(); // then there is no number in the leaf either
        };
        // Nearly always the text is there as it is, and nothing need be decoded.
        let starts = event.iter().zip(0..).filter(|(byte, _)| **byte == b',');
        if starts.take(64).any(|(_, at)| event.get(at..).is_some_and(|rest| rest.starts_with(sign)))
        {
            return true;
        }
        let decoded = Event::decode(event);
        decoded.map_or(true, |event| event.tenant.is_some_and(|tenant| tenant.as_str() == name))
    }
}
