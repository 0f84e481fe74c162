//! Shapes, labels and pairs, each with what looks like it and stays.

use super::{CUT, Kind, Scrubber};

/// Each text becomes what stands beside it, and stays so.
pub(super) fn becomes(cases: &[(&str, &str)]) {
    for (text, want) in cases {
        scrubs_to(text, want);
    }
}

/// The same of one.
pub(super) fn scrubs_to(text: &str, want: &str) {
    let scrubber = Scrubber::new();
    let once = scrubber.scrub(text);
    assert_eq!(once.as_str(), want, "{text:?}");
    assert_eq!(scrubber.scrub(want).as_str(), want, "{text:?}, again");
    assert_eq!(once.is_borrowed(), text == want, "{text:?}");
}

pub(super) fn stays(texts: &[&str]) {
    for text in texts {
        becomes(&[(text, text)]);
    }
}

#[test]
fn social_security_numbers_go_in_every_spelling() {
    becomes(&[
        ("123-45-6789", "[PHI:ssn]"),
        ("is 123 45 6789.", "is [PHI:ssn]."),
        ("123.45.6789", "[PHI:ssn]"),
        ("123\u{2011}45\u{2011}6789", "[PHI:ssn]"),
        ("123\u{2212}45\u{2013}6789", "[PHI:ssn]"),
        ("123\u{a0}45\u{a0}6789", "[PHI:ssn]"),
        ("123-\n45-6789", "[PHI:ssn]"),
        ("123-45\r\n6789", "[PHI:ssn]"),
        ("(987-65-4321)", "([PHI:ssn])"),
        ("000-00-0000", "[PHI:ssn]"),
        ("a123-45-6789b", "a[PHI:ssn]b"),
        ("SSN 123456789", "SSN [PHI:ssn]"),
        ("ssn#123456789", "ssn#[PHI:ssn]"),
    ]);
    stays(&[
        "123456789",
        "1234-45-6789",
        "123-45-67890",
        "123-456-789",
        "123.45 6789",
        "ssn lookup took 1234 ms",
    ]);
}

#[test]
fn telephone_numbers_go_with_their_extension() {
    becomes(&[
        ("555-010-4477", "[PHI:phone]"),
        ("(555) 010-4477", "[PHI:phone]"),
        ("(555)010-4477", "[PHI:phone]"),
        ("(555-010-4477)", "([PHI:phone])"),
        ("555.010.4477", "[PHI:phone]"),
        ("555 234 4477", "[PHI:phone]"),
        ("1-555-010-4477", "[PHI:phone]"),
        ("1 (555) 010-4477", "[PHI:phone]"),
        ("+1 555 010 4477", "[PHI:phone]"),
        ("+15550104477 404 12", "[PHI:phone] 12"),
        ("+44 (0)20 7946 0958", "[PHI:phone]"),
        ("+49 30 901820", "[PHI:phone]"),
        ("555-010-4477 x12", "[PHI:phone]"),
        ("555-010-4477 ext. 1234, then", "[PHI:phone], then"),
        ("555-010-4477 x123-45-6789", "[PHI:phone] x[PHI:ssn]"),
        ("phone 5550104477", "phone [PHI:phone]"),
    ]);
    stays(&[
        "5550104477",
        "010-4477",
        "phone 2 of 3",
        "100 200 3000",
        "2024-01-02T03:04:05.678901Z",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "+5 points",
        "libx 30+20221128-1",
        "Jan 2 15:04:05 +0000 2006 99",
    ]);
}

#[test]
fn e_mail_addresses_go() {
    becomes(&[
        ("ada@example.com", "[PHI:email]"),
        ("<ada.l+x@mail.example.co.uk>", "<[PHI:email]>"),
        ("mailto:ada@example.com.", "mailto:[PHI:email]."),
        ("ada%40example.com", "[PHI:email]"),
        ("'o'brien@example.com'", "'[PHI:email]'"),
        ("josé@example.com", "[PHI:email]"),
        ("ada@exämple.com", "[PHI:email]"),
        ("/lists/ada@example.org/thread", "/lists/[PHI:email]/thread"),
        ("q=1&u=ada@example.com&x", "q=1&u=[PHI:email]&x"),
        ("ada@example.com.123", "[PHI:email].123"),
        ("123-45-6789@example.com", "[PHI:ssn]@example.com"),
    ]);
    stays(&["user@localhost", "serde@1.0.229", "@scope/package", "a@b@c", "ada@", "100%40"]);
}

