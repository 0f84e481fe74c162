//! Which names of fields say that their value is PHI.
//!
//! A name is split into words (`patientName`, `patient_name`, `patient.name` and `Patient Name` are the
//! same two) and whole words are compared, so that `mrn` is found in `patientMrn` and not in `tmrnd`,
//! and `pid`, the process id of every log, never is.

mod around;
mod endings;
mod ends;
mod gate;
mod names;
#[cfg(test)]
mod tests;
mod words;

use super::kind::Kind;
pub(crate) use around::is_bridge;
use around::{is_filler, is_machine};
pub(crate) use endings::Endings;
use gate::may_be_known;
pub(crate) use gate::{may_end_label, may_end_words, may_precede};
use names::{anywhere, at_end};

/// Longer names are judged by their end.
const MAX_NAME: usize = 64;
/// Words kept of a name; of more, the last ones.
const MAX_WORDS: usize = 8;

/// The kind of PHI that a field of this name holds.
pub(crate) fn judge(name: &[u8]) -> Option<Kind> {
    if let Some((letters, count)) = abbreviation(name) {
        return judge(letters.get(..count)?);
    }
    let tail = name.get(name.len().saturating_sub(MAX_NAME)..).unwrap_or_default();
    let mut words = Words::default();
    words.split(tail);
    words.judge()
}

/// The same for a label in running text, whose words are set apart by spaces: the last word counts, or
/// the last ones together, so that `ssn lookup failed` labels nothing.
pub(crate) fn judge_label(label: &[u8]) -> Option<Kind> {
    if !label.iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    let tail = label.get(label.len().saturating_sub(MAX_NAME)..).unwrap_or_default();
    // `Address Line 2`
    let tail = match tail.strip_suffix(b"2").or_else(|| tail.strip_suffix(b"1")) {
        Some(line) => line.trim_ascii_end().strip_suffix(b" Line").unwrap_or(tail),
        None => tail,
    };
    let last = tail.rsplit(|byte| *byte == b' ').next().unwrap_or(tail);
    if last.len() == tail.len() {
        return judge(tail);
    }
    let mut words = Words::default();
    words.split(tail);
    let kind = judge(last).or_else(|| words.phrase()).or_else(|| {
        // `zip no 02139`, `member id number 7`, `the serial number is 7`
        let front = tail.get(..tail.len() - last.len() - 1)?;
        let named = joins(last) && !front.is_empty();
        judge_label(if named { front } else { b"" }).filter(|kind| !kind.is_wordy())
    });
    let machine = kind == Some(Kind::Address) && is_machine(words.back(1));
    if machine { None } else { kind }
}

/// Whether this word says nothing of its own between a label and its number.
pub(crate) fn joins(word: &[u8]) -> bool {
    let words = [&b"number"[..], b"no", b"nr", b"num", b"is", b"was"];
    words.iter().any(|each| each.eq_ignore_ascii_case(word))
}

/// The letters of `M.R.N.` or `d.o.b`, and how many there are.
pub(crate) fn abbreviation(name: &[u8]) -> Option<([u8; 4], usize)> {
    let mut letters = [0; 4];
    let mut count = 0;
    for pair in name.chunks(2) {
        let (letter, dot) = (*pair.first()?, pair.get(1).copied().unwrap_or(b'.'));
        if !letter.is_ascii_alphabetic() || dot != b'.' {
            return None;
        }
        *letters.get_mut(count)? = letter;
        count += 1;
    }
    (count > 1).then_some((letters, count))
}

/// The words of a name in lower case, without allocation.
struct Words {
    text: [u8; MAX_NAME],
    /// Start and end of each word in `text`.
    spans: [(usize, usize); MAX_WORDS],
    count: usize,
}

impl Default for Words {
    fn default() -> Self {
        Self { text: [0; MAX_NAME], spans: [(0, 0); MAX_WORDS], count: 0 }
    }
}

