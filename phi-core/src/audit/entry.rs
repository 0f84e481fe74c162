//! A leaf of the log: an event with its numbers.

use std::error::Error;
use std::fmt;

use uuid::Uuid;

use super::event::{Facts, put_decimal, uuid_from_text};
use super::{Event, EventError};

/// One leaf, read from its bytes.
///
/// A leaf is `{"v":1,"index":N,"tenant_seq":M,"writer":"…","writer_seq":K,"event":`, the event's bytes as they were
/// handed in, and `}`. `tenant_seq` is there if, and only if, the event names a tenant. The three numbers count from
/// 0 and have no gaps: over the log, over the tenant's entries, and over the writer's.
///
/// ```
/// use phi_core::audit::{Action, Entry, EntryError, Event, EventId, EventTime, Outcome};
/// use uuid::Uuid;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let time = EventTime::new("2026-11-22T08:15:00Z".parse()?);
/// let event = Event::new(EventId::new(time, [7; 10]), time, Action::Execute, Outcome::Success).encode();
/// let leaf = Entry::assemble(4, None, Uuid::from_u128(1), 2, &event)?;
///
/// let entry = Entry::parse(&leaf)?;
/// assert_eq!((entry.index, entry.writer_seq, entry.event), (4, 2, &event[..]));
///
/// let mut longer = leaf.clone();
/// longer.push(b' ');
/// assert_eq!(Entry::parse(&longer).unwrap_err(), EntryError::Malformed); // one byte more: refused
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// Its place in the log, from 0.
    pub index: u64,
    /// Its place among its tenant's entries, from 0.
    pub tenant_seq: Option<u64>,
    /// The process that wrote it.
    pub writer: Uuid,
    /// Its place among its writer's entries, from 0.
    pub writer_seq: u64,
    /// The event's bytes, exactly as they were handed in.
    pub event: &'a [u8],
}

impl<'a> Entry<'a> {
    /// The most bytes of a leaf: what a C2SP tlog-tiles entry bundle can hold.
    pub const MAX_BYTES: usize = 65_535;

    /// Writes a leaf around an event's bytes.
    ///
    /// # Errors
    ///
    /// [`EntryError::Event`] if the bytes are not an event; [`EntryError::Tenant`] if a `tenant_seq` is given for an
    /// event without a tenant, or missing for one with a tenant.
    pub fn assemble(
        index: u64,
        tenant_seq: Option<u64>,
        writer: Uuid,
        writer_seq: u64,
        event: &[u8],
    ) -> Result<Vec<u8>, EntryError> {
        let facts = Facts::read(event).map_err(EntryError::Event)?;
        if facts.tenant.is_some() != tenant_seq.is_some() {
            return Err(EntryError::Tenant);
        }
        Ok(Entry { index, tenant_seq, writer, writer_seq, event }.to_bytes())
    }

    /// Reads a leaf.
    ///
    /// # Errors
    ///
    /// [`EntryError`] if it is too large, deviates in any byte from the form above, or its event is not one.
    pub fn parse(leaf: &'a [u8]) -> Result<Self, EntryError> {
        Self::parse_with_facts(leaf).map(|(entry, _)| entry)
    }

    pub(super) fn parse_with_facts(leaf: &'a [u8]) -> Result<(Self, Facts<'a>), EntryError> {
        if leaf.len() > Self::MAX_BYTES {
            return Err(EntryError::TooLarge);
        }
        let entry = Self::parse_frame(leaf).ok_or(EntryError::Malformed)?;
        let facts = Facts::read(entry.event).map_err(EntryError::Event)?;
        if facts.tenant.is_some() != entry.tenant_seq.is_some() {
            return Err(EntryError::Tenant);
        }
        Ok((entry, facts))
    }

    /// The event.
    ///
    /// # Errors
    ///
    /// [`EventError`] never for an entry that [`Entry::parse`] gave.
    pub fn decode_event(&self) -> Result<Event, EventError> {
        Event::decode(self.event)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut leaf = Vec::with_capacity(160 + self.event.len());
        leaf.extend_from_slice(b"{\"v\":1,\"index\":");
        put_decimal(&mut leaf, self.index);
        if let Some(seq) = self.tenant_seq {
            leaf.extend_from_slice(b",\"tenant_seq\":");
            put_decimal(&mut leaf, seq);
        }
        leaf.extend_from_slice(b",\"writer\":\"");
        let mut writer = Uuid::encode_buffer();
        leaf.extend_from_slice(self.writer.hyphenated().encode_lower(&mut writer).as_bytes());
        leaf.extend_from_slice(b"\",\"writer_seq\":");
        put_decimal(&mut leaf, self.writer_seq);
        leaf.extend_from_slice(b",\"event\":");
        leaf.extend_from_slice(self.event);
        leaf.push(b'}');
        leaf
    }

    fn parse_frame(leaf: &'a [u8]) -> Option<Self> {
        let rest = leaf.strip_prefix(b"{\"v\":1,\"index\":")?;
        let (index, rest) = decimal(rest)?;
        let (tenant_seq, rest) = match rest.strip_prefix(b",\"tenant_seq\":") {
            Some(rest) => decimal(rest).map(|(seq, rest)| (Some(seq), rest))?,
            None => (None, rest),
        };
        let rest = rest.strip_prefix(b",\"writer\":\"")?;
        let (writer, rest) = rest.split_at_checked(36)?;
        let writer = uuid_from_text(std::str::from_utf8(writer).ok()?)?;
        let rest = rest.strip_prefix(b"\",\"writer_seq\":")?;
        let (writer_seq, rest) = decimal(rest)?;
        let rest = rest.strip_prefix(b",\"event\":")?;
        let event = rest.strip_suffix(b"}")?;
        // JSON allows space around a value; the event's bytes begin and end with its braces.
        let whole = event.starts_with(b"{") && event.ends_with(b"}");
        whole.then_some(Self { index, tenant_seq, writer, writer_seq, event })
    }
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("index", &self.index)
            .field("tenant_seq", &self.tenant_seq)
            .field("writer", &self.writer)
            .field("writer_seq", &self.writer_seq)
            .finish_non_exhaustive()
    }
}

/// A decimal number as it is written: no sign, no leading zero, at most `u64::MAX`.
fn decimal(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let end = bytes.iter().position(|b| !b.is_ascii_digit()).unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at_checked(end)?;
    parse_decimal(digits).map(|number| (number, rest))
}

/// All of `digits` as a number, if it is written as this crate writes numbers.
pub(super) fn parse_decimal(digits: &[u8]) -> Option<u64> {
    match digits {
        [] | [b'0', _, ..] => None,
        digits => digits.iter().try_fold(0_u64, |sum, digit| {
            let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
            sum.checked_mul(10)?.checked_add(digit)
        }),
    }
}

/// Why bytes are not a leaf of format 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryError {
    /// More than 65,535 bytes.
    TooLarge,
    /// The frame around the event is not that of format 1.
    Malformed,
    /// `tenant_seq` and the event's tenant are not both there or both absent.
    Tenant,
    /// The event is not one.
    Event(EventError),
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("log entry is larger than 65535 bytes"),
            Self::Malformed => f.write_str("log entry is not of format 1"),
            Self::Tenant => f.write_str(
                "log entry must have a tenant number exactly if its event names a tenant",
            ),
            Self::Event(error) => error.fmt(f),
        }
    }
}

impl Error for EntryError {}
