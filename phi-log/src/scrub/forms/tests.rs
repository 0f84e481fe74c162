use crate::scrub::tests::{becomes, stays};

/// `["us-npi", [1989436658]]` lost its inner brackets, and was no JSON any more.
#[test]
fn a_list_behind_a_label_keeps_its_brackets() {
    becomes(&[
        ("[\"npi\", [1989436658]]", "[\"npi\", [\"[PHI:npi]\"]]"),
        ("[\"mrn\", [\"A-77\"]]", "[\"mrn\", [\"[PHI:mrn]\"]]"),
    ]);
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
        (
            "Key (\"bank.account\")=(H0012345) exists",
            "Key (\"bank.account\")=([PHI:account]) exists",
        ),
        ("Key (\"medical-record-no\")=(H-7712)", "Key (\"medical-record-no\")=([PHI:mrn])"),
        // A comma in a value: which is whose nobody can say.
        (
            "Key (id, patient_name)=(7, Sample, Ada) already exists.",
            "Key (id, patient_name)=([PHI:name]) already exists.",
        ),
    ]);
    stays(&["Key (id)=(7) already exists.", "f(x)=(y)", ")=(", "(a)=(", "(ssn)=()"]);
}

#[test]
fn a_value_is_read_by_the_field_it_was_for() {
    becomes(&[
        (
            "Duplicate entry 'A-77193' for key 'patient.mrn_unique'",
            "Duplicate entry '[PHI:mrn]' for key 'patient.mrn_unique'",
        ),
        (
            "1292 (22007): Incorrect date value: '1980-13-05' for column 'dob' at row 1",
            "1292 (22007): Incorrect date value: '[PHI:dob]' for column 'dob' at row 1",
        ),
        (
            "{\"error\":\"invalid value \\\"Ada Sample\\\" for field patientName\"}",
            "{\"error\":\"invalid value \\\"[PHI:name]\\\" for field patientName\"}",
        ),
        ("`7719` for the parameter `account_no`", "`[PHI:account]` for the parameter `account_no`"),
    ]);
    stays(&[
        "Duplicate entry '7' for key 'rooms.PRIMARY'",
        "'x' for key",
        "no quote for field mrn",
        "'' for field mrn",
        "\" for field ssn",
        "'7' for _key _unique",
    ]);
}

#[test]
fn what_frameworks_and_databases_say_of_a_field_names_no_value() {
    becomes(&[
        (
            "error on field 'ssn': rejected value [41255789]; codes [Size]",
            "error on field 'ssn': rejected value [[PHI:ssn]]; codes [Size]",
        ),
        (
            "unique index 'IX_Patient_MRN'. The duplicate key value is (00482913).",
            "unique index 'IX_Patient_MRN'. The duplicate key value is ([PHI:mrn]).",
        ),
        (
            "[[\"mrn\", \"00482913\"], [\"first_name\", \"Ada\"], [\"LIMIT\", 1]]",
            "[[\"mrn\", \"[PHI:mrn]\"], [\"first_name\", \"[PHI:name]\"], [\"LIMIT\", 1]]",
        ),
        ("<birthTime value=\"19610304\"/>", "<birthTime value=\"[PHI:dob]\"/>"),
        ("ssn4=7893", "ssn4=[PHI:ssn]"),
        ("patient[mrn]=00482913&x=1", "patient[mrn]=[PHI:mrn]&x=1"),
        ("[last_name] => Sample", "[last_name] => [PHI:name]"),
        (
            "EXEC f @LastName = N'Sample', @Visits = 3",
            "EXEC f @LastName = N'[PHI:name]', @Visits = 3",
        ),
        (
            "&{ID:7 FirstName:Ada Status:active Retries:3}",
            "&{ID:7 FirstName:[PHI:name] Status:active Retries:3}",
        ),
        (
            "Patient { FirstName = Ada, Status = Active }",
            "Patient { FirstName = [PHI:name], Status = Active }",
        ),
        ("Patient \"Ada Sample\" checked in", "Patient \"[PHI:name]\" checked in"),
        ("To: Ada Sample <ada@example.com>", "To: [PHI:name] <[PHI:email]>"),
        ("From: \"Sample, Ada\" <ada@example.com>", "From: \"[PHI:name]\" <[PHI:email]>"),
        (
            "{\"telecom\":[{\"system\":\"phone\",\"value\":\"(555) 010-4477\"}]}",
            "{\"telecom\":[{\"system\":\"phone\",\"value\":\"[PHI:phone]\"}]}",
        ),
    ]);
    stays(&[
        "WHERE last_name = $1 AND mrn = ?",
        "first_name = :1 AND ssn = @p0",
        "ssn=[REDACTED] dob=*** last_name=%s",
        "on field 'ssn': rejected value [null]; codes [NotNull]",
        "[\"mrn\",\"ssn\"]",
        "FROM patient ORDER BY last_name",
        "client \"Firefox Nightly\" connected",
        "The duplicate key value is (7).",
        "a <b@c> d",
        "Attn: Billing Department",
        "Dear Patient, your visit is near",
    ]);
}

