//! Names that say PHI, and names of machinery that do not.

use proptest::prelude::*;

use super::gate::{is_number_of_tables, may_be_known};
use super::*;
use crate::scrub::text::Text;

fn kind(name: &str) -> Option<Kind> {
    judge(name.as_bytes())
}

#[test]
fn the_spelling_of_a_name_does_not_matter() {
    for name in [
        "patientName",
        "patient_name",
        "patient.name",
        "Patient Name",
        "PATIENT-NAME",
        "PatientName",
        "req.patient.name",
        "patientname",
    ] {
        assert_eq!(kind(name), Some(Kind::Name), "{name}");
    }
}

#[test]
fn every_documented_name_is_known() {
    for (name, want) in [
        ("ssn", Kind::Ssn),
        ("patientSSN", Kind::Ssn),
        ("ssn_last4", Kind::Ssn),
        ("social_security_number", Kind::Ssn),
        ("mrn", Kind::Mrn),
        ("medicalRecordNumber", Kind::Mrn),
        ("dob", Kind::Birth),
        ("birth_date", Kind::Birth),
        ("birthDate", Kind::Birth),
        ("date of birth", Kind::Birth),
        ("discharge_date", Kind::Date),
        ("first_name", Kind::Name),
        ("lastName", Kind::Name),
        ("email", Kind::Email),
        ("user.email", Kind::Email),
        ("e-mail", Kind::Email),
        ("email_address", Kind::Email),
        ("phone", Kind::Phone),
        ("mobile_number", Kind::Phone),
        ("phone2", Kind::Phone),
        ("address", Kind::Address),
        ("home_address", Kind::Address),
        ("address_line_2", Kind::Address),
        ("zip_code", Kind::Zip),
        ("lat", Kind::Geo),
        ("member_id", Kind::Member),
        ("policyNumber", Kind::Member),
        ("account_number", Kind::Account),
        ("card_number", Kind::Card),
        ("drivers_license_number", Kind::Licence),
        ("passport", Kind::Passport),
        ("diagnosis", Kind::Diagnosis),
        ("icd10_code", Kind::Diagnosis),
        ("pt_nm", Kind::Name),
        ("firstNm", Kind::Name),
        ("PAT_NAME", Kind::Name),
        ("nok_name", Kind::Name),
        ("callerName", Kind::Name),
        ("patient.name.family", Kind::Name),
        ("emergencyContact", Kind::Name),
        ("responsible_party", Kind::Name),
        ("mem_id", Kind::Member),
        ("memberIds", Kind::Member),
        ("memberNbr", Kind::Member),
        ("ss_num", Kind::Ssn),
        ("SSNum", Kind::Ssn),
        ("tax_id", Kind::Ssn),
        ("medrec_num", Kind::Mrn),
        ("mr_number", Kind::Mrn),
        ("zip_cd", Kind::Zip),
        ("addr2", Kind::Address),
        ("city_nm", Kind::Address),
        ("claim_number", Kind::Account),
        ("rxNumber", Kind::Account),
        ("brthDt", Kind::Birth),
        ("vaccination_date", Kind::Date),
        ("apptDate", Kind::Date),
        ("admit_ts", Kind::Date),
        ("contactNumber", Kind::Phone),
        ("phNo", Kind::Phone),
        ("caller_id", Kind::Phone),
        ("state_license", Kind::Licence),
        ("medications", Kind::Clinical),
        ("first_name.keyword", Kind::Name),
        ("last_name__icontains", Kind::Name),
        ("birth_date_gte", Kind::Birth),
        ("bday", Kind::Birth),
        ("shipToName", Kind::Name),
        ("parent_guardian", Kind::Name),
        ("accessionNumber", Kind::Account),
        ("StudyDate", Kind::Date),
        ("callerid", Kind::Phone),
    ] {
        assert_eq!(kind(name), Some(want), "{name}");
    }
}

#[test]
fn names_of_machinery_are_left_alone() {
    for name in [
        "",
        "pid",
        "name",
        "file_name",
        "hostname",
        "username",
        "thread.name",
        "otel.name",
        "ip_address",
        "remote_address",
        "addr",
        "email_sent",
        "phone_verified",
        "policy_id",
        "account_id",
        "message",
        "log.target",
        "duration_ms",
        "status",
        "latency",
        "capacity",
        "velocity",
        "tmrnd",
        "assn",
        "PHI",
        "discard_number",
        "mrn_count",
        "first_seen",
        "created_ts",
        "response_time",
        "object_ids",
        "fill",
        "window_age",
        "log_in",
        "name_contains",
        "fin",
        "study",
    ] {
        assert_eq!(kind(name), None, "{name}");
    }
}

