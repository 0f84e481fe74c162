//! Names of people in running text, where a title or a word in front says that one follows.
//!
//! There is no list of names: a name that nothing announces is not found.

mod name;
#[cfg(test)]
mod tests;
mod words;

pub(super) use name::{is_name, name_end};
use name::{is_particle, word};
pub(super) use words::is_thing;
use words::{ANNOUNCING, EVENTS, GREETINGS};
pub(super) use words::{PATIENTLY, ROLES, TITLES, VERBS};

use super::engine::Hit;
use super::keys;
use super::kind::Kind;
use super::text::Text;
use super::value;

/// Whether a name may begin behind this: white space, and what may be around a name.
pub(super) const fn may_be_in_front(byte: u8) -> bool {
    matches!(byte, b' '..=b'(' | b'*' | b'<' | b'[')
}

/// Whether a title may begin with the capital at `at`.
pub(super) fn may_be_title(text: Text<'_>, at: usize) -> bool {
    let [first, second, rest @ ..] = text.word(at).to_le_bytes();
    let begins = match first {
        b'M' => matches!(second, b'r' | b'R' | b's' | b'x' | b'i'),
        b'D' => matches!(second, b'r' | b'R'),
        b'P' | b'S' => second == b'r',
        b'R' => second == b'e',
        _ => false,
    };
    // In front of a space or a dot; the longest have four letters.
    begins && rest.iter().take(3).any(|byte| matches!(byte, b'.' | b' '))
}

/// Whether a clause begins with two words that have capitals.
pub(super) fn may_begin_clause(text: Text<'_>, at: usize, floor: usize) -> bool {
    begins_clause(text, at, floor) && two_words(text, at)
}

/// The end of the name whose first capital is at `at`, if the words in front announce one.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    if at > 0 && !may_be_in_front(text.before(at, 0)) {
        return None;
    }
    if let Some(name) = behind_title(text, at) {
        // `Cache Miss Rate` is no lady.
        let alone = text.at(at) != b'M' || text.at(at + 1) != b'i' || is_courteous(text, at, floor);
        let (end, _) = name_end(text, name).filter(|_| alone && !is_thing(text, name))?;
        return Some(end);
    }
    let least = match announced(text, at, floor) {
        Some(least) => least,
        None if begins_clause(text, at, floor) && two_words(text, at) => {
            let (end, words) = name_end(text, at)?;
            return (words >= 2 && acts(text, end) && !is_thing(text, at)).then_some(end);
        }
        None => return None,
    };
    let (end, words) = name_end(text, at)?;
    // `patient Example, Ada`
    let given = end + 2;
    let turned = words == 1 && least.words == 2 && text.slice(end, given) == b", ";
    if turned && !is_thing(text, at) && !is_thing(text, given) {
        return name_end(text, given).filter(|(_, words)| *words <= 2).map(|(end, _)| end);
    }
    (words >= least.words && least.ends(text.at(end)) && !is_thing(text, at)).then_some(end)
}

/// What a name must be like that is announced so.
pub(super) struct Least {
    words: usize,
    /// What must stand behind it, if not anything may.
    behind: &'static [u8],
}

impl Least {
    const fn words(words: usize) -> Self {
        Self { words, behind: b"" }
    }

    fn ends(&self, behind: u8) -> bool {
        self.behind.is_empty() || self.behind.contains(&behind)
    }
}

/// The name in front of the letters at `at` that nurses and doctors have behind theirs: `Ada Example, RN`.
pub(super) fn in_front(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let end = at.checked_sub(2).filter(|end| text.slice(*end, at) == b", ")?;
    let letters = [&b"RN"[..], b"MD", b"NP", b"PhD", b"DDS", b"LPN", b"CNA", b"PA-C", b"APRN"]
        .into_iter()
        .find(|letters| text.slice(at, at + letters.len()) == *letters)?;
    let close = at + letters.len();
    // `Silver Spring, MD 20902` is a place.
    let coded = text.at(close) == b' ' && text.at(close + 1).is_ascii_digit();
    let whole = !text.at(close).is_ascii_alphanumeric() && !coded;
    before(text, end, floor).filter(|_| whole).map(|start| (start, close))
}

/// The name in front of the label of a number that belongs to its bearer: `Ada Example (MRN 7)`.
pub(super) fn in_front_of_label(
    text: Text<'_>,
    number: usize,
    floor: usize,
) -> Option<(usize, usize)> {
    let least = number.saturating_sub(MAX_LABEL).max(floor);
    let back = |from: usize, skip: &dyn Fn(u8) -> bool| {
        (least..from).rev().find(|at| !skip(text.at(*at))).map(|at| at + 1)
    };
    let label_end = back(number, &|byte| !byte.is_ascii_alphabetic())?;
    let label = back(label_end, &|byte| byte.is_ascii_alphabetic())?;
    let is_label =
        LABELS.iter().any(|each| each.eq_ignore_ascii_case(text.slice(label, label_end)));
    let end = back(label, &|byte| matches!(byte, b' ' | b',' | b'(' | b'-' | b'/' | b'|' | b';'))?;
    let start = before(text, end, floor).filter(|_| is_label && end < label)?;
    Some((start, end))
}

