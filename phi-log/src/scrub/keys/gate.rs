//! The quick answer for nearly every name: no word of the tables begins or ends like this.

use super::MAX_NAME;
use super::around::{BRIDGES, FILLERS};
use super::ends::{ANYWHERE, ENDS};
use super::words::WORDS;
use crate::scrub::date;
use crate::scrub::text::Text;

/// For each first character, a bit for each length that a word of the tables has.
static LENGTHS: [u32; 36] = lengths();
/// How the words end that may stand at the end of a label.
static LABELS: Endings = Endings::of(&[ENDS]);
/// Where in `ENDS` the words of each first letter begin.
static FIRSTS: [u8; 28] = firsts();
/// How the words end that mean something wherever they stand.
static ANYWHERE_ENDS: Endings = Endings::of(&[ANYWHERE]);
/// How the words end that stand in front of a word that means nothing alone.
static FRONTS: Endings = Endings::of(&[WORDS, FILLERS, BRIDGES]);

/// Words that mean something at the end of a label only together with the one in front.
const NEED_MORE: &[&str] = &[
    "id",
    "no",
    "nr",
    "num",
    "number",
    "identifier",
    "is",
    "was",
    "of",
    "on",
    "at",
    "s",
    "code",
    "date",
    "datetime",
];

/// Whether a word of this first character and length stands in the tables, with its digits or without
/// them: `icd10`, `phone2`.
pub(super) fn may_be_known(word: &[u8]) -> bool {
    let Some(lengths) = word.first().and_then(|first| LENGTHS.get(first_code(*first))) else {
        return false;
    };
    let bare = word.len() - word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    [word.len(), bare].into_iter().any(|length| length < 32 && lengths & (1 << length) != 0)
}

/// Whether a label that ends in front of `end` may be known. Digits at its end do not count.
pub(crate) fn may_end_label(text: Text<'_>, end: usize, floor: usize) -> bool {
    may_end_words(text, end, floor) || holds_known(text, end, floor)
}

/// The same for words in front of a number: the last one says it, not one in the middle of a name.
pub(crate) fn may_end_words(text: Text<'_>, end: usize, floor: usize) -> bool {
    let mut end = end;
    for _ in 0..8 {
        if !matches!(text.before(end, floor), b'0'..=b'9' | b' ' | b'_' | b'-' | b'.') {
            break;
        }
        end -= 1;
    }
    let last = text.before(end, floor);
    // In doubt, behind many digits, there is a word.
    last.is_ascii_digit() || (LABELS.has(text, end, floor) && ends_with_known(text, end, floor))
}

/// Whether a word that means something anywhere stands in the name that ends in front of `end`.
fn holds_known(text: Text<'_>, end: usize, floor: usize) -> bool {
    let mut at = end;
    let mut after = 0_u8;
    while end - at < MAX_NAME {
        let byte = text.before(at, floor);
        let sign = matches!(byte, b'_' | b'-' | b'.');
        if !byte.is_ascii_alphanumeric() && !sign {
            return false;
        }
        // A word ends in front of a sign, a digit, or the capital of the next one.
        let ends = !after.is_ascii_alphabetic() || after.is_ascii_uppercase();
        if ends && byte.is_ascii_alphabetic() && ANYWHERE_ENDS.has(text, at, floor) {
            return true;
        }
        after = byte;
        at -= 1;
    }
    true
}

/// How words end that may stand in front of a number of ours: labels, and months.
static PRECEDING: Endings = Endings::of(&[ENDS]).or(&date::MONTH_ENDS);

/// Whether a word that labels a number or names a month may end in front of `end`.
#[inline]
pub(crate) fn may_precede(text: Text<'_>, end: usize, floor: usize) -> bool {
    PRECEDING.has(text, end, floor)
}

/// Longer words are none of the tables.
const MAX_WORD: usize = 16;

fn ends_with_known(text: Text<'_>, end: usize, floor: usize) -> bool {
    let mut start = end;
    let mut capital = None;
    while end - start < MAX_WORD && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
        // `patientName`: the word begins at its capital.
        let before = text.before(start, floor);
        let begins = before.is_ascii_lowercase()
            || (before.is_ascii_uppercase() && text.at(start + 1).is_ascii_lowercase());
        if capital.is_none() && begins && text.at(start).is_ascii_uppercase() {
            capital = Some(start);
        }
    }
    let known = |start: usize| {
        let word = text.slice(start, end);
        if !is_end(word) {
            return false;
        }
        if !NEED_MORE.iter().any(|each| each.as_bytes().eq_ignore_ascii_case(word)) {
            return true;
        }
        let mut front = start;
        for _ in 0..3 {
            if front > floor && !text.before(front, floor).is_ascii_alphanumeric() {
                front -= 1;
            }
        }
        let before = text.before(front, floor);
        let numbered = before.is_ascii_digit() && ends_with_digits(text, front, floor);
        numbered || FRONTS.has(text, front, floor) || matches!(before, b's' | b'S')
    };
    // A word that is cut off here is longer than any of the tables, but its end may be one of them.
    known(start) || capital.is_some_and(known) || end - start == MAX_WORD
}