impl Words {
    fn split(&mut self, name: &[u8]) {
        let mut start = 0;
        for (at, (byte, slot)) in name.iter().zip(&mut self.text).enumerate() {
            *slot = byte.to_ascii_lowercase();
            let previous = at.checked_sub(1).and_then(|at| name.get(at)).copied();
            let next = name.get(at + 1).copied();
            if !byte.is_ascii_alphanumeric() {
                Self::close(&mut self.spans, &mut self.count, start, at);
                start = at + 1;
            } else if begins_word(previous, *byte, next) && !is_plural(name, at) {
                Self::close(&mut self.spans, &mut self.count, start, at);
                start = at;
            }
        }
        Self::close(&mut self.spans, &mut self.count, start, name.len());
    }

    fn close(spans: &mut [(usize, usize); MAX_WORDS], count: &mut usize, start: usize, end: usize) {
        if start >= end {
            return;
        }
        if *count == MAX_WORDS {
            spans.rotate_left(1);
            *count -= 1;
        }
        if let Some(span) = spans.get_mut(*count) {
            *span = (start, end);
            *count += 1;
        }
    }

    /// The word `back` places from the end, or an empty one.
    fn back(&self, back: usize) -> &[u8] {
        self.count.checked_sub(back + 1).map_or(&[][..], |at| self.word(at))
    }

    fn word(&self, at: usize) -> &[u8] {
        let (start, end) = self.spans.get(at).copied().unwrap_or_default();
        self.text.get(start..end).unwrap_or_default()
    }

    fn judge(&mut self) -> Option<Kind> {
        if self.is_strange() {
            return None;
        }
        // `mrn_count`: how many there are.
        if self.count > 1 && matches!(self.back(0), b"count" | b"counts" | b"total") {
            return None;
        }
        for at in 0..self.count {
            if let Some(kind) = anywhere(self.word(at), self.word(at + 1), self.word(at + 2)) {
                return Some(kind);
            }
        }
        // `email_value`, `address_line_2`, `phone1`: what follows says nothing about the value.
        while self.count > 1 && is_filler(self.back(0)) {
            self.count -= 1;
        }
        self.drop_last_digits();
        at_end(self.back(0), self.back(1), self.back(2), self.count == 1)
    }

    /// Whether no word can be one of the tables: the quick answer for nearly every name.
    fn is_strange(&self) -> bool {
        !(0..self.count).any(|at| may_be_known(self.word(at)))
    }

    /// `phone2`, `address1`
    fn drop_last_digits(&mut self) {
        let digits = self.back(0).iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        if let Some((_, end)) = self.spans.get_mut(..self.count).and_then(<[_]>::last_mut) {
            *end -= digits;
        }
    }

    /// The kind that the last two or three words mean together.
    fn phrase(&self) -> Option<Kind> {
        if self.is_strange() {
            return None;
        }
        let ends = |first: &[u8], rest: &[&[u8]]| {
            let alone = anywhere(first, b"", b"").is_some();
            let second = rest.first().copied().unwrap_or_default();
            let third = rest.get(1).copied().unwrap_or_default();
            (!alone || rest.iter().all(|word| is_bridge(word)))
                .then(|| anywhere(first, second, third))
                .flatten()
        };
        let (last, previous, before) = (self.back(0), self.back(1), self.back(2));
        ends(before, &[previous, last])
            .filter(|_| anywhere(before, previous, b"").is_none() || is_bridge(last))
            .or_else(|| ends(previous, &[last]))
            .or_else(|| at_end(last, previous, before, false))
    }
}

/// Whether the capital at `at` is the last of `MRNs`.
fn is_plural(name: &[u8], at: usize) -> bool {
    name.get(at + 1) == Some(&b's') && !name.get(at + 2).is_some_and(u8::is_ascii_alphanumeric)
}

/// Where a word begins inside a run of letters and digits: `patientName`, `HTTPServer`, `line2`.
const fn begins_word(previous: Option<u8>, byte: u8, next: Option<u8>) -> bool {
    let Some(previous) = previous else {
        return false;
    };
    if byte.is_ascii_digit() {
        return false;
    }
    if byte.is_ascii_uppercase() {
        let next_lower = matches!(next, Some(next) if next.is_ascii_lowercase());
        return previous.is_ascii_lowercase()
            || previous.is_ascii_digit()
            || (previous.is_ascii_uppercase() && next_lower);
    }
    false
}
