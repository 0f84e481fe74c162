//! An event's time and id.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid, Variant};

use crate::crypto::Random;

/// 0000-01-01T00:00:00Z in microseconds since 1970: RFC 3339 has no earlier year.
const EARLIEST: i64 = -62_167_219_200_000_000;

/// When it happened: UTC, whole microseconds, years 0000 to 9999.
///
/// Stored as RFC 3339 with exactly six decimals, `2026-11-22T08:15:00.000250Z`. The database's own time types round
/// differently from one another; this text does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventTime(Timestamp);

impl EventTime {
    /// Cuts a time to whole microseconds, and to the nearest year that RFC 3339 can write.
    pub fn new(time: Timestamp) -> Self {
        let micros = time.as_microsecond().max(EARLIEST);
        Self(Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// The time as jiff knows it.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// The 27 bytes that are stored.
    pub(super) fn to_text(self) -> [u8; 27] {
        let time = Offset::UTC.to_datetime(self.0);
        let parts = [
            (i32::from(time.year()), 4, b'-'),
            (i32::from(time.month()), 2, b'-'),
            (i32::from(time.day()), 2, b'T'),
            (i32::from(time.hour()), 2, b':'),
            (i32::from(time.minute()), 2, b':'),
            (i32::from(time.second()), 2, b'.'),
            (time.subsec_nanosecond() / 1000, 6, b'Z'),
        ];
        let mut text = [b'0'; 27];
        let mut rest = text.as_mut_slice();
        for (number, width, end) in parts {
            let Some((field, after)) = rest.split_at_mut_checked(width + 1) else {
                break;
            };
            let mut number = number.unsigned_abs();
            let mut places = field.iter_mut().rev();
            if let Some(place) = places.next() {
                *place = end;
            }
            for place in places {
                *place = b'0' + (number % 10) as u8;
                number /= 10;
            }
            rest = after;
        }
        text
    }

    /// Reads exactly the form that is written, and nothing else RFC 3339 allows.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let mut rest = text.as_bytes();
        let mut field = |width: usize, end: u8| {
            let (digits, after) = rest.split_at_checked(width)?;
            let (found, after) = after.split_first()?;
            rest = after;
            (*found == end).then_some(())?;
            digits.iter().try_fold(0_i32, |sum, b| {
                b.is_ascii_digit().then(|| sum * 10 + i32::from(b - b'0'))
            })
        };
        let year = i16::try_from(field(4, b'-')?).ok()?;
        let mut small = |end: u8| i8::try_from(field(2, end)?).ok();
        let (month, day) = (small(b'-')?, small(b'T')?);
        let (hour, minute, second) = (small(b':')?, small(b':')?, small(b'.')?);
        let micros = field(6, b'Z')?;
        if !rest.is_empty() {
            return None;
        }
        let time = DateTime::new(year, month, day, hour, minute, second, micros * 1000).ok()?;
        Offset::UTC.to_timestamp(time).ok().map(Self)
    }
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_text().iter().try_for_each(|b| fmt::Write::write_char(f, char::from(*b)))
    }
}

/// An event's identity: a `UUIDv7` (RFC 9562 section 5.7) that carries the event's own time, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(Uuid);

impl EventId {
    /// Makes an id from a time and 80 random bits, of which 74 are used. A time before 1970 counts as 1970.
    pub fn new(time: EventTime, random: [u8; 10]) -> Self {
        let millis = u64::try_from(time.0.as_millisecond()).unwrap_or(0);
        Self(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Makes an id from a time and this thread's generator.
    ///
    /// An id names an event and protects nothing, so it is not worth a system call for each.
    #[must_use]
    pub fn generate(time: EventTime) -> Self {
        let mut random = [0; 10];
        Random::System.generator(&mut random);
        Self::new(time, random)
    }

    /// The id as a UUID.
    pub fn as_uuid(self) -> Uuid {
        self.0
    }

    /// The id of part `n` of an event that continues: its first part's time, and bits that follow from its id.
    pub(super) fn of_part(self, n: u32, time: EventTime) -> Self {
        let digest = Sha256::new()
            .chain_update(b"phi audit part\n")
            .chain_update(self.0.as_bytes())
            .chain_update(n.to_be_bytes())
            .finalize();
        let mut random = [0; 10];
        for (to, from) in random.iter_mut().zip(digest) {
            *to = from;
        }
        Self::new(time, random)
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        let id = uuid_from_text(text)?;
        (id.get_version_num() == 7 && id.get_variant() == Variant::RFC4122).then_some(Self(id))
    }
}

/// Reads a UUID in its hyphenated lower-case form only.
pub(in crate::audit) fn uuid_from_text(text: &str) -> Option<Uuid> {
    // Of the forms that parse, only the hyphenated one has 36 characters.
    let lower = text.len() == 36 && !text.bytes().any(|b| b.is_ascii_uppercase());
    if lower { Uuid::try_parse(text).ok() } else { None }
}
