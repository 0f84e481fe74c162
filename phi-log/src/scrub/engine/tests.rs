//! The fast walk against the slow one.

use proptest::prelude::*;

use super::{scan, scan_slowly};

/// Text near to what the matchers look for.
fn near_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,10}",
        "[-. :=@#(){}\\[\\],;&|\"'\\\\+%/\n]{1,3}",
        "[A-Za-z]{1,6}",
        ".{0,2}",
        prop::sample::select(vec![
            "MRN ",
            "ssn=",
            "dob: ",
            "Mr. ",
            "Dr Smith",
            "patient ",
            "Ada Example",
            " Main Street",
            ", Springfield, IL ",
            "Albany, New York ",
            "Lima OH",
            " Ohio, ",
            "12 5th Ave",
            "3 1/2 Elm St",
            "7 St. Mary Ct.",
            "54.0 ",
            "1.555.010.4477",
            "1.555 010-4477",
            "555.010.4477",
            "5.1.1980",
            "born 12.5.80",
            "2001.10.12",
            "42.3601 -71.0589",
            "62704",
            "P.O. Box ",
            "Unit 12 Box 7",
            "Jan 5, 1980",
            "5 May 2001",
            "1980-01-05",
            "seen 10/18/1988",
            "12-25-1990",
            "2001/10/12",
            "on 25 of May 2001",
            "Jan. 15, 2001",
            "x 11th March 1999",
            "1/5/1980",
            "T08:15:00Z",
            "123-45-6789",
            "(555) 010-4477",
            "001-555-010-4477",
            "4111111111111111",
            "4111 1111 1111 1111",
            "1EG4-TE5-MK73",
            "AB1234563",
            "1HGCM82633A004352",
            "192.0.2.7",
            "2001:db8::7",
            "00:1b:44:11:3a:b7",
            "00-1B-44-11-3A-B7",
            "001b.4411.3ab7",
            "https://a.example/p?x=1",
            "ada%40example.com",
            "42.360123, -71.058912",
            "93-year-old",
            "age 93",
            "plate ABC 1234",
            "zip ",
            "NPI 1234567893",
            "phone ",
            "SELECT a FROM b WHERE c = '",
            "INSERT INTO x VALUES (12345, ",
            "[PHI:ssn]",
            "[PHI:zip 021]",
            "PID|1||77^^^H^MR||DOE^JOHN|",
            "PID-5.1=COOK ",
            "<PID.5><PID.5.1>",
            "\"PID.3\":",
            "Key (mrn)=(",
            ") already exists",
            "<mrn>",
            "</mrn>",
            "<birthDate value=\"",
            "(\"mrn\", \"",
            "{\"name\":\"mrn\",\"value\":\"",
            "%7B%22mrn%22%3A%22",
            "%2522",
            "&quot;",
            "mrn: Some(",
            "age: Some(",
            "{\"a\":",
            "{\"resourceType\":\"Patient\",\"birthDate\":\"1980-01-05\"}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The reference asks every matcher at every byte; nothing that it finds may be lost on the fast way.
    #[test]
    fn the_fast_engine_finds_what_the_slow_one_finds(text in near_text()) {
        prop_assert_eq!(scan(&text, None), scan_slowly(&text, None), "{:?}", text);
    }
}
