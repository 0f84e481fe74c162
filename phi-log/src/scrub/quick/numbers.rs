//! Runs of digits.

use super::classes::Classes;
use super::run::Run;
use super::shapes::{all, joined, shaped};
use super::{Block, has, run_at, run_before, those};
use crate::scrub::{address, age, card, date, geo, hl7, ip, keys, label, phone};

/// The numbers among `places` where a matcher may find something.
pub(super) fn loud(block: &Block<'_>, places: u64) -> u64 {
    if places == 0 {
        return 0;
    }
    let shaped = shaped(block.classes) & places;
    let beside = beside(block.classes, places) & !shaped;
    let fronts = Fronts::of(block.classes);
    let labelled = fronts.digits(block.classes) & places & !shaped;
    shaped
        | those(beside, |at| stands_out(block, at))
        | those(labelled, |at| may_be_labelled(block, &fronts, at))
}

/// Of numbers, those that are long or have something beside them that is worth a question.
#[inline]
fn beside(classes: &Classes, numbers: u64) -> u64 {
    let Classes { digit, letter, capital, space, dash, dot, .. } = *classes;
    let any = classes.alphanumeric();
    let bare = numbers & !(any << 1);
    let long = all::<9>(digit);
    let coded = exactly(digit, 5, !digit) & bare;
    let old = (exactly(digit, 2, !digit) | exactly(digit, 3, !digit)) & classes.first_of_old;
    // `+44 20`, `ada%40example.com`
    let signed = classes.other() << 1;
    // `PID-5`
    let path = ((dot | dash) << 1) & (any << 2) & (any << 3) & (capital << 4) & !(any << 5);
    // `12 Elm Street`, `12-14 Elm Street`, `12B Elm Street`
    let word = space & ((capital | digit) >> 1);
    let house = word | (letter & (word >> 1)) | (dash & (digit >> 1));
    let house = if word == 0 { 0 } else { up_to(digit, 6, house) };
    // `5 January`, `5th January`
    let month = (space | dash | dot | classes.other()) & (letter >> 1);
    let month = up_to(digit, 2, month | (letter & (letter >> 1) & (month >> 2)));
    let parts = if joined(classes) == 0 { 0 } else { dated(classes) | dotted(classes) };
    (numbers & (long | signed | path | house)) | (bare & (coded | old | month | parts))
}

/// Digits so many, in front of one of some places.
#[inline]
fn exactly(digit: u64, count: u32, behind: u64) -> u64 {
    (1..count).fold(digit, |digits, ahead| digits & (digit >> ahead)) & (behind >> count)
}

/// The same for so many or fewer.
#[inline]
fn up_to(digit: u64, most: u32, behind: u64) -> u64 {
    (1..=most).fold(0, |places, count| places | exactly(digit, count, behind))
}

/// `1/5/1980`, `1980-01-05`; not behind a dash in a word.
fn dated(classes: &Classes) -> u64 {
    let digit = classes.digit;
    let sign = classes.dash | classes.dot | classes.other();
    let last = |count| sign & (exactly(digit, count, !digit) >> 1);
    let middle = |last: u64| sign & (up_to(digit, 2, last) >> 1);
    let two = middle(last(2));
    let short = up_to(digit, 2, two | middle(last(4)));
    let inside = (classes.dash << 1) & !(classes.space << 2);
    (short | exactly(digit, 4, two | middle(last(1)))) & !inside
}

/// `192.0.2.1`, `42.3601`
fn dotted(classes: &Classes) -> u64 {
    let Classes { digit, dot, .. } = *classes;
    let group = |dots: u64| dot & (up_to(digit, 3, dots) >> 1);
    let four = group(group(dot & (digit >> 1)));
    up_to(digit, 3, four | (dot & (all::<4>(digit) >> 1)))
}

/// What may stand in front of numbers that says what they are.
struct Fronts {
    /// Letters in front, with signs between: a label, or a month.
    words: u64,
    /// Capitals and digits in front, with a space or a dash between: the first part of the number.
    parts: u64,
}