/// What looks like no value, or like a field's name, and is a value or has one behind it.
#[test]
fn in_doubt_it_is_a_value() {
    becomes(&[
        ("first_name=:ada", "first_name=[PHI:name]"),
        ("first_name=@ada", "first_name=[PHI:name]"),
        ("patient_name=*** Sample", "patient_name=[PHI:name]"),
        ("patient_name=Ada Sample = seen", "patient_name=[PHI:name]"),
        ("patient_name:Ada Sample:seen", "patient_name:[PHI:name]"),
        ("patient_name: [REDACTED] Sample", "patient_name: [PHI:name]"),
        ("ssn=*** 123456789", "ssn=[PHI:ssn]"),
        ("[[\"first_name\", \"Mac\"]]", "[[\"first_name\", \"[PHI:name]\"]]"),
        ("last_name | Street", "last_name | [PHI:name]"),
        ("{\"x\":\"MRN7719\"}", "{\"x\":\"MRN[PHI:mrn]\"}"),
        ("MRN7719: discharged", "MRN[PHI:mrn] discharged"),
    ]);
}

#[test]
fn rows_of_two_cells_are_a_label_and_its_value() {
    becomes(&[
        ("| mrn | A-77193 |", "| mrn | [PHI:mrn] |"),
        (
            "-[ RECORD 1 ]-+----------\npatient_name | Ada Sample\nbirth_date   | 1980-01-05\nroom | 7",
            "-[ RECORD 1 ]-+----------\npatient_name | [PHI:name]\nbirth_date   | [PHI:dob]\nroom | 7",
        ),
    ]);
    stays(&[
        "| mrn | ssn |", // the head of a table
        "first_name | last_name | ssn",
        "cat patient_name | grep Ada",
        "| patient_name |  |",
        "patient_name || Ada",
    ]);
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
        "<mac>on</mac>",
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
            "/a+b?filter=%7B%22mrn%22%3A%22A-77193%22%7D",
            "/a+b?filter=%7B%22mrn%22%3A%22[PHI:mrn]%22%7D",
        ),
        ("GET /search?name=Ada+Sample&page=2", "GET /search?name=[PHI:name]&page=2"),
        ("uri=/patients/7?name=Zelda+Sample", "uri=/patients/7?name=[PHI:name]"),
        ("/p?phone=+1-206-555-0104&x=1", "/p?phone=[PHI:phone]&x=1"),
        ("/p?first_name=Mary+Ann&city=New+Haven", "/p?first_name=[PHI:name]&city=[PHI:address]"),
        (
            "q=%257B%2522ssn%2522%253A%2522517929799%2522",
            "q=%257B%2522ssn%2522%253A%2522[PHI:ssn]%2522",
        ),
        ("{&quot;mrn&quot;: &quot;A-77193&quot;}", "{&quot;mrn&quot;: &quot;[PHI:mrn]&quot;}"),
        ("&lt;mrn&gt;A-77193&lt;/mrn&gt;", "&lt;mrn&gt;[PHI:mrn]&lt;/mrn&gt;"),
    ]);
    stays(&["100%", "%zz%22%3A", "50%25 of 12", "a&amp;b", "&quot;room&quot;:4", "%22%3A%22%7D"]);
}