#[test]
fn cards_need_a_range_and_a_check_digit() {
    // Numbers that the networks publish for tests.
    becomes(&[
        ("4111111111111111", "[PHI:card]"),
        ("4111 1111 1111 1111", "[PHI:card]"),
        ("5555-5555-5555-4444", "[PHI:card]"),
        ("378282246310005", "[PHI:card]"),
        ("3782 822463 10005", "[PHI:card]"),
        ("6011111111111117", "[PHI:card]"),
        ("30569309025904", "[PHI:card]"),
        ("card_number=4111111111111112", "card_number=[PHI:card]"),
    ]);
    stays(&[
        "4111111111111112",
        "41111111 11111111",
        "4111 1111-1111 1111",
        "1700000000000000",
        "0.4111111111111111",
        "a4111111111111111f",
        "41111111111111111111",
    ]);
}

#[test]
fn record_numbers_go_behind_their_label() {
    becomes(&[
        ("MRN 771935", "MRN [PHI:mrn]"),
        ("MRN#771935", "MRN#[PHI:mrn]"),
        ("MRN771935", "MRN[PHI:mrn]"),
        ("mrn: 77-1935", "mrn: [PHI:mrn]"),
        ("MRN no. A771935 open", "MRN no. [PHI:mrn] open"),
        ("Medical Record Number: 771935", "Medical Record Number: [PHI:mrn]"),
        ("the patient with mrn 771935 left", "the patient with mrn [PHI:mrn] left"),
        ("member id 88812345", "member id [PHI:member]"),
        ("DOB 1/5/1980", "DOB [PHI:dob]"),
        ("date of birth: Jan 5, 1980", "date of birth: [PHI:dob]"),
        ("born: 5 January 1980", "born: [PHI:dob]"),
    ]);
    stays(&["pid=2227", "order 771935", "mrn: not found", "MRN 5", "mrn lookup took 771935 us"]);
}

#[test]
fn values_go_behind_a_name_that_says_phi() {
    becomes(&[
        ("ssn=1", "ssn=[PHI:ssn]"),
        ("patientName=Ada status=ok", "patientName=[PHI:name] status=ok"),
        ("patient name: Ada Example, status: ok", "patient name: [PHI:name], status: ok"),
        ("first_name: Example, Ada", "first_name: [PHI:name]"),
        ("address: 12 Main St, Springfield; ok", "address: [PHI:address]; ok"),
        ("email=x", "email=[PHI:email]"),
        ("/p?birthdate=1980-01-05&page=2", "/p?birthdate=[PHI:dob]&page=2"),
        ("phone = 555 1234 at", "phone = [PHI:phone] at"),
        ("dob=(555) 123-4567", "dob=[PHI:dob]"),
        ("ssn == \"x\"", "ssn == \"[PHI:ssn]\""),
    ]);
    stays(&[
        "email: sent",
        "ssn: none",
        "std::ssn::x",
        "email://x",
        "name=worker-1",
        "12:30:45",
        "diagnosis=",
        "ssn=[PHI:ssn]",
        "listening address: 127.0.0.1:8080",
    ]);
}

