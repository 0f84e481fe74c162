//! Reading a log back and saying what was changed.

mod report;

use std::collections::HashMap;

use uuid::Uuid;

pub use self::report::{Finding, Report, Verdict};
use super::entry::Entry;
use super::event::Facts;
use super::merkle::{Edge, Hash};
use super::note::VerifierKey;
use super::{Checkpoint, CheckpointError, Reason};

/// Checks a log, leaf by leaf in order, in memory that grows with its tenants and writers, not with its entries.
///
/// It recomputes the tree, checks each leaf's form, its index, the gapless numbers of tenants and writers, and
/// compares the roots with the log's own checkpoint and with any older one that was kept elsewhere.
///
/// # Security
///
/// The log's own checkpoint only shows that log and key belong together: whoever can write both can sign another
/// past. A checkpoint kept where they cannot write ([`with_kept`](Self::with_kept)) excludes that for the entries it
/// covers, and [`Report::verdict`] says how far.
///
/// ```
/// use phi_core::audit::note::SigningKey;
/// use phi_core::audit::{Action, Event, EventId, EventTime, LogState, Outcome, Verdict, Verifier};
/// use uuid::Uuid;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = SigningKey::generate("log.example/clinic")?;
/// let time = EventTime::new("2026-11-22T08:15:00Z".parse()?);
/// let event = |n| Event::new(EventId::new(time, [n; 10]), time, Action::Read, Outcome::Success).encode();
/// let sign = |events: &[Vec<u8>]| {
///     let mut log = LogState::new();
///     let batch = log.append(Uuid::from_u128(1), 0, events)?;
///     let leaves: Vec<Vec<u8>> = batch.entries.into_iter().map(|entry| entry.leaf).collect();
///     Ok::<_, Box<dyn std::error::Error>>((leaves, log.checkpoint("log.example/clinic", &key)?))
/// };
/// let (_, kept) = sign(&[event(1), event(2), event(3)])?;
/// let (rewritten, checkpoint) = sign(&[event(1), event(3)])?; // event 2 never happened, says the thief of the key
///
/// let verifier = || Verifier::new("log.example/clinic", vec![key.verifier()]).with_checkpoint(&checkpoint);
/// assert_eq!(verifier().run(&rewritten).verdict(), Verdict::TruncationNotExcluded); // undecidable, and says so
/// assert_eq!(verifier().with_kept(&kept).run(&rewritten).verdict(), Verdict::Broken); // caught
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Verifier {
    origin: String,
    keys: Vec<VerifierKey>,
    edge: Edge,
    /// The index the next entry must bear.
    next: u64,
    /// The tree over the hashes as stored, from the first leaf on that differs from its stored hash.
    stored: Option<Edge>,
    tenants: HashMap<Box<str>, u64>,
    writers: HashMap<Uuid, Writer>,
    /// Heads still to be reached, the smallest last.
    heads: Vec<Head>,
    report: Report,
}

#[derive(Debug, Default)]
struct Writer {
    next: u64,
    closed: bool,
}

#[derive(Debug)]
struct Head {
    size: u64,
    root: Hash,
    kept: bool,
}

impl Verifier {
    /// A verifier for the log of this origin, signed by any of these keys.
    pub fn new(origin: impl Into<String>, keys: Vec<VerifierKey>) -> Self {
        Self {
            origin: origin.into(),
            keys,
            edge: Edge::new(),
            next: 0,
            stored: None,
            tenants: HashMap::new(),
            writers: HashMap::new(),
            heads: Vec::new(),
            report: Report::default(),
        }
    }

    /// Adds the log's own newest checkpoint. A log without one is broken.
    #[must_use]
    pub fn with_checkpoint(mut self, signed: &str) -> Self {
        self.report.saw_checkpoint = true;
        match self.open(signed) {
            Ok(head) => {
                self.report.signed = self.report.signed.max(Some(head.size));
                self.expect(&head, false);
            }
            Err(error) => self.report.push(Finding::Checkpoint(error)),
        }
        self
    }

    /// Adds a checkpoint that was kept where the log's keeper cannot write. Any number of them.
    #[must_use]
    pub fn with_kept(mut self, signed: &str) -> Self {
        match self.open(signed) {
            Ok(head) => {
                self.report.kept = self.report.kept.max(Some(head.size));
                self.expect(&head, true);
            }
            Err(error) => self.report.push(Finding::Kept(error)),
        }
        self
    }

