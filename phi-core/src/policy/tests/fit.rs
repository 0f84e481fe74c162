//! What a policy says of records must fit them.

use super::{bind, records};
use crate::policy::{Policy, PolicyFaultKind, ResourceView, compile};

/// What is said of rules that stand on lines of their own, from line 3.
#[track_caller]
fn said(rules: &str) -> String {
    let text = format!("version = 1\nroles.a.allow = [\n{rules}\n]");
    let error = bind(&text).expect_err("must be refused");
    let all = format!("{error:#}");
    let faults = all.strip_prefix("policy refused\n").expect("a head line");
    faults.to_owned()
}

const READ: &str = "{actions=[\"read\"],resources=[\"patient\"],classes=[\"contact\"],\
                    scope=\"tenant\",purposes=[\"TREAT\"]},";

#[test]
fn names_that_no_record_knows_are_refused() {
    assert!(bind(&format!("version = 1\nroles.a.allow = [\n{READ}\n]")).is_ok());
    assert_eq!(
        said(&READ.replace("\"patient\"", "\"patient\",\"person\"")),
        "line 3, column 40: no record is named `person`"
    );
    assert_eq!(
        said(&READ.replace("\"contact\"", "\"contact\",\"notes\"")),
        "line 3, column 60: no record has a field of class `notes`"
    );
    // With the record unknown, its classes cannot be judged.
    assert_eq!(
        said(&READ.replace("patient", "person").replace("contact", "billing")),
        "line 3, column 30: no record is named `person`"
    );
}

#[test]
fn classes_and_records_that_never_meet_are_refused() {
    assert_eq!(
        said(&READ.replace("\"contact\"", "\"contact\",\"billing\"")),
        "line 3, column 60: no resource of this rule has a field of class `billing`"
    );
    assert_eq!(
        said(&READ.replace("\"patient\"", "\"patient\",\"visit\"")),
        "line 3, column 40: record `visit` has no field of this rule's classes; reserved classes \
         must be named"
    );
    let only_reserved = [ResourceView {
        record: "note",
        fields: vec![("text", "psychotherapy")],
        has_tenant: true,
        has_owner: true,
    }];
    let text = "version = 1\nroles.a.allow = [{actions=[\"read\"],resources=[\"note\"],\
                classes=\"all\",scope=\"own\",purposes=[\"TREAT\"]}]";
    let policy = Policy::from_toml(text).expect("sound in itself");
    let error = compile(&policy, &only_reserved).expect_err("`all` leaves it out");
    assert_eq!(
        error.to_string(),
        "policy refused: line 2, column 47: record `note` has no field of this rule's classes; \
         reserved classes must be named"
    );
    let text = text.replace("\"all\"", "[\"psychotherapy\"]");
    let policy = Policy::from_toml(&text).expect("sound in itself");
    assert!(compile(&policy, &only_reserved).is_ok());
}

#[test]
fn scopes_without_their_column_are_refused() {
    let visit = READ.replace("patient", "visit").replace("contact", "billing");
    assert_eq!(
        said(&visit.replace("tenant", "own")),
        "line 3, column 65: scope `own` needs a column that record `visit` lacks; mark one as its \
         owner or change the scope"
    );
    assert_eq!(
        said(&READ.replace("patient", "country")),
        "line 3, column 67: scope `tenant` needs a column that record `country` lacks; mark one \
         as its tenant or change the scope"
    );
    let country = READ.replace("patient", "country").replace("tenant", "all");
    assert!(bind(&format!("version = 1\nroles.a.allow = [\n{visit}\n{country}\n]")).is_ok());
}

#[test]
fn rules_that_repeat_another_are_refused() {
    let repeats = |line: u32, other: u32| {
        format!(
            "line {line}, column 1: unused rule: the rule at line {other}, column 1 says all of \
             it; remove one"
        )
    };
    // Of two that are the same, the later one; of two that are not, the narrower one.
    assert_eq!(said(&format!("{READ}\n{READ}")), repeats(4, 3));
    for wider in [
        READ.replace("\"tenant\"", "\"all\""),
        READ.replace("[\"contact\"]", "\"all\""),
        READ.replace("\"read\"", "\"read\",\"search\""),
        READ.replace("\"TREAT\"", "\"TREAT\",\"ETREAT\""),
        READ.replace("\"patient\"", "\"patient\",\"country\"").replace("tenant", "all"),
    ] {
        assert_eq!(said(&format!("{READ}\n{wider}")), repeats(3, 4), "{wider}");
        assert_eq!(said(&format!("{wider}\n{READ}")), repeats(4, 3), "{wider}");
    }
    // Rules that merely overlap stay.
    let overlaps = READ.replace("\"read\"", "\"read\",\"search\"").replace("tenant", "own");
    assert!(bind(&format!("version = 1\nroles.a.allow = [\n{READ}\n{overlaps}\n]")).is_ok());
}

