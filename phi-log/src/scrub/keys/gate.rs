//! The quick answer for nearly every name: no word of the tables begins or ends like this.

use super::around::{BRIDGES, FILLERS};
use super::names::WORDS;

/// For each first character, a bit for each length that a word of the tables has.
static LENGTHS: [u32; 36] = lengths();
/// A bit for the last three letters of each word that may end a label.
static ENDINGS: [u64; 27 * 27 * 27 / 64 + 1] = endings();

/// Whether a word of this first character and length stands in the tables, with its digits or without
/// them: `icd10`, `phone2`.
pub(super) fn may_be_known(word: &[u8]) -> bool {
    let Some(lengths) = word.first().and_then(|first| LENGTHS.get(first_code(*first))) else {
        return false;
    };
    let bare = word.len() - word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    [word.len(), bare].into_iter().any(|length| length < 32 && lengths & (1 << length) != 0)
}

/// Whether a label that ends with these bytes may be known. Digits and spaces at its end do not count.
pub(crate) fn may_end_label(mut last: impl FnMut() -> u8) -> bool {
    let mut byte = last();
    for _ in 0..8 {
        if byte.is_ascii_digit() || byte == b' ' || byte == b'_' {
            byte = last();
        }
    }
    let code = letter(byte);
    if code == 0 {
        // Digits alone label nothing; in doubt there is a word behind them.
        return byte.is_ascii_digit();
    }
    let second = letter(last());
    let third = letter(last());
    let at = (third * 27 + second) * 27 + code;
    ENDINGS.get(at / 64).is_some_and(|bits| bits & (1 << (at % 64)) != 0)
}

const fn first_code(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize,
        b'0'..=b'9' => (byte - b'0') as usize + 26,
        _ => usize::MAX,
    }
}

/// 1 to 26 for a letter in any case, 0 for all else.
const fn letter(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize + 1,
        b'A'..=b'Z' => (byte - b'A') as usize + 1,
        _ => 0,
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

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, which refuses a bad index")]
const fn endings() -> [u64; 27 * 27 * 27 / 64 + 1] {
    let mut table = [0; 27 * 27 * 27 / 64 + 1];
    let lists = [WORDS, FILLERS, BRIDGES];
    let mut list = 0;
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            let word = lists[list][at].as_bytes();
            let mut end = word.len();
            while end > 0 && word[end - 1].is_ascii_digit() {
                end -= 1;
            }
            if end >= 3 {
                set(&mut table, letter(word[end - 3]), word, end);
            } else if end == 2 {
                // `patientID`: any letter may stand in front of a short word.
                let mut third = 0;
                while third < 27 {
                    set(&mut table, third, word, end);
                    third += 1;
                }
            }
            at += 1;
        }
        list += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler, which refuses a bad index")]
const fn set(table: &mut [u64; 27 * 27 * 27 / 64 + 1], third: usize, word: &[u8], end: usize) {
    let at = (third * 27 + letter(word[end - 2])) * 27 + letter(word[end - 1]);
    table[at / 64] |= 1 << (at % 64);
}