impl Fronts {
    /// Of the letters and digits that begin at each place.
    #[inline]
    fn of(classes: &Classes) -> Self {
        let Classes { digit, letter, capital, space, dash, dot, colon, sign, .. } = *classes;
        let any = classes.alphanumeric();
        let begins = any & !(any << 1);
        let joint = !(any | colon | sign);
        let mut joints = (letter << 1) & joint;
        for _ in 1..MAX_JOINTS {
            joints |= (joints << 1) & joint;
        }
        let plain = capital | digit;
        let mut part = plain & ((joint & !(dash | dot)) << 1);
        for _ in 1..MAX_PART {
            part |= (part << 1) & plain;
        }
        let parts = (part << 1) & (space | dash);
        Self { words: begins & (joints << 1), parts: begins & (parts << 1) }
    }

    /// The first digits of what words stand in front of, and those behind three letters, which may be a label. Behind a
    /// part with digits nothing is found that is not found at those.
    #[inline]
    fn digits(&self, classes: &Classes) -> u64 {
        let Classes { digit, letter, .. } = *classes;
        let behind_letters = (self.words & letter).wrapping_add(letter) & !letter;
        let three = letter & (letter >> 1) & (letter >> 2) & !(classes.alphanumeric() << 1);
        (self.words | behind_letters | three << 3) & digit
    }
}

/// Whether the digits at `at` are long, old, dotted, or have words beside them.
fn stands_out(block: &Block<'_>, at: usize) -> bool {
    let Block { text, base, floor, classes } = *block;
    let place = base + at;
    let run = Run::new(text, place, run_at(classes.digit, at), floor);
    let lettered = run.before.is_ascii_alphabetic();
    !lettered && (is_signed(block, at, &run) || is_shaped(block, at, &run))
}

/// Whether the sign in front says what the number is, or the word in front of a space.
fn is_signed(block: &Block<'_>, at: usize, run: &Run) -> bool {
    let (text, place, floor) = (block.text, block.base + at, block.floor);
    match run.before {
        b'+' | b'%' => true,
        b':' => phone::dialled(text, place, floor).is_some(),
        b'.' | b'-' => hl7::find_path(text, place, floor).is_some(),
        b' ' | b',' => run.length == 5 && address::may_follow_state(text, place, floor),
        _ => false,
    }
}

/// Whether its digits and what is behind them are those of something.
fn is_shaped(block: &Block<'_>, at: usize, run: &Run) -> bool {
    let (text, place, floor) = (block.text, block.base + at, block.floor);
    let dated = || matches!(run.length, 1 | 2 | 4) && run.is_dated_behind(text, place);
    (run.is_bare()
        && ((run.is_old(text, place) && age::find(text, place, floor).is_some())
            || (dated() && date::find(text, place, floor).is_some())))
        || (run.length > 8
            && run.is_long(text, place)
            && (card::find(text, place, floor).is_some()
                || label::spoken(text, place, floor).is_some()))
        || (run.is_dotted(text, place)
            && (ip::version_4(text, place, floor).is_some()
                || geo::find(text, place, floor).is_some()))
        || (run.is_worded(text, place) && address::find(text, place, floor).is_some())
}

/// Letters in front of a number that may belong to it.
const MAX_PREFIX: usize = 8;
/// Letters and digits of the first part of a number.
const MAX_PART: usize = 5;
/// Signs between a label and its number.
const MAX_JOINTS: usize = 4;

/// Whether a label may stand in front of the number, or a month.
fn may_be_labelled(block: &Block<'_>, fronts: &Fronts, at: usize) -> bool {
    let Block { text, base, floor, classes } = *block;
    let any = classes.alphanumeric();
    let start = at - run_before(any, at).min(MAX_PREFIX);
    let place = base + start;
    if at - start == 3 && label::glued(text.slice(place, base + at)).is_some() {
        return true;
    }
    if has(fronts.parts, start) && label::may_follow_part(text, place, floor) {
        return true;
    }
    if !has(fronts.words, start) {
        return false;
    }
    let end = place - run_before(!any, start).min(MAX_JOINTS);
    keys::may_precede(text, end, floor)
}
