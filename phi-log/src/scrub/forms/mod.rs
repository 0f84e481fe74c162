//! Labels and values in other forms than `key=value`, found by their signs before the walk: what a database
//! says of a key, elements of XML, lists of pairs, and all of it encoded for a URL or for HTML.

mod argument;
mod bearer;
mod behind;
mod caret;
mod cell;
mod columns;
mod dicom;
mod element;
mod encoded;
mod for_field;
mod key_detail;
mod mailbox;
mod member;
mod named;
mod refused;
#[cfg(test)]
mod tests;
mod tuple;
mod udi;
mod vcard;

use super::blocks::Signs;
use super::engine::Hit;
use super::kind::Kind;
use super::text::Text;
use super::{absent, age, bound, keys, label, pair, person, soft, value};

/// Adds what is found, in no order. `depth` is how often the text was decoded before.
pub(super) fn scan(text: &str, signs: Signs, depth: usize, hits: &mut Vec<Hit>) {
    if signs.brackets() {
        scan_brackets(Text::new(text), hits);
    }
    if signs.escapes() {
        encoded::scan(text, depth, hits);
    }
    if signs.carets() {
        caret::scan(Text::new(text), hits);
    }
}

fn scan_brackets(view: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    let mut lists = bound::Lists::new(view);
    while let Some(at) = view.find_first([b'(', b'<', b'['], from) {
        from = at + 1;
        if view.at(at) == b'<' {
            hits.extend(element::find(view, at).or_else(|| mailbox::find(view, at)));
            continue;
        }
        if let Some(end) = lists.find(at, hits) {
            from = end.max(from);
            continue;
        }
        argument::people(view, at, hits);
        if view.at(at) == b'(' {
            hits.extend(bearer::in_parentheses(view, at));
        }
        match view.at(at) {
            b'(' if person::in_front_of_number(view, at, hits) => {}
            b'(' if view.before(at, 0) == b'=' => {
                from = key_detail::find(view, at, hits).unwrap_or(from);
            }
            _ => hits.extend(
                dicom::find(view, at)
                    .or_else(|| tuple::find(view, at).filter(|_| !columns::is_head(view, at)))
                    .or_else(|| key_detail::of_index(view, at))
                    .or_else(|| udi::find(view, at)),
            ),
        }
    }
}

/// The same for values in quotes, with their labels behind them.
pub(super) fn scan_quoted(text: &str, signs: Signs, hits: &mut Vec<Hit>) {
    for_field::scan(Text::new(text), hits);
    bearer::scan_owners(Text::new(text), hits);
    behind::scan(text.as_bytes(), Text::new(text), hits);
    if signs.brackets() {
        argument::scan(Text::new(text), hits);
    }
}

/// The same for cards of people, whose `V` is the sign of literals as well.
pub(super) fn scan_cards(text: &str, hits: &mut Vec<Hit>) {
    vcard::scan(Text::new(text), hits);
}

/// The same for objects, `{"name": "mrn", "value": "A-77"}`, and rows, `| mrn | A-77 |`.
pub(super) fn scan_structured(text: &str, hits: &mut Vec<Hit>) {
    named::scan(Text::new(text), hits);
    member::scan(text.as_bytes(), Text::new(text), hits);
    cell::scan(Text::new(text), hits);
    columns::scan(Text::new(text), hits);
}

/// Whether what stands in the place of a value is the name of a field, as in a list of them. People are called Street
/// and Mac as well.
pub(super) fn names_field(value: &[u8]) -> bool {
    let joined = value.contains(&b'_')
        || value.windows(2).any(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z']));
    keys::judge(value).is_some_and(|kind| {
        joined || matches!(kind, Kind::Ssn | Kind::Mrn | Kind::Birth | Kind::Npi | Kind::Mbi)
    })
}

/// The value at `content` if its label names a kind. Signs on both sides say where the value ends, so whatever
/// stands there is it.
pub(super) fn enclosed(
    text: Text<'_>,
    (label_start, label_end): (usize, usize),
    (mut start, mut end): (usize, usize),
) -> Option<Hit> {
    let name = text.slice(label_start, label_end);
    while start < end && text.at(start).is_ascii_whitespace() {
        start += 1;
    }
    while end > start && text.at(end - 1).is_ascii_whitespace() {
        end -= 1;
    }
    let named = keys::judge_label(name).or_else(|| label::loose(text.until(end), name, start));
    let kind = match named {
        Some(kind) => kind,
        None if soft::is_soft(text, label_end, label_start)
            && person::is_name(text, start, end) =>
        {
            Kind::Name
        }
        None => return None,
    };
    let nothing = start == end
        || value::marker_end(text, start) == Some(end)
        || absent::is_absent(text.until(end), start, kind);
    let young = kind == Kind::Age && age::number(text, start) != Some(end);
    if nothing || young {
        return None;
    }
    let kind = pair::delimited(text, start, end, kind)?;
    Some(Hit { start, end, kind, quote: None })
}
