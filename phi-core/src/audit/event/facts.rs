//! What numbering and checking need of an event, read without building it.
//!
//! Nearly every stored event is exactly what [`Event::encode`] writes, and then one pass over its fixed order of keys
//! settles whether it is an event. What is not (an escape, a key of a later version, another order) goes to the reader
//! in `decode`, whose word is final: this one only ever accepts what that one accepts, and a test holds them together.

use std::borrow::Cow;

use super::decode::{RawEvent, hash_from_hex};
use super::text::holds;
use super::{Code, Event, EventError, EventId, EventTime, Id, Printable};
use crate::audit::entry::parse_decimal;

/// A valid event's tenant and reason.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::audit) struct Facts<'a> {
    pub(in crate::audit) tenant: Option<Cow<'a, str>>,
    pub(in crate::audit) reason: Option<Cow<'a, str>>,
}

impl<'a> Facts<'a> {
    /// Fails exactly where [`Event::decode`] fails.
    pub(in crate::audit) fn read(bytes: &'a [u8]) -> Result<Self, EventError> {
        Self::of_canonical(bytes)
            .map_or_else(|| RawEvent::parse(bytes).map(RawEvent::into_facts), Ok)
    }

    /// `None` says nothing about the event but that it is not of the usual form.
    pub(in crate::audit) fn of_canonical(bytes: &'a [u8]) -> Option<Self> {
        let odd = holds(bytes, |b| b < 0x20 || b == b'\\');
        if odd || bytes.len() > Event::MAX_BYTES {
            return None;
        }
        let mut cursor = Cursor(std::str::from_utf8(bytes).ok()?);
        let facts = cursor.event()?;
        cursor.0.is_empty().then_some(facts)
    }
}

/// What is left to read. There is no escape in it, so a string ends at the next quotation mark.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn event(&mut self) -> Option<Facts<'a>> {
        self.take("{\"id\":\"")?;
        EventId::from_text(self.string()?)?;
        self.take(",\"time\":\"")?;
        EventTime::from_text(self.string()?)?;
        if self.found(",\"principal\":{\"id\":\"") {
            self.id()?;
            self.take(",\"kind\":\"")?;
            self.code()?;
            self.take("}")?;
        }
        self.optional(",\"role\":\"", Self::id)?;
        self.optional(",\"membership\":\"", Self::id)?;
        let mut facts = Facts { tenant: None, reason: None };
        if self.found(",\"tenant\":\"") {
            facts.tenant = Some(Cow::Borrowed(self.id()?));
        }
        self.take(",\"action\":\"")?;
        self.code()?;
        self.optional(",\"purpose\":\"", Self::code)?;
        self.take(",\"outcome\":\"")?;
        self.code()?;
        if self.found(",\"reason\":\"") {
            facts.reason = Some(Cow::Borrowed(self.code()?));
        }
        self.optional(",\"route\":\"", Self::id)?;
        self.optional(",\"request\":\"", Self::printable::<64>)?;
        if self.found(",\"client\":{\"address\":\"") {
            self.printable::<64>()?;
            self.optional(",\"agent\":\"", Self::printable::<256>)?;
            self.take("}")?;
        } else if self.found(",\"client\":{\"agent\":\"") {
            self.printable::<256>()?;
            self.take("}")?;
        }
        self.optional(",\"break_glass\":\"", Self::id)?;
        self.optional(",\"count\":", Self::number)?;
        if self.found(",\"items\":[") {
            self.list("]", Self::item)?;
        }
        if self.found(",\"searches\":[") {
            self.list("]", Self::search)?;
        }
        if self.found(",\"part\":{\"n\":") {
            let n = self.number()?;
            self.take(",\"of\":")?;
            let of = self.number()?;
            self.take("}")?;
            (1 <= n && n <= of && u32::try_from(of).is_ok()).then_some(())?;
        }
        self.take("}")?;
        Some(facts)
    }

    fn item(&mut self) -> Option<()> {
        if self.found("{\"subject\":\"") {
            self.id()?;
            self.take(",\"record\":\"")?;
        } else {
            self.take("{\"record\":\"")?;
        }
        self.id()?;
        self.take(",\"id\":\"")?;
        self.id()?;
        self.optional(",\"tenant\":\"", Self::id)?;
        if self.found(",\"fields\":[") {
            self.list("]", |field| {
                field.take("\"")?;
                field.id().map(drop)
            })?;
        }
        if self.found(",\"hashes\":{") {
            let mut before = None;
            self.list("}", |pair| {
                pair.take("\"")?;
                let column = pair.id()?;
                pair.take(":\"")?;
                let hash = pair.string()?;
                let ascending = before.replace(column).is_none_or(|before| before < column);
                (ascending && (hash == "null" || hash_from_hex(hash).is_some())).then_some(())
            })?;
        }
        self.take("}")
    }

    fn search(&mut self) -> Option<()> {
        self.take("{\"record\":\"")?;
        self.id()?;
        self.take(",\"field\":\"")?;
        self.id()?;
        self.take(",\"hits\":")?;
        self.number()?;
        self.take("}")
    }

    /// One or more elements, commas between them, and the end.
    fn list(&mut self, end: &str, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        loop {
            one(self)?;
            if self.found(end) {
                return Some(());
            }
            self.take(",")?;
        }
    }

    fn found(&mut self, text: &str) -> bool {
        self.take(text).is_some()
    }

    fn take(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// Reads a value if its key is there.
    fn optional<T>(&mut self, key: &str, value: impl FnOnce(&mut Self) -> Option<T>) -> Option<()> {
        if self.found(key) { value(self).map(drop) } else { Some(()) }
    }

    /// The rest of a string whose opening mark has been read.
    fn string(&mut self) -> Option<&'a str> {
        // Most strings are short: looking byte by byte beats a search that has to be set up.
        let end = self.0.bytes().position(|byte| byte == b'"')?;
        let (text, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.get(1..)?;
        Some(text)
    }

    fn id(&mut self) -> Option<&'a str> {
        self.string().filter(|text| Id::is_stored_form(text))
    }

    fn code(&mut self) -> Option<&'a str> {
        self.string().filter(|text| Code::is_stored_form(text))
    }

    fn printable<const MAX: usize>(&mut self) -> Option<&'a str> {
        self.string().filter(|text| Printable::<MAX>::is_stored_form(text))
    }

    fn number(&mut self) -> Option<u64> {
        let end = self.0.bytes().position(|b| !b.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        parse_decimal(digits.as_bytes())
    }
}
