//! A name in front of an address in angle brackets (RFC 5322, `mailbox`): `Ada Sample <ada@example.com>`.

use crate::scrub::email;
use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::person;
use crate::scrub::text::Text;

/// Bytes of an address and of a name that are looked at.
const MAX_ADDRESS: usize = 128;
const MAX_NAME: usize = 64;

/// The name in front of the bracket at `at`.
pub(super) fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    let near = text.until(at + MAX_ADDRESS);
    let sign = near.find_byte(b'@', at)?;
    let (start, end) = email::find(near, sign, 1, at)?;
    if start != at + 1 || text.at(end) != b'>' || text.before(at, 0) != b' ' {
        return None;
    }
    let mut end = at - 1;
    let quote = text.before(end, 0);
    let quoted = quote == b'"';
    end -= usize::from(quoted);
    let least = end.saturating_sub(MAX_NAME);
    let begins = |from: &usize| {
        let before = text.before(*from, 0);
        let edge =
            if quoted { before == b'"' } else { matches!(before, 0 | b' ' | b'"' | b',' | b'\n') };
        edge && person::is_name(text.until(end), *from, end)
    };
    let start = (least..end).find(begins)?;
    Some(Hit { start, end, kind: Kind::Name, quote: None })
}
