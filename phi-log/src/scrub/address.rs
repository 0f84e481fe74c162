//! Street addresses and places with their postal code, as they are written in the United States.

use super::places::{
    is_end_of_street, is_perhaps_end_of_street, is_state_code, may_end_state, state_name,
};
use super::text::Text;

/// Words of a street's name that are looked at.
const MAX_WORDS: usize = 5;

/// The end of the address that starts with the house number at `at`: street, unit, town and state.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    let before = text.before(at, floor);
    if before.is_ascii_alphanumeric()
        || matches!(before, b'.' | b'-' | b'_' | b'#' | b'/' | b'$' | b'%' | b'+' | b'*')
    {
        return None;
    }
    let number = house_number(text, at)?;
    let street = street_end(text, number)?;
    let unit = unit_end(text, street);
    Some(town_end(text, unit).unwrap_or(unit))
}

/// Whether two words of a street may begin at `at`, behind a house number: the quick answer for most numbers in
/// front of a capital.
pub(super) fn may_begin(text: Text<'_>, at: usize) -> bool {
    let end = word_end(text, at);
    let ordinal = end > at && text.at(end - 1).is_ascii_alphabetic();
    if !text.at(at).is_ascii_uppercase() && !ordinal {
        return text.has_word(at, b"1/2 ");
    }
    let next = end + usize::from(text.at(end) == b'.') + 1;
    text.at(next - 1) == b' '
        && (text.at(next).is_ascii_uppercase() || text.at(next).is_ascii_digit())
}

/// Whether a state may stand in front of the postal code at `at`.
pub(super) fn may_follow_state(text: Text<'_>, at: usize, floor: usize) -> bool {
    let mut end = at;
    while at - end < 2 && matches!(text.before(end, floor), b' ' | b',') {
        end -= 1;
    }
    end < at && may_end_state(text, end, floor)
}

/// Words in front of the number of a box.
pub(super) const BOXES: &[&str] = &["box", "unit", "psc", "cmr"];

/// Where the words begin that end in front of `at`, if nothing of the kind stands in front.
fn start_of(words: &[&[u8]], text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    words.iter().find_map(|word| {
        let start = at.checked_sub(word.len()).filter(|start| *start >= floor)?;
        let whole = !text.before(start, floor).is_ascii_alphabetic();
        (whole && text.has_word(start, word)).then_some(start)
    })
}

/// The end of the post office box whose number is at `at`, and its start.
pub(super) fn post_box(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    if let Some(found) = of_forces(text, at, floor) {
        return Some(found);
    }
    let boxes: [&[u8]; 6] =
        [b"P.O. Box ", b"PO Box ", b"P.O.Box ", b"P O Box ", b"Post Office Box ", b"PO Box #"];
    let start = start_of(&boxes, text, at, floor)?;
    let end = at + text.digits(at, 8);
    Some((start, town_end(text, end).unwrap_or(end)))
}

/// `Unit 7463 Box 3191, DPO AE 98475`, `PSC 4, Box 12`: addresses of the armed forces.
fn of_forces(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let start = start_of(&[b"Unit ", b"PSC ", b"CMR "], text, at, floor)?;
    let mut next = at + text.digits(at, 6);
    next += usize::from(text.at(next) == b',');
    if !text.has_word(next, b" Box ") {
        return None;
    }
    let end = next + 5 + text.digits(next + 5, 6);
    Some((start, town_end(text, end).unwrap_or(end)))
}

/// `12`, `12B`, `12-14`, `12 1/2`; the end of the space behind it.
fn house_number(text: Text<'_>, at: usize) -> Option<usize> {
    let run = text.digits(at, 7);
    if !(1..=6).contains(&run) {
        return None;
    }
    let mut end = at + run;
    if text.at(end) == b'-' && text.at(end + 1).is_ascii_digit() {
        end += 1 + text.digits(end + 1, 5);
    } else if text.at(end).is_ascii_alphabetic() && text.at(end + 1) == b' ' {
        end += 1;
    }
    if text.has_word(end, b" 1/2 ") {
        end += 4;
    }
    (text.at(end) == b' ').then_some(end + 1)
}

/// The end of the street: words with a capital, the last of which is a kind of street.
fn street_end(text: Text<'_>, at: usize) -> Option<usize> {
    let mut next = at;
    let mut perhaps = None;
    for count in 0..MAX_WORDS {
        let end = word_end(text, next);
        let word = text.slice(next, end);
        let capital = word.first().is_some_and(u8::is_ascii_uppercase);
        let ordinal = word.first().is_some_and(u8::is_ascii_digit)
            && word.last().is_some_and(u8::is_ascii_alphabetic);
        if !capital && !ordinal {
            break;
        }
        if count > 0 && is_end_of_street(text, next, end) && !is_part_of_machine(text, at, next) {
            let dot = usize::from(text.at(end) == b'.' && word.len() <= 4);
            return Some(compass(text, end + dot));
        }
        if count > 0 && is_perhaps_end_of_street(text, next, end) && closes(text, end) {
            perhaps = Some(end);
        }
        if text.at(end) == b'.' && text.at(end + 1) == b' ' && word.len() <= 2 {
            next = end + 2;
        } else if text.at(end) == b' ' {
            next = end + 1;
        } else {
            break;
        }
    }
    perhaps
}