    fn open(&self, signed: &str) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::open(signed, &self.origin, &self.keys)
    }

    fn expect(&mut self, head: &Checkpoint, kept: bool) {
        let at = self.heads.partition_point(|other| other.size > head.size);
        self.heads.insert(at, Head { size: head.size, root: head.root, kept });
    }

    /// Takes the next leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        self.push_hashed(leaf, Hash::of_leaf(leaf));
    }

    /// Takes the next leaf and the hash that is stored beside it, so that a changed leaf is located.
    pub fn push_stored(&mut self, leaf: &[u8], stored: Hash) {
        let hash = Hash::of_leaf(leaf);
        if hash != stored {
            let index = self.edge.size();
            self.report.push(Finding::EntryChanged { index });
            self.stored.get_or_insert_with(|| self.edge.clone());
        }
        if let Some(edge) = &mut self.stored {
            edge.push(stored);
        }
        self.push_hashed(leaf, hash);
    }

    /// Whether a stored edge is that of the leaves taken so far, or of the hashes stored beside them: of those
    /// before a change, if some were changed.
    pub fn fits(&self, edge: &Edge) -> bool {
        *edge == self.edge || self.stored.as_ref() == Some(edge)
    }

    fn push_hashed(&mut self, leaf: &[u8], hash: Hash) {
        self.check_heads();
        let index = self.edge.size();
        self.edge.push(hash);
        match Entry::parse_with_facts(leaf) {
            Ok((entry, facts)) => self.check_numbers(index, &entry, &facts),
            Err(error) => {
                self.next = self.next.saturating_add(1);
                self.report.push(Finding::EntryMalformed { index, error });
            }
        }
    }

    /// Checks all leaves and gives the report.
    pub fn run<I>(mut self, leaves: I) -> Report
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        for leaf in leaves {
            self.push(leaf.as_ref());
        }
        self.finish()
    }

    /// Ends the check.
    pub fn finish(mut self) -> Report {
        self.check_heads();
        let entries = self.edge.size();
        for head in std::mem::take(&mut self.heads) {
            let size = head.size;
            self.report.push(if head.kept {
                Finding::Truncated { size, entries }
            } else {
                Finding::CheckpointAhead { size, entries }
            });
        }
        if !self.report.saw_checkpoint {
            self.report.push(Finding::NoCheckpoint);
        }
        self.report.entries = entries;
        self.report.root = self.edge.root();
        self.report.tenants = self.tenants.len();
        self.report.writers = self.writers.len();
        self.report.open_writers =
            self.writers.iter().filter(|(_, state)| !state.closed).map(|(id, _)| *id).collect();
        self.report.open_writers.sort_unstable();
        self.report
    }

    /// Compares the tree with every head of the size it has now.
    fn check_heads(&mut self) {
        let size = self.edge.size();
        while let Some(head) = self.heads.pop_if(|head| head.size == size) {
            if head.root == self.edge.root() {
                continue;
            }
            self.report.push(if head.kept {
                Finding::Rewritten { size }
            } else {
                Finding::Root { size }
            });
            if self.stored.as_ref().is_some_and(|stored| stored.root() == head.root) {
                self.report.located = true;
            }
        }
    }

    fn check_numbers(&mut self, index: u64, entry: &Entry<'_>, facts: &Facts<'_>) {
        if entry.index != self.next {
            self.report.push(Finding::Index { index, found: entry.index });
        }
        // Go on from what was found, so that one gap is one finding.
        self.next = entry.index.saturating_add(1);
        let writer = self.writers.entry(entry.writer).or_default();
        if entry.writer_seq != writer.next {
            let (expected, found) = (writer.next, entry.writer_seq);
            self.report.push(Finding::WriterSeq { index, expected, found });
        }
        writer.next = entry.writer_seq.saturating_add(1);
        writer.closed = facts.reason.as_deref() == Some(Reason::WriterClosed.as_str());
        let (Some(tenant), Some(found)) = (facts.tenant.as_deref(), entry.tenant_seq) else {
            return;
        };
        let next = found.saturating_add(1);
        let expected = if let Some(seq) = self.tenants.get_mut(tenant) {
            std::mem::replace(seq, next)
        } else {
            self.tenants.insert(tenant.into(), next);
            0
        };
        if found != expected {
            self.report.push(Finding::TenantSeq { index, expected, found });
        }
    }
}
