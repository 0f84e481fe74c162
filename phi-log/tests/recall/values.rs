//! Values of every kind. Names, places and numbers come from `fake`; check digits are computed here, by the
//! published rules and not by the library's code.

use fake::Fake as _;
use fake::faker::address::en::{BuildingNumber, CityName, SecondaryAddress, StateAbbr, StreetName};
use fake::faker::automotive::fr_fr::LicencePlate;
use fake::faker::creditcard::en::CreditCardNumber;
use fake::faker::internet::en::{FreeEmail, IPv4, IPv6, MACAddress, SafeEmail, Username};
use fake::faker::name::en::{FirstName, LastName, Name, NameWithTitle};
use fake::faker::number::en::NumberWithFormat;
use fake::faker::phone_number::en::{CellNumber, PhoneNumber};
use fake::rand::rngs::StdRng;
use fake::rand::seq::IndexedRandom as _;

fn pick<'a>(from: &[&'a str], rng: &mut StdRng) -> &'a str {
    from.choose(rng).copied().unwrap_or_default()
}

fn digits(format: &str, rng: &mut StdRng) -> String {
    NumberWithFormat(format).fake_with_rng(rng)
}

/// One character of each of these sets.
fn of_sets(sets: &[&str], rng: &mut StdRng) -> String {
    sets.iter()
        .filter_map(|set| {
            let chars: Vec<char> = set.chars().collect();
            chars.choose(rng).copied()
        })
        .collect()
}