/// Adds the name in front of the parenthesis at `at` and the number in it, as lists of patients have them:
/// `Example, Ada (24868280)`; says whether they stand there.
pub(super) fn in_front_of_number(text: Text<'_>, at: usize, hits: &mut Vec<Hit>) -> bool {
    let digits = text.digits(at + 1, 11);
    let close = at + 1 + digits;
    if !(6..=10).contains(&digits) || text.at(close) != b')' || text.before(at, 0) != b' ' {
        return false;
    }
    let name = before(text, at - 1, 0).filter(|start| {
        let turned = text.slice(*start, at).contains(&b',');
        turned && !is_thing(text, *start)
    });
    let Some(start) = name else { return false };
    hits.push(Hit { start, end: at - 1, kind: Kind::Name, quote: None });
    hits.push(Hit { start: at + 1, end: close, kind: Kind::Mrn, quote: None });
    true
}

/// Labels of numbers that belong to a person.
const LABELS: [&[u8]; 3] = [b"dob", b"mrn", b"ssn"];
/// Bytes between a number and a name in front of its label.
const MAX_LABEL: usize = 16;

/// Where the name begins that ends at `end`: two or three words.
pub(super) fn before(text: Text<'_>, end: usize, floor: usize) -> Option<usize> {
    let mut start = end;
    let mut first = end;
    for _ in 0..3 {
        while end - start < MAX_FRONT && is_in_word(text.before(start, floor)) {
            start -= 1;
        }
        if !text.at(start).is_ascii_uppercase() {
            break;
        }
        first = start;
        if text.before(start, floor) != b' ' {
            break;
        }
        start -= 1;
    }
    if let Some(family) = before_comma(text, first, floor).filter(|at| is_name(text, *at, end)) {
        return Some(family);
    }
    is_name(text, first, end).then_some(first)
}

/// Where the family name begins in front of the given names at `first`: `Sample, Ada M (MRN 7)`.
fn before_comma(text: Text<'_>, first: usize, floor: usize) -> Option<usize> {
    let end = first - usize::from(text.before(first, floor) == b' ');
    let end = end.checked_sub(1).filter(|end| *end >= floor && text.at(*end) == b',')?;
    let mut start = end;
    while end - start < MAX_FRONT && is_in_word(text.before(start, floor)) {
        start -= 1;
    }
    (start < end).then_some(start)
}

/// Bytes of a name in front of those letters.
const MAX_FRONT: usize = 48;

const fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'\'' | b'-' | b'.')
}

/// Whether a clause begins at `at`, or a small word stands in front, or `Dear`.
fn is_courteous(text: Text<'_>, at: usize, floor: usize) -> bool {
    let mut start = at.saturating_sub(1).max(floor);
    let end = start;
    while end - start < 12 && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
    }
    let word = text.slice(start, end);
    begins_clause(text, at, floor)
        || word.first().is_some_and(u8::is_ascii_lowercase)
        || word == b"Dear"
}

/// Where the name begins behind the title at `at`, if one stands there: `Mr. `, `Dr `.
fn behind_title(text: Text<'_>, at: usize) -> Option<usize> {
    if !matches!(text.at(at), b'M' | b'D' | b'P' | b'S' | b'R') {
        return None;
    }
    let title = TITLES.iter().find(|title| {
        text.slice(at, at + title.len()) == **title
            && matches!(text.at(at + title.len()), b'.' | b' ')
    })?;
    let mut next = at + title.len();
    next += usize::from(text.at(next) == b'.');
    next += usize::from(text.at(next) == b' ');
    let first = text.at(next);
    let begins = first.is_ascii_uppercase() || first >= 0x80 || is_particle(word(text, next).1);
    begins.then_some(next)
}

/// Whether a sentence, a line or a part of one begins at `at`.
fn begins_clause(text: Text<'_>, at: usize, floor: usize) -> bool {
    match text.before(at, floor) {
        b' ' => matches!(text.before(at - 1, floor), b'.' | b':' | b';' | b',' | b'!' | b'-'),
        byte => at == 0 || byte == b'\n',
    }
}

/// Whether two words with a capital begin here: the quick answer for most sentences.
fn two_words(text: Text<'_>, at: usize) -> bool {
    let length = (0..16).take_while(|offset| {
        let byte = text.at(at + offset);
        byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'.' | b'\'' | b'-')
    });
    let next = at + length.count();
    text.at(next) == b' ' && (text.at(next + 1).is_ascii_uppercase() || text.at(next + 1) >= 0x80)
        || text.at(next).is_ascii_alphabetic()
}

/// Whether the words behind a name say that its bearer does what patients do.
fn acts(text: Text<'_>, end: usize) -> bool {
    const ACTS: [&[u8]; 24] = [
        b"called ",
        b"lives ",
        b"presented ",
        b"presents ",
        b"complains ",
        b"complained ",
        b"denies ",
        b"underwent ",
        b"phoned ",
        b"was admitted",
        b"was discharged",
        b"was seen",
        b"was born",
        b"was diagnosed",
        b"has an appointment",
        b"was transferred",
        b"was prescribed",
        b"reports ",
        b"is a patient",
        b"was referred",
        b"clocked in",
        b"clocked out",
        b"missed her ",
        b"missed his ",
    ];
    text.at(end) == b' ' && ACTS.into_iter().any(|word| text.has_word(end + 1, word))
}

