//! What a check found.

use std::fmt;

use uuid::Uuid;

use crate::audit::merkle::Hash;
use crate::audit::{CheckpointError, EntryError};

/// How many findings are kept; the others are counted.
const MAX_FINDINGS: usize = 1000;

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The leaf does not have the hash stored beside it.
    EntryChanged {
        /// Which leaf, from 0.
        index: u64,
    },
    /// The leaf is not an entry.
    EntryMalformed {
        /// Which leaf, from 0.
        index: u64,
        /// What is wrong with it.
        error: EntryError,
    },
    /// The entry bears another index than the one that was next: entries were removed, inserted or swapped before it.
    Index {
        /// Which leaf, from 0.
        index: u64,
        /// The index it bears.
        found: u64,
    },
    /// A tenant's numbers have a gap or a repetition here.
    TenantSeq {
        /// Which leaf, from 0.
        index: u64,
        /// The number that was next.
        expected: u64,
        /// The number it bears.
        found: u64,
    },
    /// A writer's numbers have a gap or a repetition here.
    WriterSeq {
        /// Which leaf, from 0.
        index: u64,
        /// The number that was next.
        expected: u64,
        /// The number it bears.
        found: u64,
    },
    /// The log has no checkpoint of its own.
    NoCheckpoint,
    /// The log's checkpoint was not accepted.
    Checkpoint(CheckpointError),
    /// The log's checkpoint covers more entries than there are: data was lost, or an older backup restored.
    CheckpointAhead {
        /// How many it covers.
        size: u64,
        /// How many there are.
        entries: u64,
    },
    /// The entries do not have the root that the log's checkpoint names.
    Root {
        /// How many entries it covers.
        size: u64,
    },
    /// A kept checkpoint was not accepted.
    Kept(CheckpointError),
    /// A kept checkpoint covers more entries than there are: the end of the log was removed.
    Truncated {
        /// How many it covers.
        size: u64,
        /// How many there are.
        entries: u64,
    },
    /// The entries do not have the root that a kept checkpoint names: the past was rewritten.
    Rewritten {
        /// How many entries it covers.
        size: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntryChanged { index } => {
                write!(f, "entry {index}: changed since its hash was stored")
            }
            Self::EntryMalformed { index, error } => write!(f, "entry {index}: {error}"),
            Self::Index { index, found } => write!(f, "entry {index}: bears index {found}"),
            Self::TenantSeq { index, expected, found } => {
                write!(f, "entry {index}: tenant's number is {found}, expected {expected}")
            }
            Self::WriterSeq { index, expected, found } => {
                write!(f, "entry {index}: writer's number is {found}, expected {expected}")
            }
            Self::NoCheckpoint => f.write_str("log has no checkpoint"),
            Self::Checkpoint(error) => write!(f, "log's checkpoint: {error}"),
            Self::CheckpointAhead { size, entries } => {
                write!(
                    f,
                    "log's checkpoint covers {size} entries, the log has {entries}: data was lost"
                )
            }
            Self::Root { size } => {
                write!(f, "first {size} entries are not those of the log's checkpoint")
            }
            Self::Kept(error) => write!(f, "kept checkpoint: {error}"),
            Self::Truncated { size, entries } => {
                write!(
                    f,
                    "kept checkpoint covers {size} entries, the log has {entries}: the end was removed"
                )
            }
            Self::Rewritten { size } => {
                write!(
                    f,
                    "first {size} entries are not those of a kept checkpoint: the past was rewritten"
                )
            }
        }
    }
}

/// What the check comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong, and a kept checkpoint covers every entry.
    Intact,
    /// Nothing is wrong inside, but no kept checkpoint covers all of it: what a thief of the key could have removed or
    /// rewritten after the last kept one cannot be told.
    TruncationNotExcluded,
    /// Something is wrong.
    Broken,
}

/// The result of a check. `Display` gives it in plain lines, without any id of a person, record or tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub(super) entries: u64,
    pub(super) root: Hash,
    pub(super) saw_checkpoint: bool,
    pub(super) signed: Option<u64>,
    pub(super) kept: Option<u64>,
    pub(super) tenants: usize,
    pub(super) writers: usize,
    pub(super) open_writers: Vec<Uuid>,
    pub(super) located: bool,
    findings: Vec<Finding>,
    more: u64,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            entries: 0,
            root: Hash::EMPTY,
            saw_checkpoint: false,
            signed: None,
            kept: None,
            tenants: 0,
            writers: 0,
            open_writers: Vec::new(),
            located: false,
            findings: Vec::new(),
            more: 0,
        }
    }
}

impl Report {
    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        if !self.findings.is_empty() {
            Verdict::Broken
        } else if self.kept == Some(self.entries) {
            Verdict::Intact
        } else {
            Verdict::TruncationNotExcluded
        }
    }

    /// How many leaves were read.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// The root over all of them.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// How many entries the log's own checkpoint covers; those after it are not signed yet.
    pub fn signed(&self) -> Option<u64> {
        self.signed
    }

    /// How many entries the newest kept checkpoint covers.
    pub fn kept(&self) -> Option<u64> {
        self.kept
    }

    /// Writers whose last event is not `writer-closed`: running ones, and those that ended without notice.
    pub fn open_writers(&self) -> &[Uuid] {
        &self.open_writers
    }

    /// True if the stored leaf hashes have the root of a checkpoint although the leaves do not: then the changed
    /// entries that were found are all there are up to it.
    pub fn is_located(&self) -> bool {
        self.located
    }

    /// What is wrong, at most the first 1,000.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many findings there are beyond those kept.
    pub fn findings_left_out(&self) -> u64 {
        self.more
    }

    pub(super) fn push(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries;
        writeln!(f, "{entries} entries, {} tenants, {} writers", self.tenants, self.writers)?;
        if let Some(open) = Some(self.open_writers.len()).filter(|open| *open > 0) {
            writeln!(f, "{open} writers without a closing event")?;
        }
        if let Some(tail) =
            self.signed.and_then(|signed| entries.checked_sub(signed)).filter(|tail| *tail > 0)
        {
            writeln!(f, "last {tail} entries not signed yet")?;
        }
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        if self.more > 0 {
            writeln!(f, "and {} findings more", self.more)?;
        }
        if self.located {
            f.write_str(
                "changed entries are all listed: the stored hashes agree with a checkpoint\n",
            )?;
        }
        match (self.verdict(), self.kept) {
            (Verdict::Broken, _) => f.write_str("broken: the log is not as it was written"),
            (Verdict::Intact, _) => {
                f.write_str("intact: all entries are those of a kept checkpoint")
            }
            (Verdict::TruncationNotExcluded, None) => f.write_str(
                "internally consistent; truncation not excluded (no kept checkpoint was given)",
            ),
            (Verdict::TruncationNotExcluded, Some(kept)) => write!(
                f,
                "internally consistent; first {kept} entries are those of a kept checkpoint; truncation not excluded after them"
            ),
        }
    }
}
