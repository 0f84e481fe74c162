//! `key=value`, `key: value`, JSON and `Debug` text: the value behind a name that says PHI.

use super::engine::{Hit, Quote};
use super::keys;
use super::kind::Kind;
use super::text::Text;
use super::{absent, age, checked, fits, label, phone, search, soft, typed, value};

/// Bytes of a label that are looked at.
const MAX_LABEL: usize = 64;
const REJECTED: &[u8] = b"rejected value [";
/// White space between sign and value that is skipped.
const MAX_SPACE: usize = 16;
/// Backslashes in front of a quote: JSON inside JSON inside JSON has seven.
const MAX_ESCAPES: usize = 7;

/// The value behind the `=` or `:` at `at`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    let sign = text.at(at);
    if sign == b':' {
        let path = text.at(at + 1) == b':' || text.before(at, floor) == b':';
        let scheme = text.at(at + 1) == b'/' && text.at(at + 2) == b'/';
        if path || scheme {
            return None;
        }
    }
    if sign == b'='
        && let Some(token) = search::token(text, at, floor)
    {
        return Some(token);
    }
    let (kind, quote, soft) = label(text, at, floor)?;
    let seen = typed::behind_visibility(text, at).filter(|_| sign == b':');
    let start = skip_to_value(text, seen.unwrap_or(at), quote.is_some() || seen.is_some());
    // `on field 'ssn': rejected value [123]`, as Spring says it.
    if text.has_word(start, REJECTED) {
        let content = start + REJECTED.len();
        let end = text.until(content + MAX_LABEL * 4).find_byte(b']', content)?;
        let kind = delimited(text, content, end, kind);
        return kind
            .filter(|_| value::marker_end(text, content).is_none())
            .filter(|kind| !absent::is_absent(text.until(end), content, *kind))
            .and_then(|kind| hit(text, content, end, kind, None));
    }
    // `N'Ada'`
    let start = start + usize::from(text.at(start) == b'N' && text.at(start + 1) == b'\'');
    let start = typed::skip(text, start);
    if kind == Kind::Age {
        let (from, end) = age::inside(text, start)?;
        return hit(text, from, end, kind, quote.filter(|_| from == start));
    }
    if let Some(open) = quote_at(text, start) {
        let content = start + open.length();
        // `{"question":"Email:","answer":..`: it closes the string that ends with the label.
        if quote.is_none() && closes(text, at, open.mark, content) {
            return None;
        }
        let end = value::quoted_end(text, content, open);
        let fits = !soft || soft::quoted_fits(text, (content, end), at, floor);
        let kind = delimited(text, content, end, kind).filter(|_| fits)?;
        // `first_name: 'Ada' -> 'Bea'`
        let end = typed::replaced_by(text, end, open.length()).unwrap_or(end);
        return hit(text, content, end, kind, None);
    }
    let complains = sign == b':' && absent::is_complaint(text, start);
    if complains || absent::is_absent(text, start, kind) || absent::is_schema(text, start) {
        return None;
    }
    if soft {
        let listed = value::first_quoted(text, start);
        let named = listed.is_some_and(|span| soft::quoted_fits(text, span, at, floor));
        let end = if named {
            value::bare_end(text, start, kind)
        } else {
            soft::bare_end(text, start, at, floor)?
        };
        return hit(text, start, end, kind, quote);
    }
    // A colon also ends ordinary sentences: `email: sent`. A value must look like one.
    if sign == b':' && quote.is_none() && !value::is_plausible(text, start, kind) {
        return None;
    }
    if matches!(kind, Kind::Email | Kind::Phone) && absent::is_switch(text, start) {
        return None;
    }
    // `Address: 192.0.2.1` and `Recipient address: rejected` speak of machines.
    if kind == Kind::Address && quote.is_none() {
        let sentence = sign == b':' && text.at(start).is_ascii_lowercase();
        if is_machine(text, start, value::token_end(text, start))
            || (sentence && !value::has_digit(text, start))
        {
            return None;
        }
    }
    let mut end = value::bare_end(text, start, kind);
    if kind == Kind::Phone {
        // With its extension.
        end = phone::find(text, start, start).map_or(end, |(_, own)| own.max(end));
    }
    let checked = kind == Kind::Date
        || (sign == b':'
            && matches!(kind, Kind::Zip | Kind::Plate | Kind::Vin | Kind::Npi | Kind::Mbi))
        || matches!(kind, Kind::Geo | Kind::Mac);
    // `SerialNumber=2`, `subscriber id=4`: the number of one in a list.
    let short = matches!(kind, Kind::Device | Kind::Member) && end - start < 4;
    let unfit = (quote.is_none() || kind == Kind::Geo) && checked;
    if (quote.is_none() && short) || (unfit && !fits::fits(text, start, end, kind)) {
        return None;
    }
    hit(text, start, end, own(text, start, end, kind), quote)
}