/// Who is named in quotes.
const QUOTED: [&[u8]; 6] = [b"patient", b"pt", b"resident", b"physician", b"doctor", b"nurse"];

/// What the name must be like, if one is announced in front of `at`.
pub(super) fn announced(text: Text<'_>, at: usize, floor: usize) -> Option<Least> {
    let quoted = matches!(text.before(at, floor), b'"' | b'\'' | b'(' | b'*' | b'<' | b'[');
    let at = at - usize::from(quoted);
    if value::marker_end(text, at).is_some() {
        return None;
    }
    let mut end = at;
    while at - end < 2 && matches!(text.before(end, floor), b' ') {
        end -= 1;
    }
    if end == at {
        return None;
    }
    // `the patient, Ada Example, ..`, `Pt. Ada Example` and `dictated by: Ada Example`
    let comma = text.before(end, floor) == b',';
    let dot = text.before(end, floor) == b'.';
    let colon = text.before(end, floor) == b':';
    let word_end = end - usize::from(comma || dot || colon);
    if !ANNOUNCING.has(text, word_end, floor) {
        return None;
    }
    let mut start = word_end;
    while word_end - start < 13 && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
    }
    let word = text.slice(start, word_end);
    let front = text.before(start, floor);
    if front == b'-' && !comma && !dot {
        return flagged(text, start, word_end, floor);
    }
    if front.is_ascii_alphanumeric() || matches!(front, b'_' | b'/' | b'.' | b'-') {
        return None;
    }
    if dot && !word.eq_ignore_ascii_case(b"pt") {
        return None;
    }
    if colon && !word.eq_ignore_ascii_case(b"by") {
        return is_event_of_patient(text, start, word, floor).then_some(Least::words(2));
    }
    let is = |words: &[&[u8]]| words.contains(&word);
    // `Patient "Ada Sample" checked in`; a client and its like in quotes are most often programs.
    if quoted && !QUOTED.iter().any(|role| role.eq_ignore_ascii_case(word)) {
        return None;
    }
    if ROLES.iter().any(|role| role.as_bytes() == word) {
        return Some(Least { words: 2, behind: if comma { b"," } else { b"" } });
    }
    if comma {
        return None;
    }
    if is(&[b"named", b"Dear", b"DEAR", b"Name", b"NAME"]) {
        return Some(Least::words(1 + usize::from(is(&[b"Name", b"NAME"]))));
    }
    if GREETINGS.iter().any(|greeting| greeting.as_bytes() == word) {
        return Some(Least { words: 1, behind: b",!" });
    }
    let mut before = start;
    while start - before < 1 && text.before(before, floor) == b' ' {
        before -= 1;
    }
    let ends = |phrase: &[u8]| {
        before.checked_sub(phrase.len()).is_some_and(|from| {
            from >= floor
                && text.has_word(from, phrase)
                && !text.before(from, floor).is_ascii_alphanumeric()
        })
    };
    match word {
        b"is" if ends(b"name") => Some(Least::words(1)),
        b"am" if ends(b"i") => Some(Least::words(1)),
        b"by" | b"By" | b"BY" if VERBS.iter().any(|verb| ends(verb)) => Some(Least::words(2)),
        b"for" | b"with" | b"of" | b"to" if PATIENTLY.iter().any(|noun| ends(noun)) => {
            Some(Least::words(2))
        }
        _ => None,
    }
}

/// Whether a word says what became of a patient: `Patient not found:`, `New patient registered:`.
fn is_event_of_patient(text: Text<'_>, start: usize, word: &[u8], floor: usize) -> bool {
    if !EVENTS.iter().any(|event| event.as_bytes() == word) {
        return false;
    }
    let mut end = start;
    for _ in 0..2 {
        end -= usize::from(text.before(end, floor) == b' ');
        let mut front = end;
        while end - front < 13 && text.before(front, floor).is_ascii_alphabetic() {
            front -= 1;
        }
        let word = text.slice(front, end);
        if QUOTED.iter().any(|role| role.eq_ignore_ascii_case(word)) {
            return true;
        }
        end = front;
    }
    false
}

/// `--first-name Ada`, `--patient "Ada Example"`: the last word of the flag is given.
fn flagged(text: Text<'_>, word: usize, end: usize, floor: usize) -> Option<Least> {
    let mut start = word;
    while end - start < 32
        && (text.before(start, floor).is_ascii_alphabetic() || text.before(start, floor) == b'-')
    {
        start -= 1;
    }
    let name = text.slice(start, end).strip_prefix(b"--")?;
    match keys::judge(name) {
        Some(Kind::Name) => Some(Least::words(1)),
        _ => ROLES.iter().any(|role| role.as_bytes() == name).then_some(Least::words(2)),
    }
}
