//! The whole check: leaves, hashes, numbers, head, and the columns that reports are read by.

use std::collections::HashMap;
use std::fmt;
use std::iter::Peekable;
use std::vec::IntoIter;

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
    head_fits: bool,
    false_marks: Vec<i64>,
    refused: Option<AuditLogProblem>,
}

impl StoreReport {
    /// What it comes to: the log's own verdict, and broken too if the columns beside the leaves do
    /// not say what the leaves say, or a start would refuse what is stored.
    pub fn verdict(&self) -> Verdict {
        if self.tables_fit() && self.refused.is_none() {
            self.report.verdict()
        } else {
            Verdict::Broken
        }
    }

    fn tables_fit(&self) -> bool {
        self.misfiled.is_empty() && self.edge_fits && self.head_fits && self.false_marks.is_empty()
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

    /// Whether the stored edge is that of the leaves, or of the hashes stored beside them: of
    /// changed leaves it says what they were. Without it the log cannot be continued. True also if
    /// entries are missing, so that it cannot be compared.
    pub fn edge_fits(&self) -> bool {
        self.edge_fits
    }

    /// Whether the stored head, and the checkpoint in it, are over all entries: they are written
    /// together.
    pub fn head_fits(&self) -> bool {
        self.head_fits
    }

    /// The sizes of stored marks that are not the edge of so many entries. A start reads from one of
    /// them, and is refused. Those behind an entry that is missing cannot be compared.
    pub fn false_marks(&self) -> &[i64] {
        &self.false_marks
    }

    /// Why a start with these keys and no kept checkpoint would refuse what is stored, if it would.
    pub fn refused_at_start(&self) -> Option<AuditLogProblem> {
        self.refused
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
        if !self.head_fits {
            writeln!(f, "stored head is not over all entries")?;
        }
        if !self.edge_fits {
            writeln!(f, "stored edge is not that of the entries")?;
        }
        if let Some(first) = self.false_marks.first() {
            let marks = self.false_marks.len();
            writeln!(
                f,
                "{marks} stored marks are not those of the entries, the first over {first}"
            )?;
        }
        // What is wrong with it is said already, if the check itself has found it.
        let unsaid = self.tables_fit() && self.report.verdict() != Verdict::Broken;
        if self.refused.is_some() && unsaid {
            writeln!(
                f,
                "stored numbers of tenants and writers are not those a start goes on from"
            )?;
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
    /// numbers of tenants and writers, the log's own checkpoint, the kept one if there is one, the
    /// columns beside the leaves, and whatever else a start refuses. In memory that grows with
    /// tenants and writers only.
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
        let view = self.db.view(keys).await?;
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
        let check = Check::new(verifier, &view);
        let checking = spawn_blocking(|| check.run(packs));
        let sent = self.db.packs(last, sink).await;
        // A pack that cannot be read ends the sending too, and is the one to tell.
        let check = checking.await.map_err(|_| AuditLogProblem::Inconsistent)??;
        sent?;
        Ok(check.finish(view.head.as_ref(), last, view.refused))
    }
}

/// A check under way.
struct Check {
    verifier: Verifier,
    files: Files,
    misfiled: Vec<u64>,
    more: u64,
    /// How many entries were read.
    read: i64,
    /// Whether none of them was missing, so that the tree is that of its first entries.
    whole: bool,
    marks: Peekable<IntoIter<(i64, Vec<u8>)>>,
    false_marks: Vec<i64>,
}

impl Check {
    fn new(verifier: Verifier, view: &View) -> Self {
        Self {
            verifier,
            files: Files::of(view),
            misfiled: Vec::new(),
            more: 0,
            read: 0,
            whole: true,
            marks: view.marks.clone().into_iter().peekable(),
            false_marks: Vec::new(),
        }
    }

    fn run(mut self, mut packs: mpsc::Receiver<Pack>) -> Result<Self, AuditLogProblem> {
        while let Some(pack) = packs.blocking_recv() {
            for filed in pack.entries() {
                let filed = filed?;
                self.whole = self.whole && filed.index == self.read;
                self.compare_marks();
                self.read = self.read.saturating_add(1);
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

    /// Compares the tree with the mark of its size, and leaves none behind that is none.
    fn compare_marks(&mut self) {
        while let Some((size, bytes)) = self.marks.next_if(|(size, _)| *size <= self.read) {
            let fits = |edge: Edge| {
                i64::try_from(edge.size()) == Ok(size) && (!self.whole || self.verifier.fits(&edge))
            };
            if size < 1 || !Edge::from_bytes(&bytes).is_ok_and(fits) {
                self.false_marks.push(size);
            }
        }
    }

    /// Compares what is stored of the end. Entries and head are of one moment, and written together.
    fn finish(
        mut self,
        head: Option<&Head>,
        last: i64,
        refused: Option<AuditLogProblem>,
    ) -> StoreReport {
        self.compare_marks();
        // A row in the middle may be missing: the index says how many there were.
        let entries = u64::try_from(last.saturating_add(1)).unwrap_or(0);
        let Self { verifier, whole, marks, mut false_marks, misfiled, more, .. } = self;
        let edge = head.and_then(|head| Edge::from_bytes(&head.edge).ok());
        let edge_is = edge.as_ref().is_some_and(|edge| !whole || verifier.fits(edge));
        let report = verifier.finish();
        // A checkpoint ahead of the entries is a finding of the log: what is stored was over more.
        let all = report.signed().map_or(entries, |signed| signed.max(entries));
        let beyond = |size: &i64| u64::try_from(*size).is_ok_and(|size| size > all);
        false_marks.extend(marks.map(|(size, _)| size).filter(beyond));
        let (edge_fits, head_fits) = match head {
            None => (entries == 0, true), // that there is no checkpoint is a finding too
            Some(head) => {
                let edge_fits = edge.is_some_and(|edge| edge.size() == all);
                let signed = report.signed().is_none_or(|signed| signed == all);
                (edge_fits && (edge_is || all > entries), head.size == all && signed)
            }
        };
        StoreReport { report, misfiled, more, edge_fits, head_fits, false_marks, refused }
    }
}

/// What the numbers in the columns stand for.
struct Files {
    /// Each tenant's name, and how an event that names it looks like.
    tenants: HashMap<i64, (String, Vec<u8>)>,
    /// How a leaf that names a writer looks like.
    writers: HashMap<i64, Vec<u8>>,
    /// Where the last event had its tenant: the next one most often has it there too.
    at: usize,
}

impl Files {
    fn of(view: &View) -> Self {
        let tenants = view.tenants.iter().map(|(id, name)| {
            let sign = format!(",\"tenant\":\"{name}\",\"action\":").into_bytes();
            (*id, (name.clone(), sign))
        });
        let writers = view.writers.iter().filter_map(|(id, uuid)| {
            let writer = Uuid::from_slice(uuid).ok()?;
            Some((*id, format!(",\"writer\":\"{writer}\",\"writer_seq\":").into_bytes()))
        });
        Self { tenants: tenants.collect(), writers: writers.collect(), at: 0 }
    }

    /// Whether a row is filed under what its leaf says. A leaf that cannot be read is the log's
    /// own finding, not one of the files.
    fn hold(&mut self, filed: &Filed<'_>) -> bool {
        match self.event(filed) {
            Some(event) => self.names(filed.tenant, event),
            None => Entry::parse(filed.leaf).is_err(),
        }
    }

    /// The leaf's event, if the numbers before it are those it is filed under.
    fn event<'a>(&self, filed: &Filed<'a>) -> Option<&'a [u8]> {
        let rest = filed.leaf.strip_prefix(b"{\"v\":1,\"index\":")?;
        let mut rest = take_number(rest, filed.index)?;
        if let Some(seq) = filed.tenant_seq {
            rest = take_number(rest.strip_prefix(b",\"tenant_seq\":")?, seq)?;
        }
        let rest = rest.strip_prefix(self.writers.get(&filed.writer)?.as_slice())?;
        let rest = take_number(rest, filed.writer_seq)?;
        rest.strip_prefix(b",\"event\":")?.strip_suffix(b"}")
    }

    /// Whether the event names this tenant.
    fn names(&mut self, tenant: Option<i64>, event: &[u8]) -> bool {
        let Some((name, sign)) = tenant.and_then(|tenant| self.tenants.get(&tenant)) else {
            return tenant.is_none(); // then there is no number in the leaf either
        };
        // Nearly always the text is there as it is, and nothing need be decoded.
        let is_at = |at: &usize| event.get(*at..).is_some_and(|rest| rest.starts_with(sign));
        if is_at(&self.at) {
            return true;
        }
        let commas = event.iter().zip(0..).filter(|(byte, _)| **byte == b',').map(|(_, at)| at);
        if let Some(at) = commas.take(64).find(is_at) {
            self.at = at;
            return true;
        }
        let decoded = Event::decode(event);
        decoded.map_or(true, |event| event.tenant.is_some_and(|tenant| tenant.as_str() == name))
    }
}

/// What comes after a number, if it is this one. How it is written is for the entry's own check.
fn take_number(text: &[u8], number: i64) -> Option<&[u8]> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).filter(|end| *end > 0)?;
    let (digits, rest) = text.split_at_checked(end)?;
    let found = digits
        .iter()
        .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')));
    (found == Some(number)).then_some(rest)
}