/// The kind of a value whose ends are given by signs, as its label or else its form says; `None` if it is of a
/// machine, or cannot be what its label says.
pub(super) fn delimited(text: Text<'_>, start: usize, end: usize, kind: Kind) -> Option<Kind> {
    let other = match kind {
        Kind::Address => is_machine(text, start, end),
        Kind::Mac => !fits::fits(text, start, end, kind),
        _ => false,
    };
    (!other).then(|| own(text, start, end, kind))
}

/// The kind of a value whose label says less than its form: `medicare_id=1EG4-TE5-MK73`.
fn own(text: Text<'_>, start: usize, end: usize, kind: Kind) -> Kind {
    match kind {
        Kind::Member if checked::mbi(text, start, start) == Some(end) => Kind::Mbi,
        // `emergency_contact=555-010-4477`
        Kind::Name if phone::find(text, start, start).is_some_and(|(_, own)| own == end) => {
            Kind::Phone
        }
        kind => kind,
    }
}

/// Whether the value from `start` to `end` is the address of a machine, or of something in it.
fn is_machine(text: Text<'_>, start: usize, end: usize) -> bool {
    let value = text.slice(start, end);
    let signs = |byte: &u8| matches!(byte, b'.' | b':' | b'x' | b'[' | b']' | b'/');
    value.iter().any(signs)
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().all(|byte| byte.is_ascii_hexdigit() || signs(byte))
}

/// Bytes in front of a number in which the key is looked for.
const MAX_NUMBERS: usize = 64;

/// The quotes of the key in front of a number, or of a list of numbers, so that JSON stays JSON:
/// `{"card":4111111111111111}`.
pub(super) fn number_quote(text: Text<'_>, start: usize, end: usize) -> Option<Quote> {
    let in_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b',' | b' ');
    let mut after = end;
    while after < end + MAX_SPACE && text.at(after).is_ascii_whitespace() {
        after += 1;
    }
    let closed = matches!(text.at(after), b',' | b'}' | b']' | 0);
    if !closed || !text.slice(start, end).iter().all(in_number) {
        return None;
    }
    let least = start.saturating_sub(MAX_NUMBERS);
    let passed = |byte: u8| in_number(&byte) || byte == b'[' || byte.is_ascii_whitespace();
    let sign = (least..start).rev().find(|at| !passed(text.at(*at)))?;
    let mut key = sign;
    while key > least && text.at(key - 1) == b' ' {
        key -= 1;
    }
    if text.at(sign) == b'"' && text.slice(sign, start).contains(&b',') {
        // A list with texts as well: `["A-77",4111111111111111]`.
        return Some(Quote { mark: b'"', escapes: escapes(text, sign) });
    }
    if text.at(sign) != b':' || text.before(key, least) != b'"' {
        return None;
    }
    Some(Quote { mark: b'"', escapes: escapes(text, key - 1) })
}

/// The backslashes in front of the quote at `at`.
fn escapes(text: Text<'_>, at: usize) -> usize {
    (1..=MAX_ESCAPES.min(at)).take_while(|back| text.at(at - back) == b'\\').count()
}

/// Whether a label that may be known stands in front of the sign at `at`.
pub(super) fn may_follow_label(text: Text<'_>, at: usize, floor: usize) -> bool {
    let plain = text.before(at, floor).is_ascii_alphanumeric()
        && (text.at(at) == b':' || search::name_end(text, at, floor).is_none());
    let end = if plain { at } else { label_end(text, at, floor).0 };
    keys::may_end_label(text, end, floor)
}

/// Where the label in front of `at` ends, and the quotes around it.
fn label_end(text: Text<'_>, at: usize, floor: usize) -> (usize, Option<Quote>) {
    let mut end = at;
    end = sign_start(text, end, floor);
    end = column_start(text, end, floor).unwrap_or(end);
    end = note_start(text, end, floor).unwrap_or(end);
    if text.at(at) == b'=' {
        end = search::name_end(text, end, floor).unwrap_or(end);
    }
    // `patient[ssn]=`, `row["ssn"] = `
    end -= usize::from(text.before(end, floor) == b']');
    let mut quote = None;
    let mark = text.before(end, floor);
    if matches!(mark, b'"' | b'\'') {
        end -= 1;
        let mut escapes = 0;
        while escapes < MAX_ESCAPES && text.before(end, floor) == b'\\' {
            escapes += 1;
            end -= 1;
        }
        quote = Some(Quote { mark, escapes });
        end = sign_start(text, end, floor);
    }
    (end, quote)
}

