//! A value in quotes and behind it what it was for: `Duplicate entry 'A-77' for key 'patient.mrn'`, as `MySQL` and
//! checks of forms say it; `'Ada' is not a valid last_name`, `"5th" is too short for field dob`.

use super::{enclosed, names_field};
use crate::scrub::engine::Hit;
use crate::scrub::text::Text;

/// What stands between a value and the name of its field.
const WORDS: [&[u8]; 18] = [
    b"for", b"as", b"in", b"is", b"not", b"no", b"a", b"an", b"the", b"too", b"long", b"short",
    b"valid", b"invalid", b"value", b"date", b"number", b"format",
];
/// Words of them at most, and bytes of one.
const MAX_WORDS: usize = 7;
const MAX_WORD: usize = 8;
/// What has a label of its own.
const FIELDS: [&[u8]; 11] = [
    b"key ",
    b"column ",
    b"field ",
    b"parameter ",
    b"param ",
    b"property ",
    b"attribute ",
    b"argument ",
    b"header ",
    b"index ",
    b"constraint ",
];
/// What the names of indexes end with besides their columns.
const INDEXES: [&[u8]; 8] =
    [b"_unique", b"_uniq", b"_uq", b"_uk", b"_index", b"_idx", b"_key", b"_constraint"];
/// Bytes of a value and of a label that are looked at.
const MAX_VALUE: usize = 256;
const MAX_LABEL: usize = 64;

/// Adds the values that a quote ends, with those words behind it.
pub(super) fn scan(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(at) = text.find_first([b'"', b'\'', b'`'], from) {
        from = at + 1;
        if text.at(from) == b' ' && matches!(text.at(from + 1), b'f' | b'a' | b'i') {
            hits.extend(find(text, at));
        }
    }
}

fn find(text: Text<'_>, close: usize) -> Option<Hit> {
    let mark = text.at(close);
    let label = label(text, close + 2)?;
    let escapes = escapes(text, close);
    let end = close - escapes;
    let open = (end.saturating_sub(MAX_VALUE)..end)
        .rev()
        .find(|at| text.at(*at) == mark && self::escapes(text, *at) == escapes)?;
    enclosed(text, label, (open + 1, end))
}

/// The backslashes in front of a quote.
fn escapes(text: Text<'_>, quote: usize) -> usize {
    (1..=quote).take_while(|back| text.at(quote - back) == b'\\').count()
}

/// Where the label is behind those words, without the quotes around it.
fn label(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let mut at = at;
    for count in 0..=MAX_WORDS {
        if let Some(field) = FIELDS.iter().find(|field| text.has_word(at, field)) {
            return name(text, at + field.len()).filter(|_| count > 0);
        }
        let end = (at..at + MAX_WORD).find(|at| !text.at(*at).is_ascii_lowercase())?;
        if text.at(end) != b' ' || !WORDS.contains(&text.slice(at, end)) {
            let (start, end) = name(text, at).filter(|_| count > 0)?;
            return names_field(text.slice(start, end)).then_some((start, end));
        }
        at = end + 1;
    }
    None
}

/// The name of a field at `at`, without the quotes around it and what indexes have besides their columns.
fn name(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let mut start = at;
    while matches!(text.at(start), b'\\' | b'"' | b'\'' | b'`' | b':') && start < at + 16 {
        start += 1;
    }
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let mut end = start;
    while end - start < MAX_LABEL && is_label(text.at(end)) {
        end += 1;
    }
    while let Some(ending) = INDEXES
        .iter()
        .find(|ending| end - start > ending.len() && text.has_word(end - ending.len(), ending))
    {
        end -= ending.len();
    }
    (start < end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{scrubs_to, stays};
    use crate::scrub::work::is_linear_work;

    #[test]
    fn what_stands_in_front_of_its_field_is_removed() {
        for behind in [
            " for key 'patient.last_name'",
            " for last_name",
            " is not valid for field last_name",
            " is not a valid last_name",
            " is not a valid value for last_name",
            " is too long for the column `last_name`",
            " as value in lastName",
        ] {
            scrubs_to(&format!("value 'Ada'{behind}"), &format!("value '[PHI:name]'{behind}"));
        }
        scrubs_to("'13/45/1980' as date for field dob", "'[PHI:dob]' as date for field dob");
    }

    #[test]
    fn what_is_for_no_field_of_a_person_stays() {
        stays(&[
            "'open' is not a valid value for status",
            "\"last\" is the name",
            "'a' is not for long",
            "use 'strict' for names",
        ]);
    }

    #[test]
    fn the_work_behind_quotes_is_linear() {
        is_linear_work(&[
            "' for ",
            "'a' is not a valid ",
            "\\' as field ",
            "'a' in 'b' for last_name",
        ]);
    }
}
