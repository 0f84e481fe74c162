//! Where something may begin: the places that the walk stops at.
//!
//! In text of printable ASCII the signs and numbers of a log are passed by in blocks, and the few questions that a
//! block cannot answer are asked here, of words looked up as numbers. It passes by nothing that a matcher takes: the
//! tests hold it against an engine that stops everywhere.

mod capitals;
mod classes;
mod numbers;
mod run;
mod shapes;
mod signs;
#[cfg(test)]
mod tests;

use classes::{BLOCK, Classes};

use super::text::Text;

/// Bytes in front of a place, and behind it, that are read with its block.
const BEHIND: usize = 16;
const AHEAD: usize = 20;

/// Places worth a look, in order.
pub(super) struct Triggers<'t> {
    text: &'t [u8],
    sight: Sight,
    /// The places that `loud` speaks of: from here on, and up to there.
    start: usize,
    end: usize,
    /// Where the first bit stands.
    base: usize,
    /// A bit for each place worth a look.
    loud: u64,
}

/// What of a text is seen: what was found in front is not, nor what is known behind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) floor: usize,
    pub(super) limit: usize,
    /// Whether nothing was found so near that it says more of what follows than the text does.
    pub(super) calm: bool,
}

impl<'t> Triggers<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        let sight = Sight { floor: 0, limit: 0, calm: true };
        Self { text: text.as_bytes(), sight, start: 0, end: 0, base: 0, loud: 0 }
    }

    /// The first place at or behind `from`, or of those where nothing can begin as well if it is not calm. A place
    /// inside a run of digits counts if it is `from` itself.
    #[inline]
    pub(super) fn next(&mut self, from: usize, sight: Sight) -> Option<usize> {
        let text = self.text.get(..sight.limit)?;
        if !sight.calm && text.get(from)?.is_ascii_digit() {
            return Some(from);
        }
        let mut from = from;
        while from < text.len() {
            if from < self.start || from >= self.end || sight != self.sight {
                self.load(text, from, sight);
            }
            let left = self.loud & (u64::MAX << (from - self.base));
            if left != 0 {
                return Some(self.base + left.trailing_zeros() as usize);
            }
            from = self.end;
        }
        None
    }

    fn load(&mut self, text: &[u8], from: usize, sight: Sight) {
        let base = from.saturating_sub(BEHIND).max(sight.floor);
        let rest = text.get(base..).unwrap_or_default();
        // The bytes behind the last place are those of the next block, if there are more.
        let length = if rest.len() < BLOCK { rest.len() } else { BLOCK - AHEAD };
        (self.start, self.end, self.base, self.sight) = (from, base + length, base, sight);
        let classes = Classes::of(rest);
        let own = (u64::MAX << (from - base)) & (u64::MAX >> (BLOCK - length));
        let triggers = Triggering::of(&classes);
        self.loud = own & {
            let text = Text::of(text);
            let block = Block { text, base, floor: sight.floor, classes: &classes };
            let numbers = if sight.calm {
                numbers::loud(&block, triggers.numbers & own)
            } else {
                triggers.numbers
            };
            numbers
                | signs::loud(&block, triggers.signs & own)
                | capitals::loud(&block, triggers.capitals & own)
        };
    }
}

/// Where a matcher looks at all.
struct Triggering {
    /// The first of digits.
    numbers: u64,
    /// `:`, `=` and `@`.
    signs: u64,
    /// The first capital of a word.
    capitals: u64,
}

impl Triggering {
    const fn of(classes: &Classes) -> Self {
        Self {
            numbers: classes.digit & !(classes.digit << 1),
            signs: classes.colon | classes.sign,
            capitals: classes.capital & !(classes.alphanumeric() << 1),
        }
    }
}

/// Some bytes of a text, and what they are.
struct Block<'t> {
    text: Text<'t>,
    base: usize,
    floor: usize,
    classes: &'t Classes,
}

/// Those of some places for which a question is answered with yes.
#[inline]
fn those(places: u64, mut is: impl FnMut(usize) -> bool) -> u64 {
    let (mut left, mut kept) = (places, 0);
    while left != 0 {
        let at = left.trailing_zeros() as usize;
        kept |= u64::from(is(at)) << at;
        left &= left - 1;
    }
    kept
}

/// Whether the bit of a place is set.
#[inline]
const fn has(bits: u64, at: usize) -> bool {
    at < BLOCK && bits >> at & 1 != 0
}

/// How many bits are set from a place on.
#[inline]
const fn run_at(bits: u64, at: usize) -> usize {
    if at < BLOCK { (bits >> at).trailing_ones() as usize } else { 0 }
}

/// How many bits are set in front of a place.
#[inline]
const fn run_before(bits: u64, at: usize) -> usize {
    match at {
        0 => 0,
        at => (bits << (BLOCK - at)).leading_ones() as usize,
    }
}
