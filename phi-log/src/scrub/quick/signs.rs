//! `:`, `=` and `@`.

use super::{AHEAD, Block, has, those};
use crate::scrub::{pair, url};

/// The signs among `places` where a matcher may find something.
pub(super) fn loud(block: &Block<'_>, places: u64) -> u64 {
    if places == 0 {
        return 0;
    }
    let shaped = shaped(block);
    those(places, |at| {
        has(shaped, at)
            || if has(block.classes.colon, at) {
                colon(block, at)
            } else {
                block.text.at(block.base + at) == b'@' || labelled(block, at)
            }
    })
}

/// Colons of a hardware address, and the two of one of the internet.
fn shaped(block: &Block<'_>) -> u64 {
    let classes = block.classes;
    let (colon, hex) = (classes.colon, classes.hex);
    let pair = (hex >> 1) & (hex >> 2) & (colon >> 3);
    let hardware = pair & (pair >> 3) & (pair >> 6);
    let letters = classes.letter & !hex;
    let gap = (colon >> 1) & !(letters << 1);
    colon & (hardware | gap)
}

fn colon(block: &Block<'_>, at: usize) -> bool {
    let Block { text, base, floor, classes } = *block;
    let place = base + at;
    if has(classes.hex, at + 1) {
        // Of an address of the internet more colons follow, or two at once.
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
