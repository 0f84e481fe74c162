//! One walk through the text from trigger to trigger, and the writing of what is left.

#[cfg(test)]
mod tests;
mod trigger;

use trigger::at_trigger;

use super::blocks::Signs;
use super::config::Config;
use super::kind::{Hits, Kind};
#[cfg(feature = "phi-core")]
use super::opened;
use super::quick::{Sight, Triggers};
use super::text::Text;
use super::{fhir, forms, hl7, label, pair, person, reported, sql, table, x12};

/// A value to remove. `start` and `end` are character boundaries: all matchers begin and end beside an
/// ASCII byte, or at the end of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    /// Quotes to write around the marker: a number behind a quoted key, so that JSON stays JSON.
    pub(super) quote: Option<Quote>,
}

/// A quote with the backslashes in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) mark: u8,
    pub(super) escapes: usize,
}

impl Quote {
    pub(super) const fn length(self) -> usize {
        self.escapes + 1
    }

    fn write(self, out: &mut String) {
        for _ in 0..self.escapes {
            out.push('\\');
        }
        out.push(char::from(self.mark));
    }
}

/// Everything to remove, in order and without overlaps.
pub(super) fn scan(text: &str, config: Option<&Config>) -> Vec<Hit> {
    scan_known(text, &Known::of(text, config, 0), config)
}

/// The same for text that was decoded so often. Choices are made where it stands encoded.
pub(super) fn scan_decoded(text: &str, depth: usize) -> Vec<Hit> {
    scan_known(text, &Known::of(text, None, depth), None)
}

fn scan_known(text: &str, known: &Known, config: Option<&Config>) -> Vec<Hit> {
    let mut triggers = Triggers::new(text);
    let mut hits = walk(text, known, config, |from, sight| triggers.next(from, sight));
    fill(text, known, config, &mut hits);
    hits
}

fn fill(text: &str, known: &Known, config: Option<&Config>, hits: &mut Vec<Hit>) {
    let takes = |hit: &Hit| config.is_none_or(|config| config.takes(text, hit));
    reported::fill(text, known.signs, hits, takes);
}

/// The same, with every place asked.
#[cfg(any(test, feature = "_reference"))]
pub(super) fn scan_slowly(text: &str, config: Option<&Config>) -> Vec<Hit> {
    let every = |from: usize, sight: Sight| (from < sight.limit).then_some(from);
    let known = Known::of(text, config, 0);
    let mut hits = walk(text, &known, config, every);
    fill(text, &known, config, &mut hits);
    hits
}

/// What is found by its place in a document, before anything is looked for by shape.
struct Known {
    signs: Signs,
    /// In order, without overlaps.
    hits: Vec<Hit>,
    /// Where keys in quotes are those of FHIR, and addresses of the web its names.
    fhir: fhir::Regions,
}

impl Known {
    fn of(text: &str, config: Option<&Config>, depth: usize) -> Self {
        let signs = Signs::of(text.as_bytes());
        let mut known = Self { signs, hits: Vec::new(), fhir: fhir::Regions::default() };
        let view = Text::new(text);
        let structured = signs.structure();
        if structured && view.find_byte(b'{', 0).is_some() {
            known.fhir = fhir::scan(text, &mut known.hits);
        }
        let fhir = known.hits.len();
        if let Some(config) = config.filter(|config| config.has_rules()) {
            config.find(text, &mut known.hits);
        }
        if structured {
            hl7::scan(text, &mut known.hits);
            forms::scan_structured(text, &mut known.hits);
        }
        if signs.lines() {
            table::scan(text, &mut known.hits);
        }
        if signs.stars() {
            x12::scan(text, &mut known.hits);
        }
        forms::scan(text, signs, depth, &mut known.hits);
        if signs.quotes() {
            forms::scan_quoted(text, signs, &mut known.hits);
        }
        if signs.literals() {
            sql::scan(text, &mut known.hits);
            forms::scan_cards(text, &mut known.hits);
        }
        #[cfg(feature = "phi-core")]
        opened::find(text, &mut known.hits);
        if known.hits.len() > fhir {
            // Of two at one place the longer one counts.
            known.hits.sort_by_key(|hit| (hit.start, usize::MAX - hit.end));
        }
        if let Some(config) = config {
            known.hits.retain(|hit| config.takes(text, hit));
        }
        known
    }

    /// Whether FHIR stands at `at`. `region` is where the last call looked: places only grow.
    fn in_fhir(&self, at: usize, region: &mut usize) -> bool {
        while let Some((start, end)) = self.fhir.get(*region) {
            if at < *end {
                return at >= *start;
            }
            *region += 1;
        }
        false
    }
}

/// Bytes behind the beginning of what is known in which a value around it must end.
const MAX_WIDER: usize = 4 * 1024;