/// The value for a place of a template, and what it is.
#[expect(clippy::too_many_lines, reason = "a table, one row after the other")]
pub(crate) fn value(name: &str, rng: &mut StdRng) -> (&'static str, String) {
    match name {
        "NAME" => {
            let plain: String = Name().fake_with_rng(rng);
            let parts = (
                FirstName().fake_with_rng::<String, _>(rng),
                LastName().fake_with_rng::<String, _>(rng),
            );
            ("NAME", if rng_bool(rng) { plain } else { format!("{} {}", parts.0, parts.1) })
        }
        "TITLED" => ("NAME", NameWithTitle().fake_with_rng(rng)),
        "FIRST" => ("NAME", FirstName().fake_with_rng(rng)),
        "LAST" => ("NAME", LastName().fake_with_rng(rng)),
        "UPPERNAME" => {
            let (last, first): (String, String) =
                (LastName().fake_with_rng(rng), FirstName().fake_with_rng(rng));
            ("NAME", format!("{last}^{first}").to_uppercase())
        }
        "SSN" => ("SSN", digits(pick(&["^##-^#-####", "^## ^# ####", "^##-^#-####"], rng), rng)),
        "SSN9" => ("SSN", digits("^########", rng)),
        "PHONE" => ("PHONE", PhoneNumber().fake_with_rng(rng)),
        "CELL" => ("PHONE", CellNumber().fake_with_rng(rng)),
        "PHONE10" => ("PHONE", digits("20^55501##", rng)),
        "EMAIL" => {
            let mail: String = if rng_bool(rng) {
                FreeEmail().fake_with_rng(rng)
            } else {
                SafeEmail().fake_with_rng(rng)
            };
            ("EMAIL", mail)
        }
        "IP" => ("IP", if rng_bool(rng) { ip4(rng) } else { IPv6().fake_with_rng(rng) }),
        "MAC" => ("MAC", MACAddress().fake_with_rng(rng)),
        "URL" => {
            let user: String = Username().fake_with_rng(rng);
            (
                "URL",
                format!(
                    "https://portal.example/{}/{user}{}",
                    pick(&["chart", "u", "visits/2024"], rng),
                    pick(&["", "?tab=2", "#top"], rng)
                ),
            )
        }
        "DATE" => ("DATE", date(rng)),
        "ISO" => (
            "DATE",
            format!(
                "{}-{:0>2}-{:0>2}",
                digits("19^#", rng),
                (1..13).fake_with_rng::<u8, _>(rng),
                (1..29).fake_with_rng::<u8, _>(rng)
            ),
        ),
        "COMPACT" => (
            "DATE",
            format!(
                "{}{:0>2}{:0>2}",
                digits("19^#", rng),
                (1..13).fake_with_rng::<u8, _>(rng),
                (1..29).fake_with_rng::<u8, _>(rng)
            ),
        ),
        "CARD" => ("CREDIT_CARD", card(rng)),
        "MBI" => {
            const LETTERS: &str = "ACDEFGHJKMNPQRTUVWXY";
            const BOTH: &str = "0123456789ACDEFGHJKMNPQRTUVWXY";
            const TEN: &str = "0123456789";
            let parts = [
                of_sets(&["123456789", LETTERS, BOTH, TEN], rng),
                of_sets(&[LETTERS, BOTH, TEN], rng),
                of_sets(&[LETTERS, LETTERS, TEN, TEN], rng),
            ];
            ("MBI", parts.join(pick(&["", "-"], rng)))
        }
        "NPI" => ("NPI", npi(rng)),
        "DEA" => ("DEA", dea(rng)),
        "MRN" => (
            "MRN",
            digits(
                pick(&["^#######", "^#####", "A^######", "^#-##-##", "MR^#####", "H^#####-#"], rng),
                rng,
            ),
        ),
        "MEMBER" => (
            "HEALTH_PLAN",
            digits(
                pick(&["XQ^########", "^##########", "W^########-01", "^###-####-###"], rng),
                rng,
            ),
        ),
        "ACCOUNT" => (
            "ACCOUNT",
            digits(pick(&["^#########", "^######", "AC-^######", "^###-####-##"], rng), rng),
        ),
        "VIN" => ("VIN", vin(rng)),
        "PLATE" => {
            let plate: String = LicencePlate().fake_with_rng(rng);
            let ours = digits(pick(&["^ABC###", "KLM ^###", "^QR-^##", "HJX-^###"], rng), rng);
            ("PLATE", if rng_bool(rng) { plate } else { ours })
        }
        "DEVICE" => (
            "DEVICE",
            digits(pick(&["SN^#######", "^##########", "PM-^####-##", "DXT^######"], rng), rng),
        ),
        "LICENCE" => (
            "DRIVER_LICENSE",
            digits(
                pick(&["S^#######", "^########", "D^##-####-####", "W^##-###-##-###-#"], rng),
                rng,
            ),
        ),
        "PASSPORT" => {
            ("PASSPORT", digits(pick(&["X^#######", "^########", "C0^######"], rng), rng))
        }
        // The codes of `fake` lose zeros in front.
        "ZIP" => ("ZIP", digits(pick(&["0####", "^####", "^####-####"], rng), rng)),
        "STREET" => ("ADDRESS", street(rng)),
        "CITY" => ("ADDRESS", CityName().fake_with_rng(rng)),
        "PLACE" => {
            let city: String = CityName().fake_with_rng(rng);
            let state: String = StateAbbr().fake_with_rng(rng);
            ("ADDRESS", format!("{}, {city}, {state}", street(rng)))
        }
        "AGE" => ("AGE", (90..105).fake_with_rng::<u8, _>(rng).to_string()),
        "LAT" => ("GEO", digits("4^.######", rng)),
        "LON" => ("GEO", digits("-7^.######", rng)),
        "PAIR" => ("GEO", format!("{}, {}", digits("4^.######", rng), digits("-7^.######", rng))),
        other => unreachable!("{other}"),
    }
}

fn rng_bool(rng: &mut StdRng) -> bool {
    (0..2).fake_with_rng::<u8, _>(rng) == 1
}

/// An address that is not one of the machine itself.
fn ip4(rng: &mut StdRng) -> String {
    loop {
        let address: String = IPv4().fake_with_rng(rng);
        if !["0.", "127.", "255."].iter().any(|start| address.starts_with(start)) {
            return address;
        }
    }
}

