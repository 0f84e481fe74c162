//! One word behind a key, and parts of names in what holds them. Names are synthetic.

use crate::scrub::tests::{becomes, stays};

#[test]
fn one_word_behind_a_key_of_a_person_is_a_name() {
    becomes(&[
        ("patient=Sample", "patient=[PHI:name]"),
        ("patient=Sample status=active", "patient=[PHI:name] status=active"),
        ("{\"patient\": \"Sample\"}", "{\"patient\": \"[PHI:name]\"}"),
        ("nurse: Ada, on duty", "nurse: [PHI:name], on duty"),
        ("patient=\"S\u{c1}MPLE, ADA\"", "patient=\"[PHI:name]\""),
        // The family name alone was removed.
        ("Patient: Sample, Ada | 7", "Patient: [PHI:name] | 7"),
        ("patient=Sample, Ada", "patient=[PHI:name]"),
        ("patient=Sample, status=active", "patient=[PHI:name], status=active"),
        ("NOK: Ada Sample (wife)", "NOK: [PHI:name] (wife)"),
    ]);
    stays(&[
        "patient=Active",
        "patient: Found in 3 rows",
        "patient=None",
        "subscriber=Self",
        "patient=row",
        "user=Sample",
        "client=Sample",
        "nurse: Please wait",
    ]);
}

#[test]
fn parts_of_a_name_are_found_by_what_holds_them_or_stands_beside() {
    becomes(&[
        (
            "PatientDto(name=Name(first=Ada, last=Sample), id=7)",
            "PatientDto(name=Name(first=[PHI:name], last=[PHI:name]), id=7)",
        ),
        (
            "Name = HumanName { Given = Ada, Family = Sample }",
            "Name = HumanName { Given = [PHI:name], Family = [PHI:name] }",
        ),
        (
            "name: App.Name(given: [\"Ada\"], family: \"Sample\")",
            "name: App.Name(given: [PHI:name], family: \"[PHI:name]\")",
        ),
        ("HumanName { family: Some(\"Sample\") }", "HumanName { family: [PHI:name] }"),
        (
            "name:{given:\"Ada\" family:\"Sample\"}",
            "name:{given:\"[PHI:name]\" family:\"[PHI:name]\"}",
        ),
        (
            "{\"first\":\"Ada\",\"last\":\"Sample\"}",
            "{\"first\":\"[PHI:name]\",\"last\":\"[PHI:name]\"}",
        ),
        ("PatientModel { name: \"Ada\" }", "PatientModel { name: \"[PHI:name]\" }"),
        ("family=Sample&given=Ada", "family=[PHI:name]&given=[PHI:name]"),
        ("name.family = Sample", "name.family = [PHI:name]"),
    ]);
    stays(&[
        "{\"first\":\"April\",\"next\":\"May\"}",
        "{\"first\":1,\"last\":20}",
        "family=inet&port=7",
        "Page(first=1, last=20)",
        "WorkerModel { name: \"indexer\" }",
    ]);
}
