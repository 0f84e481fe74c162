//! The quick answer for nearly every name: none of its words is one of the tables.

use super::MAX_NAME;
use super::around::{BRIDGES, FILLERS};
use super::endings::{Endings, Tail};
use super::ends::{ANYWHERE, ENDS};
use super::words::WORDS;
use crate::scrub::text::Text;
use crate::scrub::{address, date};

/// For each first character, a bit for each length that a word of the tables has.
static LENGTHS: [u32; 36] = lengths();
/// The words that a label may end with, and those of them that mean nothing alone.
static LABELS: Endings = Endings::without(ENDS, NEED_MORE);
static NEEDY: Endings = Endings::of(&[NEED_MORE]);
/// How the words end that mean something wherever they stand.
static ANYWHERE_ENDS: Endings = Endings::of(&[ANYWHERE]);
/// How the words end that stand in front of a word that means nothing alone.
static FRONTS: Endings = Endings::of(&[WORDS, FILLERS, BRIDGES, &["ending", "ends", "with"]]);

/// Words that mean something at the end of a label only together with the one in front.
const NEED_MORE: &[&str] = &[
    "id", "in", "with", "four", "digits", "no", "nr", "num", "number", "is", "was", "of", "on",
    "at", "s", "code", "date", "datetime", "dt", "ts", "time", "ids", "nbr", "nm", "cd",
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
    let last = Last::of(text, end, floor);
    last.may_be_known(text, floor)
        || (!last.spaced && holds_known(text, last.end - last.tail.length(), end, floor))
}

/// The same for words in front of a number: the last one says it, not one in the middle of a name.
pub(crate) fn may_end_words(text: Text<'_>, end: usize, floor: usize) -> bool {
    Last::of(text, end, floor).may_be_known(text, floor)
}

/// The last word of a label, without the digits and signs behind it.
struct Last {
    end: usize,
    tail: Tail,
    /// Whether a space stands among those.
    spaced: bool,
}

impl Last {
    #[inline]
    fn of(text: Text<'_>, end: usize, floor: usize) -> Self {
        let (mut last, mut spaced) = (end, false);
        for _ in 0..8 {
            let byte = text.before(last, floor);
            if !matches!(byte, b'0'..=b'9' | b' ' | b'_' | b'-' | b'.') {
                break;
            }
            spaced |= byte == b' ';
            last -= 1;
        }
        Self { end: last, tail: Tail::before(text, last, floor), spaced }
    }

    #[inline]
    fn may_be_known(&self, text: Text<'_>, floor: usize) -> bool {
        let Self { end, tail, .. } = *self;
        // In doubt, behind many digits, there is a word; and `M.R.N` is one.
        text.before(end, floor).is_ascii_digit()
            || LABELS.has_tail(tail)
            || (NEEDY.has_tail(tail) && follows_front(text, end, floor, tail))
            || ends_abbreviation(text, end, floor)
    }
}

/// Whether a word that means something anywhere ends at `at` or in front of it, in the name that ends in front of
/// `end`.
fn holds_known(text: Text<'_>, at: usize, end: usize, floor: usize) -> bool {
    let mut at = at;
    while end - at < MAX_NAME {
        let byte = text.before(at, floor);
        if byte.is_ascii_alphabetic() {
            let tail = Tail::before(text, at, floor);
            if ANYWHERE_ENDS.has_tail(tail) {
                return true;
            }
            at -= tail.length();
        } else if byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.') {
            at -= 1;
        } else {
            return false;
        }
    }
    true
}

/// Words that may stand in front of a number of ours: labels, months and boxes.
static PRECEDING: Endings = Endings::of(&[ENDS, address::BOXES]).or(&date::MONTH_ENDS);
/// Those of them that need nothing in front.
static SPEAKING: Endings =
    Endings::without(ENDS, NEED_MORE).or(&Endings::of(&[address::BOXES])).or(&date::MONTH_ENDS);

/// Whether a word that labels a number, or names a month or a box, may end in front of `end`.
#[inline]
pub(crate) fn may_precede(text: Text<'_>, end: usize, floor: usize) -> bool {
    let tail = Tail::before(text, end, floor);
    (PRECEDING.has_tail(tail) && (SPEAKING.has_tail(tail) || follows_front(text, end, floor, tail)))
        || ends_abbreviation(text, end, floor)
}

/// Longer words are none of the tables.
const MAX_WORD: usize = 16;

/// Whether the last word, which means nothing alone, has one in front of it that it belongs to.
fn follows_front(text: Text<'_>, end: usize, floor: usize, tail: Tail) -> bool {
    has_front(text, end - tail.length(), floor)
        || has_front(text, word_start(text, end, floor), floor)
}

/// Whether a letter, a dot and a letter stand in front of `end`: `M.R.N`.
fn ends_abbreviation(text: Text<'_>, end: usize, floor: usize) -> bool {
    let [.., first, dot, last] = text.word_before(end, floor).to_le_bytes();
    dot == b'.' && first.is_ascii_alphabetic() && last.is_ascii_alphabetic()
}

/// Where the letters begin that end in front of `end`: more of them than a tail has.
fn word_start(text: Text<'_>, end: usize, floor: usize) -> usize {
    let mut start = end;
    while end - start < MAX_WORD && text.before(start, floor).is_ascii_alphabetic() {
        start -= 1;
    }
    start
}

/// Whether the word that begins at `start`, and means nothing alone, has one in front of it that it belongs to.
fn has_front(text: Text<'_>, start: usize, floor: usize) -> bool {
    let mut front = start;
    for _ in 0..3 {
        if front > floor && !text.before(front, floor).is_ascii_alphanumeric() {
            front -= 1;
        }
    }
    let before = text.before(front, floor);
    let numbered = before.is_ascii_digit() && ends_with_digits(text, front, floor);
    let abbreviated = ends_abbreviation(text, front, floor);
    numbered || abbreviated || FRONTS.has(text, front, floor) || matches!(before, b's' | b'S')
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

const fn first_code(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize,
        b'0'..=b'9' => (byte - b'0') as usize + 26,
        _ => usize::MAX,
    }
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
