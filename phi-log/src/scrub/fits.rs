//! Whether what stands behind a label is as long, and made of such characters, as a value of its kind:
//! `phone 2` is a line number.

use super::kind::Kind;
use super::text::Text;
use super::{age, date};

/// Whether the text from `start` to `end` can be a value of this kind.
pub(super) fn fits(text: Text<'_>, start: usize, end: usize, kind: Kind) -> bool {
    let bytes = text.slice(start, end);
    // `Some(..)`, `[..]` and `Type { .. }` are judged by their label alone; `amd64 (3.0-13` opens nothing.
    let mut front = bytes.split_inclusive(|byte| matches!(byte, b' ' | b'(' | b'[' | b'{'));
    let opens = |part: &[u8]| matches!(part.last(), Some(b'(' | b'[' | b'{'));
    let first = front.next().is_some_and(opens);
    let opened = first || front.next().is_some_and(|part| part == b"{");
    if opened && kind != Kind::Phone {
        return true;
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    match kind {
        Kind::Mrn => bytes.len() >= 4 && digits >= 2,
        Kind::Ssn => digits >= 4,
        Kind::Birth => digits >= 4 || date::month(text, start).is_some(),
        Kind::Date => {
            date::value_end(text, start).is_some()
                || date::month(text, start).is_some()
                || (matches!(digits, 8 | 12 | 14) && letters <= 1)
        }
        Kind::Phone => digits >= 7,
        Kind::Card => digits >= 8,
        Kind::Npi => digits == 10 && letters == 0,
        Kind::Dea => digits >= 7 && bytes.len() <= 12,
        Kind::Mbi => digits >= 4 && (10..=15).contains(&bytes.len()),
        Kind::Vin => digits >= 3 && (11..=17).contains(&bytes.len()),
        Kind::Zip => is_postal_code(bytes),
        Kind::Age => age::number(text, start) == Some(end),
        Kind::Plate => (4..=10).contains(&bytes.len()) && digits >= 1,
        Kind::Mac => {
            let of_base_16 = bytes.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
            let signs = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.');
            of_base_16 == 12 && bytes.iter().all(signs)
        }
        Kind::Geo if is_too_far(bytes) => false,
        Kind::Geo => digits >= 3 && bytes.iter().any(|byte| *byte == b'.' || !byte.is_ascii()),
        Kind::Email | Kind::Name | Kind::Address | Kind::Diagnosis | Kind::Clinical => true,
        _ => bytes.len() >= 5 && digits >= 3,
    }
}

/// Whether a number is no latitude and no longitude: `{"lat":673.781,"unit":"ms"}`.
fn is_too_far(value: &[u8]) -> bool {
    let number = std::str::from_utf8(value).ok().and_then(|value| value.parse::<f64>().ok());
    number.is_some_and(|number| !(-180.0..=180.0).contains(&number))
}

/// Five digits and perhaps four more; or capitals and digits, as elsewhere.
fn is_postal_code(bytes: &[u8]) -> bool {
    let head = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = bytes.get(head..).unwrap_or_default();
    if matches!(head, 5 | 9) {
        return rest.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b' '));
    }
    let foreign = bytes.iter().all(|byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'-')
    });
    let letters = bytes.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    foreign && letters >= 2 && letters < bytes.len() && (5..=8).contains(&bytes.len())
}
