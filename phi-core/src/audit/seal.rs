//! The sealer's core: numbers events, makes leaves of them, grows the tree. No clock, no I/O.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;

use uuid::Uuid;

use super::event::Facts;
use super::merkle::{Edge, Hash};
use super::note::{NoteError, SigningKey};
use super::{Checkpoint, Entry, EventError, Id};

/// The state of a log: its right edge and the next number of every tenant and writer.
///
/// One process at a time appends. A store calls [`append`](Self::append) inside a transaction, writes the entries and
/// [`edge`](Self::edge), and then either [`commit`](Self::commit) or [`rollback`](Self::rollback), as its transaction
/// ended.
///
/// # Security
///
/// Publish a checkpoint only after the transaction that holds its entries has committed: two signed heads of one size
/// are a fork, and any witness will hold it against the log.
///
/// ```
/// use phi_core::audit::{Action, Event, EventId, EventTime, LogState, Outcome, SealLogError};
/// use uuid::Uuid;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let time = EventTime::new("2026-11-22T08:15:00Z".parse()?);
/// let event = Event::new(EventId::new(time, [7; 10]), time, Action::Execute, Outcome::Success).encode();
/// let writer = Uuid::from_u128(1);
///
/// let mut log = LogState::new();
/// log.append(writer, 0, &[&event])?;
/// log.commit();
/// let gap = log.append(writer, 2, &[&event]); // event 1 is missing: refused
/// assert_eq!(gap.unwrap_err(), SealLogError::Gap { expected: 1, found: 2 });
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct LogState {
    edge: Edge,
    tenants: HashMap<Id, u64>,
    writers: HashMap<Uuid, u64>,
    undo: Undo,
}

/// How to go back to the last commit.
#[derive(Debug, Clone, Default)]
struct Undo {
    edge: Option<Edge>,
    /// Counters as they were, the oldest first.
    tenants: Vec<(Id, Option<u64>)>,
    writers: Vec<(Uuid, Option<u64>)>,
}

/// What one [`append`](LogState::append) made, to be stored in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batch {
    /// The process that wrote the events.
    pub writer: Uuid,
    /// The entries, in the order of the events.
    pub entries: Vec<LogEntry>,
}

/// One entry with what a store indexes it by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// Its place in the log, from 0.
    pub index: u64,
    /// The tenant it concerns, and its place among that tenant's entries.
    pub tenant: Option<(Id, u64)>,
    /// Its place among its writer's entries.
    pub writer_seq: u64,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// The leaf's hash.
    pub hash: Hash,
}

