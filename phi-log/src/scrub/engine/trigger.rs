//! What may begin at a trigger: each matcher behind a gate that is a part of what it asks for anyway.

use super::run::Run;
use super::{Hit, State, Step};
use crate::scrub::kind::Kind;
use crate::scrub::text::Text;
use crate::scrub::{
    address, age, card, checked, date, email, geo, hl7, ip, label, mac, pair, person, phone, ssn,
    url, value,
};

pub(super) fn at_trigger<const GATED: bool>(text: Text<'_>, at: usize, state: State) -> Step {
    let floor = state.floor;
    let found = match text.at(at) {
        b'@' => email::find(text, at, 1, floor).map(|span| plain(Kind::Email, span)),
        b'0'..=b'9' => {
            let run = Run::of(text, at, floor);
            let named = matches!(run.before, b'.' | b'-');
            if let Some(hit) = named.then(|| hl7::find_path(text, at, floor)).flatten() {
                Some(hit)
            } else if GATED && run.is_dull(text, at, state) {
                None
            } else {
                at_digits::<GATED>(text, at, &run, state)
            }
        }
        b'A'..=b'Z' => {
            let behind = person::find(text, at, floor).map(|end| (at, end));
            let found = behind.or_else(|| person::in_front(text, at, floor));
            found.map(|span| plain(Kind::Name, span))
        }
        b':' => {
            if let Some((end, kind)) = marker_around(text, at, floor) {
                return Step::Marker(end, kind);
            }
            let key = matches!(text.before(at, floor), b'"' | b'\'');
            if state.in_fhir && (key || text.at(at + 1) == b'/') {
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
    if let Some(hit) = state.last.and_then(|last| label::of_last(text, at, run, (last, floor))) {
        return Some(hit);
    }
    if open(before == b'%') && before == b'%' && text.at(at) == b'4' && text.at(at + 1) == b'0' {
        if let Some(span) = email::find(text, at - 1, 3, floor) {
            return Some(plain(Kind::Email, span));
        }
    }
    let grouped = !GATED || around.is_grouped(text, at);
    if open(run >= 13 || (run == 4 && grouped)) {
        if let Some(end) = card::find(text, at, floor) {
            return Some(plain(Kind::Card, (at, end)));
        }
    }
    if open(run == 3 && grouped) {
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
    if open(signed || (matches!(run, 1 | 3) && grouped)) {
        if let Some(span) = phone::find(text, at, floor) {
            return Some(plain(Kind::Phone, span));
        }
    }
    if open(run <= 4 && mac::may_hold(text, at, floor)) {
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
    let lettered = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
    if open(lettered && checked::may_hold(text, at, run, floor)) {
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
