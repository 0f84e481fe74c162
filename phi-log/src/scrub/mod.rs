//! The scrubber: text in, text without the identifiers it knows out.

mod absent;
mod address;
mod age;
mod blocks;
mod bound;
mod card;
mod checked;
mod colour;
mod config;
mod date;
mod email;
mod engine;
mod fhir;
mod fits;
mod forms;
#[cfg(test)]
mod gates;
mod geo;
mod hl7;
mod ip;
mod keys;
mod kind;
mod label;
mod mac;
#[cfg(feature = "phi-core")]
mod opened;
mod pair;
mod person;
mod phone;
mod places;
mod quick;
mod reported;
mod search;
mod soft;
mod sql;
mod ssn;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod typed;
mod url;
mod value;
#[cfg(test)]
mod work;
mod x12;

use core::fmt;
use std::borrow::Cow;
use std::sync::Arc;

pub use config::{Action, ConfigError, Rule, ScrubberBuilder};
pub(crate) use keys::judge;
pub use kind::{Hits, Kind};
pub(crate) use table::Head;

/// Passes until the text must be stable. One is enough for ordinary text, a second proves it.
const MAX_PASSES: usize = 8;
/// How far behind a cut the scan looks, so that a value across the cut is still seen whole.
const LOOK_AHEAD: usize = 512;
/// What stands at the end of a field that was cut.
pub(crate) const CUT: &str = " [cut]";
/// What stands for text that changed in every pass.
const UNSTABLE: &str = "[text withheld, scrubbing it did not come to an end]";

/// Removes identifiers of patients from text.
///
/// It finds social security numbers, telephone numbers, e-mail addresses and payment cards by their
/// shape; medical record numbers and other bare numbers by a label in front (`MRN 12345`); and the value
/// behind any name that says PHI, in `key=value`, `key: value`, JSON (also escaped) and `Debug` text.
/// Each is replaced by a marker such as `[PHI:ssn]`.
///
/// The work is linear in the length of the text, and any text has an answer.
///
/// ```
/// use phi_log::{Kind, Scrubber};
///
/// let scrubber = Scrubber::new();
/// let scrubbed = scrubber.scrub(r#"saved {"mrn":"A-77193","visits":3}, SSN 123-45-6789"#);
/// assert_eq!(scrubbed.as_str(), r#"saved {"mrn":"[PHI:mrn]","visits":3}, SSN [PHI:ssn]"#);
/// assert_eq!(scrubbed.hits().count(Kind::Mrn), 1);
///
/// // Not found: a name in free text, which has neither shape nor label.
/// assert_eq!(scrubber.scrub("called Ada").as_str(), "called Ada");
/// ```
///
/// # Security
///
/// What has no shape, no label and no key is not found: above all names and free text. Scrubbed text
/// is not de-identified in the sense of 45 CFR 164.514; treat it as PHI that leaked less.
#[derive(Debug, Clone, Default)]
pub struct Scrubber {
    /// Nothing chosen is everything on, and removed.
    config: Option<Arc<config::Config>>,
}

impl Scrubber {
    /// A scrubber with every detector, that leaves nothing of what it finds.
    pub const fn new() -> Self {
        Self { config: None }
    }

    /// Choices: kinds, actions, values to let through, rules of one's own.
    pub fn builder() -> ScrubberBuilder {
        ScrubberBuilder::default()
    }

    /// Where the values to remove stand in `text`: in order, without overlaps, never the values themselves.
    ///
    /// ```
    /// use phi_log::{Kind, Scrubber};
    ///
    /// let spans = Scrubber::new().spans("SSN 123-45-6789, room 4");
    /// assert_eq!(spans.len(), 1);
    /// assert_eq!((spans[0].start, spans[0].end, spans[0].kind), (4, 15, Kind::Ssn));
    /// ```
    pub fn spans(&self, text: &str) -> Vec<Span> {
        self.spans_by(text, engine::scan)
    }

    fn spans_by(
        &self,
        text: &str,
        scan: fn(&str, Option<&config::Config>) -> Vec<engine::Hit>,
    ) -> Vec<Span> {
        let config = self.config.as_deref();
        if let Some(plain) = colour::without(text) {
            let found = scan(&plain.text, config);
            if !found.is_empty() {
                return found
                    .iter()
                    .map(|hit| {
                        let (start, end) = plain.place(hit.start, hit.end);
                        Span { start, end, kind: hit.kind }
                    })
                    .collect();
            }
        }
        let found = scan(text, config);
        found.iter().map(|hit| Span { start: hit.start, end: hit.end, kind: hit.kind }).collect()
    }

    /// The same by the slow engine that asks every matcher at every byte, for the fuzzer.
    #[cfg(feature = "_reference")]
    #[doc(hidden)]
    pub fn spans_of_reference(&self, text: &str) -> Vec<Span> {
        self.spans_by(text, engine::scan_slowly)
    }

