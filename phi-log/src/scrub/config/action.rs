//! What is written where a value stood.

use super::token::TokenKey;
use crate::scrub::kind::Kind;

/// What becomes of a value that was found.
///
/// Whatever it is, the place is marked (`[PHI:zip 021]`), and none of it makes text *de-identified* in the sense
/// of 45 CFR 164.514.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Action {
    /// Nothing of it stays: `[PHI:mrn]`.
    #[default]
    Remove,
    /// The year of a date: `[PHI:date 2024]`. Of a birth 90 years ago or more, `[PHI:dob 90+]`, as 45 CFR
    /// 164.514(b)(2)(i)(C) wants it.
    Year,
    /// The first three digits of a postal code, or `000` where fewer than 20,000 people live in all that begin
    /// so (164.514(b)(2)(i)(B), by the list of HHS from the census of 2000).
    Zip3,
    /// The last four digits of a card. *Still identifying.*
    LastFour,
    /// The network of an address: `/24` of version 4, `/48` of version 6. *Still identifying.*
    Prefix,
    /// A keyed token, the same for the same value: `[PHI:mrn k7.m3v9...]`. *Still identifying*: it is derived
    /// from the value, so 164.514(c) does not let it pass as a code. See
    /// [`token_key`](super::ScrubberBuilder::token_key).
    Token,
}

impl Action {
    pub(super) const fn fits(self, kind: Kind) -> bool {
        match self {
            Self::Remove | Self::Token => true,
            Self::Year => matches!(kind, Kind::Birth | Kind::Date),
            Self::Zip3 => matches!(kind, Kind::Zip),
            Self::LastFour => matches!(kind, Kind::Card),
            Self::Prefix => matches!(kind, Kind::Ip),
        }
    }

    /// The action of this name in configuration: `remove`, `year`, `zip3`, `last4`, `prefix`, `token`.
    pub fn from_label(word: &str) -> Option<Self> {
        Some(match word {
            "remove" => Self::Remove,
            "year" => Self::Year,
            "zip3" => Self::Zip3,
            "last4" => Self::LastFour,
            "prefix" => Self::Prefix,
            "token" => Self::Token,
            _ => return None,
        })
    }

    /// What may stay of the value, if anything.
    pub(super) fn rest(
        self,
        kind: Kind,
        value: &str,
        this_year: u16,
        key: Option<&TokenKey>,
    ) -> Option<String> {
        match self {
            Self::Remove => None,
            Self::Year => year(value).map(|year| {
                let old = kind == Kind::Birth && year + 90 <= this_year;
                if old { "90+".to_owned() } else { year.to_string() }
            }),
            Self::Zip3 => zip3(value),
            Self::LastFour => last_four(value),
            Self::Prefix => prefix(value),
            Self::Token => key.map(|key| key.token(kind, value)),
        }
    }
}

/// The first four digits that can be a year and stand for themselves, or begin a date without signs.
fn year(value: &str) -> Option<u16> {
    value.split(|byte: char| !byte.is_ascii_digit()).find_map(|digits| {
        let whole = matches!(digits.len(), 4 | 8 | 12 | 14);
        let year = digits.get(..4).filter(|_| whole)?.parse().ok()?;
        (1700..2200).contains(&year).then_some(year)
    })
}

/// Codes whose first three digits fewer than 20,000 people share.
const SPARSE: [&str; 17] = [
    "036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878",
    "879", "884", "890", "893",
];

fn zip3(value: &str) -> Option<String> {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let first = value.get(..3).filter(|_| digits == 5 || digits == 9)?;
    Some(if SPARSE.contains(&first) { "000".to_owned() } else { first.to_owned() })
}

fn last_four(value: &str) -> Option<String> {
    let digits: Vec<_> = value.chars().filter(char::is_ascii_digit).collect();
    let rest = digits.get(digits.len().checked_sub(4)?..)?;
    (digits.len() >= 12).then(|| rest.iter().collect())
}

fn prefix(value: &str) -> Option<String> {
    match value.parse().ok()? {
        core::net::IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        core::net::IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}::/48"))
        }
    }
}

/// Whether these bytes are what one of the actions leaves of a value. Other text between the brackets of a
/// marker is no marker of ours, and is scanned like any text.
pub(crate) fn is_rest(kind: Kind, rest: &[u8]) -> bool {
    let digits = |count: usize| rest.len() == count && rest.iter().all(u8::is_ascii_digit);
    let network = || {
        let parts = rest.iter().rposition(|byte| *byte == b'/');
        let (address, bits) = rest.split_at(parts.unwrap_or(rest.len()));
        match bits {
            b"/24" => address.ends_with(b".0") && address.iter().all(|byte| is_dotted(*byte)),
            b"/48" => address.ends_with(b"::") && address.iter().all(|byte| is_hex(*byte)),
            _ => false,
        }
    };
    match kind {
        Kind::Birth | Kind::Date if digits(4) || rest == b"90+" => true,
        Kind::Zip if digits(3) => true,
        Kind::Card if digits(4) => true,
        Kind::Ip if rest.len() <= 24 && network() => true,
        _ => super::token::is_token(rest),
    }
}

const fn is_dotted(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'.'
}

const fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b':'
}