#[test]
fn a_label_is_judged_by_the_words_next_to_its_value() {
    for (label, want) in [
        ("the patient with mrn", Some(Kind::Mrn)),
        ("medical record number", Some(Kind::Mrn)),
        ("MRN no", Some(Kind::Mrn)),
        ("social security number", Some(Kind::Ssn)),
        ("her date of birth", Some(Kind::Birth)),
        ("patient name", Some(Kind::Name)),
        ("mobile number", Some(Kind::Phone)),
        ("home address", Some(Kind::Address)),
        ("ssn lookup failed", None),
        ("mrn lookup took", None),
        ("diagnosis service status", None),
        ("Address Line 2", Some(Kind::Address)),
        ("listening address", None),
        ("12 34", None),
        ("", None),
    ] {
        assert_eq!(judge_label(label.as_bytes()), want, "{label}");
    }
}

#[test]
fn a_long_name_is_judged_by_its_end() {
    let name = format!("{}.patient_name", "module.".repeat(40));
    assert_eq!(kind(&name), Some(Kind::Name));
    assert_eq!(kind(&"x".repeat(1_000)), None);
}

#[test]
fn the_quick_answer_never_hides_a_word_of_the_tables() {
    let source = include_str!("names.rs");
    let quoted = source.split('"').skip(1).step_by(2);
    let words: Vec<_> = quoted.filter(|word| !word.is_empty()).collect();
    assert!(words.len() > 90 && words.contains(&"ssn") && words.contains(&"creditcard"));
    for word in words {
        assert!(may_be_known(word.as_bytes()), "{word}");
        let numbered = format!("{word}2");
        let number = word.bytes().all(|byte| byte.is_ascii_digit());
        assert!(number || may_be_known(numbered.as_bytes()), "{numbered}");
    }
    for word in ["", "queue", "-"] {
        assert!(!may_be_known(word.as_bytes()), "{word}");
    }
}

#[test]
fn the_numbers_of_the_tables_are_known() {
    for word in words() {
        let number = word.bytes().all(|byte| byte.is_ascii_digit());
        assert_eq!(is_number_of_tables(word.as_bytes()), number, "{word}");
    }
    for label in ["icd 10 code", "icd_10_code", "ssn4 is"] {
        assert!(judge_label(label.as_bytes()).is_some() && !is_hidden(label), "{label}");
    }
}

/// Every word that the tables may see in a label.
fn words() -> Vec<&'static str> {
    words::WORDS.iter().chain(around::FILLERS).chain(around::BRIDGES).copied().collect()
}

/// The ways of labels and names to write words together.
const JOINS: [&str; 7] = ["_", " ", "-", ".", "camel", "Title ", "CAPS_"];

fn written(words: &[&str], join: &str) -> String {
    let capital = |word: &&str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    match join {
        "camel" => words.iter().map(capital).collect(),
        "Title " => words.iter().map(capital).collect::<Vec<_>>().join(" "),
        "CAPS_" => words.join("_").to_uppercase(),
        join => words.join(join),
    }
}

fn is_hidden(label: &str) -> bool {
    judge_label(label.as_bytes()).is_some() && !may_end_label(Text::new(label), label.len(), 0)
}

/// `Social Security: 123456789` once went through, since no word of the list ended like it.
#[test]
fn the_quick_answer_hides_no_two_words() {
    let words = words();
    let mut labels = 0;
    for (first, second) in
        words.iter().flat_map(|first| words.iter().map(move |second| (first, second)))
    {
        for join in [" ", "_", "camel", "Title "] {
            let label = written(&[first, second], join);
            assert!(!is_hidden(&label), "{label}");
            labels += 1;
        }
    }
    assert!(labels > 200_000, "{labels}");
}

fn labels() -> impl Strategy<Value = String> {
    let word = prop::sample::select(words());
    let join = prop::sample::select(JOINS.to_vec());
    (prop::collection::vec(word, 1..4), join, "[0-9]{0,2}")
        .prop_map(|(words, join, digits)| written(&words, join) + &digits)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_answer_never_hides_a_label(label in labels()) {
        prop_assert!(!is_hidden(&label), "{}", label);
    }
}