#[test]
fn a_rule_that_is_inherited_need_not_be_repeated() {
    let text = format!(
        "version = 1\n[roles.b]\ninherits = [\"a\"]\nallow = [\n{READ}\n]\n\
         [roles.a]\nallow = [\n{READ}\n]\n"
    );
    let error = bind(&text).expect_err("b has the rule of a");
    assert_eq!(
        error.to_string(),
        "policy refused: line 5, column 1: unused rule: the rule at line 9, column 1 says all of \
         it; remove one"
    );
    assert!(bind(&text.replace("inherits = [\"a\"]", "")).is_ok());
}

#[test]
fn an_allow_rule_that_is_denied_whole_is_refused() {
    let deny = |actions: &str| {
        format!(
            "version = 1\n[roles.a]\nallow = [\n{READ}\n]\ndeny = [\n\
             {{actions=[{actions}],resources=\"all\",classes=[\"contact\"],purposes=\"all\"}},\n]\n"
        )
    };
    let error = bind(&deny("\"read\"")).expect_err("nothing is left");
    assert_eq!(
        error.to_string(),
        "policy refused: line 4, column 1: unused rule: deny rules take away all it allows; \
         remove it or them"
    );
    // Also when several deny rules, some of them inherited, share the work.
    let text = "version = 1\n[roles.a]\ninherits = [\"b\"]\nallow = [\n\
        {actions=[\"read\",\"search\"],resources=[\"patient\"],classes=[\"contact\"],scope=\"own\",purposes=[\"TREAT\"]},\n]\n\
        deny = [\n{actions=[\"read\"],resources=[\"patient\"],classes=\"all\",purposes=[\"TREAT\"]},\n]\n\
        [roles.b]\ndeny = [\n{actions=[\"search\"],resources=[\"patient\"],classes=\"all\",purposes=[\"TREAT\"]},\n]";
    let error = bind(text).expect_err("nothing is left");
    assert_eq!(error.faults().len(), 1);
    assert_eq!(error.faults()[0].kind(), &PolicyFaultKind::DeniedRule);
    assert_eq!(error.faults()[0].position().map(|at| at.line()), Some(5));
    assert!(bind(&text.replace("inherits = [\"b\"]", "")).is_ok());
    // A deny rule that meets no allow rule is a guard and stays.
    assert!(bind(&deny("\"delete\"")).is_ok());
}

#[test]
fn records_that_contradict_themselves_are_refused() {
    let policy = Policy::from_toml("version = 1\n[roles.a]").expect("sound in itself");
    let mut views = records();
    assert!(compile(&policy, &views).is_ok());
    views.push(ResourceView {
        record: "patient",
        fields: vec![("name", "clinical")],
        has_tenant: true,
        has_owner: true,
    });
    let error = compile(&policy, &views).expect_err("two classes for one field");
    assert_eq!(
        error.to_string(),
        "policy refused: field `name` of record `patient` has two classes; give it one"
    );
    assert_eq!(error.faults()[0].position(), None);
}

#[test]
fn structs_of_one_label_are_one_record_with_the_columns_that_all_have() {
    let rule = |scope: &str| {
        let rule = READ.replace("\"tenant\"", &format!("\"{scope}\""));
        Policy::from_toml(&format!("version = 1\nroles.a.allow = [\n{rule}\n]")).expect("sound")
    };
    let mut views = records();
    assert!(compile(&rule("own"), &views).is_ok());
    views.push(ResourceView {
        record: "patient",
        fields: vec![("name", "contact"), ("fax", "contact")],
        has_tenant: true,
        has_owner: false,
    });
    let bound = compile(&rule("tenant"), &views).expect("every struct has a tenant");
    let patient = bound.resource_index("patient").expect("it is there");
    assert_eq!(bound.field_mask(patient, "fax"), bound.field_mask(patient, "phone"));
    let error = compile(&rule("own"), &views).expect_err("one struct has no owner");
    assert!(matches!(error.faults()[0].kind(), PolicyFaultKind::ScopeWithoutColumn { .. }));
}

#[test]
fn more_classes_or_records_than_can_be_told_apart_are_refused() {
    let policy = Policy::from_toml("version = 1\n[roles.a]").expect("sound in itself");
    let names: Vec<_> = (0..1025).map(|n| format!("n{n}")).collect();
    let record = |label, classes: &[_]| ResourceView {
        record: label,
        fields: classes.iter().map(|name: &&'static str| (*name, *name)).collect(),
        has_tenant: true,
        has_owner: true,
    };
    let leaked: Vec<&'static str> = names.iter().map(|n| &*n.clone().leak()).collect();
    assert!(compile(&policy, &[record("r", &leaked[..64])]).is_ok());
    let error = compile(&policy, &[record("r", &leaked[..65])]).expect_err("65 classes");
    assert_eq!(error.to_string(), "policy refused: too many field classes; the most is 64");
    let views: Vec<_> = leaked.iter().map(|label| record(label, &["c"])).collect();
    assert!(compile(&policy, &views[..1024]).is_ok());
    let error = compile(&policy, &views).expect_err("1025 records");
    assert_eq!(error.to_string(), "policy refused: too many records; the most is 1024");
}
