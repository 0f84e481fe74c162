//! Places of persons in resources, with synthetic people.

use crate::scrub::tests::{becomes, stays};

#[test]
fn persons_are_shown_by_name_in_many_places() {
    for (resource, around) in [
        ("Group", r#""member":[{"entity":{"display":"NAME"}}]"#),
        ("Claim", r#""provider":{"display":"NAME","reference":"Practitioner/7"}"#),
        ("Claim", r#""provider":{"reference":"Practitioner/7/_history/2","display":"NAME"}"#),
        ("ExplanationOfBenefit", r#""careTeam":[{"provider":{"display":"NAME"}}]"#),
        ("Task", r#""for":{"display":"NAME"},"owner":{"display":"NAME"}"#),
        ("Consent", r#""verification":[{"verifiedWith":{"display":"NAME"}}]"#),
        ("Consent", r#""provision":{"actor":[{"reference":{"display":"x"}}],"code":[1]}"#),
        ("DiagnosticReport", r#""resultsInterpreter":[{"display":"NAME"}]"#),
        ("Specimen", r#""collection":{"collector":{"display":"NAME"}}"#),
        ("Provenance", r#""agent":[{"onBehalfOf":{"display":"NAME","type":"Patient"}}]"#),
        ("Patient", r#""link":[{"other":{"display":"NAME"},"type":"seealso"}]"#),
        ("Person", r#""link":[{"target":{"display":"NAME","reference":"urn:uuid:1"}}]"#),
        ("AuditEvent", r#""agent":[{"name":"NAME"}],"entity":[{"name":"NAME"}]"#),
        ("FamilyMemberHistory", r#""name":"NAME","note":[{"authorString":"NAME"}]"#),
        ("DocumentReference", r#""authenticator":{"display":"NAME"}"#),
        ("Condition", r#""note":[{"authorReference":{"display":"NAME"},"text":"x"}]"#),
        ("Patient", r#""photo":[{"title":"NAME"}]"#),
    ] {
        let text = format!("{{\"resourceType\":\"{resource}\",{around}}}");
        let with = |name: &str| text.replace("NAME", name);
        becomes(&[(&with("Aaliyah Van-Dyke"), &with("[PHI:name]"))]);
    }
    becomes(&[(
        r#"{"name":"Faith Smith","resourceType":"FamilyMemberHistory"}"#,
        r#"{"name":"[PHI:name]","resourceType":"FamilyMemberHistory"}"#,
    )]);
}

#[test]
fn what_is_no_person_keeps_its_name() {
    stays(&[
        r#"{"resourceType":"Encounter","serviceProvider":{"display":"Acme"}}"#,
        r#"{"resourceType":"Claim","provider":{"reference":"Organization/1","display":"Acme"}}"#,
        r#"{"resourceType":"Claim","provider":{"display":"Acme","reference":"Organization/1"}}"#,
        r#"{"resourceType":"Claim","provider":{"type":"Organization","display":"Acme"}}"#,
        r#"{"resourceType":"AuditEvent","agent":[{"who":{"type":"Device","display":"Pump"}}]}"#,
        r#"{"resourceType":"Task","owner":{"reference":"urn:x","type":"Device","display":"Pump"}}"#,
        r#"{"resourceType":"Group","name":"Cohort"}"#,
        r#"{"resourceType":"Organization","photo":[{"title":"Front"}]}"#,
        r#"{"resourceType":"Encounter","class":{"code":"AMB"}}"#,
    ]);
}

#[test]
fn numbers_say_what_they_are() {
    becomes(&[
        (
            r#"{"resourceType":"Claim","provider":{"identifier":{"type":{"coding":[{"code":"npi"}]},"value":"1989436658"}}}"#,
            r#"{"resourceType":"Claim","provider":{"identifier":{"type":{"coding":[{"code":"npi"}]},"value":"[PHI:npi]"}}}"#,
        ),
        (
            r#"{"resourceType":"ExplanationOfBenefit","identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":"1989436658"}}"#,
            r#"{"resourceType":"ExplanationOfBenefit","identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":"[PHI:npi]"}}"#,
        ),
        (
            r#"{"resourceType":"Claim","identifier":{"type":{"coding":[{"system":"http://hl7.org/fhir/sid/us-npi"}]},"value":"7"}}"#,
            r#"{"resourceType":"Claim","identifier":{"type":{"coding":[{"system":"http://hl7.org/fhir/sid/us-npi"}]},"value":"[PHI:npi]"}}"#,
        ),
        (
            r#"{"resourceType":"Coverage","class":[{"type":{"coding":[{"code":"group"}]},"value":"CB135","name":"Gold"}]}"#,
            r#"{"resourceType":"Coverage","class":[{"type":{"coding":[{"code":"group"}]},"value":"[PHI:member]","name":"Gold"}]}"#,
        ),
        (
            r#"{"resourceType":"Claim","insurance":[{"preAuthRef":["PA-77","PA-78"]}]}"#,
            r#"{"resourceType":"Claim","insurance":[{"preAuthRef":["[PHI:account]","[PHI:account]"]}]}"#,
        ),
        (
            r#"{"resourceType":"Specimen","accessionIdentifier":{"value":"S-77193"}}"#,
            r#"{"resourceType":"Specimen","accessionIdentifier":{"value":"[PHI:mrn]"}}"#,
        ),
        (
            r#"{"resourceType":"AuditEvent","agent":[{"altId":"acook"}]}"#,
            r#"{"resourceType":"AuditEvent","agent":[{"altId":"[PHI:account]"}]}"#,
        ),
        (
            r#"{"resourceType":"FamilyMemberHistory","ageString":"96"}"#,
            r#"{"resourceType":"FamilyMemberHistory","ageString":"[PHI:age]"}"#,
        ),
    ]);
    stays(&[r#"{"resourceType":"FamilyMemberHistory","ageString":"69"}"#]);
}

#[test]
fn answers_are_what_was_asked_for() {
    let form = |item: &str| format!("{{\"resourceType\":\"QuestionnaireResponse\",{item}}}");
    for (text, want) in [
        (
            r#""item":[{"linkId":"1","text":"Emergency contact:","answer":[{"valueString":"dawn cook"}]}]"#,
            r#""item":[{"linkId":"1","text":"Emergency contact:","answer":[{"valueString":"[PHI:name]"}]}]"#,
        ),
        (
            r#""item":[{"linkId":"patient.name","answer":[{"valueString":"dawn"}]}]"#,
            r#""item":[{"linkId":"patient.name","answer":[{"valueString":"[PHI:name]"}]}]"#,
        ),
        (
            r#""item":[{"linkId":"2","text":"Medical record number","answer":[{"valueInteger":77193}]}]"#,
            r#""item":[{"linkId":"2","text":"Medical record number","answer":[{"valueInteger":"[PHI:mrn]"}]}]"#,
        ),
        (
            r#""item":[{"answer":[{"valueString":"Dawn Cook"}],"linkId":"1","text":"Patient name"}]"#,
            r#""item":[{"answer":[{"valueString":"[PHI:name]"}],"linkId":"1","text":"Patient name"}]"#,
        ),
    ] {
        becomes(&[(&form(text), &form(want))]);
    }
    stays(&[&form(
        r#""item":[{"linkId":"3","text":"How do you feel?","answer":[{"valueString":"Quite Good"}]}]"#,
    )]);
    becomes(&[(
        r#"{"resourceType":"Parameters","parameter":[{"name":"family","valueString":"Carter"},{"valueString":"May","name":"given:exact"},{"name":"identifier","valueString":"77"}]}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"family","valueString":"[PHI:name]"},{"valueString":"[PHI:name]","name":"given:exact"},{"name":"identifier","valueString":"[PHI:mrn]"}]}"#,
    )]);
    stays(&[r#"{"resourceType":"Parameters","parameter":[{"name":"mode","valueString":"Full"}]}"#]);
}

#[test]
fn the_narrative_of_a_person_is_removed_whole() {
    becomes(&[
        (
            r#"{"resourceType":"Patient","text":{"status":"generated","div":"<div><p class=\"a\"><b>Will Cook</b> DoB: 1960-01-02</p></div>"},"active":true}"#,
            r#"{"resourceType":"Patient","text":{"status":"generated","div":"[PHI:clinical]"},"active":true}"#,
        ),
        (
            r#"{"body":"{\"resourceType\":\"Patient\",\"text\":{\"div\":\"\\u003cdiv\\u003eWill Cook\"},\"a\":1}"}"#,
            r#"{"body":"{\"resourceType\":\"Patient\",\"text\":{\"div\":\"[PHI:clinical]\"},\"a\":1}"}"#,
        ),
    ]);
    stays(&[
        r#"{"resourceType":"ValueSet","text":{"div":"<div>Colours of eyes</div>"}}"#,
        r#"{"resourceType":"Patient","text":{"div":"empty"}}"#,
    ]);
}

#[test]
fn times_of_a_record_stay_and_those_of_a_person_go() {
    becomes(&[(
        r#"{"resourceType":"AuditEvent","meta":{"lastUpdated":"2024-02-13T00:31:49Z"},"recorded":"2024-02-13T00:31:49.123+00:00","period":{"start":"2024-02-13T00:31:49Z"}}"#,
        r#"{"resourceType":"AuditEvent","meta":{"lastUpdated":"2024-02-13T00:31:49Z"},"recorded":"2024-02-13T00:31:49.123+00:00","period":{"start":"[PHI:date]"}}"#,
    )]);
}

#[test]
fn python_prints_resources_with_apostrophes() {
    becomes(&[
        (
            "saved {'resourceType': 'Patient', 'identifier': [{'value': '89739081'}], 'name': [{'text': 'Rainbow Ngo', \
             'family': \"O'Brien\", 'given': ['Rainbow']}], 'deceasedDateTime': '2023-06-15T14:35:00-05:00', 'active': True} in 4 ms",
            "saved {'resourceType': 'Patient', 'identifier': [{'value': '[PHI:mrn]'}], 'name': [{'text': '[PHI:name]', \
             'family': \"[PHI:name]\", 'given': ['[PHI:name]']}], 'deceasedDateTime': '[PHI:date]', 'active': True} in 4 ms",
        ),
        (
            "{'name': [{'family': 'O\\'Brien \"x\"', 'given': ['D'Arcy']}], 'resourceType': 'Patient'}",
            "{'name': [{'family': '[PHI:name]', 'given': ['[PHI:name]']}], 'resourceType': 'Patient'}",
        ),
        (
            r#"{"msg":"{'resourceType': 'Patient', 'birthDate': '1980-01-05', 'name': [{'family': \"O'Brien\"}]}","n":1}"#,
            r#"{"msg":"{'resourceType': 'Patient', 'birthDate': '[PHI:dob]', 'name': [{'family': \"[PHI:name]\"}]}","n":1}"#,
        ),
        (
            // Cut off, in a string and in the middle.
            r#"{"msg":"{'resourceType': 'Patient', 'birthDate': '1980-01-05', 'name': [{'family': 'Co","n":[1]}"#,
            r#"{"msg":"{'resourceType': 'Patient', 'birthDate': '[PHI:dob]', 'name': [{'family': '[PHI:name]","n":[1]}"#,
        ),
        (
            r#""x","resourceType":"Patient","name":[{"family":"Cook"}],"contact":[{"name":{"text":"Dawn Cook"}}]}"#,
            r#""x","resourceType":"Patient","name":[{"family":"[PHI:name]"}],"contact":[{"name":{"text":"[PHI:name]"}}]}"#,
        ),
        (
            // What only speaks of the key is no document.
            r#"{"a":"no 'resourceType' given","resourceType":"Patient","name":[{"family":"Cook"}]}"#,
            r#"{"a":"no 'resourceType' given","resourceType":"Patient","name":[{"family":"[PHI:name]"}]}"#,
        ),
    ]);
    stays(&["if resource['resourceType'] == 'Patient':"]);
}
