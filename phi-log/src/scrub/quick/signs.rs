//! `:`, `=` and `@`.

use super::classes::Classes;
use super::{AHEAD, Block, has, those};
use crate::scrub::{pair, url};

/// The signs among `places` where a matcher may find something.
pub(super) fn loud(block: &Block<'_>, places: u64) -> u64 {
    if places == 0 {
        return 0;
    }
    let gaps = gaps(block);
    those(places, |at| {
        has(gaps, at)
            || if has(block.classes.colon, at) {
                colon(block, at)
            } else {
                block.text.at(block.base + at) == b'@' || labelled(block, at)
            }
    })
}

/// The first of two colons, as in an address of the internet; not those behind a name: `std::fmt`.
fn gaps(block: &Block<'_>) -> u64 {
    let Classes { colon, letter, hex, .. } = *block.classes;
    colon & (colon >> 1) & !((letter & !hex) << 1)
}

fn colon(block: &Block<'_>, at: usize) -> bool {
    let Block { text, base, floor, classes } = *block;
    let place = base + at;
    if has(classes.hex, at + 1) {
        // Of an address of a machine or of the internet more colons follow, or two at once.
        let behind = (classes.colon >> at >> 1) & (u64::MAX >> (u64::BITS as usize - AHEAD));
        if behind & (behind >> 1) != 0 || behind.count_ones() >= 3 {
            return true;
        }
    }
    // `[PHI:mrn]`, whose label is no label.
    if at >= 4 && text.at(place - 4) == b'[' {
        return true;
    }
    if text.at(place + 1) == b'/' && text.at(place + 2) == b'/' {
        return url::find(text, place, floor).is_some();
    }
    let path = has(classes.colon, at + 1) || text.before(place, floor) == b':';
    !path && labelled(block, at)
}

/// Whether a label may stand in front of a sign.
fn labelled(block: &Block<'_>, at: usize) -> bool {
    pair::may_follow_label(block.text, block.base + at, block.floor)
}