/// Whether the digits in front of `end` belong to a word, or are one of the tables: `ssn4`, `icd 10`; not `3 of`.
fn ends_with_digits(text: Text<'_>, end: usize, floor: usize) -> bool {
    let mut start = end;
    while end - start < MAX_WORD && text.before(start, floor).is_ascii_digit() {
        start -= 1;
    }
    text.before(start, floor).is_ascii_alphabetic()
        || end - start == MAX_WORD
        || is_number_of_tables(text.slice(start, end))
}

/// Whether a number stands in the tables by itself: `icd 10`.
pub(super) const fn is_number_of_tables(number: &[u8]) -> bool {
    matches!(number, b"9" | b"10")
}

/// Whether a label may end with this word.
fn is_end(word: &[u8]) -> bool {
    let code = word.first().map_or(0, |first| letter(*first));
    let range = FIRSTS.get(code).zip(FIRSTS.get(code + 1));
    let words = range.and_then(|(from, to)| ENDS.get(usize::from(*from)..usize::from(*to)));
    words.is_some_and(|words| words.iter().any(|each| each.as_bytes().eq_ignore_ascii_case(word)))
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "runs in the compiler, which refuses a bad index; the words are fewer than 256"
)]
const fn firsts() -> [u8; 28] {
    assert!(ENDS.len() < 256);
    let mut table = [0; 28];
    let mut code = 0;
    while code < 28 {
        let mut at = 0;
        while at < ENDS.len() && letter(ENDS[at].as_bytes()[0]) < code {
            at += 1;
        }
        table[code] = at as u8;
        code += 1;
    }
    table
}

/// A bit for the last three letters of each of a list of words; for those of two, with nothing in front.
pub(crate) struct Endings([u64; 512]);

impl Endings {
    #[expect(clippy::indexing_slicing, reason = "runs in the compiler, which refuses a bad index")]
    pub(crate) const fn of(lists: &[&[&str]]) -> Self {
        let mut table = [0; 512];
        let mut list = 0;
        while list < lists.len() {
            let mut at = 0;
            while at < lists[list].len() {
                let word = lists[list][at].as_bytes();
                let mut end = word.len();
                while end > 0 && word[end - 1].is_ascii_digit() {
                    end -= 1;
                }
                if end >= 2 {
                    let third = if end > 2 { letter(word[end - 3]) } else { 0 };
                    let code = third << 10 | letter(word[end - 2]) << 5 | letter(word[end - 1]);
                    table[code / 64] |= 1 << (code % 64);
                }
                at += 1;
            }
            list += 1;
        }
        Self(table)
    }

    /// Whether a word that ends in front of `end` may be one of the list.
    #[inline]
    pub(crate) fn has(&self, text: Text<'_>, end: usize, floor: usize) -> bool {
        let [last, second, third, ..] = text.word_before(end, floor).to_be_bytes();
        let last = letter(last);
        if last == 0 || end < floor + 2 {
            return false;
        }
        let short = letter(second) << 5 | last;
        let bit =
            |code: usize| self.0.get(code / 64).is_some_and(|bits| bits & (1 << (code % 64)) != 0);
        // `patientID`: a word of two letters begins with its capital.
        bit(letter(third) << 10 | short) || (second.is_ascii_uppercase() && bit(short))
    }

    /// What ends one of two lists of words.
    pub(crate) const fn or(mut self, other: &Self) -> Self {
        let mut at = 0;
        while at < 512 {
            #[expect(clippy::indexing_slicing, reason = "both have 512")]
            {
                self.0[at] |= other.0[at];
            }
            at += 1;
        }
        self
    }
}

const fn first_code(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize,
        b'0'..=b'9' => (byte - b'0') as usize + 26,
        _ => usize::MAX,
    }
}

/// 1 to 26 for a letter in any case, 0 for all else.
#[inline]
const fn letter(byte: u8) -> usize {
    if byte.is_ascii_alphabetic() { (byte & 31) as usize } else { 0 }
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, which refuses a bad index")]
const fn lengths() -> [u32; 36] {
    let mut table = [0; 36];
    let mut at = 0;
    while at < WORDS.len() {
        let word = WORDS[at].as_bytes();
        table[first_code(word[0])] |= 1 << word.len();
        at += 1;
    }
    table
}
