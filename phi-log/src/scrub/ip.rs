//! Internet addresses. Those that cannot stand for anybody stay: the machine itself, none, everyone.

use super::text::Text;

/// The end of the version 4 address that starts with the digit at `at`.
pub(super) fn version_4(text: Text<'_>, at: usize, floor: usize) -> Option<usize> {
    let before = text.before(at, floor);
    if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'_') {
        return None;
    }
    let mut octets = [0_u16; 4];
    let mut end = at;
    for (place, octet) in octets.iter_mut().enumerate() {
        if place > 0 {
            if text.at(end) != b'.' {
                return None;
            }
            end += 1;
        }
        let run = text.digits(end, 4);
        if !(1..=3).contains(&run) || (run > 1 && text.at(end) == b'0') {
            return None;
        }
        for offset in 0..run {
            *octet = *octet * 10 + u16::from(text.at(end + offset) - b'0');
        }
        if *octet > 255 {
            return None;
        }
        end += run;
    }
    let after = text.at(end);
    let goes_on = after.is_ascii_alphanumeric()
        || after == b'_'
        || (matches!(after, b'.' | b'-') && text.at(end + 1).is_ascii_digit());
    if goes_on || nobody(octets) || is_version(text, at, floor) {
        return None;
    }
    Some(end)
}

/// Loopback, unspecified, broadcast and network masks.
const fn nobody(octets: [u16; 4]) -> bool {
    matches!(octets, [127 | 0 | 255, ..])
}

/// `version 1.2.3.4`
fn is_version(text: Text<'_>, at: usize, floor: usize) -> bool {
    let mut end = at;
    while matches!(text.before(end, floor), b' ' | b':' | b'=' | b'"' | b'/') && at - end < 3 {
        end -= 1;
    }
    // Those words end with one of these letters, as few others in front of an address do.
    matches!(text.before(end, floor) | 0x20, b'n' | b'e' | b'r' | b'd')
        && [&b"version"[..], b"firmware", b"release", b"ver", b"chrome", b"client_version", b"oid"]
            .into_iter()
            .any(|word| {
                end.checked_sub(word.len()).is_some_and(|start| {
                    start >= floor
                        && text.has_word(start, word)
                        && !text.before(start, floor).is_ascii_alphabetic()
                })
            })
}

/// The start and end of the version 6 address around the colon at `at`.
pub(super) fn version_6(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    let mut start = at;
    while at - start < 4 && text.before(start, floor).is_ascii_hexdigit() {
        start -= 1;
    }
    let before = text.before(start, floor);
    // `ip:2001:db8::1`: letters that are no digits of base 16 are no part of it.
    let front = text.before(start.saturating_sub(1), floor);
    let labelled = before == b':' && front.is_ascii_alphabetic() && !front.is_ascii_hexdigit();
    if before.is_ascii_alphanumeric() || before == b'_' || (before == b':' && !labelled) {
        return None;
    }
    let (mut groups, mut gaps, mut digits, mut next) = (0, 0, 0, start);
    loop {
        let run = (0..5).take_while(|offset| text.at(next + offset).is_ascii_hexdigit()).count();
        if run > 4 {
            return None;
        }
        digits += (0..run).filter(|offset| text.at(next + offset).is_ascii_digit()).count();
        if run > 0 {
            groups += 1;
            next += run;
        }
        if text.at(next) != b':' {
            break;
        }
        if text.at(next + 1) == b':' {
            gaps += 1;
            next += 2;
        } else if run == 0 || !text.at(next + 1).is_ascii_hexdigit() {
            break;
        } else {
            next += 1;
        }
        if groups > 8 || gaps > 1 {
            return None;
        }
    }
    // `::ffff:192.0.2.1`
    if text.at(next) == b'.' && groups > 0 && gaps == 1 {
        let mut first = next;
        while text.before(first, start).is_ascii_digit() {
            first -= 1;
        }
        return version_4(text.until(next + 16), first, first).map(|end| (start, end));
    }
    let after = text.at(next);
    let whole = (gaps == 0 && groups == 8) || (gaps == 1 && (2..8).contains(&groups));
    let ends = !after.is_ascii_alphanumeric() && !matches!(after, b':' | b'_');
    (whole && ends && digits > 0).then_some((start, next))
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    /// `ip:2001:db8::1` once went through: its first colon stood in front of the address.
    #[test]
    fn a_label_with_a_colon_is_no_part_of_an_address() {
        becomes(&[
            ("ip:2001:db8::1 connected", "ip:[PHI:ip] connected"),
            ("addr:fe80:0:0:0:1:2:3:4", "addr:[PHI:ip]"),
        ]);
        stays(&["std:fmt::add", "a:2001:db8::1:z"]);
    }
}