#[test]
fn json_stays_json() {
    becomes(&[
        (r#"{"ssn":"x"}"#, r#"{"ssn":"[PHI:ssn]"}"#),
        (r#"{"ssn": 123456789, "a": 1}"#, r#"{"ssn": "[PHI:ssn]", "a": 1}"#),
        (r#"{"patientName":"A \"B\" C","a":1}"#, r#"{"patientName":"[PHI:name]","a":1}"#),
        (r#"{"dob":"x\\","a":"y"}"#, r#"{"dob":"[PHI:dob]","a":"y"}"#),
        (
            r#"{"address":{"line":["1 Main"],"x":"}"},"a":1}"#,
            r#"{"address":"[PHI:address]","a":1}"#,
        ),
        (r#"{"phones":["1","2"],"a":1}"#, r#"{"phones":"[PHI:phone]","a":1}"#),
        (r#"{"lat":42.36,"b":[1]}"#, r#"{"lat":"[PHI:geo]","b":[1]}"#),
        ("{\"dob\":\n  \"x\"}", "{\"dob\":\n  \"[PHI:dob]\"}"),
        // Inside a string, one and two levels deep.
        (r#"{"body":"{\"ssn\":\"x\",\"a\":1}"}"#, r#"{"body":"{\"ssn\":\"[PHI:ssn]\",\"a\":1}"}"#),
        (r#"{"body":"{\"mrn\":12}"}"#, r#"{"body":"{\"mrn\":\"[PHI:mrn]\"}"}"#),
        (r#"{\\\"ssn\\\":\\\"x\\\"}"#, r#"{\\\"ssn\\\":\\\"[PHI:ssn]\\\"}"#),
    ]);
    stays(&[r#"{"ssn":null,"dob":"","a":[]}"#]);
}

#[test]
fn debug_text_is_read_like_json() {
    becomes(&[
        (
            r#"Visit { ssn: "x", mrn: Some("y"), room: 4 }"#,
            r#"Visit { ssn: "[PHI:ssn]", mrn: [PHI:mrn], room: 4 }"#,
        ),
        (
            r#"V { home_address: Address { street: "a", no: 1 }, room: 4 }"#,
            "V { home_address: [PHI:address], room: 4 }",
        ),
        ("V { dob: None, ssn: 12 }", "V { dob: None, ssn: [PHI:ssn] }"),
    ]);
}

#[test]
fn files_and_packages_named_like_a_label_stay() {
    becomes(&[
        ("patient.zip: 62704 ok", "patient.zip: [PHI:zip] ok"),
        ("mrn: Some(77193)", "mrn: [PHI:mrn]"),
        ("vin: Id { of: 1 }", "vin: [PHI:vin]"),
    ]);
    stays(&["build/archive.zip: 62704 entries", "zip:amd64 (3.0-13, automatic)"]);
}

#[test]
fn hits_are_counted_by_kind() {
    let scrubbed = Scrubber::new().scrub("123-45-6789 321-54-9876 a@b.example");
    let counts: Vec<_> = scrubbed.hits().iter().collect();
    assert_eq!(counts, [(Kind::Ssn, 2), (Kind::Email, 1)]);
    assert_eq!(scrubbed.hits().total(), 3);
    assert_eq!(Scrubber::new().scrub("clean").hits().total(), 0);
}

#[test]
fn a_cut_leaves_no_half_of_a_value() {
    for pad in 80..=100 {
        let text = format!("{} 123-45-6789 and more {}", "x".repeat(pad), "y".repeat(900));
        let cut = Scrubber::new().scrub_capped(&text, 100);
        assert!(cut.as_str().ends_with(CUT));
        assert!(cut.as_str().len() < 100 + 20 + CUT.len());
        assert!(!cut.as_str().contains("123"), "{cut}");
    }
    let wide = "é".repeat(200);
    assert_eq!(
        Scrubber::new().scrub_capped(&wide, 101).as_str(),
        format!("{}{CUT}", "é".repeat(50))
    );
    assert_eq!(Scrubber::new().scrub_capped("short", 100).as_str(), "short");
}

#[test]
fn numbers_that_a_stranger_missed_are_found() {
    for (text, want) in [
        ("member W123456789 not eligible", "member [PHI:member] not eligible"),
        ("Subscriber ID WJ-5781150", "Subscriber ID [PHI:member]"),
        ("SN: AB12345678", "SN: [PHI:device]"),
        ("patient #12345678", "patient #[PHI:mrn]"),
        ("patient 12345678 not found", "patient [PHI:mrn] not found"),
        ("{\"cell\":\"16145550123\"}", "{\"cell\":\"[PHI:phone]\"}"),
        ("Lat 39.7589, Lon -84.1916", "Lat [PHI:geo]"),
    ] {
        assert_eq!(Scrubber::new().scrub(text).as_str(), want);
    }
    for text in [
        "cache age 95",
        "urn:oid:1.2.36.146",
        "from 00:00:00:00:00:00",
        "member 12345678 joined",
        "chart 12345678",
    ] {
        assert_eq!(Scrubber::new().scrub(text).as_str(), text);
    }
}