fn street(rng: &mut StdRng) -> String {
    let number: String = BuildingNumber().fake_with_rng(rng);
    let name: String = StreetName().fake_with_rng(rng);
    let unit: String = SecondaryAddress().fake_with_rng(rng);
    if rng_bool(rng) { format!("{number} {name}") } else { format!("{number} {name} {unit}") }
}

fn date(rng: &mut StdRng) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let year = digits(pick(&["19^#", "200#", "201#"], rng), rng);
    let (month, day): (usize, u8) = ((1..13).fake_with_rng(rng), (1..29).fake_with_rng(rng));
    let name = MONTHS.get(month - 1).copied().unwrap_or_default();
    let short = name.get(..3).unwrap_or_default();
    match (0..6).fake_with_rng::<u8, _>(rng) {
        0 => format!("{year}-{month:0>2}-{day:0>2}"),
        1 => format!("{month}/{day}/{year}"),
        2 => format!("{month:0>2}-{day:0>2}-{year}"),
        3 => format!("{name} {day}, {year}"),
        4 => format!("{day} {short} {year}"),
        _ => format!("{short} {day}, {year}"),
    }
}

/// The digit that makes the sum of ISO/IEC 7812-1 come out, behind these digits.
fn luhn(body: &str) -> u32 {
    let digits = body.chars().rev().filter_map(|char| char.to_digit(10));
    let sum: u32 = digits
        .enumerate()
        .map(|(place, digit)| {
            let digit = if place % 2 == 0 { digit * 2 } else { digit };
            digit / 10 + digit % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

fn card(rng: &mut StdRng) -> String {
    let made: String = CreditCardNumber().fake_with_rng(rng);
    let body = digits(pick(&["4##############", "5^#############", "37###########"], rng), rng);
    let body = body
        .replacen("56", "55", 1)
        .replacen("57", "51", 1)
        .replacen("58", "52", 1)
        .replacen("59", "53", 1);
    let ours = format!("{body}{}", luhn(&body));
    match (0..3).fake_with_rng::<u8, _>(rng) {
        0 => made,
        1 => ours,
        _ => {
            let body = digits("4##############", rng);
            let number = format!("{body}{}", luhn(&body));
            let groups: Vec<_> = (0..4).filter_map(|at| number.get(at * 4..at * 4 + 4)).collect();
            groups.join(pick(&[" ", "-"], rng))
        }
    }
}

fn npi(rng: &mut StdRng) -> String {
    let body = digits(pick(&["1########", "2########"], rng), rng);
    format!("{body}{}", luhn(&format!("80840{body}")))
}

fn dea(rng: &mut StdRng) -> String {
    let body = digits("######", rng);
    let number: Vec<u32> = body.chars().filter_map(|char| char.to_digit(10)).collect();
    let even: u32 = number.iter().step_by(2).sum();
    let odd: u32 = number.iter().skip(1).step_by(2).sum();
    format!(
        "{}{body}{}",
        of_sets(&["ABFGMR", "ABCDEFGHJKLMNPRSTUVWXYZ9"], rng),
        (even + 2 * odd) % 10
    )
}

fn vin(rng: &mut StdRng) -> String {
    const ALL: &str = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
    let mut number = of_sets(&["1245JW", "HGNFM", "CABTJ"], rng);
    number.push_str(&of_sets(&[ALL; 5], rng));
    number.push('0');
    number.push_str(&of_sets(&["ABCDEFGHJKLMNPRSTVWXY", ALL], rng));
    number.push_str(&digits("######", rng));
    // 49 CFR 565.15: letters count by their place in the alphabet, in rows of nine.
    let value = |char: char| match char {
        'A'..='H' => char as u32 - 'A' as u32 + 1,
        'J'..='R' => char as u32 - 'J' as u32 + 1,
        'S'..='Z' => char as u32 - 'S' as u32 + 2,
        digit => digit.to_digit(10).unwrap_or(0),
    };
    let sum: u32 = number
        .chars()
        .zip([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
        .map(|(char, weight)| value(char) * weight)
        .sum();
    let check = if sum % 11 == 10 { "X".to_owned() } else { (sum % 11).to_string() };
    number.replace_range(8..9, &check);
    number
}