/// What somebody who had not seen the tables tried.
#[test]
fn a_strangers_spellings_hide_nothing() {
    becomes(&[
        ("{\"patient_id\":\"771935\"}", "{\"patient_id\":\"[PHI:mrn]\"}"),
        ("row.patientId=771935", "row.patientId=[PHI:mrn]"),
        ("acct=7001234567", "acct=[PHI:account]"),
        ("P { age: Some(92) }", "P { age: Some([PHI:age]) }"),
        ("{\"age\":[\"92\"]}", "{\"age\":[\"[PHI:age]\"]}"),
        ("{\"age\":{\"value\":92}}", "{\"age\":{\"value\":\"[PHI:age]\"}}"),
        ("age_at_admission=92", "age_at_admission=[PHI:age]"),
        ("ip=2001%3Adb8%3A%3A1", "ip=[PHI:ip]"),
        ("on=1980%2F01%2F05&admitted_at=1980%2F01%2F05", "on=[PHI:date]&admitted_at=[PHI:date]"),
        ("mac:00:1b:44:11:3a:b7", "mac:[PHI:mac]"),
        ("add:26:66:8e:f7:5b:08: up", "add:[PHI:mac]: up"),
        ("mrn\t771935", "mrn\t[PHI:mrn]"),
        ("for mrn \"12345678\"", "for mrn \"[PHI:mrn]\""),
        ("GET /api/mrn/00771935/labs", "GET /api/mrn/[PHI:mrn]/labs"),
        ("mapped mrn -> 77-19-35", "mapped mrn -> [PHI:mrn]"),
        ("updated mrn (H000123456)", "updated mrn ([PHI:mrn])"),
        ("| MRN | 00771935 |", "| MRN | [PHI:mrn] |"),
        ("NPI#: 1234567893", "NPI#: [PHI:npi]"),
        ("Acct#: 998877", "Acct#: [PHI:account]"),
        ("Dr. Øystein Åberg", "[PHI:name]"),
        ("Dr. von Beispiel", "[PHI:name]"),
        ("last_name = 'O''Brien'", "last_name = '[PHI:name]'"),
        ("last_name=O%27Brien HTTP/1.1", "last_name=[PHI:name] HTTP/1.1"),
        ("fname=Ada lname=Sample", "fname=[PHI:name] lname=[PHI:name]"),
        ("next_of_kin=Wei Zhang", "next_of_kin=[PHI:name]"),
        ("phone: 212-555-0151 x45", "phone: [PHI:phone]"),
        ("a.b-c_d%e@example.net", "[PHI:email]"),
        ("{\"mac\":\"001b44113ab7\"}", "{\"mac\":\"[PHI:mac]\"}"),
        ("medicare_id=1EG4-TE5-MK73", "medicare_id=[PHI:mbi]"),
        ("Member ID no. W1234567801", "Member ID no. [PHI:member]"),
        ("zip number: 02139", "zip number: [PHI:zip]"),
        ("acct.: 7001234567", "acct.: [PHI:account]"),
    ]);
    stays(&[
        "address: 0x4149b87a7178",
        "\"address\":[]",
        "address=\"0.0.0.0\"",
        "page age: 123 ms",
        "log file age 112 days",
        "max-age=120",
        "X-Cache-Age: 124",
        "email=enabled",
        "phone=disabled",
        "mac=on",
        "Record { mrn: None, address: None }",
        "SerialNumber=2",
        "subscriber id=4",
        "firmware 5.6.7.6",
        "latency lat=46us",
        "Done, OK 95336",
        "Result, OK 10948 rows",
        "Loaded Shard, IN 51206 us",
        "patient_id=018f0000-0000-7000-8000-000000000001",
    ]);
}

#[test]
fn a_number_in_json_becomes_a_string() {
    becomes(&[
        ("{\"card\":4111111111111111}", "{\"card\":\"[PHI:card]\"}"),
        ("{\"ns\": [4111111111111111, 7]}", "{\"ns\": [\"[PHI:card]\", 7]}"),
        ("{\\\"n\\\":4111111111111111}", "{\\\"n\\\":\\\"[PHI:card]\\\"}"),
        ("{\"coordinates\":[-71.0589,42.3601]}", "{\"coordinates\":[\"[PHI:geo]\"]}"),
    ]);
}

#[test]
fn json_stays_json_around_values_in_lists() {
    for (text, want) in [
        (
            r#"{"errors":{"mrn":["Key (mrn)=(123456) already exists."]}}"#,
            r#"{"errors":{"mrn":"[PHI:mrn]"}}"#,
        ),
        (
            r#"{"email":["Duplicate entry 'ada@example.com' for key 'users.email'"],"a":1}"#,
            r#"{"email":"[PHI:email]","a":1}"#,
        ),
        (r#"["123-45-6789",78051121]"#, r#"["[PHI:ssn]",78051121]"#),
        (r#"{"p":["A-77",378282246310005]}"#, r#"{"p":["A-77","[PHI:card]"]}"#),
        (r#"["ssn",780511211]"#, r#"["ssn","[PHI:ssn]"]"#),
        (
            r#""{\"p\":[\"call (555) 010-4477\",378282246310005]}""#,
            r#""{\"p\":[\"call [PHI:phone]\",\"[PHI:card]\"]}""#,
        ),
    ] {
        becomes(&[(text, want)]);
    }
    stays(&[r#"INSERT INTO "patients" ("first_name", "last_name") VALUES ($1, $2)"#]);
}

#[test]
fn signs_alone_are_no_address_of_a_machine() {
    becomes(&[(r#"{"home_address":":"}"#, r#"{"home_address":"[PHI:address]"}"#)]);
    stays(&[r#"{"address":"::1"}"#]);
}

#[test]
fn sentences_that_begin_like_statements_are_none() {
    stays(&[
        "Merge branch 'feature/patient-search' into main",
        "Update 'README.md' and set 3 flags",
        "merge 'a' into 'b'",
    ]);
    becomes(&[(
        "UPDATE p SET a = 'Ada' WHERE b = 7",
        "UPDATE p SET a = '[PHI:literal]' WHERE b = 7",
    )]);
}
