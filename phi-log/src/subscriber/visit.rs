//! Taking every value once, and keeping only what the scrubber let through.

use core::fmt::{self, Write as _};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing_core::field::{Field, Visit};

use super::error::Chain;
use crate::scrub::Kind;
use crate::{Hits, Scrubber};

/// Bytes of a value that are kept.
const CAP: usize = 8 * 1024;
/// Bytes of a `Debug` or `Display` that are taken before it is told to stop: the cap, and what the
/// scrubber looks ahead.
const TAKE: usize = CAP + 1_024;
/// Numbers from here on have six digits and are scanned as text.
const LONG_NUMBER: u64 = 100_000;
/// What stands for a value whose `Debug` or `Display` gave an error.
const FAILED: &str = "[value withheld, its formatter failed]";
/// What stands for a value whose `Debug` or `Display` panicked.
const PANICKED: &str = "[value withheld, its formatter panicked]";

/// A value that may be seen. Text is a place in the arena.
#[derive(Default)]
pub(super) enum Slot {
    #[default]
    Empty,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    /// Was a `str`, stays one.
    Str(usize, usize),
    /// Was formatted, is text now.
    Text(usize, usize),
    Error(Box<dyn Error>),
}

/// Takes values in; afterwards arena and slots hold scrubbed ones only.
pub(super) struct Collector<'c> {
    pub(super) scrubber: &'c Scrubber,
    pub(super) judged: &'c [Option<Kind>],
    pub(super) slots: &'c mut [Slot],
    pub(super) arena: &'c mut String,
    /// What formatters wrote, before it is scanned.
    pub(super) scratch: &'c mut String,
    /// What was removed.
    pub(super) hits: &'c mut Hits,
}

impl Collector<'_> {
    fn set(&mut self, field: &Field, slot: Slot) {
        if let Some(place) = self.slots.get_mut(field.index()) {
            *place = slot;
        }
    }

    /// Puts the marker in place of a field whose name says PHI. `value` writes the value, where something of it
    /// may stay.
    fn removed(&mut self, field: &Field, as_str: bool, value: fmt::Arguments<'_>) -> bool {
        let start = self.arena.len();
        // A field that was not judged is removed too: it can only be a mistake of ours.
        match self.judged.get(field.index()).copied() {
            Some(None) => return false,
            Some(Some(kind)) if !self.scrubber.is_on(kind) => return false,
            Some(Some(kind)) => match self.scrubber.marker(kind) {
                Some(marker) if kind != Kind::Age => self.arena.push_str(marker),
                _ => {
                    if !self.write_rest(kind, value) {
                        return false;
                    }
                }
            },
            None => self.arena.push_str("[PHI:unknown]"),
        }
        if let Some(Some(kind)) = self.judged.get(field.index()) {
            self.hits.add(*kind);
        }
        let end = self.arena.len();
        let slot = if as_str { Slot::Str(start, end) } else { Slot::Text(start, end) };
        self.set(field, slot);
        true
    }

    /// Writes what an action leaves of a value; false for an age that is none of ours.
    fn write_rest(&mut self, kind: Kind, value: fmt::Arguments<'_>) -> bool {
        self.scratch.clear();
        let _ = format_raw(self.scratch, value);
        let raw = self.scratch.trim_matches('"');
        let young = raw.trim().parse::<f64>().is_ok_and(|age| age < 90.0);
        if kind == Kind::Age && (young || raw.is_empty()) {
            return false;
        }
        self.scrubber.write(kind, raw, self.arena);
        true
    }

    /// Keeps text, scrubbed: where it is in the arena.
    fn scrubbed(&mut self, text: &str) -> (usize, usize) {
        let start = self.arena.len();
        push_scrubbed(self.scrubber, text, self.arena, self.hits);
        (start, self.arena.len())
    }

    /// A number goes on as a number, unless its digits are an identifier.
    fn number(&mut self, field: &Field, long: bool, digits: fmt::Arguments<'_>, slot: Slot) {
        if self.removed(field, false, digits) {
            return;
        }
        if long {
            self.scratch.clear();
            // Writing a number to a string cannot fail.
            let _ = self.scratch.write_fmt(digits);
            let scrubbed = self.scrubber.scrub_capped(self.scratch, CAP);
            if scrubbed.hits().total() > 0 {
                self.hits.merge(scrubbed.hits());
                let start = self.arena.len();
                self.arena.push_str(scrubbed.as_str());
                self.set(field, Slot::Text(start, self.arena.len()));
                return;
            }
        }
        self.set(field, slot);
    }
}

