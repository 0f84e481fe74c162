//! Capitals that a name may begin with, or that stand behind one.

use super::{Block, run_at, those};
use crate::scrub::person;

/// The capitals among `places` where a name may begin or end.
pub(super) fn loud(block: &Block<'_>, places: u64) -> u64 {
    those(places, |at| {
        let Block { text, base, floor, .. } = *block;
        let (place, front) = (base + at, text.before(base + at, 0));
        if place > 0 && !person::may_be_in_front(front) {
            return false;
        }
        person::may_be_title(text, place)
            || (front == b' ' && person::in_front(text, place, floor).is_some())
            || person::announced(text, place, floor).is_some()
            || (may_be_two(block, at) && person::may_begin_clause(text, place, floor))
    })
}

/// Longer words are looked through.
const MAX_WORD: usize = 16;

/// Whether a second word with a capital may follow the one at `at`, or one that this block does not tell.
fn may_be_two(block: &Block<'_>, at: usize) -> bool {
    let classes = block.classes;
    let second = classes.space & ((classes.capital | classes.strange) >> 1);
    let near = u64::MAX >> (u64::BITS as usize - MAX_WORD - 1);
    (second >> at) & near != 0 || run_at(!classes.space, at) > MAX_WORD
}
