//! What may begin at a trigger: matchers in the order in which they count.

use super::{Hit, State, Step};
use crate::scrub::kind::Kind;
use crate::scrub::text::Text;
use crate::scrub::{
    address, age, card, checked, date, email, geo, hl7, ip, label, mac, pair, person, phone, ssn,
    url, value,
};

pub(super) fn at_trigger(text: Text<'_>, at: usize, state: State) -> Step {
    let floor = state.floor;
    let found = match text.at(at) {
        b'@' => email::find(text, at, 1, floor).map(|span| plain(Kind::Email, span)),
        b'0'..=b'9' => {
            let named = matches!(text.before(at, floor), b'.' | b'-');
            let path = named.then(|| hl7::find_path(text, at, floor)).flatten();
            path.or_else(|| at_digits(text, at, state))
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

/// What may begin with the digits at `at`, or have its first digit there.
fn at_digits(text: Text<'_>, at: usize, state: State) -> Option<Hit> {
    let floor = state.floor;
    let length = text.digits(at, 20);
    of_last(text, at, length, state)
        .or_else(|| in_groups(text, at, length, floor))
        .or_else(|| in_letters(text, at, length, floor))
        .or_else(|| date::find(text, at, floor).map(|(start, end, kind)| plain(kind, (start, end))))
        .or_else(|| age::find(text, at, floor).map(|span| plain(Kind::Age, span)))
        .or_else(|| in_words(text, at, length, floor))
        .or_else(|| label::find(text, at, floor))
}

/// The number that is what it is because of what was found in front.
fn of_last(text: Text<'_>, at: usize, length: usize, state: State) -> Option<Hit> {
    let (last, floor) = (state.last?, state.floor);
    let apart = matches!(text.before(at, floor), b' ' | b',' | b'\n' | b'\r');
    let coded = length == 5 && last == Kind::Address && at - floor <= 2 && apart;
    coded
        .then(|| address::code_end(text, at))
        .flatten()
        .map(|end| plain(Kind::Zip, (at, end)))
        .or_else(|| label::of_last(text, at, length, (last, floor)))
}

/// Numbers that show by their groups, and an address of mail with its sign in disguise.
fn in_groups(text: Text<'_>, at: usize, length: usize, floor: usize) -> Option<Hit> {
    let to = |kind: Kind| move |end: usize| plain(kind, (at, end));
    let of = |kind: Kind| move |span: (usize, usize)| plain(kind, span);
    let before = text.before(at, floor);
    let disguised = before == b'%' && text.at(at) == b'4' && text.at(at + 1) == b'0';
    let found = if disguised { email::find(text, at - 1, 3, floor) } else { None };
    let mut found = found.map(of(Kind::Email));
    if matches!(length, 4 | 13..) {
        found = found.or_else(|| card::find(text, at, floor).map(to(Kind::Card)));
    }
    if length == 3 {
        found = found.or_else(|| ssn::find(text, at).map(to(Kind::Ssn)));
    }
    if length <= 3 && text.at(at + length) == b'.' {
        found = found
            .or_else(|| ip::version_4(text, at, floor).map(to(Kind::Ip)))
            .or_else(|| geo::find(text, at, floor).map(of(Kind::Geo)));
    }
    if matches!(length, 1 | 3) || matches!(before, b'+' | b'(' | b':') {
        found = found.or_else(|| phone::find(text, at, floor).map(of(Kind::Phone)));
    }
    found
}

/// Numbers of which letters are a part.
fn in_letters(text: Text<'_>, at: usize, length: usize, floor: usize) -> Option<Hit> {
    let lettered =
        text.before(at, floor).is_ascii_alphabetic() || text.at(at + length).is_ascii_alphabetic();
    let checked = if lettered { checked::find(text, at, floor) } else { None };
    checked.map(|(kind, span)| plain(kind, span)).or_else(|| {
        // Hardware addresses with colons are found at their colons.
        let found = mac::find(text, at, floor).filter(|(start, _)| text.at(start + 2) != b':');
        found.map(|span| plain(Kind::Mac, span))
    })
}

/// Addresses, of which the number is the first or the last part.
fn in_words(text: Text<'_>, at: usize, length: usize, floor: usize) -> Option<Hit> {
    if let Some(end) = address::find(text, at, floor) {
        return Some(plain(Kind::Address, (at, end)));
    }
    let before = text.before(at, floor);
    let boxed = matches!(before, b' ' | b'#').then(|| address::post_box(text, at, floor));
    if let Some(span) = boxed.flatten() {
        return Some(plain(Kind::Address, span));
    }
    if length != 5 || !matches!(before, b' ' | b',') {
        return None;
    }
    let (place, state, end) = address::place_with_code(text, at, floor)?;
    Some(if place < state {
        plain(Kind::Address, (place, state))
    } else {
        plain(Kind::Zip, (at, end))
    })
}
