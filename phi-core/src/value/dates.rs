//! Dates and times. The canonical bytes are the same text whichever crate a field's type comes from,
//! so that a team may change crates without touching a row.

use serde::Serializer;

use super::{PhiValue, PlainBuf, Searchable, ValueError, ValueType};

/// Room for the longest text form, `-009999-12-31T23:59:59.999999999Z`, on the stack and wiped.
type Text = zeroize::Zeroizing<String>;

/// Gives a type the text form that `$text` writes and `$parse` reads.
macro_rules! written_as_text {
    ($type:ty, $kind:ident as $canonical:ty, $blank:expr, $text:expr, $parse:expr) => {
        impl PhiValue for $type {
            const TYPE: ValueType = ValueType::$kind;

            fn encoded_len(&self) -> usize {
                self.with_text(str::len)
            }

            fn write(&self, out: &mut PlainBuf<'_>) -> Result<(), ValueError> {
                self.with_text(|text| {
                    // One canonical form for every crate: what jiff would not write the same is
                    // refused now, not when it is read back.
                    let known = text.parse::<$canonical>();
                    let same = known.is_ok_and(|known| known.to_string() == text);
                    if same { out.put(text.as_bytes()) } else { Err(ValueError) }
                })
            }

            fn read(bytes: &[u8]) -> Result<Self, ValueError> {
                let text = std::str::from_utf8(bytes).map_err(|_| ValueError)?;
                let parse: fn(&str) -> Option<Self> = $parse;
                let value = parse(text).ok_or(ValueError)?;
                // Only the canonical form: two texts for one value would be two ciphertext lengths.
                value.with_text(|canonical| canonical == text).then_some(value).ok_or(ValueError)
            }

            fn wipe(&mut self) {
                crate::value::overwrite(self, $blank);
            }

            fn reveal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.with_text(|text| serializer.serialize_str(text))
            }
        }

        impl Searchable for $type {
            fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
                // One allocation that is large enough from the start, so that no copy is left behind.
                let mut text = Text::new(String::with_capacity(64));
                let write: fn(&Self, &mut String) -> std::fmt::Result = $text;
                let _ = write(self, &mut text);
                f(&text)
            }
        }
    };
}

mod with_jiff {
    use std::fmt::Write;

    use jiff::Timestamp;
    use jiff::civil::{Date, DateTime, Time};

    use super::{PhiValue, PlainBuf, Searchable, Serializer, Text, ValueError, ValueType};

    written_as_text!(
        Date,
        Date as jiff::civil::Date,
        Date::ZERO,
        |v, out| write!(out, "{v}"),
        |s| s.parse().ok()
    );
    written_as_text!(
        Time,
        Time as jiff::civil::Time,
        Time::MIN,
        |v, out| write!(out, "{v}"),
        |s| s.parse().ok()
    );
    written_as_text!(
        DateTime,
        DateTime as jiff::civil::DateTime,
        DateTime::ZERO,
        |v, out| write!(out, "{v}"),
        |s| s.parse().ok()
    );
    written_as_text!(
        Timestamp,
        Timestamp as jiff::Timestamp,
        Timestamp::UNIX_EPOCH,
        |v, out| write!(out, "{v}"),
        |s| s.parse().ok()
    );
}

#[cfg(feature = "chrono")]
mod with_chrono {
    use std::fmt::Write;

    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

    use super::{PhiValue, PlainBuf, Searchable, Serializer, Text, ValueError, ValueType};

    written_as_text!(
        NaiveDate,
        Date as jiff::civil::Date,
        NaiveDate::default(),
        |v, out| write!(out, "{}", v.format("%Y-%m-%d")),
        |s| NaiveDate::parse_from_str(s, "%Y-%m-%d").ok()
    );
    written_as_text!(
        NaiveTime,
        Time as jiff::civil::Time,
        NaiveTime::MIN,
        |v, out| write_chrono(out, &v.format("%H:%M:%S%.9f")),
        |s| NaiveTime::parse_from_str(s, "%H:%M:%S%.f").ok()
    );
    written_as_text!(
        NaiveDateTime,
        DateTime as jiff::civil::DateTime,
        NaiveDateTime::default(),
        |v, out| write_chrono(out, &v.format("%Y-%m-%dT%H:%M:%S%.9f")),
        |s| NaiveDateTime::parse_from_str(s, "%Y-%m-%dT%H:%M:%S%.f").ok()
    );
    written_as_text!(
        DateTime<Utc>,
        Timestamp as jiff::Timestamp,
        DateTime::<Utc>::UNIX_EPOCH,
        |v, out| {
            write_chrono(out, &v.format("%Y-%m-%dT%H:%M:%S%.9f"))?;
            out.write_char('Z')
        },
        |s| DateTime::parse_from_rfc3339(s).ok().map(|t| t.with_timezone(&Utc))
    );

