//! What holds for any text.

use phi_log::{Kind, Scrubber};
use proptest::prelude::*;

/// Text that is built from what matchers look for, so that it comes near to them more often than by chance.
fn near_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,10}",
        "[-. :=@#(){}\\[\\],;&|\"'\\\\+%/\n]{1,3}",
        "[a-z]{1,6}",
        ".{0,3}",
        prop::sample::select(vec![
            "\u{1b}[3m",
            "\\u001b[0m",
            "\u{1b}",
            "SELECT a FROM b WHERE c = '",
            "ssn",
            "MRN",
            "mrn ",
            "dob: ",
            "\"ssn\":",
            "\\\"mrn\\\":\\\"",
            "email=",
            "patient name: ",
            "address: ",
            "[PHI:ssn]",
            "[PHI:name]",
            "Some(",
            "Address { ",
            "123-45-6789",
            "(555) 010-4477",
            "+1 555 010 4477",
            "ada@example.com",
            "%40",
            "4111111111111111",
            "4111 1111 1111 1111",
            " x12",
            "Jan 5, 1980",
            "null",
            "\u{a0}",
            "\u{2011}",
            "é",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![near_text(), ".{0,200}"]
}

/// What ends a word on both sides of a planted value.
fn boundary() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![" ", "\n", "\t", "\"", ", ", "(", ")", ";", "=", ": ", "é "])
}

fn digits(count: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(0_u8..10, count)
        .prop_map(|digits| digits.iter().map(u8::to_string).collect())
}

/// A sixteen-digit Visa number: the last digit makes the sum of ISO/IEC 7812-1 come out.
fn card() -> impl Strategy<Value = String> {
    digits(14).prop_map(|rest| {
        let body = format!("4{rest}");
        let sum: u32 = body
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, byte)| {
                let digit = u32::from(byte - b'0') * if place % 2 == 0 { 2 } else { 1 };
                digit / 10 + digit % 10
            })
            .sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    })
}

fn planted() -> impl Strategy<Value = (Kind, String)> {
    prop_oneof![
        (digits(3), digits(2), digits(4)).prop_map(|(a, g, s)| (Kind::Ssn, format!("{a}-{g}-{s}"))),
        (digits(3), digits(3), digits(4))
            .prop_map(|(a, e, l)| (Kind::Phone, format!("({a}) {e}-{l}"))),
        (digits(3), digits(3), digits(4))
            .prop_map(|(a, e, l)| (Kind::Phone, format!("{a}-{e}-{l}"))),
        ("[a-z][a-z0-9._+]{2,20}[a-z]", "[a-z]{4,12}")
            .prop_map(|(local, host)| (Kind::Email, format!("{local}@{host}.example"))),
        card().prop_map(|number| (Kind::Card, number)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scrubbing_twice_is_scrubbing_once(text in any_text()) {
        let scrubber = Scrubber::new();
        let once = scrubber.scrub(&text).into_string();
        let twice = scrubber.scrub(&once);
        prop_assert_eq!(twice.as_str(), once.as_str());
        prop_assert!(twice.is_borrowed());
    }

    #[test]
    fn a_planted_value_never_survives(
        front in any_text(),
        before in boundary(),
        (kind, value) in planted(),
        after in boundary(),
        back in any_text(),
    ) {
        let text = format!("{front}{before}{value}{after}{back}");
        let scrubbed = Scrubber::new().scrub(&text);
        prop_assert!(text.contains(&value));
        let survivors = scrubbed.as_str().matches(value.as_str()).count();
        prop_assert_eq!(survivors, 0, "{}: {:?}", kind, scrubbed.as_str());
        prop_assert!(scrubbed.hits().total() > 0);
    }

    #[test]
    fn a_planted_value_alone_is_found_as_its_kind((kind, value) in planted()) {
        let scrubbed = Scrubber::new().scrub(&value);
        prop_assert_eq!(scrubbed.as_str(), kind.marker());
        prop_assert_eq!(scrubbed.hits().count(kind), 1);
    }

    #[test]
    fn clean_text_is_not_copied(words in prop::collection::vec("[a-z]{1,9}|[0-9]{1,6}", 0..12)) {
        let text = words.join(", ");
        let scrubbed = Scrubber::new().scrub(&text);
        prop_assert!(scrubbed.is_borrowed());
        prop_assert_eq!(scrubbed.as_str(), text.as_str());
    }

    #[test]
    fn a_value_behind_a_key_in_json_goes_and_the_json_stays(
        key in prop::sample::select(vec!["ssn", "patientName", "home_address", "phone", "diagnosis"]),
        value in ".{0,40}",
        other in "[a-zA-Z0-9 .,:=-]{0,40}",
    ) {
        // `192.0.2.1` and `:8080` are addresses of machines.
        let of_machine = |letter: char| letter.is_ascii_hexdigit() || ".:x[]/".contains(letter);
        if key == "home_address" && !value.is_empty() && value.chars().all(of_machine) {
            return Ok(());
        }
        let document = serde_json::json!({ key: value, "other": 1, "note": { "k": [other] } });
        for nested in [document.clone(), serde_json::json!({ "body": document.to_string() })] {
            let text = nested.to_string();
            let scrubbed = Scrubber::new().scrub(&text).into_string();
            let read: serde_json::Value = serde_json::from_str(&scrubbed)
                .map_err(|_| TestCaseError::fail(format!("{text}\n{scrubbed}")))?;
            let inner = match read.get("body").and_then(|body| body.as_str()) {
                Some(body) => serde_json::from_str(body)
                    .map_err(|_| TestCaseError::fail(format!("{text}\n{scrubbed}")))?,
                None => read,
            };
            let got = inner.get(key).and_then(|value| value.as_str()).unwrap_or_default();
            prop_assert!(got.is_empty() == value.is_empty());
            prop_assert!(got.is_empty() || got.starts_with("[PHI:"), "{}", got);
            prop_assert_eq!(inner.get("other"), Some(&serde_json::json!(1)));
        }
    }
}
