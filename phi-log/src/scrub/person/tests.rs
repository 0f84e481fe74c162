//! Ways to announce a name, beside what looks like one and is none. Names are synthetic.

use crate::Scrubber;

fn becomes(text: &str, want: &str) {
    assert_eq!(Scrubber::new().scrub(text).as_str(), want, "{text:?}");
    assert_eq!(Scrubber::new().scrub(want).as_str(), want, "{text:?}, again");
}

#[test]
fn whoever_is_spoken_of_or_to_is_named() {
    for (front, behind) in [
        ("Hi ", ", this is a reminder of your visit"),
        ("Hello ", "!"),
        ("DEAR ", ","),
        ("The patient, ", ", declined"),
        ("the patient's son, ", ", agreed"),
        ("Pt. ", " seen at home"),
        ("RN ", " completed the visit"),
        ("run --first-name ", " --dry"),
        ("--patient \"", "\" --dry"),
        ("Responsible party: ", ""),
        ("Prescriber: ", ", phone on file"),
        ("cardholder=\"", "\""),
        ("{\"signedBy\":\"", "\"}"),
        ("First Name: ", " Last Name: [PHI:name]"),
        ("First Name: ", ", Last Name: [PHI:name]"),
    ] {
        becomes(&format!("{front}Ada Sample{behind}"), &format!("{front}[PHI:name]{behind}"));
    }
    becomes("Ada Sample, RN visited", "[PHI:name] visited");
    becomes("to Silver Spring, MD 20902", "to [PHI:address] [PHI:zip]");
    becomes("Patient { name: Some(\"Ada Sample\") }", "Patient { name: [PHI:name] }");
    becomes("{\"names\":[\"Ada Sample\",\"Bo Wu\"]}", "{\"names\":\"[PHI:name]\"}");
    becomes("First Name: Ada  Last Name: Sample", "First Name: [PHI:name]  Last Name: [PHI:name]");
}

#[test]
fn letters_that_json_has_escaped_belong_to_a_name() {
    becomes(
        "{\"note\":\"Patient Ada S\\u00e1mple seen\"}",
        "{\"note\":\"Patient [PHI:name] seen\"}",
    );
    becomes("{\"name\":\"Ad\\u00e9 S\\u00fample\"}", "{\"name\":\"[PHI:name]\"}");
    becomes(
        "\"{\\\"name\\\":\\\"Ad\\\\u00e9 Sample\\\"}\"",
        "\"{\\\"name\\\":\\\"[PHI:name]\\\"}\"",
    );
    // A quote that is escaped so ends it.
    becomes("{\"note\":\"Patient Ada Sample\\u0022\"}", "{\"note\":\"Patient [PHI:name]\\u0022\"}");
}

#[test]
fn greetings_and_roles_of_programs_name_nobody() {
    for text in [
        "Hello World, again",
        "Hi There!",
        "Hello Kafka broker 7",
        "--log-level Debug --name-prefix Web",
        "the patient, Once Loaded declined to",
        "Subscriber ID",
        "Pool Manager, now idle",
    ] {
        becomes(text, text);
    }
}
