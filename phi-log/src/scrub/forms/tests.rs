use crate::Scrubber;

/// Each text becomes what stands beside it, and stays so.
fn becomes(cases: &[(&str, &str)]) {
    for (text, want) in cases {
        assert_eq!(Scrubber::new().scrub(text).as_str(), *want, "{text:?}");
        assert_eq!(Scrubber::new().scrub(want).as_str(), *want, "{text:?}, again");
    }
}

fn stays(texts: &[&str]) {
    for text in texts {
        becomes(&[(text, text)]);
    }
}

#[test]
fn what_postgres_says_of_a_key_names_no_value() {
    becomes(&[
        ("Key (mrn)=(A-77193) already exists.", "Key (mrn)=([PHI:mrn]) already exists."),
        (
            "Key (clinic_id, last_name)=(7, O'Brien (Sr)) already exists.",
            "Key (clinic_id, last_name)=(7, [PHI:name]) already exists.",
        ),
        (
            "Key (lower(\"patientName\"::text))=(ada sample) is not present in table \"p\".",
            "Key (lower(\"patientName\"::text))=([PHI:name]) is not present in table \"p\".",
        ),
        // A comma in a value: which is whose nobody can say.
        (
            "Key (id, patient_name)=(7, Sample, Ada) already exists.",
            "Key (id, patient_name)=([PHI:name]) already exists.",
        ),
    ]);
    stays(&["Key (id)=(7) already exists.", "f(x)=(y)", ")=(", "(a)=(", "(ssn)=()"]);
}

#[test]
fn elements_are_read_by_their_tags() {
    becomes(&[
        ("<mrn>A-77193</mrn>", "<mrn>[PHI:mrn]</mrn>"),
        (
            "<v3:patientName use='L'> Ada Sample </v3:patientName>",
            "<v3:patientName use='L'> [PHI:name] </v3:patientName>",
        ),
        ("<address>192.0.2.7</address>", "<address>[PHI:ip]</address>"),
        ("<family>Sample</family>", "<family>[PHI:name]</family>"),
        ("<birthDate value=\"1980-01-05\"/>", "<birthDate value=\"[PHI:dob]\"/>"),
        ("<given value=\\\"Ada\\\"/>", "<given value=\\\"[PHI:name]\\\"/>"),
    ]);
    stays(&[
        "<id>7</id>",
        "<mrn>null</mrn>",
        "<mrn></mrn>",
        "Vec<mrn>A-77193</other>",
        "<age>42</age>",
        "</mrn>",
    ]);
}

#[test]
fn pairs_are_read_wherever_their_label_stands() {
    becomes(&[
        ("[(\"mrn\", \"A-77193\")]", "[(\"mrn\", \"[PHI:mrn]\")]"),
        ("[(\"id\", 7), (\"mrn\", 77193)]", "[(\"id\", 7), (\"mrn\", [PHI:mrn])]"),
        (
            "{\"name\": \"mrn\", \"value\": \"A-77193\"}",
            "{\"name\": \"mrn\", \"value\": \"[PHI:mrn]\"}",
        ),
        (
            "{\\\"key\\\":\\\"patient_name\\\",\\\"value\\\":\\\"Ada\\\"}",
            "{\\\"key\\\":\\\"patient_name\\\",\\\"value\\\":\\\"[PHI:name]\\\"}",
        ),
    ]);
    stays(&[
        "[(\"id\", \"A-77193\")]",
        "format!(\"mrn\", x)",
        "{\"name\": \"room\", \"value\": \"4\"}",
        "{\"a\": 1, \"value\": \"A-77193\"}",
    ]);
}

#[test]
fn encoding_hides_nothing() {
    becomes(&[
        (
            "GET /f?filter=%7B%22mrn%22%3A%22A-77193%22%7D 200",
            "GET /f?filter=%7B%22mrn%22%3A%22[PHI:mrn]%22%7D 200",
        ),
        ("q=%7B%22ssn%22:%22517929799%22%7D", "q=%7B%22ssn%22:%22[PHI:ssn]%22%7D"),
        (
            "q=%257B%2522ssn%2522%253A%2522517929799%2522",
            "q=%257B%2522ssn%2522%253A%2522[PHI:ssn]%2522",
        ),
        ("{&quot;mrn&quot;: &quot;A-77193&quot;}", "{&quot;mrn&quot;: &quot;[PHI:mrn]&quot;}"),
        ("&lt;mrn&gt;A-77193&lt;/mrn&gt;", "&lt;mrn&gt;[PHI:mrn]&lt;/mrn&gt;"),
    ]);
    stays(&["100%", "%zz%22%3A", "50%25 of 12", "a&amp;b", "&quot;room&quot;:4", "%22%3A%22%7D"]);
}
