//! Every word of every list, in a sentence that it makes a hit: no quick answer in front of a matcher may hide one.
//! Names and numbers are synthetic.

use super::engine::{scan, scan_slowly};
use super::kind::Kind;
use super::{date, person, places, soft, text::Text};

/// Whether both engines find a value of this kind, and the same.
fn finds(text: &str, kind: Kind) {
    let hits = scan(text, None);
    assert_eq!(hits, scan_slowly(text, None), "{text}");
    assert!(hits.iter().any(|hit| hit.kind == kind), "{text}: {hits:?}");
}

fn text(word: &[u8]) -> &str {
    core::str::from_utf8(word).unwrap()
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

#[test]
fn every_word_in_front_of_a_name_announces_it() {
    for title in person::TITLES.iter().map(|title| text(title)) {
        for (sign, front) in [(" ", ""), (". ", ""), (". ", "then "), (" ", "by ")] {
            finds(&format!("{front}{title}{sign}Example"), Kind::Name);
        }
    }
    for role in person::ROLES {
        finds(&format!("the {role} Ada Example"), Kind::Name);
    }
    for verb in person::VERBS.iter().map(|verb| text(verb)) {
        finds(&format!("was {verb} by Ada Example"), Kind::Name);
    }
    for noun in person::PATIENTLY.iter().map(|noun| text(noun)) {
        finds(&format!("the {noun} of Ada Example"), Kind::Name);
        finds(&format!("the {noun} for Ada Example"), Kind::Name);
    }
    for words in ["named", "Dear", "her name is", "so I am"] {
        finds(&format!("{words} Ada Example"), Kind::Name);
    }
}

#[test]
fn every_key_of_a_person_is_one_in_every_spelling() {
    for key in soft::KEYS.iter().chain(soft::PEOPLE) {
        for key in [(*key).to_owned(), capital(key), key.to_uppercase()] {
            finds(&format!("{key}: Ada Example"), Kind::Name);
            finds(&format!("{key}=\"Ada Example\""), Kind::Name);
            finds(&format!("{{\"{key}\":\"Ada Example\"}}"), Kind::Name);
        }
    }
    for person in soft::PERSONS {
        for part in soft::PARTS {
            finds(&format!("{} {{ {part}: Ada }}", capital(person)), Kind::Name);
            finds(&format!("{{\"{person}\":{{\"{part}\":\"Ada\"}}}}"), Kind::Name);
        }
    }
}

#[test]
fn every_month_makes_a_date_however_it_is_cut() {
    let mut tried = 0;
    for month in date::MONTHS.iter().map(|month| text(month)) {
        for length in 3..=month.len() {
            let cut = month.get(..length).unwrap();
            if date::month(Text::new(cut), 0) != Some(length) {
                continue;
            }
            for cut in [cut.to_owned(), capital(cut), cut.to_uppercase(), format!("{cut}.")] {
                for text in [
                    format!("on 5 {cut} 1980"),
                    format!("on 15th {cut}, 1980"),
                    format!("on 5th of {cut} 1980"),
                    format!("on {cut} 5, 1980"),
                    format!("on {cut} 25th 1980"),
                    format!("on {cut} 5 1980"),
                    format!("{cut} 5, 1980"),
                    format!("on 5-{cut}-1980"),
                    format!("on 5/{cut}/1980"),
                    format!("seen in {cut} 1980"),
                    format!("seen in {cut}, 1980"),
                    format!("seen {cut} 5"),
                ] {
                    finds(&text, Kind::Date);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn every_word_of_an_event_makes_a_weak_date_one() {
    for event in date::EVENTS.iter().map(|event| text(event)) {
        finds(&format!("{event} 12/5/80 at noon"), Kind::Date);
        finds(&format!("{} on 2001-10-12 08:15:00", capital(event)), Kind::Date);
    }
    for word in ["birth", "born", "dob", "birthdate", "birthday"] {
        finds(&format!("{word} 12.5.80 at noon"), Kind::Birth);
    }
}

#[test]
fn every_street_ends_an_address() {
    for street in places::STREETS {
        for street in [capital(street), street.to_uppercase()] {
            for number in ["12", "12B", "12-14", "1", "12345", "12 1/2"] {
                finds(&format!("to {number} Old Elm {street} today"), Kind::Address);
            }
            finds(&format!("to 12 5th {street}"), Kind::Address);
            finds(&format!("to 12 E. Elm {street}"), Kind::Address);
        }
    }
    for street in places::PERHAPS {
        finds(&format!("to 12 Elm {}, Springfield", capital(street)), Kind::Address);
        finds(&format!("to 12 Elm {} Apt 4", capital(street)), Kind::Address);
    }
    for box_ in ["P.O. Box ", "PO Box ", "P.O.Box ", "P O Box ", "Post Office Box ", "PO Box #"] {
        finds(&format!("to {box_}12 today"), Kind::Address);
    }
    for forces in ["Unit 7463 Box 3191", "PSC 4, Box 12", "CMR 15 Box 3"] {
        finds(&format!("to {forces}, DPO AE 98475"), Kind::Address);
    }
}

#[test]
fn every_state_stands_in_front_of_a_postal_code() {
    let codes = (b'A'..=b'Z').flat_map(|one| (b'A'..=b'Z').map(move |other| [one, other]));
    let codes: Vec<_> = codes.filter(|code| places::is_state_code(code)).collect();
    assert_eq!(codes.len(), 62);
    let codes = codes.iter().map(|code| text(code));
    for state in codes.chain(places::STATES.iter().copied()) {
        for join in [" ", ", ", "  "] {
            let text = format!("to Springfield, {state}{join}62704 today");
            let hits = scan(&text, None);
            assert_eq!(hits, scan_slowly(&text, None), "{text}");
            let found = |place: &str| {
                let at = text.find(place).unwrap();
                hits.iter().any(|hit| hit.start <= at && at < hit.end)
            };
            assert!(found("Springfield") && found("62704"), "{text}: {hits:?}");
        }
        finds(&format!("to Springfield, {state} 62704-1234"), Kind::Zip);
    }
}

#[test]
fn every_word_that_speaks_of_a_number_is_heard() {
    let words = |words: &'static str| words.split(' ');
    for word in words("ssn social") {
        finds(&format!("the {word} we have: 123456789"), Kind::Ssn);
        finds(&format!("{} 123456789", capital(word)), Kind::Ssn);
    }
    for word in words(
        "phone telephone tel cell mobile fax dial reach sms call called calls contact voicemail",
    ) {
        finds(&format!("{word} her at 5552010447 now"), Kind::Phone);
    }
    for word in words("card cards visa mastercard maestro amex payment debit paid") {
        finds(&format!("{word} with 4111111111111111 now"), Kind::Card);
    }
    for word in words("acct account dl") {
        let kind = if word == "dl" { Kind::Licence } else { Kind::Account };
        finds(&format!("{word} 77193551"), kind);
        finds(&format!("{word}: D7719355"), kind);
    }
    for word in ["patient id", "pt id", "Patient ID"] {
        finds(&format!("{word} 77193"), Kind::Mrn);
    }
    for (label, kind) in [
        ("SS#", Kind::Ssn),
        ("S.S.N.", Kind::Ssn),
        ("S.S.N. is", Kind::Ssn),
        ("soc. sec. no.", Kind::Ssn),
        ("m.r.n", Kind::Mrn),
        ("MRN [", Kind::Mrn),
        ("the hospital number is", Kind::Mrn),
        ("D.L.", Kind::Licence),
        ("CDL no.", Kind::Licence),
        ("Driver's lic.", Kind::Licence),
        ("Policy", Kind::Member),
        ("Medicaid", Kind::Member),
        ("the serial_number is", Kind::Device),
        ("acct is", Kind::Account),
    ] {
        for number in ["771935518", "77193551"] {
            if kind != Kind::Ssn || number.len() == 9 {
                finds(&format!("note: {label} {number} on file"), kind);
                finds(&format!("note: {} {number} on file", label.to_lowercase()), kind);
            }
        }
    }
    finds("Ph 5552010447, ok", Kind::Phone);
    finds("guarantor_account\tACC-998877", Kind::Account);
    finds("MRN [AB-99887]", Kind::Mrn);
    finds("MRNs 12345678, 12345679", Kind::Mrn);
    finds("Age (years): 92", Kind::Age);
    finds("DOB (mm/dd/yyyy): 01/05/1980", Kind::Birth);
    finds("\"coordinates\":[106.660172,10.762622]", Kind::Geo);
    finds("POINT (-151.2093 -33.8688)", Kind::Geo);
    finds("D.O.B. 1/5/80", Kind::Birth);
    for word in words("mrn ssn dob MRN SSN DOB") {
        let kind = match word.to_ascii_lowercase().as_str() {
            "mrn" => Kind::Mrn,
            "ssn" => Kind::Ssn,
            _ => Kind::Birth,
        };
        let number = if kind == Kind::Birth { "1/5/1980" } else { "123456789" };
        for sign in [" ", "#", "", "-", "_", ". ", " - ", " # "] {
            finds(&format!("the {word}{sign}{number} of"), kind);
        }
    }
}

#[test]
fn a_hardware_address_is_found_by_any_one_digit() {
    for sign in [":", "-", "."] {
        let width = if sign == "." { 4 } else { 2 };
        for place in 0..12 {
            for digit in ["7", "0"] {
                let mut letters: Vec<&str> =
                    "abcdefabcdef".split("").filter(|c| !c.is_empty()).collect();
                letters[place] = digit;
                let groups: Vec<_> = letters.chunks(width).map(<[&str]>::concat).collect();
                let address = groups.join(sign);
                for address in [address.to_uppercase(), address] {
                    for text in
                        [address.clone(), format!("from {address}, up"), format!("mac={address}.")]
                    {
                        finds(&text, Kind::Mac);
                    }
                }
            }
        }
    }
}

#[test]
fn every_way_to_say_an_age_over_89_is_heard() {
    for words in [
        "92-year-old",
        "92 years old",
        "103 yr old",
        "92 yo",
        "92y/o",
        "92 y.o.",
        "92 years of age",
        "aged 92",
        "age 92",
        "age: 92",
        "age of 92",
        "age is 103",
        "\"age\": 92",
    ] {
        finds(&format!("is {words}"), Kind::Age);
    }
}

/// Values of every kind that has a shape, or a label of its own.
const VALUES: [&str; 39] = [
    "123-45-6789",
    "123456789",
    "(555) 010-4477",
    "1-555-201-4477",
    "001-555-201-4477",
    "+44 20 7946 0958",
    "4111 1111 1111 1111",
    "4111111111111111",
    "1EG4TE5MK73",
    "1eg4-te5-mk73",
    "AB1234563",
    "1M8GDM9AXKP042788",
    "1980-01-05",
    "1/5/80",
    "5 Jan 1980",
    "5th of May, 1980",
    "Jan. 5, 1980",
    "192.0.2.14",
    "00-1b-44-11-3a-b7",
    "001b.4411.3ab7",
    "42.3601, -71.0589",
    "12 Elm Street",
    "12-14 Elm Street",
    "12B Elm Street",
    "PO Box 12",
    "PSC 4, Box 12",
    "Boston, MA 02139",
    "92 years old",
    "mrn 771935",
    "plate ABC 1234",
    "plate AB1 2345",
    ". Ada Sample called the ward",
    ". Maximilianalexandrine Sample called the ward",
    "fe80::1",
    "2001:db8:0:17:1:22:3:4",
    "::ffff:192.0.2.1",
    "00:1b:44:11:3a:b7",
    "add:26:66:8e:f7:5b:08: up",
    "WVWZZZXK0AB123456",
];

/// Blocks end in the middle of some of them.
#[test]
fn wherever_a_value_stands_both_engines_find_the_same() {
    let same = |text: &str| assert_eq!(scan(text, None), scan_slowly(text, None), "{text:?}");
    // Words, a number without a label, a label far in front, a value found in front, and letters without an end.
    for filler in ["so it goes ", "took 12 ms ", "a_1-b.2/", "x", "mrn 7719 ", "\u{e9}t\u{e9} "] {
        let filler = filler.repeat(150 / filler.len() + 1);
        for value in
            VALUES.into_iter().chain(["\"ssn\": \"77\"", "patient_id=A-77", "Ada Sample, RN"])
        {
            for length in (0..150).filter(|length| filler.is_char_boundary(*length)) {
                let front = filler.get(..length).unwrap();
                same(&format!("{front} {value}, then {front}"));
                same(&format!("{front}{value}"));
            }
        }
    }
}

#[test]
fn whatever_stands_beside_a_value_both_engines_find_the_same() {
    let signs = || (b' '..0x7f).map(char::from).chain(['\n', '\t', '\u{a0}', 'é']);
    let few = ["", " ", "a", "A", "7", "-"];
    let same = |text: &str| assert_eq!(scan(text, None), scan_slowly(text, None), "{text:?}");
    for value in VALUES {
        for sign in signs() {
            for other in few {
                for third in few {
                    same(&format!("{other}{sign}{value}{third}"));
                    same(&format!("x {third}{value}{sign}{other}"));
                }
            }
        }
    }
}
