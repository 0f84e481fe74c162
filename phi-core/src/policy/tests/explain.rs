//! The rule that decided is named, with its line.

use super::bind;
use crate::policy::{Action, CompiledPolicy, Explanation, Purpose};

const TEXT: &str = r#"version = 1

[roles.staff]
allow = [
  { actions = ["read"], resources = ["patient", "visit"], classes = "all", scope = "tenant", purposes = ["TREAT"] },
]

[roles.clinician]
inherits = ["staff"]
allow = [
  { actions = ["read"], resources = ["patient"], classes = ["contact"], scope = "all", purposes = ["TREAT"] },
]
deny = [
  { actions = "all", resources = ["patient"], classes = ["clinical"], purposes = "all" },
]
"#;

fn ask(policy: &CompiledPolicy, role: &str, resource: &str, class: Option<&str>) -> Explanation {
    policy.explain(role, Action::Read, resource, class, Purpose::Treatment)
}

#[test]
fn each_class_is_told_with_its_rule() {
    let policy = bind(TEXT).expect("sound");
    let all = ask(&policy, "clinician", "patient", None);
    assert_eq!(
        all.to_string(),
        "clinician: read clinical of patient for TREAT: denied by the rule of clinician at line \
         14, column 3\n\
         clinician: read contact of patient for TREAT: allowed on rows `all` by the rule of \
         clinician at line 11, column 3\n\
         clinician: read psychotherapy of patient for TREAT: reserved, and not named by the rule \
         of staff at line 5, column 3"
    );
    assert!(all.is_allowed());
    assert_eq!(all.verdicts().len(), 3);
    let one = ask(&policy, "staff", "patient", Some("clinical"));
    assert_eq!(
        one.to_string(),
        "staff: read clinical of patient for TREAT: allowed on rows `tenant` by the rule of staff \
         at line 5, column 3"
    );
    assert!(one.is_allowed() && one.verdicts()[0].class() == "clinical");
}

#[test]
fn where_no_rule_decided_this_is_told() {
    let policy = bind(TEXT).expect("sound");
    let told =
        policy.explain("staff", Action::Delete, "visit", Some("billing"), Purpose::Treatment);
    assert_eq!(told.to_string(), "staff: delete billing of visit for TREAT: no rule allows it");
    assert!(!told.is_allowed());
    assert!(ask(&policy, "staff", "visit", Some("billing")).is_allowed());
}

#[test]
fn unknown_names_are_not_repeated() {
    let policy = bind(TEXT).expect("sound");
    for (role, resource, class, told) in [
        ("canary", "patient", None, "the policy has no such role"),
        ("staff", "canary", None, "no record has this label"),
        ("staff", "patient", Some("canary"), "the record has no field of this class"),
        ("staff", "patient", Some("billing"), "the record has no field of this class"),
    ] {
        let answer = ask(&policy, role, resource, class);
        assert_eq!(answer.to_string(), told);
        assert!(!answer.is_allowed() && answer.verdicts().is_empty());
        assert!(!format!("{answer:?}").contains("canary"));
    }
}