    /// Cuts the zeros that end a fraction, as the canonical form wants.
    fn write_chrono(out: &mut String, text: &impl std::fmt::Display) -> std::fmt::Result {
        write!(out, "{text}")?;
        super::cut_fraction(out);
        Ok(())
    }
}

#[cfg(feature = "time")]
mod with_time {
    use std::fmt::Write;

    use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

    use super::{PhiValue, PlainBuf, Searchable, Serializer, Text, ValueError, ValueType};

    written_as_text!(Date, Date as jiff::civil::Date, Date::MIN, write_date, |s| read_date(s));
    written_as_text!(Time, Time as jiff::civil::Time, Time::MIDNIGHT, write_time, |s| read_time(s));
    written_as_text!(
        PrimitiveDateTime,
        DateTime as jiff::civil::DateTime,
        PrimitiveDateTime::MIN,
        |v, out| {
            write_date(&v.date(), out)?;
            out.write_char('T')?;
            write_time(&v.time(), out)
        },
        |s| {
            let (date, time) = s.split_once('T')?;
            Some(PrimitiveDateTime::new(read_date(date)?, read_time(time)?))
        }
    );
    written_as_text!(
        OffsetDateTime,
        Timestamp as jiff::Timestamp,
        OffsetDateTime::UNIX_EPOCH,
        |v, out| {
            let utc = v.to_offset(UtcOffset::UTC);
            write_date(&utc.date(), out)?;
            out.write_char('T')?;
            write_time(&utc.time(), out)?;
            out.write_char('Z')
        },
        |s| {
            let (date, time) = s.strip_suffix('Z')?.split_once('T')?;
            Some(PrimitiveDateTime::new(read_date(date)?, read_time(time)?).assume_utc())
        }
    );

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the macro hands references on")]
    fn write_date(v: &Date, out: &mut String) -> std::fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", v.year(), u8::from(v.month()), v.day())
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the macro hands references on")]
    fn write_time(v: &Time, out: &mut String) -> std::fmt::Result {
        let (hour, minute, second, nano) = v.as_hms_nano();
        write!(out, "{hour:02}:{minute:02}:{second:02}.{nano:09}")?;
        super::cut_fraction(out);
        Ok(())
    }

    fn read_date(s: &str) -> Option<Date> {
        Date::parse(s, time::macros::format_description!("[year]-[month]-[day]")).ok()
    }

    fn read_time(s: &str) -> Option<Time> {
        let whole = time::macros::format_description!("[hour]:[minute]:[second]");
        let parts = time::macros::format_description!("[hour]:[minute]:[second].[subsecond]");
        Time::parse(s, whole).or_else(|_| Time::parse(s, parts)).ok()
    }
}

/// Cuts trailing zeros of a fraction of a second, and its point when nothing is left.
#[cfg(any(feature = "chrono", feature = "time"))]
fn cut_fraction(out: &mut String) {
    let kept = out.trim_end_matches('0').trim_end_matches('.').len();
    if out.contains('.') {
        out.truncate(kept);
    }
}

#[cfg(all(test, feature = "chrono"))]
mod tests {
    use super::{PhiValue, PlainBuf};

    /// Writes a value into room of exactly its length.
    fn written<T: PhiValue>(value: &T) -> Option<Vec<u8>> {
        let mut room = vec![0; value.encoded_len()];
        value.write(&mut PlainBuf::new(&mut room)).ok()?;
        Some(room)
    }

    #[test]
    fn a_time_that_would_not_read_back_is_refused_when_it_is_written() {
        let never = chrono::DateTime::<chrono::Utc>::MAX_UTC;
        assert!(written(&never).is_none(), "sealed, and then refused for ever");
        let usual: chrono::DateTime<chrono::Utc> = "2001-02-03T04:05:06.789Z".parse().unwrap();
        let bytes = written(&usual).unwrap();
        assert_eq!(bytes, b"2001-02-03T04:05:06.789Z");
        assert_eq!(<chrono::DateTime<chrono::Utc>>::read(&bytes).unwrap(), usual);
        // Another crate's type reads the same bytes.
        assert!(jiff::Timestamp::read(&bytes).is_ok());
    }
}