/// The kind that the label in front of `at` names, the quotes around it, and whether it names one only if the
/// value looks like it.
fn label(text: Text<'_>, at: usize, floor: usize) -> Option<(Kind, Option<Quote>, bool)> {
    let (end, quote) = label_end(text, at, floor);
    if !keys::may_end_label(text, end, floor) {
        return None;
    }
    let soft = soft::is_soft(text, end, floor);
    let start = label_start(text, end, floor);
    let name = text.slice(start, end);
    match keys::judge_label(name) {
        // `build/archive.zip: 12345 entries`
        Some(Kind::Zip)
            if quote.is_none()
                && text.at(at) == b':'
                && matches!(text.before(start, floor), b'/' | b'\\') =>
        {
            None
        }
        Some(kind) => Some((kind, quote, false)),
        None => {
            let start = skip_to_value(text, at, quote.is_some());
            let start = start + quote_at(text, start).map_or(0, Quote::length);
            // `patient: Ada Sample`, and `patient:7719355`
            let number = !soft || text.at(start).is_ascii_digit();
            let found = number.then(|| label::loose(text, name, start)).flatten();
            found
                .or_else(|| label::of_last_digits(text, end, floor))
                .map(|kind| (kind, quote, false))
                .or(soft.then_some((Kind::Name, quote, true)))
        }
    }
}

/// Where signs begin that stand behind a label: `mrn #: 7`, `acct.: 7`.
fn sign_start(text: Text<'_>, mut end: usize, floor: usize) -> usize {
    for _ in 0..2 {
        if matches!(text.before(end, floor), b' ' | b'#' | b'.') {
            end -= 1;
        }
    }
    end
}

/// Spaces that bring the signs of several lines below each other.
const MAX_COLUMN: usize = 40;

/// Where the spaces begin between a label at the beginning of a line and a sign: `LastName      : Sample`.
fn column_start(text: Text<'_>, end: usize, floor: usize) -> Option<usize> {
    let mut start = end;
    while end - start < MAX_COLUMN && text.before(start, floor) == b' ' {
        start -= 1;
    }
    if start == end {
        return None;
    }
    let mut line = start;
    while start - line < MAX_LABEL
        && (text.before(line, floor).is_ascii_alphanumeric() || text.before(line, floor) == b'_')
    {
        line -= 1;
    }
    (line < start && matches!(text.before(line, floor), 0 | b'\n')).then_some(start)
}

/// Bytes of a note behind a label: `Age (years): 92`, `DOB (mm/dd/yyyy): 01/05/1980`.
const MAX_NOTE: usize = 24;

/// Where the label ends in front of the note in brackets that ends at `end`.
fn note_start(text: Text<'_>, end: usize, floor: usize) -> Option<usize> {
    if text.before(end, floor) != b')' {
        return None;
    }
    let least = end.saturating_sub(MAX_NOTE).max(floor);
    let open = (least..end).rev().find(|at| text.at(*at) == b'(')?;
    Some(open - usize::from(text.before(open, floor) == b' '))
}

/// Where the label that ends at `end` begins: three words at most.
pub(super) fn label_start(text: Text<'_>, end: usize, floor: usize) -> usize {
    let mut start = end;
    let mut spaces = 0;
    while end - start < MAX_LABEL {
        match text.before(start, floor) {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => start -= 1,
            // `driver's license`
            b'\'' if text.at(start) == b's' && text.at(start + 1) == b' ' => start -= 1,
            b' ' if spaces < 2 && start < end => {
                spaces += 1;
                start -= 1;
            }
            _ => break,
        }
    }
    start
}

fn skip_to_value(text: Text<'_>, at: usize, quoted: bool) -> usize {
    let mut start = at + 1;
    // `==`, `=>`, `:=`
    while start < at + 3 && matches!(text.at(start), b'=' | b'>') {
        start += 1;
    }
    let most = start + MAX_SPACE;
    while start < most {
        match text.at(start) {
            b' ' | b'\t' => start += 1,
            b'\r' | b'\n' if quoted => start += 1,
            _ => break,
        }
    }
    start
}

/// The opening quote at `at`, with the backslashes in front of it.
pub(super) fn quote_at(text: Text<'_>, at: usize) -> Option<Quote> {
    let escapes = (0..=MAX_ESCAPES).take_while(|offset| text.at(at + offset) == b'\\').count();
    let mark = text.at(at + escapes);
    (matches!(mark, b'"' | b'\'') && escapes <= MAX_ESCAPES).then_some(Quote { mark, escapes })
}

/// Whether a quote behind the sign at `at` closes a string that was opened in front of the label, and does not open
/// the value: it looks so behind it, and an opening quote stands in front.
fn closes(text: Text<'_>, at: usize, mark: u8, behind: usize) -> bool {
    if !matches!(text.at(behind), b',' | b'}' | b']') {
        return false;
    }
    let least = at.saturating_sub(2 * MAX_LABEL);
    let opening = (least..at).rev().find(|at| text.at(*at) == mark);
    opening.is_some_and(|mut opening| {
        while opening > least && text.at(opening - 1) == b'\\' {
            opening -= 1;
        }
        matches!(text.before(opening, 0), 0 | b' ' | b'[' | b'{' | b'(' | b',' | b':' | b'=')
    })
}

/// A hit, unless nothing is there or the marker stands there already.
fn hit(text: Text<'_>, start: usize, end: usize, kind: Kind, quote: Option<Quote>) -> Option<Hit> {
    if start >= end || value::marker_end(text, start) == Some(end) {
        return None;
    }
    Some(Hit { start, end, kind, quote })
}
