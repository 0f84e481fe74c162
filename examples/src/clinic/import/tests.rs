use std::io::{self, BufReader, Read};

use proptest::prelude::*;

use super::*;

const ID: &str = "00000000-0000-0000-0000-000000000001";

/// One resource with these members besides kind and id.
fn resource(kind: &str, members: &str) -> String {
    format!(r#"{{"resourceType":"{kind}","id":"{ID}"{members}}}"#)
}

fn problem(line: &str) -> Option<Problem> {
    match parse(line.as_bytes()) {
        Ok(_) => None,
        Err(ImportError::Broken(broken)) => Some(broken.first()[0].1),
        Err(ImportError::Io(_)) => panic!("a slice can be read"),
    }
}

#[test]
fn a_line_is_broken_for_what_is_wrong_with_it() {
    let name = r#","name":[{"family":"Sample"}]"#;
    let subject = format!(r#","subject":{{"reference":"Patient/{ID}"}}"#);
    let patient = |more: &str| resource("Patient", &format!("{name}{more}"));
    let encounter = |more: &str| resource("Encounter", &format!("{subject}{more}"));
    for (line, want) in [
        (patient(""), None),
        (patient(r#","birthDate":"2001-02-03""#), None),
        (patient(r#","birthDate":"2001-02""#), Some(Problem::Date)),
        (patient(r#","birthDate":"2001-02-30""#), Some(Problem::Date)),
        (patient(r#","birthDate":"2001-02-03Tea""#), Some(Problem::Date)),
        (patient(r#","birthDate":20010203"#), Some(Problem::NotFhir)),
        (patient(r#","gender":"unknown""#), None),
        (patient(r#","gender":"Ada""#), Some(Problem::NotFhir)),
        (patient(r#","telecom":[{"system":"phone","value":"555 475 6178"}]"#), None),
        (patient(r#","telecom":[{"system":"phone","value":"none"}]"#), Some(Problem::Phone)),
        (patient(r#","telecom":[{"system":"email","value":"none"}]"#), None),
        (
            patient(r#","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"99"}]"#),
            Some(Problem::Ssn),
        ),
        (
            patient(r#","identifier":[{"type":{"coding":[{"code":"SS"}]},"value":"99"}]"#),
            Some(Problem::Ssn),
        ),
        (resource("Patient", ""), Some(Problem::NoName)),
        (resource("Patient", r#","name":[{"text":" "}]"#), Some(Problem::NoName)),
        (encounter(""), None),
        (encounter(r#","period":{"start":"1986-04-23T00:54:07+00:00"}"#), None),
        (encounter(r#","period":{"start":"1986"}"#), Some(Problem::Date)),
        (resource("Encounter", ""), Some(Problem::NoPatient)),
        (
            resource("Encounter", &format!(r#","subject":{{"reference":"Group/{ID}"}}"#)),
            Some(Problem::NoPatient),
        ),
        (resource("Condition", &format!(r#"{subject},"code":{{"text":"Asthma"}}"#)), None),
        (resource("Condition", &subject), Some(Problem::NoCondition)),
        (r#"{"resourceType":"Patient","id":"17"}"#.to_owned(), Some(Problem::Id)),
        (r#"{"resourceType":"Device"}"#.to_owned(), None),
        (r#"{"id":"17"}"#.to_owned(), Some(Problem::NotAResource)),
        ("Ada Sample".to_owned(), Some(Problem::NotAResource)),
        (patient("") + "}", Some(Problem::NotAResource)),
        ("[".repeat(100_000), Some(Problem::NotAResource)),
    ] {
        let shown: String = line.chars().take(120).collect();
        assert_eq!(problem(&line), want, "{shown}");
    }
    let bytes = b"{\"resourceType\":\"Device\",\"note\":\"\xff\"}";
    let error = parse(&bytes[..]).unwrap_err();
    assert!(error.to_string().ends_with("line 1: not UTF-8"));
}

#[test]
fn references_may_be_relative_absolute_or_a_urn() {
    for reference in [
        format!("Patient/{ID}"),
        format!("urn:uuid:{ID}"),
        format!("https://x.example/fhir/Patient/{ID}"),
    ] {
        let subject = format!(r#","subject":{{"reference":"{reference}"}}"#);
        let import = parse(resource("Encounter", &subject).as_bytes()).unwrap();
        assert_eq!(import.visits[0].draft.0, Uuid::from_u128(1));
    }
}

#[test]
fn the_first_twenty_broken_lines_are_named_and_none_is_quoted() {
    let mut file = String::new();
    for number in 1..=50 {
        file += if number % 2 == 0 { "Zelda\n" } else { "\n" };
    }
    let error = parse(file.as_bytes()).unwrap_err();
    let ImportError::Broken(broken) = &error else { panic!("{error}") };
    assert_eq!(broken.count(), 25);
    let lines: Vec<_> = broken.first().iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, (1..=20).map(|n| n * 2).collect::<Vec<_>>());
    assert!(error.to_string().ends_with("; and 5 more"));
    assert!(!format!("{error} {error:?}").contains("Zelda"));
    // The control: the parser underneath does quote.
    let quoting = serde_json::from_str::<fhir_like::Named>(r#"{"gender":"Zelda"}"#).unwrap_err();
    assert!(quoting.to_string().contains("Zelda"));
}

/// A struct as one would write it without thinking of its errors.
mod fhir_like {
    #[derive(Debug, serde::Deserialize)]
    pub(super) struct Named {
        #[serde(rename = "gender")]
        _gender: crate::clinic::record::Gender,
    }
}

#[test]
fn an_id_may_stand_once_for_each_kind() {
    let patient = resource("Patient", r#","name":[{"text":"Ada Sample"}]"#);
    let visit = resource("Encounter", &format!(r#","subject":{{"reference":"Patient/{ID}"}}"#));
    assert_eq!(parse(format!("{patient}\n{visit}").as_bytes()).unwrap().len(), 2);
    let twice = parse(format!("{patient}\n{visit}\n{patient}").as_bytes()).unwrap_err();
    assert!(twice.to_string().ends_with("line 3: id is in the file twice"));
}

/// A line that never ends, counted as it is read.
struct Endless<'c>(&'c mut u64);

impl Read for Endless<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if *self.0 > 64 * MAX_LINE as u64 {
            return Ok(0);
        }
        out.fill(b'x');
        *self.0 += out.len() as u64;
        Ok(out.len())
    }
}

#[test]
fn an_endless_line_is_passed_over_in_bounded_memory() {
    let mut read = 0;
    let mut lines = Lines::new(BufReader::new(Endless(&mut read)));
    assert!(matches!(lines.next(), Ok(Some((1, Line::TooLong)))));
    assert!(lines.capacity() <= 2 * MAX_LINE);
    assert!(read > 64 * MAX_LINE as u64);
}

#[test]
fn the_longest_line_is_read_and_one_byte_more_is_not() {
    let line = |len: usize| {
        let frame = resource("Device", r#","note":"""#).len();
        resource("Device", &format!(r#","note":"{}""#, "x".repeat(len - frame)))
    };
    assert_eq!(line(MAX_LINE).len(), MAX_LINE);
    assert_eq!(problem(&line(MAX_LINE)), None);
    assert_eq!(problem(&line(MAX_LINE + 1)), Some(Problem::TooLong));
}

/// A reader that fails half-way.
struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

#[test]
fn a_reader_that_fails_is_told_apart_from_a_broken_line() {
    let reader = BufReader::new(io::Cursor::new(b"\n").chain(Failing));
    let error = parse(reader).unwrap_err();
    assert!(matches!(error, ImportError::Io(io::ErrorKind::ConnectionReset)));
}

/// Texts that look like what is expected, and go wrong somewhere.
fn almost() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        Just(r#""name":[{"family":"Sample","given":["Ada"]}]"#.to_owned()),
        Just(format!(r#""subject":{{"reference":"Patient/{ID}"}}"#)),
        "\"(birthDate|onsetDateTime)\":\"[0-9]{1,4}(-[0-9]{1,2}){0,2}(T[0-9:Z+]{0,9})?\"",
        "\"(name|telecom|address|code|period|identifier)\":[\\[\\]{}\"0-9a-z:,]{0,12}",
        "\"[a-z]{1,8}\":(null|true|\\[\\]|\\{\\}|\"\\PC{0,8}\")",
    ];
    let kind = prop_oneof![Just("Patient"), Just("Encounter"), Just("Condition"), Just("Device")];
    (kind, prop::collection::vec(member, 0..6)).prop_map(|(kind, members)| {
        let mut line = resource(kind, "");
        line.pop();
        for member in members {
            line = line + "," + &member;
        }
        line + "}"
    })
}

proptest! {
    #[test]
    fn any_bytes_end_in_a_value_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
        match parse(&bytes[..]) {
            Ok(import) => prop_assert!(import.len() as u64 + import.skipped <= lines),
            Err(ImportError::Broken(broken)) => prop_assert!(broken.count() <= lines),
            Err(ImportError::Io(_)) => prop_assert!(false, "a slice can be read"),
        }
    }

    #[test]
    fn each_line_is_counted_once(lines in prop::collection::vec(almost(), 0..8)) {
        let file = lines.join("\n");
        match parse(file.as_bytes()) {
            Ok(import) => prop_assert_eq!(import.len() as u64 + import.skipped, lines.len() as u64),
            Err(ImportError::Broken(broken)) => {
                prop_assert!((1..=lines.len() as u64).contains(&broken.count()));
            }
            Err(ImportError::Io(_)) => prop_assert!(false, "a slice can be read"),
        }
    }

    #[test]
    fn the_size_of_reads_changes_nothing(lines in prop::collection::vec(almost(), 0..6), size in 1usize..64) {
        let file = lines.join("\n");
        let whole = parse(file.as_bytes());
        let pieces = parse(BufReader::with_capacity(size, file.as_bytes()));
        prop_assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
    }
}
