//! One audit event: who did what to which fields of which record, when, why, and how it ended. Never a value.

mod codes;
mod decode;
mod encode;
mod facts;
mod parts;
mod text;
mod time;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

pub use self::codes::{Action, Outcome, PrincipalKind, Reason};
pub(super) use self::encode::put_decimal;
pub(super) use self::facts::Facts;
pub(super) use self::text::push_hex;
pub use self::text::{Code, Id, Printable};
pub(super) use self::time::uuid_from_text;
pub use self::time::{EventId, EventTime};

/// One audit event.
///
/// Made by [`Event::new`], then filled field by field. Every text in it is bounded by its type, so that an event has
/// a bounded head, and only its lists grow; [`Event::into_parts`] splits those.
///
/// # Security
///
/// There is no place for a field's value: items name fields and may carry SHA-256 hashes of *sealed* bytes. Labels,
/// roles and routes come from the program. `Debug` prints codes and counts, no id, no address and no agent.
///
/// ```
/// use phi_core::audit::{Action, Event, EventError, EventId, EventTime, Item, Outcome};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let time = EventTime::new("2026-11-22T08:15:00.00025Z".parse()?);
/// let mut event = Event::new(EventId::new(time, [7; 10]), time, Action::Read, Outcome::Success);
/// event.tenant = Some("clinic-a".into());
/// event.items.push(Item::new("patient", 42_i64).with_fields(["name", "born"]));
///
/// let bytes = event.encode();
/// assert_eq!(Event::decode(&bytes)?, event);
/// assert_eq!(Event::decode(b"{}").unwrap_err(), EventError::Malformed); // no id, no time, no action: refused
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Its identity.
    pub id: EventId,
    /// When it happened.
    pub time: EventTime,
    /// Who acted; absent where nobody was signed in.
    pub principal: Option<Principal>,
    /// The role the principal acted in.
    pub role: Option<Id>,
    /// The principal's active membership.
    pub membership: Option<Id>,
    /// The tenant whose data it concerns. Entries of a tenant are numbered without gaps.
    pub tenant: Option<Id>,
    /// What was done.
    pub action: Action,
    /// What for: an HL7 v3 `PurposeOfUse` code.
    pub purpose: Option<Code>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it ended so.
    pub reason: Option<Reason>,
    /// Method and route template, as in `GET /patients/{id}`; never the URI.
    pub route: Option<Id>,
    /// The request's id: the same in an intent, its outcome and all their parts.
    pub request: Option<Printable<64>>,
    /// Where the request came from.
    pub client: Client,
    /// The break-glass it was done under.
    pub break_glass: Option<Id>,
    /// How many equal happenings this event stands for, where they are summed (refusals before authentication).
    pub count: Option<u64>,
    /// The records touched.
    pub items: Vec<Item>,
    /// The searches made.
    pub searches: Vec<Search>,
    /// Which part of a long event this is; absent for a whole one.
    pub part: Option<Part>,
}

/// Who acts.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    /// The opaque id of the person, service or job.
    pub id: Id,
    /// Which of these it is.
    pub kind: PrincipalKind,
}

/// Where a request came from, as far as that is known. Both texts are the client's own words.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The network address.
    pub address: Option<Printable<64>>,
    /// The user agent.
    pub agent: Option<Printable<256>>,
}

/// One record that was touched.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// The patient it concerns, where that is known.
    pub subject: Option<Id>,
    /// The record's label.
    pub record: Id,
    /// The record's id.
    pub id: Id,
    /// The tenant whose record it is, where that is not the event's.
    pub tenant: Option<Id>,
    /// The labels of the fields opened, shown or written.
    pub fields: Vec<Id>,
    /// For a write: what each sealed or token column now holds, by the label of its field; of a token by the label and
    /// `_index`.
    pub hashes: BTreeMap<Id, ContentHash>,
}

impl Item {
    /// A record without a subject, fields or hashes yet.
    pub fn new(record: impl Into<Id>, id: impl Into<Id>) -> Self {
        Self {
            subject: None,
            record: record.into(),
            id: id.into(),
            tenant: None,
            fields: Vec::new(),
            hashes: BTreeMap::new(),
        }
    }

    /// The same with its patient.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<Id>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The same with its tenant, where that is not the event's.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<Id>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// The same with these field labels.
    #[must_use]
    pub fn with_fields<I>(mut self, fields: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Id>,
    {
        self.fields = fields.into_iter().map(Into::into).collect();
        self
    }
}

/// What a column held after a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentHash {
    /// SQL NULL.
    Null,
    /// The SHA-256 of the stored bytes of a sealed value or a search token.
    Sha256([u8; 32]),
}

/// One search over a sealed column: which, and how many candidates, never for what.
#[derive(Clone, PartialEq, Eq)]
pub struct Search {
    /// The record's label.
    pub record: Id,
    /// The field's label.
    pub field: Id,
    /// How many records were found.
    pub hits: u64,
}

/// The place of a part in an event that was split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub n: u32,
    /// How many there are.
    pub of: u32,
}

impl Event {
    /// The most bytes one encoded event has; what is longer continues in further parts.
    pub const MAX_BYTES: usize = 32 * 1024;

    /// An event with nothing but what every event has.
    pub fn new(id: EventId, time: EventTime, action: Action, outcome: Outcome) -> Self {
        Self {
            id,
            time,
            principal: None,
            role: None,
            membership: None,
            tenant: None,
            action,
            purpose: None,
            outcome,
            reason: None,
            route: None,
            request: None,
            client: Client::default(),
            break_glass: None,
            count: None,
            items: Vec::new(),
            searches: Vec::new(),
            part: None,
        }
    }

    /// True for the second and later parts: they continue an outcome and are not one of their own.
    pub fn is_continuation(&self) -> bool {
        self.part.is_some_and(|part| part.n > 1)
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("action", &self.action)
            .field("outcome", &self.outcome)
            .field("reason", &self.reason)
            .field("items", &self.items.len())
            .field("searches", &self.searches.len())
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(..)")
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item").field("fields", &self.fields.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Search(..)")
    }
}

/// Why bytes or text are not (part of) an audit event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventError {
    /// More than 32 KiB.
    TooLarge,
    /// Not UTF-8, or a raw control character such as a line break.
    NotOneLine,
    /// Not the JSON object of format 1: a key is missing, twice there or of the wrong form.
    Malformed,
    /// Not a code.
    Code,
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "audit event is larger than 32 KiB; split it with into_parts",
            Self::NotOneLine => "audit event is not one line of UTF-8 text",
            Self::Malformed => "audit event is not an object of format 1",
            Self::Code => {
                "code must have 1 to 64 ASCII letters, digits, hyphens, underscores or dots"
            }
        })
    }
}

impl Error for EventError {}
