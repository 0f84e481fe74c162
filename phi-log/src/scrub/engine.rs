//! One walk through the text from trigger to trigger, and the writing of what is left.

use super::blocks::Triggers;
use super::config::Config;
use super::kind::{Hits, Kind};
#[cfg(feature = "phi-core")]
use super::opened;
use super::text::Text;
use super::{
    address, age, card, checked, date, email, fhir, geo, hl7, ip, keys, label, mac, pair, person,
    phone, sql, ssn, url, value,
};

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
    let mut triggers = Triggers::new(text.as_bytes());
    walk::<true>(text, &Known::of(text, config), config, |from| triggers.next(from))
}

/// The same without gates: every matcher at every byte.
#[cfg(any(test, feature = "_reference"))]
pub(super) fn scan_slowly(text: &str, config: Option<&Config>) -> Vec<Hit> {
    let every = |from: usize| (from < text.len()).then_some(from);
    walk::<false>(text, &Known::of(text, config), config, every)
}

/// What is found by its place in a document, before anything is looked for by shape.
#[derive(Default)]
struct Known {
    /// In order, without overlaps.
    hits: Vec<Hit>,
    /// Where keys in quotes are those of FHIR, and addresses of the web its names.
    fhir: fhir::Regions,
}

impl Known {
    fn of(text: &str, config: Option<&Config>) -> Self {
        let mut known = Self::default();
        let view = Text::new(text);
        let structured = view.has_either(b'{', b'|');
        if structured && view.find_byte(b'{', 0).is_some() {
            known.fhir = fhir::scan(text, &mut known.hits);
        }
        let fhir = known.hits.len();
        if let Some(config) = config.filter(|config| config.has_rules()) {
            config.find(text, &mut known.hits);
        }
        if structured {
            hl7::scan(text, &mut known.hits);
        }
        sql::scan(text, &mut known.hits);
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

/// One walk from trigger to trigger. `GATED` false asks every matcher at every trigger; the tests compare
/// both.
fn walk<const GATED: bool>(
    text: &str,
    known: &Known,
    config: Option<&Config>,
    mut next: impl FnMut(usize) -> Option<usize>,
) -> Vec<Hit> {
    let whole = Text::new(text);
    let mut hits: Vec<Hit> = Vec::new();
    let mut state = State::default();
    let mut from = 0;
    let mut region = 0;
    let mut fixed = known.hits.iter().peekable();
    loop {
        // No matcher looks into what is known already.
        let limit = fixed.peek().map_or(text.len(), |hit| hit.start);
        let view = whole.until(limit);
        let Some(at) = next(from).filter(|at| *at < limit) else {
            let Some(hit) = fixed.next() else { break };
            if hit.start >= state.floor {
                hits.push(*hit);
                state = State { floor: hit.end, last: Some(hit.kind), in_fhir: false };
            }
            from = from.max(state.floor);
            continue;
        };
        state.in_fhir = known.in_fhir(at, &mut region);
        from = match at_trigger::<GATED>(view, at, state) {
            Step::Hit(hit) if config.is_some_and(|config| !config.takes(text, &hit)) => {
                after(view, at)
            }
            Step::Hit(mut hit) => {
                widen(text, &mut hit);
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

enum Step {
    Hit(Hit),
    /// A marker of ours ends here.
    Marker(usize, Kind),
    Nothing,
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

fn at_trigger<const GATED: bool>(text: Text<'_>, at: usize, state: State) -> Step {
    let floor = state.floor;
    let found = match text.at(at) {
        b'@' => email::find(text, at, 1, floor).map(|span| plain(Kind::Email, span)),
        b'0'..=b'9' => {
            let run = Run::of(text, at, floor);
            if GATED && run.is_dull(text, at, state) {
                None
            } else {
                at_digits::<GATED>(text, at, &run, state)
            }
        }
        b'A'..=b'Z' => person::find(text, at, floor).map(|end| plain(Kind::Name, (at, end))),
        b':' => {
            if let Some((end, kind)) = marker_around(text, at, floor) {
                return Step::Marker(end, kind);
            }
            if state.in_fhir && (text.before(at, floor) == b'"' || text.at(at + 1) == b'/') {
                return Step::Nothing;
            }
            at_colon(text, at, floor).or_else(|| pair::find(text, at, floor))
        }
        b'=' => pair::find(text, at, floor),
        _ => None,
    };
    found.filter(|hit| hit.end > floor).map_or(Step::Nothing, Step::Hit)
}

const fn plain(kind: Kind, (start, end): (usize, usize)) -> Hit {
    Hit { start, end, kind, quote: None }
}

/// The marker whose colon is at `at`.
fn marker_around(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, Kind)> {
    let start = at.checked_sub(4).filter(|start| *start >= floor)?;
    if text.at(start) != b'[' {
        return None;
    }
    value::marker_at(text, start)
}

fn at_colon(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    if text.at(at + 1) == b'/' {
        return url::find(text, at, floor).map(|span| plain(Kind::Url, span));
    }
    let next = text.at(at + 1);
    if !(next.is_ascii_hexdigit() || next == b':') {
        return None;
    }
    // Pairs in a hardware address, four digits at most in the other.
    let pair = text.at(at + 3) == b':';
    if !pair && next != b':' && !(2..6).any(|step| text.at(at + step) == b':') {
        return None;
    }
    let found = if pair { mac::find(text, at, floor) } else { None };
    found
        .map(|span| plain(Kind::Mac, span))
        .or_else(|| ip::version_6(text, at, floor).map(|span| plain(Kind::Ip, span)))
}

/// A run of digits, and what stands around it.
struct Run {
    length: usize,
    before: u8,
    after: u8,
    /// The byte behind `after`.
    next: u8,
}

impl Run {
    #[inline]
    fn of(text: Text<'_>, at: usize, floor: usize) -> Self {
        let length = text.digits(at, 20);
        let (after, next) = (text.at(at + length), text.at(at + length + 1));
        Self { length, before: text.before(at, floor), after, next }
    }

    /// A sign behind it, and then perhaps more digits.
    #[inline]
    fn is_joined(&self) -> bool {
        match self.after {
            b'-' | b' ' | b'.' | b')' | b'/' => {
                self.next.is_ascii_digit()
                    || matches!(self.next, b'(' | b' ' | b'-' | b'.' | b'\n' | b'\r' | 0x80..)
            }
            b'\n' | b'\r' | 0x80.. => true,
            _ => false,
        }
    }

    #[inline]
    fn is_bare(&self) -> bool {
        !self.before.is_ascii_alphanumeric() && self.before != b'_'
    }

    /// Whether a month may stand beside it, or a sign of a date.
    #[inline]
    fn is_dated(&self, text: Text<'_>, at: usize, floor: usize) -> bool {
        self.is_bare()
            && matches!(self.length, 1 | 2 | 4)
            && (self.is_dated_behind(text, at) || date::may_follow_month(text, at, floor))
    }

    #[inline]
    fn is_dated_behind(&self, text: Text<'_>, at: usize) -> bool {
        match self.after {
            b'/' | b'-' | b'.' if self.next.is_ascii_digit() => {
                let second = at + self.length + 1;
                let month = text.digits(second, 3);
                month <= 2 && text.at(second + month) == self.after
            }
            b'/' | b'-' | b'.' => self.next.is_ascii_alphabetic(),
            // `5 January`, `5 of January`
            b' ' => {
                matches!(self.next | 0x20, b'j' | b'f' | b'm' | b'a' | b's' | b'o' | b'n' | b'd')
            }
            // `5th January`
            b's' | b'n' | b'r' | b't' | b'S' | b'N' | b'R' | b'T' => true,
            _ => false,
        }
    }

    #[inline]
    fn is_old(&self, text: Text<'_>, at: usize) -> bool {
        match self.length {
            2 => text.at(at) == b'9',
            3 => text.at(at) == b'1' && matches!(text.at(at + 1), b'0'..=b'2'),
            _ => false,
        }
    }

    /// Whether it may begin an address of the internet, a place on the globe, or a number set apart by dots.
    #[inline]
    fn is_dotted(&self, text: Text<'_>, at: usize) -> bool {
        if self.length > 3 || self.after != b'.' || !self.next.is_ascii_digit() {
            return false;
        }
        let second = at + self.length + 1;
        let digits = text.digits(second, 5);
        digits >= 4 || text.at(second + digits) == b'.'
    }

    /// Whether it is `54.0` and nothing more: three digits at most behind the dot, and no group behind them.
    #[inline]
    fn is_decimal(&self, text: Text<'_>, at: usize) -> bool {
        if self.after != b'.' || !self.next.is_ascii_digit() {
            return false;
        }
        let second = at + self.length + 1;
        let digits = text.digits(second, 4);
        let ends = match text.at(second + digits) {
            b' ' => !matches!(text.at(second + digits + 1), b'0'..=b'9' | b'(' | b' '),
            0 | b',' | b';' | b':' | b']' | b'"' | b'\'' => true,
            _ => false,
        };
        digits < 4 && ends
    }

    /// Whether words may follow that make it the number of a house.
    #[inline]
    fn is_worded(&self, text: Text<'_>, at: usize) -> bool {
        self.length <= 6
            && match self.after {
                b' ' => {
                    (self.next.is_ascii_uppercase() || self.next.is_ascii_digit())
                        && address::may_begin(text, at + self.length + 1)
                }
                b'-' => self.next.is_ascii_digit(),
                _ => self.after.is_ascii_alphabetic() && self.next == b' ',
            }
    }

    /// Whether `Box ` or the like may stand in front.
    #[inline]
    fn is_boxed(&self, text: Text<'_>, at: usize) -> bool {
        let front = at.checked_sub(2).map_or(0, |at| text.at(at) | 0x20);
        match self.before {
            // `PO Box #12`
            b'#' => front == b' ',
            b' ' => matches!(front, b'x' | b't' | b'c' | b'r'),
            _ => false,
        }
    }

    /// The quick answer for most numbers of a log: nothing that the matchers ask for is there.
    #[inline]
    fn is_dull(&self, text: Text<'_>, at: usize, state: State) -> bool {
        let Self { length, before, after, next } = *self;
        if after.is_ascii_alphabetic() || matches!(before, b'A'..=b'Z' | b'+' | b'(' | b'%') {
            return false;
        }
        if before.is_ascii_lowercase() && !label::may_be_joined(text, at, state.floor) {
            return length <= 12 && !self.is_joined();
        }
        // Cards, and numbers that words around them speak of.
        let spoken = match length {
            9 | 12.. => true,
            10 => text.at(at) > b'1' && text.at(at + 3) > b'1',
            _ => false,
        };
        if spoken || before.is_ascii_lowercase() || (before == b'-' && length <= 2) {
            return false;
        }
        let grouped = (matches!(length, 1 | 3 | 4) && self.is_joined())
            || (length <= 4 && matches!(after, b'-' | b'.') && next.is_ascii_hexdigit());
        let shaped = (grouped && !self.is_decimal(text, at))
            || self.is_dotted(text, at)
            || (length == 5
                && (state.last == Some(Kind::Address)
                    || (matches!(before, b' ' | b',')
                        && address::may_follow_state(text, at, state.floor))))
            || (self.is_bare() && self.is_old(text, at))
            || self.is_worded(text, at);
        if shaped || self.is_boxed(text, at) {
            return false;
        }
        if before == b' ' {
            let last = text.before(at - 1, state.floor);
            // Nothing in front that labels a number or names a month.
            if last.is_ascii_lowercase() && !keys::may_precede(text, at - 1, state.floor) {
                return !self.is_dated_behind(text, at);
            }
        }
        if self.is_dated(text, at, state.floor) {
            return false;
        }
        match before {
            b' ' | b'_' | b'#' | b'.' | b'-' => !label::may_be(text, at, state.floor),
            _ => true,
        }
    }
}

/// What may begin with the run of digits at `at`, or have its first digit there.
fn at_digits<const GATED: bool>(
    text: Text<'_>,
    at: usize,
    around: &Run,
    state: State,
) -> Option<Hit> {
    let floor = state.floor;
    let Run { length: run, before, after, .. } = *around;
    // Each gate is a part of what its matcher asks for anyway.
    let open = |gate: bool| !GATED || gate;
    let of = |kind: Kind| move |span: (usize, usize)| plain(kind, span);
    let to = |kind: Kind| move |end: usize| plain(kind, (at, end));

    let apart = matches!(before, b' ' | b',' | b'\n' | b'\r');
    if run == 5 && state.last == Some(Kind::Address) && at - floor <= 2 && apart {
        if let Some(end) = address::code_end(text, at) {
            return Some(plain(Kind::Zip, (at, end)));
        }
    }
    if open(before == b'%') && before == b'%' && text.at(at) == b'4' && text.at(at + 1) == b'0' {
        if let Some(span) = email::find(text, at - 1, 3, floor) {
            return Some(plain(Kind::Email, span));
        }
    }
    let joined = around.is_joined();
    if open(run >= 13 || (run == 4 && joined)) {
        if let Some(end) = card::find(text, at, floor) {
            return Some(plain(Kind::Card, (at, end)));
        }
    }
    if open(run == 3 && joined) {
        if let Some(end) = ssn::find(text, at) {
            return Some(plain(Kind::Ssn, (at, end)));
        }
    }
    if open(around.is_dotted(text, at)) {
        let found = ip::version_4(text, at, floor).map(to(Kind::Ip));
        let found = found.or_else(|| geo::find(text, at, floor).map(of(Kind::Geo)));
        if found.is_some() {
            return found;
        }
    }
    let signed = matches!(before, b'+' | b'(');
    if open(signed || (run == 3 && joined) || (run == 1 && joined && text.at(at) == b'1')) {
        if let Some(span) = phone::find(text, at, floor) {
            return Some(plain(Kind::Phone, span));
        }
    }
    let lettered = |byte: u8| byte.is_ascii_alphabetic();
    if open(run <= 4 && (before == b'-' || (1..5).any(|step| is_joint(text, at + step)))) {
        // Those with colons are found at their colons.
        let found = mac::find(text, at, floor).filter(|(start, _)| text.at(start + 2) != b':');
        if let Some(span) = found {
            return Some(plain(Kind::Mac, span));
        }
    }
    if open(around.is_dated(text, at, floor)) {
        if let Some((start, end, kind)) = date::find(text, at, floor) {
            return Some(plain(kind, (start, end)));
        }
    }
    let mixed = || {
        let found = checked::mbi(text, at, floor).map(to(Kind::Mbi));
        let found = found.or_else(|| checked::dea(text, at, floor).map(of(Kind::Dea)));
        found.or_else(|| checked::vin(text, at, floor).map(of(Kind::Vin)))
    };
    if open(lettered(before) || lettered(after)) {
        if let Some(hit) = mixed() {
            return Some(hit);
        }
    }
    if open(around.is_bare() && around.is_old(text, at)) {
        if let Some(span) = age::find(text, at, floor) {
            return Some(plain(Kind::Age, span));
        }
    }
    in_words::<GATED>(text, at, around, floor).or_else(|| label::find(text, at, floor))
}

/// A dash or a dot between two digits of base 16.
fn is_joint(text: Text<'_>, at: usize) -> bool {
    matches!(text.at(at), b'-' | b'.') && text.at(at + 1).is_ascii_hexdigit()
}

/// Addresses, of which the number is the first or the last part.
fn in_words<const GATED: bool>(
    text: Text<'_>,
    at: usize,
    around: &Run,
    floor: usize,
) -> Option<Hit> {
    let open = |gate: bool| !GATED || gate;
    if open(around.is_worded(text, at)) {
        if let Some(end) = address::find(text, at, floor) {
            return Some(plain(Kind::Address, (at, end)));
        }
    }
    if open(around.is_boxed(text, at)) {
        if let Some(span) = address::post_box(text, at, floor) {
            return Some(plain(Kind::Address, span));
        }
    }
    let coded = around.length == 5 && matches!(around.before, b' ' | b',');
    if open(coded && address::may_follow_state(text, at, floor)) {
        if let Some((place, state, end)) = address::place_with_code(text, at, floor) {
            return Some(if place < state {
                plain(Kind::Address, (place, state))
            } else {
                plain(Kind::Zip, (at, end))
            });
        }
    }
    None
}

/// Where to go on: behind a whole run of digits, so that its tail is not taken for a number.
fn after(text: Text<'_>, at: usize) -> usize {
    // A run of any length, in words of eight.
    at + text.digits(at, text.len()).max(1)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{scan, scan_slowly};

    /// Text near to what the matchers look for.
    fn near_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[0-9]{1,10}",
            "[-. :=@#(){}\\[\\],;&|\"'\\\\+%/\n]{1,3}",
            "[A-Za-z]{1,6}",
            ".{0,2}",
            prop::sample::select(vec![
                "MRN ",
                "ssn=",
                "dob: ",
                "Mr. ",
                "Dr Smith",
                "patient ",
                "Ada Example",
                " Main Street",
                ", Springfield, IL ",
                "Albany, New York ",
                "Lima OH",
                " Ohio, ",
                "12 5th Ave",
                "3 1/2 Elm St",
                "7 St. Mary Ct.",
                "54.0 ",
                "1.555.010.4477",
                "1.555 010-4477",
                "555.010.4477",
                "5.1.1980",
                "born 12.5.80",
                "2001.10.12",
                "42.3601 -71.0589",
                "62704",
                "P.O. Box ",
                "Unit 12 Box 7",
                "Jan 5, 1980",
                "5 May 2001",
                "1980-01-05",
                "seen 10/18/1988",
                "12-25-1990",
                "2001/10/12",
                "on 25 of May 2001",
                "Jan. 15, 2001",
                "x 11th March 1999",
                "1/5/1980",
                "T08:15:00Z",
                "123-45-6789",
                "(555) 010-4477",
                "001-555-010-4477",
                "4111111111111111",
                "4111 1111 1111 1111",
                "1EG4-TE5-MK73",
                "AB1234563",
                "1HGCM82633A004352",
                "192.0.2.7",
                "2001:db8::7",
                "00:1b:44:11:3a:b7",
                "00-1B-44-11-3A-B7",
                "001b.4411.3ab7",
                "https://a.example/p?x=1",
                "ada%40example.com",
                "42.360123, -71.058912",
                "93-year-old",
                "age 93",
                "plate ABC 1234",
                "zip ",
                "NPI 1234567893",
                "phone ",
                "[PHI:ssn]",
                "[PHI:zip 021]",
                "PID|1||77^^^H^MR||DOE^JOHN|",
                "{\"resourceType\":\"Patient\",\"birthDate\":\"1980-01-05\"}",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// The reference asks every matcher at every byte; nothing that it finds may be lost on the fast way.
        #[test]
        fn the_fast_engine_finds_what_the_slow_one_finds(text in near_text()) {
            prop_assert_eq!(scan(&text, None), scan_slowly(&text, None), "{:?}", text);
        }
    }
}
