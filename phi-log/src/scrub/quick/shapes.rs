//! Numbers with a shape of their own: where their digits, letters and signs stand in order.

use super::classes::Classes;

/// The first digits of what has the shape of a card, of a number of a telephone, of social security, of Medicare, of
/// a prescriber or a vehicle; and those inside a hardware address.
#[inline]
pub(super) fn shaped(classes: &Classes) -> u64 {
    let Classes { digit, letter, hex, dash, dot, .. } = *classes;
    let mut shaped = 0;
    // Most blocks have nothing of the kind.
    if joined(classes) | classes.strange != 0 {
        shaped |= grouped(classes);
    }
    if digit & ((letter << 1) | (letter >> 1)) != 0 {
        shaped |= checked(classes);
    }
    if (dash | dot) & (hex << 1) & (hex >> 1) != 0 {
        shaped |= hardware(classes);
    }
    shaped
}

/// Signs between two numbers: one, or the first of two.
#[inline]
pub(super) const fn joined(classes: &Classes) -> u64 {
    let sign = !(classes.alphanumeric() | classes.colon | classes.sign);
    let next = classes.digit | (sign & (classes.digit >> 1));
    (classes.digit << 1) & sign & (next >> 1)
}

/// Digits with groups of digits behind them, as in cards and in numbers of telephones and of social security.
fn grouped(classes: &Classes) -> u64 {
    let digit = |ahead: u32| classes.digit >> ahead;
    let other = |ahead: u32| !classes.alphanumeric() >> ahead;
    let separator = |ahead: u32| (classes.space | classes.dash | classes.dot) >> ahead;
    let begins = classes.digit & !(classes.digit << 1);
    let three = |ahead: u32| digit(ahead) & digit(ahead + 1) & digit(ahead + 2) & !digit(ahead + 3);
    // `1-555-`, `1 (555) `
    let country = begins & other(1) & (three(2) | (other(2) & three(3)));
    // Ends of lines and signs of more than one byte may stand between groups as well.
    let odd = |ahead: u32| (classes.strange | (classes.strange >> 1)) >> ahead;
    // `123-45-678`, `555-123-456`, `001-555-123`, `555) 123`
    let last = |ahead: u32| {
        (separator(ahead) & digit(ahead + 1) & digit(ahead + 2) & digit(ahead + 3)) | odd(ahead)
    };
    let second = (digit(4) & digit(5) & ((!digit(6) & last(6)) | (three(4) & last(7))))
        | (other(4) & three(5));
    let area = begins & three(0) & other(3) & second;
    let card = begins & three(1) & separator(4) & digit(5) & digit(6) & digit(7) & digit(8);
    let wide = begins & ((!digit(1) & odd(1)) | (three(0) & odd(3)) | (three(1) & odd(4)));
    country | area | card | wide
}

/// Letters and digits in the order of a number of Medicare, a prescriber or a vehicle.
fn checked(classes: &Classes) -> u64 {
    let any = classes.alphanumeric();
    let four = classes.digit & (classes.letter >> 1) & (any >> 2) & (classes.digit >> 3);
    let four = four & !(any << 1);
    let medicare = if four == 0 { 0 } else { four & medicare(classes) };
    let seven = all::<7>(classes.digit) & (classes.letter << 1);
    let prescriber = seven & (!(any >> 7) | (!(any >> 8) & (classes.digit >> 7)));
    // Seventeen with two letters at least, in front of the first digit or behind it.
    let plain = all::<10>(classes.capital | classes.digit);
    let plain = plain & ((classes.capital << 1) | !all::<16>(classes.digit));
    let vehicle = plain | (all::<8>(classes.capital) << 8);
    medicare | prescriber | vehicle
}

/// What follows the first four of a number of Medicare.
fn medicare(classes: &Classes) -> u64 {
    let form = |form: &[u8], first: u32| {
        (first..).zip(form).fold(u64::MAX, |places, (ahead, class)| {
            let is = match class {
                b'A' => classes.letter,
                b'N' => classes.digit,
                b'-' => classes.dash,
                _ => classes.alphanumeric(),
            };
            places & (is >> ahead)
        })
    };
    form(b"AXNAANN", 4) | form(b"-AXN-AANN", 4)
}

/// Where so many bits are set, from each place on.
#[inline]
pub(super) fn all<const COUNT: u32>(bits: u64) -> u64 {
    let (mut all, mut count) = (bits, 1);
    while count < COUNT {
        let step = count.min(COUNT - count);
        all &= all >> step;
        count += step;
    }
    all
}

/// Digits in one of three pairs with dashes, or of two fours with a dot: a part of a hardware address.
fn hardware(classes: &Classes) -> u64 {
    let hex = |ahead: u32| classes.hex >> ahead;
    let any = classes.alphanumeric();
    let pair = hex(0) & hex(1);
    let pairs = pair & (pair >> 3) & (pair >> 6) & (classes.dash >> 2) & (classes.dash >> 5);
    let pairs = pairs & !(any << 1) & !(any >> 8);
    let four = pair & (pair >> 2);
    let fours = four & (four >> 5) & (classes.dot >> 4) & !(any << 1) & !(any >> 9);
    if pairs | fours == 0 {
        return 0;
    }
    (0..9).fold(0, |places, behind| places | (pairs | fours) << behind)
}