    /// Removes what it finds in `text`.
    ///
    /// Text in which nothing is found is borrowed, not copied. Scrubbing scrubbed text changes nothing. Colours
    /// (ANSI sequences) hide nothing; text from which something is removed loses them.
    pub fn scrub<'t>(&self, text: &'t str) -> Scrubbed<'t> {
        self.scrub_plain(text, |text| self.scrub_to(text, text.len()))
    }

    /// Scrubs the text without its colours, and with them only if nothing is found.
    fn scrub_plain<'t>(
        &self,
        text: &'t str,
        scrub: impl for<'a> Fn(&'a str) -> Scrubbed<'a>,
    ) -> Scrubbed<'t> {
        let Some(plain) = colour::without(text) else { return scrub(text) };
        let Scrubbed { text: clean, mut hits } = scrub(&plain.text);
        let mut clean = if hits.total() > 0 {
            clean.into_owned()
        } else {
            let coloured = scrub(text);
            if coloured.hits.total() == 0 {
                return coloured;
            }
            hits = coloured.hits;
            coloured.into_string()
        };
        // One sequence taken out can make another of what stood around it, and a marker ends a word that hid a label.
        for _ in 0..MAX_PASSES {
            let Some(plain) = colour::without(&clean) else {
                return Scrubbed { text: Cow::Owned(clean), hits };
            };
            let more = self.scrub_to(&plain.text, plain.text.len());
            if more.hits.total() == 0 {
                return Scrubbed { text: Cow::Owned(clean), hits };
            }
            hits.merge(&more.hits);
            clean = more.into_string();
        }
        Scrubbed { text: Cow::Borrowed(UNSTABLE), hits }
    }

    /// Whether nothing is found in the text: without the counts and the copy that scrubbing makes.
    pub(crate) fn is_clean(&self, text: &str) -> bool {
        if self.is_quiet(text) {
            return true;
        }
        colour::without(text).is_none() && engine::scan(text, self.config.as_deref()).is_empty()
    }

    /// The quick answer for short words and plain sentences: nothing can be found in them.
    fn is_quiet(&self, text: &str) -> bool {
        #[cfg(feature = "phi-core")]
        if !opened::is_nothing() {
            return false;
        }
        // In lines below each other the first one may say what the others hold.
        let bytes = text.as_bytes();
        self.config.is_none() && blocks::is_quiet(bytes) && memchr::memchr(b'\n', bytes).is_none()
    }

    /// Whether values of this kind are removed, whatever they are.
    pub(crate) fn is_on(&self, kind: Kind) -> bool {
        self.config.as_ref().is_none_or(|config| !config.is_off(kind))
    }

    /// What stands for a value of a field whose name says its kind, if it does not depend on the value.
    pub(crate) fn marker(&self, kind: Kind) -> Option<&'static str> {
        let removed =
            self.config.as_ref().is_none_or(|config| config.action(kind) == Action::Remove);
        removed.then(|| kind.marker())
    }

    /// Writes what stands for a value of this kind.
    pub(crate) fn write(&self, kind: Kind, value: &str, out: &mut String) {
        match &self.config {
            None => out.push_str(kind.marker()),
            Some(config) => config.write(kind, value, out),
        }
    }

    /// Scrubs `text` and cuts it to about `cap` bytes, on a character, with a mark.
    ///
    /// It is scanned beyond the cut, so that no half of a value is left in front of it.
    pub(crate) fn scrub_capped<'t>(&self, text: &'t str, cap: usize) -> Scrubbed<'t> {
        self.scrub_plain(text, |text| self.scrub_and_cut(text, cap))
    }

    fn scrub_and_cut<'t>(&self, text: &'t str, cap: usize) -> Scrubbed<'t> {
        if text.len() <= cap {
            return self.scrub_to(text, text.len());
        }
        let window =
            text.get(..text.floor_boundary(cap.saturating_add(LOOK_AHEAD))).unwrap_or_default();
        let scrubbed = self.scrub_to(window, window.floor_boundary(cap));
        let mut cut = scrubbed.text.into_owned();
        cut.push_str(CUT);
        Scrubbed { text: Cow::Owned(cut), hits: scrubbed.hits }
    }

    /// Scans all of `text` and writes it up to `limit`, a character boundary.
    fn scrub_to<'t>(&self, text: &'t str, limit: usize) -> Scrubbed<'t> {
        let config = self.config.as_deref();
        let mut hits = Hits::default();
        let mut found = engine::scan(text, config);
        if found.is_empty() {
            return Scrubbed { text: Cow::Borrowed(text.get(..limit).unwrap_or_default()), hits };
        }
        let mut out = engine::render(text, &found, limit, config, &mut hits);
        // A marker can set free what stood beside it, as a word that was too long for a number.
        for _ in 0..MAX_PASSES {
            found = engine::scan(&out, config);
            if found.is_empty() {
                return Scrubbed { text: Cow::Owned(out), hits };
            }
            out = engine::render(&out, &found, out.len(), config, &mut hits);
        }
        Scrubbed { text: Cow::Borrowed(UNSTABLE), hits }
    }
}

/// The nearest character boundary at or in front of a position.
trait FloorBoundary {
    fn floor_boundary(&self, at: usize) -> usize;
}

impl FloorBoundary for str {
    fn floor_boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.len());
        while !self.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// Where a value stands in a text, in bytes, and of what kind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
}

/// Text that the scrubber has seen. Nothing else can make one, so that a sink that takes `Scrubbed`
/// cannot be given text that was not scrubbed.
///
/// ```
/// use phi_log::{Scrubbed, Scrubber};
///
/// fn send(text: &Scrubbed<'_>) -> String {
///     format!("sent: {text}")
/// }
///
/// assert_eq!(send(&Scrubber::new().scrub("call (555) 010-4477")), "sent: call [PHI:phone]");
/// ```
///
/// ```compile_fail
/// # fn send(text: &phi_log::Scrubbed<'_>) {}
/// send(&"call (555) 010-4477".into());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scrubbed<'t> {
    text: Cow<'t, str>,
    hits: Hits,
}

impl Scrubbed<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What was removed, as numbers.
    pub const fn hits(&self) -> &Hits {
        &self.hits
    }

    /// The text, copied only if nothing was removed.
    pub fn into_string(self) -> String {
        self.text.into_owned()
    }

    /// Whether the text is the one that came in, not a copy.
    pub const fn is_borrowed(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }
}

impl fmt::Display for Scrubbed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl AsRef<str> for Scrubbed<'_> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}
