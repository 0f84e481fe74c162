//! A policy in Rust is the policy in TOML.

use super::{bind, records};
use crate::policy::{Action, Policy, PolicyFaultKind, Purpose, Scope, compile};

#[test]
fn the_same_rules_give_the_same_table() {
    let text = r#"
        version = 1
        [roles.staff]
        title = "Staff"
        [[roles.staff.allow]]
        actions = ["read", "search"]
        resources = ["patient", "visit"]
        classes = ["contact", "clinical"]
        scope = "tenant"
        purposes = ["TREAT"]
        [[roles.staff.allow]]
        actions = ["update"]
        resources = ["patient"]
        classes = "all"
        scope = "own"
        purposes = ["HOPERAT", "TREAT"]
        [roles.clerk]
        inherits = ["staff"]
        [[roles.clerk.deny]]
        actions = "all"
        resources = "all"
        classes = ["clinical"]
        purposes = "all"
        [[roles.clerk.deny]]
        actions = ["update"]
        resources = ["patient"]
        classes = "all"
        purposes = ["TREAT"]
    "#;
    let built = Policy::builder()
        .role("staff", |role| {
            role.title("Staff")
                .allow(|rule| {
                    rule.actions([Action::Read, Action::Search])
                        .resources(["patient", "visit"])
                        .classes(["contact", "clinical"])
                        .scope(Scope::Tenant)
                        .purposes([Purpose::Treatment])
                })
                .allow(|rule| {
                    rule.actions([Action::Update])
                        .resources(vec![String::from("patient")])
                        .all_classes()
                        .scope(Scope::Own)
                        .purposes([Purpose::Treatment, Purpose::Operations])
                })
        })
        .role("clerk", |role| {
            role.inherits("staff")
                .deny(|rule| {
                    rule.all_actions().all_resources().classes(["clinical"]).all_purposes()
                })
                .deny(|rule| {
                    rule.actions([Action::Update])
                        .resources(["patient"])
                        .all_classes()
                        .purposes([Purpose::Treatment])
                })
        })
        .build()
        .expect("sound");
    let built = compile(&built, &records()).expect("it fits");
    let read = bind(text).expect("sound");
    assert_eq!(built.matrix().to_string(), read.matrix().to_string());
    let other = bind(&text.replace("\"own\"", "\"tenant\"")).expect("sound");
    assert_ne!(built.matrix().to_string(), other.matrix().to_string());
}

#[test]
fn faults_are_told_at_the_source_line() {
    let line = line!();
    let error = Policy::builder()
        .role("clerk", |role| {
            role.inherits("staff").allow(|rule| {
                rule.actions([])
                    .resources(["patient", "a b"])
                    .classes(["all"])
                    .purposes([Purpose::Treatment, Purpose::Treatment])
            })
        })
        .role("clerk", |role| role)
        .build()
        .expect_err("seven faults");
    let told: Vec<_> = error
        .faults()
        .iter()
        .map(|fault| {
            let at = fault.position().expect("a place");
            assert_eq!(at.file(), Some("builder.rs"));
            (at.line() - line, fault.kind().clone())
        })
        .collect();
    let role = || "clerk".into();
    let staff = "staff".into();
    assert_eq!(
        told,
        [
            (3, PolicyFaultKind::UnknownRole { role: staff }),
            (3, PolicyFaultKind::MissingKey { key: "scope" }),
            (4, PolicyFaultKind::EmptyList { key: "actions" }),
            (5, PolicyFaultKind::Name),
            (6, PolicyFaultKind::AllInList { key: "classes" }),
            (7, PolicyFaultKind::RepeatedEntry { key: "purposes" }),
            (10, PolicyFaultKind::RepeatedRole { role: role() }),
        ]
    );
    assert!(error.to_string().starts_with("policy refused: builder.rs, line "));
}
