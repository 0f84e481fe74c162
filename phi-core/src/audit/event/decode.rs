//! Reading an event: strict about every key that format 1 knows, silent about any other.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::text::holds;
use super::{
    Action, Client, Code, ContentHash, Event, EventError, EventId, EventTime, Facts, Id, Item,
    Outcome, Part, Principal, PrincipalKind, Printable, Reason, Search,
};

impl Event {
    /// Reads an event from its stored bytes.
    ///
    /// A code this version does not list is kept as text; a key it does not know is passed over.
    ///
    /// # Errors
    ///
    /// [`EventError`] if the bytes are too many, not one line of text, or not an event of format 1.
    pub fn decode(bytes: &[u8]) -> Result<Self, EventError> {
        RawEvent::parse(bytes).map(RawEvent::into_event)
    }
}

/// An event whose texts still lie in the bytes it was read from. Its existence says that the event is valid.
#[derive(Deserialize)]
pub(super) struct RawEvent<'a> {
    id: Checked<EventId>,
    time: Checked<EventTime>,
    #[serde(default, borrow, deserialize_with = "present")]
    principal: Option<RawPrincipal<'a>>,
    #[serde(default, borrow, deserialize_with = "present")]
    role: Option<Text<'a, Id>>,
    #[serde(default, borrow, deserialize_with = "present")]
    membership: Option<Text<'a, Id>>,
    #[serde(default, borrow, deserialize_with = "present")]
    tenant: Option<Text<'a, Id>>,
    #[serde(borrow)]
    action: Text<'a, Code>,
    #[serde(default, borrow, deserialize_with = "present")]
    purpose: Option<Text<'a, Code>>,
    #[serde(borrow)]
    outcome: Text<'a, Code>,
    #[serde(default, borrow, deserialize_with = "present")]
    reason: Option<Text<'a, Code>>,
    #[serde(default, borrow, deserialize_with = "present")]
    route: Option<Text<'a, Id>>,
    #[serde(default, borrow, deserialize_with = "present")]
    request: Option<Text<'a, Printable<64>>>,
    #[serde(default, borrow, deserialize_with = "present")]
    client: Option<RawClient<'a>>,
    #[serde(default, borrow, deserialize_with = "present")]
    break_glass: Option<Text<'a, Id>>,
    #[serde(default, deserialize_with = "present")]
    count: Option<u64>,
    #[serde(default, borrow)]
    items: Vec<RawItem<'a>>,
    #[serde(default, borrow)]
    searches: Vec<RawSearch<'a>>,
    #[serde(default, deserialize_with = "present")]
    part: Option<RawPart>,
}

#[derive(Deserialize)]
struct RawPrincipal<'a> {
    #[serde(borrow)]
    id: Text<'a, Id>,
    #[serde(borrow)]
    kind: Text<'a, Code>,
}

#[derive(Deserialize)]
struct RawClient<'a> {
    #[serde(default, borrow, deserialize_with = "present")]
    address: Option<Text<'a, Printable<64>>>,
    #[serde(default, borrow, deserialize_with = "present")]
    agent: Option<Text<'a, Printable<256>>>,
}

#[derive(Deserialize)]
struct RawItem<'a> {
    #[serde(default, borrow, deserialize_with = "present")]
    subject: Option<Text<'a, Id>>,
    #[serde(borrow)]
    record: Text<'a, Id>,
    #[serde(borrow)]
    id: Text<'a, Id>,
    #[serde(default, borrow, deserialize_with = "present")]
    tenant: Option<Text<'a, Id>>,
    #[serde(default, borrow)]
    fields: Vec<Text<'a, Id>>,
    #[serde(default, borrow)]
    hashes: RawHashes<'a>,
}

#[derive(Deserialize)]
struct RawSearch<'a> {
    #[serde(borrow)]
    record: Text<'a, Id>,
    #[serde(borrow)]
    field: Text<'a, Id>,
    hits: u64,
}

#[derive(Deserialize)]
struct RawPart {
    n: u32,
    of: u32,
}

