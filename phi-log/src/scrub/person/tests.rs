//! Ways to announce a name, beside what looks like one and is none. Names are synthetic.

use crate::scrub::tests::scrubs_to;

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
        ("Patient [", "] saved"),
        ("patient <", "> updated"),
        ("Patient *", "* left"),
        ("run --first-name ", " --dry"),
        ("--patient \"", "\" --dry"),
        ("Responsible party: ", ""),
        ("Prescriber: ", ", phone on file"),
        ("cardholder=\"", "\""),
        ("{\"signedBy\":\"", "\"}"),
        ("First Name: ", " Last Name: [PHI:name]"),
        ("First Name: ", ", Last Name: [PHI:name]"),
        ("Patient not found: ", ""),
        ("new patient registered: ", " (web)"),
        ("patient lookup: ", ""),
        ("Clock-in by ", " at noon"),
        ("Discharge summary for ", " uploaded"),
        ("", " clocked out at 9"),
    ] {
        scrubs_to(&format!("{front}Ada Sample{behind}"), &format!("{front}[PHI:name]{behind}"));
    }
    scrubs_to("Ada Sample, RN visited", "[PHI:name] visited");
    scrubs_to("to Silver Spring, MD 20902", "to [PHI:address] [PHI:zip]");
    scrubs_to("Patient { name: Some(\"Ada Sample\") }", "Patient { name: [PHI:name] }");
    scrubs_to("{\"names\":[\"Ada Sample\",\"Bo Wu\"]}", "{\"names\":\"[PHI:name]\"}");
    scrubs_to(
        "First Name: Ada  Last Name: Sample",
        "First Name: [PHI:name]  Last Name: [PHI:name]",
    );
}

/// `Patient [PHI:name]: Ada`: the label was taken for the name.
#[test]
fn a_label_behind_a_role_is_no_name() {
    for label in ["Patient First Name", "Subscriber Last Name", "Member Full Name"] {
        scrubs_to(&format!("{label}: Ada"), &format!("{label}: [PHI:name]"));
    }
}

#[test]
fn a_name_may_be_turned_around_or_stand_in_brackets_and_is_followed_by_a_number() {
    scrubs_to("duplicate patient Sample, Ada dob", "duplicate patient [PHI:name] dob");
    scrubs_to("for patient (Ada Sample, 44)", "for patient ([PHI:name], 44)");
    for name in ["Sample, Ada", "SAMPLE,ADA", "EXAMPLE-WU, BO A"] {
        scrubs_to(&format!("bed 4 <- {name} (24868280)"), "bed 4 <- [PHI:name] ([PHI:mrn])");
    }
    scrubs_to("label: SAMPLE,ADA  DOB: 01/05/1980", "label: [PHI:name]  DOB: [PHI:dob]");
    scrubs_to("Patient: Ada Sample (29780453)", "Patient: [PHI:name] ([PHI:mrn])");
    scrubs_to("cc: Ada Sample, MD; Bo Wu, PA-C", "cc: [PHI:name]");
    scrubs_to("patient name is ADA S\u{c1}MPLE-WU", "patient name is [PHI:name]");
    for text in [
        "for patient (seen twice)",
        "patient Portal, Login",
        "loaded (29780453) rows",
        "Connection Reset (29780453)",
        "Failed, Retrying (29780453)",
    ] {
        scrubs_to(text, text);
    }
}

#[test]
fn a_label_behind_a_name_tells_it() {
    for (behind, left) in [
        (" (MRN 77193551)", " (MRN [PHI:mrn])"),
        (", DOB 01/05/1980", ", DOB [PHI:dob]"),
        (" dob: 01/05/1980", " dob: [PHI:dob]"),
        (" - SSN 123456789", " - SSN [PHI:ssn]"),
    ] {
        scrubs_to(&format!("look at Ada Sample{behind}"), &format!("look at [PHI:name]{left}"));
    }
    for name in ["Sample, Ada", "SAMPLE, ADA M", "Sample-Wu, Ada Bea"] {
        scrubs_to(&format!("read {name} (MRN 77193551)"), "read [PHI:name] (MRN [PHI:mrn])");
    }
    scrubs_to("Dictated by: Ada Sample", "Dictated by: [PHI:name]");
    scrubs_to("patients: Ada Sample; Bo Wu; Cy Ng", "patients: [PHI:name]");
    for text in ["Patient Record (MRN missing)", "Sorted by: Visit Date"] {
        scrubs_to(text, text);
    }
}

#[test]
fn letters_that_json_has_escaped_belong_to_a_name() {
    scrubs_to(
        "{\"note\":\"Patient Ada S\\u00e1mple seen\"}",
        "{\"note\":\"Patient [PHI:name] seen\"}",
    );
    scrubs_to("{\"name\":\"Ad\\u00e9 S\\u00fample\"}", "{\"name\":\"[PHI:name]\"}");
    scrubs_to(
        "\"{\\\"name\\\":\\\"Ad\\\\u00e9 Sample\\\"}\"",
        "\"{\\\"name\\\":\\\"[PHI:name]\\\"}\"",
    );
    // A quote that is escaped so ends it.
    scrubs_to(
        "{\"note\":\"Patient Ada Sample\\u0022\"}",
        "{\"note\":\"Patient [PHI:name]\\u0022\"}",
    );
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
        scrubs_to(text, text);
    }
}
