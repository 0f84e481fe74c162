//! The time of day beside a date, which is most often a machine's.

use crate::scrub::text::Text;

/// The end of a clock at most a few characters behind a date: `T08:15:00Z`, ` 08:15`, `, 8:15 PM`.
pub(super) fn clock(text: Text<'_>, date: usize) -> Option<usize> {
    let mut at = date;
    match text.at(at) {
        b'T' | b't' | b':' => at += 1,
        b' ' | b',' => {
            while at < date + 2 && matches!(text.at(at), b' ' | b',') {
                at += 1;
            }
        }
        _ => return None,
    }
    let hours = text.digits(at, 3);
    if !(1..=2).contains(&hours) || text.at(at + hours) != b':' {
        return None;
    }
    let mut end = at + hours;
    for _ in 0..2 {
        if text.at(end) == b':' && text.digits(end + 1, 3) == 2 {
            end += 3;
        }
    }
    if matches!(text.at(end), b'.' | b',') {
        let run = text.digits(end + 1, 10);
        end += if run > 0 { run + 1 } else { 0 };
    }
    let half = usize::from(text.at(end) == b' ');
    if matches!(text.at(end + half), b'A' | b'a' | b'P' | b'p')
        && matches!(text.at(end + half + 1), b'M' | b'm')
    {
        return Some(end + half + 2);
    }
    Some(match text.at(end) {
        b'Z' | b'z' => end + 1,
        b'+' | b'-' if text.digits(end + 1, 3) == 2 => {
            if text.at(end + 3) == b':' && text.digits(end + 4, 3) == 2 {
                end + 6
            } else if text.digits(end + 1, 5) == 4 {
                end + 5
            } else {
                end + 3
            }
        }
        _ => end,
    })
}

/// Whether a clock stands in front: `08:15:00 2024-01-05`.
pub(super) fn clock_before(text: Text<'_>, start: usize, floor: usize) -> bool {
    let digit = |back: usize| {
        start.checked_sub(back).is_some_and(|at| at >= floor && text.at(at).is_ascii_digit())
    };
    matches!(text.before(start, floor), b' ' | b'/' | b'-')
        && digit(2)
        && digit(3)
        && start.checked_sub(4).is_some_and(|at| at >= floor && text.at(at) == b':')
}

/// Whether the line begins here, as with the stamp of a log.
pub(super) fn at_head(text: Text<'_>, start: usize) -> bool {
    let before = text.before(start, 0);
    match before {
        0 | b'\n' => true,
        b'[' | b'(' | b'"' => matches!(text.before(start - 1, 0), 0 | b'\n'),
        _ => false,
    }
}