/// `Hard Drive`
fn is_part_of_machine(text: Text<'_>, start: usize, end: usize) -> bool {
    [&b"Hard "[..], b"Disk ", b"Flash ", b"Tape ", b"USB ", b"By "]
        .into_iter()
        .any(|word| end - start == word.len() && text.has_word(start, word))
}

/// Whether an address may end here: at a comma, a line, a unit, the end.
fn closes(text: Text<'_>, end: usize) -> bool {
    match text.at(end) {
        0 | b',' | b'\n' | b'\r' | b'"' | b'\\' | b'|' | b';' => true,
        b'.' => !text.at(end + 1).is_ascii_alphanumeric(),
        _ => unit_end(text, end) > end,
    }
}

fn word_end(text: Text<'_>, at: usize) -> usize {
    let mut end = at;
    while end - at < 24
        && (text.at(end).is_ascii_alphanumeric()
            || text.at(end) >= 0x80
            || (matches!(text.at(end), b'\'' | b'-') && text.at(end + 1).is_ascii_alphanumeric()))
    {
        end += 1;
    }
    end
}

/// `NW` behind a street.
fn compass(text: Text<'_>, at: usize) -> usize {
    let word_end = word_end(text, at + 1);
    let word = text.slice(at + 1, word_end);
    let known = [&b"N"[..], b"S", b"E", b"W", b"NE", b"NW", b"SE", b"SW"].contains(&word)
        || [&b"North"[..], b"South", b"East", b"West"].contains(&word);
    if text.at(at) == b' ' && known { word_end } else { at }
}

/// `, Apt 4B`, ` Suite 100`, ` #12`
fn unit_end(text: Text<'_>, at: usize) -> usize {
    const UNITS: [&[u8]; 16] = [
        b"apartment",
        b"apt",
        b"suite",
        b"suit",
        b"ste",
        b"unit",
        b"floor",
        b"fl",
        b"room",
        b"rm",
        b"building",
        b"bldg",
        b"lot",
        b"trailer",
        b"box",
        b"no",
    ];
    let mut next = at;
    while next < at + 2 && matches!(text.at(next), b' ' | b',') {
        next += 1;
    }
    if next == at {
        return at;
    }
    let named = UNITS.into_iter().find(|unit| {
        text.has_word(next, unit) && !text.at(next + unit.len()).is_ascii_alphabetic()
    });
    match named {
        Some(unit) => next += unit.len(),
        None if text.at(next) == b'#' => {}
        None => return at,
    }
    for _ in 0..3 {
        if matches!(text.at(next), b' ' | b'.' | b'#') {
            next += 1;
        }
    }
    let mut end = next;
    while end - next < 8 && (text.at(end).is_ascii_alphanumeric() || text.at(end) == b'-') {
        end += 1;
    }
    let value = text.slice(next, end);
    let number = value.iter().any(u8::is_ascii_digit) || value.len() == 1;
    if number { end } else { at }
}

/// The end of `, Springfield, IL` behind a street, if both stand there.
fn town_end(text: Text<'_>, at: usize) -> Option<usize> {
    let mut next = at;
    while next < at + 3 && matches!(text.at(next), b' ' | b',' | b'\n' | b'\r') {
        next += 1;
    }
    // A line break inside a string: `12 Main St\nSpringfield`.
    if next == at && text.at(at) == b'\\' && text.at(at + 1) == b'n' {
        next += 2;
    }
    if next == at {
        return None;
    }
    for count in 0..5 {
        if let Some(end) = state_end(text, next).filter(|_| count > 0) {
            return Some(end);
        }
        if !text.at(next).is_ascii_uppercase() {
            return None;
        }
        next = word_end(text, next);
        if text.at(next) == b'.' {
            next += 1;
        }
        if text.at(next) == b',' {
            next += 1;
        }
        if text.at(next) != b' ' {
            return None;
        }
        next += 1;
    }
    None
}

fn state_end(text: Text<'_>, at: usize) -> Option<usize> {
    let end = at + 2;
    if is_state_code(text.slice(at, end)) && !text.at(end).is_ascii_alphanumeric() {
        return Some(end);
    }
    state_name(text, at).filter(|end| !text.at(*end).is_ascii_alphanumeric())
}

