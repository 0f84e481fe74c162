//! The values themselves, and how they are looked for.

use std::ops::Range;

use zeroize::Zeroizing;

use super::KnownValues;
use super::written::{escape_length, read};
use crate::value::ValueType;

/// Shorter texts stand in too many other words.
const MIN_TEXT: usize = 3;
/// Shorter numbers stand in too many other numbers.
const MIN_DIGITS: usize = 6;
/// Shorter beginnings of a value, with which a text ends that was cut, are those of too many texts.
const MIN_CUT: usize = 24;
/// All values together: a request that opens more than this logs nothing that could hold them.
const MAX_BYTES: usize = 1024 * 1024;

type Value = Zeroizing<Box<str>>;

/// Values by their first byte, folded: only those are compared at the beginning of a word.
#[derive(Default)]
pub(super) struct List {
    by_first: Box<[Vec<Value>]>,
    count: usize,
    bytes: usize,
}

impl List {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn is_overflowing(&self) -> bool {
        self.count > KnownValues::MAX || self.bytes > MAX_BYTES
    }

    pub(super) fn add(&mut self, kind: ValueType, canonical: &[u8]) {
        match kind {
            ValueType::Text | ValueType::Date => {
                let Ok(text) = str::from_utf8(canonical) else { return };
                self.add_text(text.trim());
            }
            ValueType::Int => {
                let number = canonical.first_chunk().map(|bytes| i64::from_be_bytes(*bytes));
                self.add_number(number.map(i64::unsigned_abs));
            }
            ValueType::Uint => {
                self.add_number(canonical.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)));
            }
            _ => {}
        }
    }

    fn add_number(&mut self, number: Option<u64>) {
        if let Some(number) = number {
            let text = Zeroizing::new(number.to_string());
            if text.len() >= MIN_DIGITS {
                self.insert(&text);
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        if text.chars().count() < MIN_TEXT {
            return;
        }
        self.insert(text);
        if !text.is_ascii() {
            self.insert_form(text, text.chars().flat_map(char::to_lowercase));
            self.insert_form(text, text.chars().flat_map(char::to_uppercase));
        }
    }

    fn insert_form(&mut self, text: &str, form: impl Iterator<Item = char>) {
        // The room is there from the start, so that no shorter copy stays behind: a character
        // becomes at most three.
        let mut other = Zeroizing::new(String::with_capacity(text.len().saturating_mul(6)));
        other.extend(form);
        self.insert(&other);
    }

    fn insert(&mut self, text: &str) {
        if self.is_overflowing() {
            return;
        }
        let Some(first) = text.bytes().next() else { return };
        if self.by_first.is_empty() {
            self.by_first = (0..=u8::MAX).map(|_| Vec::new()).collect();
        }
        let at = usize::from(first.to_ascii_lowercase());
        let Some(values) = self.by_first.get_mut(at) else { return };
        if values.iter().any(|known| known.eq_ignore_ascii_case(text)) {
            return;
        }
        self.count += 1;
        self.bytes = self.bytes.saturating_add(text.len());
        if self.count <= KnownValues::MAX && self.bytes <= MAX_BYTES {
            values.push(Zeroizing::new(text.into()));
        } else {
            // From here on texts are removed whole: no value is needed any more.
            self.by_first = Box::default();
        }
    }

    pub(super) fn find(&self, text: &str, mut hit: impl FnMut(Range<usize>)) {
        if self.by_first.is_empty() {
            return;
        }
        let bytes = text.as_bytes();
        let (mut at, mut inside) = (0, false);
        while let Some(&byte) = bytes.get(at) {
            let found = if inside && is_word(byte) { None } else { self.longest(bytes, at) };
            if let Some(len) = found {
                hit(at..at + len);
                at += len;
                inside = false;
            } else if byte == b'\\'
                && let Some(len) = bytes.get(at..).and_then(escape_length)
            {
                // The `n` of `\nAda` is no letter of hers.
                at = (at + len).min(bytes.len());
                inside = false;
            } else {
                inside = is_word(byte);
                at += 1;
            }
        }
    }

    /// The length of the longest value that stands here as whole words, or with which the text ends.
    fn longest(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let first = usize::from(bytes.get(at)?.to_ascii_lowercase());
        let text = bytes.get(at..)?;
        let fits = |known: &Value| {
            let found = read(known, text)?;
            let ends = || match (known.as_bytes().last(), text.get(found.length)) {
                (Some(last), Some(next)) => !(is_word(*last) && is_word(*next)),
                _ => true,
            };
            let whole = if found.missing > 0 { found.length >= MIN_CUT } else { ends() };
            whole.then_some(found.length)
        };
        let same = self.by_first.get(first)?.iter();
        // `\u00e9ric`
        let escaped = if first == usize::from(b'\\') { self.by_first.get(0x80..) } else { None };
        let escaped = escaped.unwrap_or_default().iter().flatten();
        same.chain(escaped).filter_map(fits).max()
    }
}

/// Letters and digits of any script: bytes above ASCII are parts of letters.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(values: &[&str]) -> List {
        let mut list = List::default();
        for value in values {
            list.add(ValueType::Text, value.as_bytes());
        }
        list
    }

    fn found<'t>(list: &List, text: &'t str) -> Vec<&'t str> {
        let mut found = Vec::new();
        list.find(text, |at| found.push(text.get(at).unwrap()));
        found
    }

    #[test]
    fn values_are_found_as_whole_words_in_any_case() {
        let list = list(&["Ada Sample", "José Ñandú", "O\"Hara", "Ada"]);
        for (text, want) in [
            ("seen by Ada Sample today", vec!["Ada Sample"]),
            ("ADA SAMPLE,ada", vec!["ADA SAMPLE", "ada"]),
            ("name=\"ada sample\"", vec!["ada sample"]),
            ("Adam, Samples, adagio, xAda", vec![]),
            ("JOSÉ ÑANDÚ and josé ñandú", vec!["JOSÉ ÑANDÚ", "josé ñandú"]),
            (r#"patient: "O\"Hara""#, vec![r#"O\"Hara"#]),
            (r"to\nAda Sample\tBea", vec!["Ada Sample"]),
            (r"Jos\u00e9 \u{d1}and\u00fa\nAda", vec![r"Jos\u00e9 \u{d1}and\u00fa", "Ada"]),
            ("", vec![]),
        ] {
            assert_eq!(found(&list, text), want, "{text}");
        }
    }

    /// A long note was searched for whole in lines that were cut, and stood there up to the cut.
    #[test]
    fn the_beginning_of_a_value_with_which_a_text_ends_is_known() {
        let list = list(&["lives alone, calls her sister Bea each night", "\u{e9}ric"]);
        assert_eq!(
            found(&list, "note: lives alone, calls her sis"),
            ["lives alone, calls her sis"]
        );
        assert_eq!(found(&list, "she lives alone"), [""; 0]);
        assert_eq!(found(&list, "is \\u00e9ric"), ["\\u00e9ric"]);
    }

    #[test]
    fn dates_and_long_numbers_are_known_and_short_ones_are_not() {
        let mut list = List::default();
        list.add(ValueType::Date, b"1982-04-16");
        list.add(ValueType::Int, &77_193_055_i64.to_be_bytes());
        list.add(ValueType::Int, &(-4_711_000_i64).to_be_bytes());
        list.add(ValueType::Uint, &42_u64.to_be_bytes());
        list.add(ValueType::Text, b"No");
        assert_eq!(
            found(&list, "1982-04-16 77193055 4711000 42 No"),
            ["1982-04-16", "77193055", "4711000"]
        );
    }

    #[test]
    fn above_the_limit_nothing_is_kept_and_everything_is_suspect() {
        let mut list = List::default();
        for n in 0..KnownValues::MAX {
            list.add(ValueType::Text, format!("value {n}").as_bytes());
        }
        assert!(!list.is_overflowing());
        assert_eq!(found(&list, "value 1000 value 1").len(), 2);
        list.add(ValueType::Text, b"value 0"); // known already
        assert!(!list.is_overflowing());
        list.add(ValueType::Text, b"one more");
        assert!(list.is_overflowing() && list.by_first.is_empty());
    }

    #[test]
    fn a_long_note_is_known_whole_and_too_many_are_too_much() {
        let note = |n: usize| format!("{n} {}", "lorem ipsum ".repeat(8_000));
        let mut list = list(&[&note(1)]);
        assert_eq!(found(&list, &note(1)), [note(1).trim()]);
        for n in 2..=10 {
            list.add(ValueType::Text, note(n).as_bytes());
        }
        assert!(!list.is_overflowing());
        list.add(ValueType::Text, note(11).as_bytes());
        assert!(list.is_overflowing() && list.by_first.is_empty());
    }

    proptest! {
        #[test]
        fn any_value_is_found_wherever_it_stands_alone(
            value in "\\PC{3,30}", before in "\\PC{0,10}", after in "\\PC{0,10}",
        ) {
            let value = value.trim();
            prop_assume!(value.chars().count() >= MIN_TEXT);
            let text = format!("{before} {value} {after}");
            let list = list(&[value]);
            let mut end = 0;
            let mut covers = false;
            let at = before.len() + 1;
            list.find(&text, |hit| {
                assert!(hit.start >= end && hit.end <= text.len());
                assert!(text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end));
                end = hit.end;
                covers |= hit.start < at + value.len() && hit.end > at;
            });
            prop_assert!(covers, "{text:?}");
        }
    }
}