impl Visit for Collector<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        #[expect(clippy::cast_precision_loss, reason = "the bound is a small whole number")]
        let long = value.abs() >= LONG_NUMBER as f64;
        self.number(field, long, format_args!("{value}"), Slot::F64(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        let long = value.unsigned_abs() >= LONG_NUMBER;
        self.number(field, long, format_args!("{value}"), Slot::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let long = value >= LONG_NUMBER;
        self.number(field, long, format_args!("{value}"), Slot::U64(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        let long = value.unsigned_abs() >= u128::from(LONG_NUMBER);
        self.number(field, long, format_args!("{value}"), Slot::I128(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        let long = value >= u128::from(LONG_NUMBER);
        self.number(field, long, format_args!("{value}"), Slot::U128(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if !self.removed(field, false, format_args!("{value}")) {
            self.set(field, Slot::Bool(value));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if !self.removed(field, true, format_args!("{value}")) {
            let (start, end) = self.scrubbed(value);
            self.set(field, Slot::Str(start, end));
        }
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        let text = core::str::from_utf8(value);
        if self.removed(field, true, format_args!("{}", text.unwrap_or_default())) {
            return;
        }
        let (start, end) = if let Ok(text) = text {
            self.scrubbed(text)
        } else {
            let start = self.arena.len();
            // Writing to a string cannot fail.
            let _ = write!(self.arena, "[{} bytes]", value.len());
            (start, self.arena.len())
        };
        self.set(field, Slot::Str(start, end));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if !self.removed(field, false, format_args!("{value}")) {
            let chain = Chain::of(value, self.scrubber, self.hits);
            self.set(field, Slot::Error(Box::new(chain)));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if !self.removed(field, false, format_args!("{value:?}")) {
            let start = self.arena.len();
            format_scrubbed(self.scrubber, self.arena, self.hits, format_args!("{value:?}"));
            self.set(field, Slot::Text(start, self.arena.len()));
        }
    }
}

/// Appends text, scrubbed.
fn push_scrubbed(scrubber: &Scrubber, text: &str, out: &mut String, hits: &mut Hits) {
    if text.len() <= CAP && scrubber.is_clean(text) {
        return out.push_str(text);
    }
    let scrubbed = scrubber.scrub_capped(text, CAP);
    hits.merge(scrubbed.hits());
    out.push_str(scrubbed.as_str());
}

/// Runs a formatter once, into `out`, and scrubs what it wrote there. Neither its error nor its panic gets out, nor
/// what it had written by then.
pub(super) fn format_scrubbed(
    scrubber: &Scrubber,
    out: &mut String,
    hits: &mut Hits,
    value: fmt::Arguments<'_>,
) {
    let start = out.len();
    if let Err(note) = format_raw(out, value) {
        return out.push_str(note);
    }
    let text = out.get(start..).unwrap_or_default();
    if text.len() <= CAP && scrubber.is_clean(text) {
        return;
    }
    let scrubbed = scrubber.scrub_capped(text, CAP);
    if scrubbed.hits().total() > 0 || !scrubbed.is_borrowed() {
        hits.merge(scrubbed.hits());
        let clean = scrubbed.into_string();
        out.truncate(start);
        out.push_str(&clean);
    }
}

/// Runs a formatter once, into `out`; the error says why nothing was written.
fn format_raw(out: &mut String, value: fmt::Arguments<'_>) -> Result<(), &'static str> {
    let start = out.len();
    let mut sink = Limited { out: &mut *out, left: TAKE, full: false };
    let outcome = catch_unwind(AssertUnwindSafe(|| sink.write_fmt(value)));
    let full = sink.full;
    let failure = match outcome {
        Ok(Ok(())) => return Ok(()),
        // The error is our own: the sink was full.
        Ok(Err(_)) if full => return Ok(()),
        Ok(Err(_)) => FAILED,
        Err(payload) => {
            // Dropping it could panic once more.
            core::mem::forget(payload);
            PANICKED
        }
    };
    out.truncate(start);
    Err(failure)
}

/// Takes so many bytes and then stops the formatter by an error.
struct Limited<'s> {
    out: &'s mut String,
    left: usize,
    full: bool,
}

impl fmt::Write for Limited<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.left {
            self.left -= text.len();
            self.out.push_str(text);
            return Ok(());
        }
        let mut end = self.left;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.out.push_str(text.get(..end).unwrap_or_default());
        self.left = 0;
        self.full = true;
        Err(fmt::Error)
    }
}