impl<'a> RawEvent<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, EventError> {
        if bytes.len() > Event::MAX_BYTES {
            return Err(EventError::TooLarge);
        }
        // serde_json does not look at the bytes of strings it skips, and takes line breaks between tokens.
        let text = std::str::from_utf8(bytes).map_err(|_| EventError::NotOneLine)?;
        if holds(bytes, |b| b < 0x20) {
            return Err(EventError::NotOneLine);
        }
        let event: Self = serde_json::from_str(text).map_err(|_| EventError::Malformed)?;
        match &event.part {
            Some(RawPart { n, of }) if *n == 0 || n > of => Err(EventError::Malformed),
            _ => Ok(event),
        }
    }

    pub(super) fn into_facts(self) -> Facts<'a> {
        Facts { tenant: self.tenant.map(|text| text.0), reason: self.reason.map(|text| text.0) }
    }

    fn into_event(self) -> Event {
        Event {
            id: self.id.0,
            time: self.time.0,
            principal: self.principal.map(|raw| Principal {
                id: raw.id.into_id(),
                kind: PrincipalKind::stored(raw.kind.as_str()),
            }),
            role: self.role.map(Text::into_id),
            membership: self.membership.map(Text::into_id),
            tenant: self.tenant.map(Text::into_id),
            action: Action::stored(self.action.as_str()),
            purpose: self.purpose.map(|code| Code::stored(code.as_str())),
            outcome: Outcome::stored(self.outcome.as_str()),
            reason: self.reason.map(|code| Reason::stored(code.as_str())),
            route: self.route.map(Text::into_id),
            request: self.request.map(Text::into_printable),
            client: self.client.map_or_else(Client::default, |raw| Client {
                address: raw.address.map(Text::into_printable),
                agent: raw.agent.map(Text::into_printable),
            }),
            break_glass: self.break_glass.map(Text::into_id),
            count: self.count,
            items: self.items.into_iter().map(RawItem::into_item).collect(),
            searches: self
                .searches
                .into_iter()
                .map(|raw| Search {
                    record: raw.record.into_id(),
                    field: raw.field.into_id(),
                    hits: raw.hits,
                })
                .collect(),
            part: self.part.map(|raw| Part { n: raw.n, of: raw.of }),
        }
    }
}

impl RawItem<'_> {
    fn into_item(self) -> Item {
        Item {
            subject: self.subject.map(Text::into_id),
            record: self.record.into_id(),
            id: self.id.into_id(),
            tenant: self.tenant.map(Text::into_id),
            fields: self.fields.into_iter().map(Text::into_id).collect(),
            hashes: self
                .hashes
                .0
                .into_iter()
                .map(|(column, hash)| (column.into_id(), hash))
                .collect(),
        }
    }
}

/// `null` is not the same as absent: format 1 never writes it, so it is refused.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(input).map(Some)
}

/// What a text must be to stand where it stands.
trait StoredForm {
    fn is_stored_form(text: &str) -> bool;
}

impl StoredForm for Id {
    fn is_stored_form(text: &str) -> bool {
        Self::is_stored_form(text)
    }
}

impl StoredForm for Code {
    fn is_stored_form(text: &str) -> bool {
        Self::is_stored_form(text)
    }
}

impl<const MAX: usize> StoredForm for Printable<MAX> {
    fn is_stored_form(text: &str) -> bool {
        Self::is_stored_form(text)
    }
}

/// A text of kind `K`, checked, and borrowed unless it held an escape.
struct Text<'a, K>(Cow<'a, str>, PhantomData<K>);

impl<K> Text<'_, K> {
    fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text<'_, Id> {
    fn into_id(self) -> Id {
        Id::stored(self.0.into_owned())
    }
}

impl<const MAX: usize> Text<'_, Printable<MAX>> {
    fn into_printable(self) -> Printable<MAX> {
        Printable::stored(self.0.into_owned())
    }
}

impl<'de: 'a, 'a, K: StoredForm> Deserialize<'de> for Text<'a, K> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = input.deserialize_str(TextVisitor)?;
        if K::is_stored_form(&text) {
            Ok(Self(text, PhantomData))
        } else {
            Err(D::Error::custom("text"))
        }
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// A value that a text stands for.
struct Checked<T>(T);

impl<'de> Deserialize<'de> for Checked<EventId> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = input.deserialize_str(TextVisitor)?;
        EventId::from_text(&text).map(Self).ok_or_else(|| D::Error::custom("id"))
    }
}

impl<'de> Deserialize<'de> for Checked<EventTime> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = input.deserialize_str(TextVisitor)?;
        EventTime::from_text(&text).map(Self).ok_or_else(|| D::Error::custom("time"))
    }
}

impl<'de> Deserialize<'de> for Checked<ContentHash> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = input.deserialize_str(TextVisitor)?;
        if text == "null" {
            return Ok(Self(ContentHash::Null));
        }
        let hash = hash_from_hex(&text).ok_or_else(|| D::Error::custom("hash"))?;
        Ok(Self(ContentHash::Sha256(hash)))
    }
}

pub(super) fn hash_from_hex(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(hash)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Columns in strictly ascending byte order, so that none can stand there twice.
#[derive(Default)]
struct RawHashes<'a>(Vec<(Text<'a, Id>, ContentHash)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawHashes<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(HashesVisitor(PhantomData))
    }
}

struct HashesVisitor<'a>(PhantomData<RawHashes<'a>>);

impl<'de: 'a, 'a> Visitor<'de> for HashesVisitor<'a> {
    type Value = RawHashes<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("columns and their hashes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut hashes: Vec<(Text<'a, Id>, ContentHash)> = Vec::new();
        while let Some((column, Checked(hash))) =
            map.next_entry::<Text<'a, Id>, Checked<ContentHash>>()?
        {
            if hashes.last().is_some_and(|(before, _)| before.as_str() >= column.as_str()) {
                return Err(A::Error::custom("order"));
            }
            hashes.push((column, hash));
        }
        Ok(RawHashes(hashes))
    }
}