/// One walk from place to place.
fn walk(
    text: &str,
    known: &Known,
    config: Option<&Config>,
    mut next: impl FnMut(usize, Sight) -> Option<usize>,
) -> Vec<Hit> {
    let whole = Text::new(text);
    let mut hits: Vec<Hit> = Vec::new();
    let mut state = State::default();
    let mut from = 0;
    let mut region = 0;
    let mut fixed = known.hits.iter();
    loop {
        // No matcher looks into what is known already.
        let known_hit = fixed.next();
        let limit = known_hit.map_or(text.len(), |hit| hit.start);
        let view = whole.until(limit);
        while let Some(at) = next(from, state.sight(from, limit)) {
            state.in_fhir = known.in_fhir(at, &mut region);
            from = match at_trigger(view, at, state) {
                Step::Hit(hit) if config.is_some_and(|config| !config.takes(text, &hit)) => {
                    after(view, at)
                }
                Step::Hit(mut hit) => {
                    if hit.end == limit && limit < text.len() {
                        // What is known stands in the middle of it: `{"mrn":["Key (mrn)=(7) exists"]}`.
                        let wider = at_trigger(whole.until(limit + MAX_WIDER), at, state);
                        if let Step::Hit(wider) = wider {
                            hit = wider;
                        }
                    }
                    widen(text, &mut hit);
                    let bearer = bearer(whole, &hit, state.floor);
                    hits.extend(
                        bearer.filter(|name| config.is_none_or(|config| config.takes(text, name))),
                    );
                    hit.quote = hit.quote.or_else(|| pair::number_quote(whole, hit.start, hit.end));
                    state = State { floor: hit.end, last: Some(hit.kind), in_fhir: false };
                    hits.push(hit);
                    // A hit may end in front of what triggered it: a town in front of its postal code.
                    if hit.end > at { hit.end } else { at }
                }
                Step::Marker(end, kind) => {
                    state = State { floor: end, last: Some(kind), in_fhir: false };
                    end
                }
                Step::Nothing => after(view, at),
            };
        }
        let Some(hit) = known_hit else { break };
        if hit.start >= state.floor {
            let quote = hit.quote.or_else(|| pair::number_quote(whole, hit.start, hit.end));
            hits.push(Hit { quote, ..*hit });
            state = State { floor: hit.end, last: Some(hit.kind), in_fhir: false };
        }
        from = from.max(state.floor);
    }
    hits
}

/// What lies behind the walk.
#[derive(Clone, Copy, Default)]
struct State {
    /// The end of the last hit: nothing in front of it is seen again.
    floor: usize,
    last: Option<Kind>,
    in_fhir: bool,
}

impl State {
    /// What is seen from `from` on. A number may be of the kind of what was found in front, and near.
    fn sight(self, from: usize, limit: usize) -> Sight {
        let calm =
            !self.last.is_some_and(label::speaks_of_next) || from > self.floor + label::MAX_BETWEEN;
        Sight { floor: self.floor, limit, calm }
    }
}

enum Step {
    Hit(Hit),
    /// A marker of ours ends here.
    Marker(usize, Kind),
    Nothing,
}

/// The name in front of the label of a number: `Ada Sample (MRN 7)`.
fn bearer(text: Text<'_>, hit: &Hit, floor: usize) -> Option<Hit> {
    if !matches!(hit.kind, Kind::Birth | Kind::Mrn | Kind::Ssn) {
        return None;
    }
    let (start, end) = person::in_front_of_label(text, hit.start, floor)?;
    Some(Hit { start, end, kind: Kind::Name, quote: None })
}

/// Matchers begin and end beside an ASCII byte. Should one not, no character is cut.
fn widen(text: &str, hit: &mut Hit) {
    while !text.is_char_boundary(hit.start) {
        hit.start -= 1;
    }
    while !text.is_char_boundary(hit.end) {
        hit.end += 1;
    }
}

/// Where to go on: behind a whole run of digits, so that its tail is not taken for a number.
fn after(text: Text<'_>, at: usize) -> usize {
    // A run of any length, in words of eight.
    if text.at(at).is_ascii_digit() { at + text.digits(at, text.len()) } else { at + 1 }
}

/// The text with markers in the place of the hits, up to `limit`; a hit that begins in front of it is
/// written whole.
pub(super) fn render(
    text: &str,
    hits: &[Hit],
    limit: usize,
    config: Option<&Config>,
    counts: &mut Hits,
) -> String {
    let mut out = String::with_capacity(text.len().min(limit) + 16);
    let mut from = 0;
    for hit in hits.iter().take_while(|hit| hit.start < limit) {
        out.push_str(text.get(from..hit.start).unwrap_or_default());
        if let Some(quote) = hit.quote {
            quote.write(&mut out);
        }
        match config {
            None => out.push_str(hit.kind.marker()),
            Some(config) => {
                config.write(hit.kind, text.get(hit.start..hit.end).unwrap_or_default(), &mut out);
            }
        }
        if let Some(quote) = hit.quote {
            quote.write(&mut out);
        }
        counts.add(hit.kind);
        from = hit.end;
    }
    out.push_str(text.get(from..limit.max(from)).unwrap_or_default());
    out
}