impl LogState {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rebuilds the state from what is stored: the edge, and for each tenant and writer the next number (its highest
    /// plus one).
    ///
    /// # Errors
    ///
    /// [`SealLogError::State`] if a tenant or writer is given twice, or the numbers cannot belong to a tree of this
    /// size: every entry has one writer and at most one tenant.
    pub fn restore(
        edge: Edge,
        tenants: impl IntoIterator<Item = (Id, u64)>,
        writers: impl IntoIterator<Item = (Uuid, u64)>,
    ) -> Result<Self, SealLogError> {
        let mut state = Self { edge, ..Self::default() };
        let (mut of_tenants, mut of_writers) = (0_u64, 0_u64);
        for (tenant, next) in tenants {
            of_tenants = of_tenants.checked_add(next).ok_or(SealLogError::State)?;
            if state.tenants.insert(tenant, next).is_some() {
                return Err(SealLogError::State);
            }
        }
        for (writer, next) in writers {
            of_writers = of_writers.checked_add(next).ok_or(SealLogError::State)?;
            if state.writers.insert(writer, next).is_some() {
                return Err(SealLogError::State);
            }
        }
        if of_writers != state.edge.size() || of_tenants > of_writers {
            return Err(SealLogError::State);
        }
        Ok(state)
    }

    /// The tree's right edge, to be stored with the entries.
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// The number the writer's next event must have.
    pub fn next_writer_seq(&self, writer: Uuid) -> u64 {
        self.writers.get(&writer).copied().unwrap_or(0)
    }

    /// Appends a writer's events, the first of which the writer has numbered `first_seq`.
    ///
    /// On an error nothing has changed.
    ///
    /// # Errors
    ///
    /// [`SealLogError::Gap`] if the writer's numbers do not go on where they stopped; [`SealLogError::Event`] if one of
    /// the events is not an encoded event of at most [`Event::MAX_BYTES`](super::Event::MAX_BYTES).
    pub fn append(
        &mut self,
        writer: Uuid,
        first_seq: u64,
        events: &[impl AsRef<[u8]>],
    ) -> Result<Batch, SealLogError> {
        let expected = self.next_writer_seq(writer);
        if first_seq != expected {
            return Err(SealLogError::Gap { expected, found: first_seq });
        }
        let mut parsed = Vec::with_capacity(events.len());
        for (event, at) in events.iter().zip(0_u64..) {
            let event = event.as_ref();
            let facts = Facts::read(event).map_err(|error| SealLogError::Event { at, error })?;
            parsed.push((event, facts));
        }
        self.undo.edge.get_or_insert_with(|| self.edge.clone());
        let mut entries = Vec::with_capacity(parsed.len());
        for ((event, facts), writer_seq) in parsed.into_iter().zip(first_seq..) {
            entries.push(self.append_one(writer, writer_seq, event, facts));
        }
        if !entries.is_empty() {
            let next = first_seq + entries.len() as u64;
            self.undo.writers.push((writer, self.writers.insert(writer, next)));
        }
        Ok(Batch { writer, entries })
    }

    fn append_one(
        &mut self,
        writer: Uuid,
        writer_seq: u64,
        event: &[u8],
        facts: Facts<'_>,
    ) -> LogEntry {
        let index = self.edge.size();
        let tenant = facts.tenant.map(|tenant| {
            let tenant = Id::stored(tenant.into_owned());
            let seq = self.tenants.get(&tenant).copied();
            self.tenants.insert(tenant.clone(), seq.unwrap_or(0) + 1);
            self.undo.tenants.push((tenant.clone(), seq));
            (tenant, seq.unwrap_or(0))
        });
        let tenant_seq = tenant.as_ref().map(|(_, seq)| *seq);
        let leaf = Entry { index, tenant_seq, writer, writer_seq, event }.to_bytes();
        let hash = Hash::of_leaf(&leaf);
        self.edge.push(hash);
        LogEntry { index, tenant, writer_seq, leaf, hash }
    }

    /// Signs the head of the log as it is now.
    ///
    /// # Errors
    ///
    /// [`NoteError::Text`] if the origin is empty or holds a control character.
    pub fn checkpoint(&self, origin: &str, key: &SigningKey) -> Result<String, NoteError> {
        Checkpoint::new(origin, self.edge.size(), self.edge.root()).sign(key)
    }

    /// What was appended is stored: there is no way back.
    pub fn commit(&mut self) {
        self.undo = Undo::default();
    }

    /// What was appended since the last commit was not stored: forgets it.
    pub fn rollback(&mut self) {
        let undo = std::mem::take(&mut self.undo);
        if let Some(edge) = undo.edge {
            self.edge = edge;
        }
        for (tenant, before) in undo.tenants.into_iter().rev() {
            match before {
                Some(next) => self.tenants.insert(tenant, next),
                None => self.tenants.remove(&tenant),
            };
        }
        for (writer, before) in undo.writers.into_iter().rev() {
            match before {
                Some(next) => self.writers.insert(writer, next),
                None => self.writers.remove(&writer),
            };
        }
    }
}

/// Two states are equal if they would number and hash the same events alike.
impl PartialEq for LogState {
    fn eq(&self, other: &Self) -> bool {
        (&self.edge, &self.tenants, &self.writers) == (&other.edge, &other.tenants, &other.writers)
    }
}

impl Eq for LogState {}

/// Why events were not appended, or a state was not restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealLogError {
    /// The writer's numbers do not go on where they stopped.
    Gap {
        /// The number that is next.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// One of the events is not one.
    Event {
        /// Which of those handed in, from 0.
        at: u64,
        /// What is wrong with it.
        error: EventError,
    },
    /// The stored numbers do not belong to the stored edge.
    State,
}

impl fmt::Display for SealLogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { expected, found } => {
                write!(f, "writer's next event must be number {expected}, not {found}")
            }
            Self::Event { at, error } => write!(f, "event {at} of the batch: {error}"),
            Self::State => f.write_str(
                "stored numbers do not fit the stored edge; run verify before appending",
            ),
        }
    }
}

impl Error for SealLogError {}