/// A postal code with its place: `Springfield, IL 62704`. Gives the start of the place, the end of the
/// state, and the end of the code, whose first digit is at `at`.
pub(super) fn place_with_code(
    text: Text<'_>,
    at: usize,
    floor: usize,
) -> Option<(usize, usize, usize)> {
    let end = code_end(text, at)?;
    let mut state = at;
    while at - state < 2 && matches!(text.before(state, floor), b' ' | b',') {
        state -= 1;
    }
    if state == at {
        return None;
    }
    let start = state_start(text, state, floor)?;
    let comma = text.before(start, floor) == b' ' && text.before(start - 1, floor) == b',';
    let place = place_start(text, start, floor);
    // `Request ID 12345` and `COMMIT OK 20000` end like a place.
    let word = text.slice(start, state);
    let common = [&b"ID"[..], b"OK", b"IN", b"OR", b"ME", b"HI", b"OH", b"PA", b"CO", b"AL", b"AS"];
    let common = common.contains(&word);
    // `Done, OK 95336`, `Loaded Shard, IN 51206 us`
    let told = common && is_report(text, place);
    let clear = !told && (comma || word.len() > 2 || (place < start && !common));
    let named = place < start && text.slice(place, start).iter().any(u8::is_ascii_lowercase);
    (clear && (named || comma)).then_some((place, state, end))
}

/// Whether the word at `at` begins what a program says of its work.
fn is_report(text: Text<'_>, at: usize) -> bool {
    const WORDS: [&[u8]; 10] = [
        b"error",
        b"warning",
        b"done",
        b"result",
        b"results",
        b"status",
        b"ready",
        b"success",
        b"complete",
        b"finish",
    ];
    let length = (0..16).take_while(|step| text.at(at + step).is_ascii_alphabetic()).count();
    let word = text.slice(at, at + length);
    word.ends_with(b"ed") || WORDS.iter().any(|each| each.eq_ignore_ascii_case(word))
}

/// The end of five digits, or five and four, with nothing more beside them.
pub(super) fn code_end(text: Text<'_>, at: usize) -> Option<usize> {
    if !text.exactly(at, 5) {
        return None;
    }
    let end = at + 5;
    if text.at(end) == b'-' && text.exactly(end + 1, 4) {
        return Some(end + 5);
    }
    let after = text.at(end);
    let goes_on = after.is_ascii_alphanumeric()
        || matches!(after, b'_' | b'-' | b':' | b'/' | b'%')
        || (after == b'.' && text.at(end + 1).is_ascii_digit());
    (!goes_on).then_some(end)
}

/// The start of the state's code or name that ends at `end`.
fn state_start(text: Text<'_>, end: usize, floor: usize) -> Option<usize> {
    let code = end.checked_sub(2).filter(|start| *start >= floor)?;
    if is_state_code(text.slice(code, end)) && !text.before(code, floor).is_ascii_alphanumeric() {
        return Some(code);
    }
    // The last letter of a name is a small one.
    if !text.before(end, floor).is_ascii_lowercase() {
        return None;
    }
    // The longest of `Virginia` and `West Virginia`, `District of Columbia`.
    let (mut start, mut found) = (end, None);
    for _ in 0..3 {
        while end - start < 20 && text.before(start, floor).is_ascii_alphabetic() {
            start -= 1;
        }
        if state_name(text, start) == Some(end) {
            found = Some(start);
        }
        if text.before(start, floor) != b' ' {
            break;
        }
        start -= 1;
    }
    found
}

/// The start of up to three words with capitals in front of a state.
fn place_start(text: Text<'_>, state: usize, floor: usize) -> usize {
    let mut place = state;
    let mut next = state;
    for sign in [b' ', b','] {
        if text.before(next, floor) == sign {
            next -= 1;
        }
    }
    for _ in 0..3 {
        let mut start = next;
        while next - start < 24
            && (text.before(start, floor).is_ascii_alphabetic()
                || text.before(start, floor) == b'\'')
        {
            start -= 1;
        }
        if start == next || !text.at(start).is_ascii_uppercase() {
            break;
        }
        place = start;
        if text.before(start, floor) != b' ' {
            break;
        }
        next = start - 1;
    }
    ship(text, place, floor).unwrap_or(place)
}

/// The start of `USNS Parks, ` in front of `FPO`.
fn ship(text: Text<'_>, place: usize, floor: usize) -> Option<usize> {
    let forces = [&b"FPO"[..], b"APO", b"DPO"].into_iter().any(|word| text.has_word(place, word));
    let from = place.saturating_sub(40).max(floor);
    [&b"USNS "[..], b"USS ", b"USNV ", b"USCGC "]
        .into_iter()
        .filter(|_| forces)
        .find_map(|word| text.until(place).find_bytes(word, from))
}
