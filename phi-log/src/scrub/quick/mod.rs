//! Where something may begin: the places that the walk stops at.
//!
//! Most signs, numbers and capitals of a log are passed by in blocks of 64 bytes, by what stands around them; of a few
//! more a question is asked that a block cannot answer, of words looked up as numbers for the most part. Nothing is
//! passed by that a matcher takes: the tests hold it against an engine that stops everywhere.

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
    /// Where the block in hand begins, and the end of the places that it tells of.
    base: usize,
    end: usize,
    classes: Classes,
    /// A bit for each place worth a look, from `from` on.
    from: usize,
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
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text: text.as_bytes(),
            sight: Sight { floor: 0, limit: 0, calm: true },
            base: 0,
            end: 0,
            classes: Classes::of(&[]),
            from: 0,
            loud: 0,
        }
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
            if from >= self.end || from < self.from || sight != self.sight {
                self.look(text, from, sight);
            }
            let left = self.loud & (u64::MAX << (from - self.base));
            if left != 0 {
                return Some(self.base + left.trailing_zeros() as usize);
            }
            from = self.end;
        }
        None
    }

    /// Finds the places of a block, at or behind `from`.
    fn look(&mut self, text: &[u8], from: usize, sight: Sight) {
        if from >= self.end || from < self.from || sight.limit != self.sight.limit {
            self.base = from.saturating_sub(BEHIND).max(sight.floor);
            let rest = text.get(self.base..).unwrap_or_default();
            // The bytes behind the last place are those of the next block, if there are more.
            let length = if rest.len() < BLOCK { rest.len() } else { BLOCK - AHEAD };
            self.end = self.base + length;
            self.classes = Classes::of(rest);
        }
        // What is in front of the floor is not seen.
        let hidden = sight.floor.saturating_sub(self.base);
        if hidden > 0 {
            self.classes.hide(u64::MAX << hidden);
        }
        (self.from, self.sight) = (from, sight);
        let base = self.base;
        let own = (u64::MAX << (from - base)) & (u64::MAX >> (BLOCK - (self.end - base)));
        let triggers = Triggering::of(&self.classes, own);
        let block =
            Block { text: Text::of(text), base, floor: sight.floor, classes: &self.classes };
        let numbers =
            if sight.calm { numbers::loud(&block, triggers.numbers) } else { triggers.numbers };
        self.loud = numbers
            | signs::loud(&block, triggers.signs)
            | capitals::loud(&block, triggers.capitals);
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
    /// Of some places.
    const fn of(classes: &Classes, places: u64) -> Self {
        Self {
            numbers: classes.digit & !(classes.digit << 1) & places,
            signs: (classes.colon | classes.sign) & places,
            capitals: classes.capital & !(classes.alphanumeric() << 1) & places,
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
