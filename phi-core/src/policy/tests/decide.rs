//! What the table answers, by examples; `reference` has the general case.

use super::bind;
use crate::policy::{
    Action, CompiledPolicy, Decision, Policy, Purpose, ResourceIx, ResourceView, RoleIx, compile,
};

const TEXT: &str = r#"
version = 1

[roles.visitor]

[roles.driver]
allow = [
  { actions = ["read"], resources = ["patient"], classes = ["contact"], scope = "own", purposes = ["TREAT"] },
]

[roles.clinician]
inherits = ["driver"]
allow = [
  { actions = ["read", "update"], resources = ["patient", "visit"], classes = "all", scope = "tenant", purposes = ["TREAT", "ETREAT"] },
]
deny = [
  { actions = ["update"], resources = "all", classes = ["contact"], purposes = "all" },
]

[roles.therapist]
inherits = ["clinician"]
allow = [
  { actions = ["read"], resources = ["patient"], classes = ["psychotherapy"], scope = "own", purposes = ["TREAT"] },
]
"#;

fn decide(policy: &CompiledPolicy, role: &str, action: Action, purpose: Purpose) -> Decision {
    let role = policy.role_index(role).expect("a role");
    let patient = policy.resource_index("patient").expect("a record");
    policy.decide(role, patient, action, purpose)
}

#[test]
fn what_no_rule_allows_is_denied() {
    let policy = bind(TEXT).expect("sound");
    for purpose in Purpose::ALL {
        for action in Action::ALL {
            assert!(decide(&policy, "visitor", action, purpose).is_denied());
        }
    }
    let driver = |action, purpose| decide(&policy, "driver", action, purpose);
    assert!(!driver(Action::Read, Purpose::Treatment).is_denied());
    assert!(driver(Action::Search, Purpose::Treatment).is_denied());
    assert!(driver(Action::Read, Purpose::EmergencyTreatment).is_denied());
}

#[test]
fn a_wider_scope_includes_the_narrower_ones() {
    let policy = bind(TEXT).expect("sound");
    let patient = policy.resource_index("patient").expect("a record");
    let contact = policy.field_mask(patient, "name").expect("a field");
    let all = policy.class_mask(patient, ["name", "diagnosis"]).expect("fields");
    let driver = decide(&policy, "driver", Action::Read, Purpose::Treatment);
    assert_eq!((driver.own, driver.tenant.bits(), driver.all.bits()), (contact, 0, 0));
    let clinician = decide(&policy, "clinician", Action::Read, Purpose::Treatment);
    assert_eq!((clinician.own, clinician.tenant, clinician.all.bits()), (all, all, 0));
}

#[test]
fn deny_wins_wherever_it_stands_and_is_inherited() {
    let policy = bind(TEXT).expect("sound");
    let patient = policy.resource_index("patient").expect("a record");
    let contact = policy.field_mask(patient, "name").expect("a field");
    for role in ["clinician", "therapist"] {
        let read = decide(&policy, role, Action::Read, Purpose::Treatment);
        let update = decide(&policy, role, Action::Update, Purpose::Treatment);
        assert!(read.tenant.contains(contact));
        assert!(!update.is_denied() && update.own.intersection(contact).is_empty());
    }
}

#[test]
fn reserved_classes_are_given_by_name_only() {
    let policy = bind(TEXT).expect("sound");
    let patient = policy.resource_index("patient").expect("a record");
    let therapy = policy.field_mask(patient, "therapy").expect("a field");
    let clinician = decide(&policy, "clinician", Action::Read, Purpose::Treatment);
    assert!(clinician.own.intersection(therapy).is_empty());
    let therapist = decide(&policy, "therapist", Action::Read, Purpose::Treatment);
    assert!(therapist.own.contains(therapy));
    assert!(therapist.tenant.intersection(therapy).is_empty());
}

#[test]
fn each_reserved_class_is_left_out_of_all() {
    let reserved = ["psychotherapy", "part2", "sud_notes"];
    let note = |classes: &[&'static str]| ResourceView {
        record: "note",
        fields: classes.iter().map(|class| (*class, *class)).collect(),
        has_tenant: true,
        has_owner: true,
    };
    let text = "version = 1\nroles.a.allow = [{actions=[\"read\"],resources=[\"note\"],\
                classes=\"all\",scope=\"own\",purposes=[\"TREAT\"]}]";
    let all = Policy::from_toml(text).expect("sound");
    let [a, b, c] = reserved;
    let policy = compile(&all, &[note(&[a, b, c, "contact"])]).expect("it fits");
    let record = policy.resource_index("note").expect("a record");
    let role = policy.role_index("a").expect("a role");
    let open = policy.decide(role, record, Action::Read, Purpose::Treatment).own;
    assert_eq!(Some(open), policy.field_mask(record, "contact"));
    for class in reserved {
        let named = text.replace("\"all\"", &format!("[\"{class}\"]"));
        let named = Policy::from_toml(&named).expect("sound");
        let policy = compile(&named, &[note(&[a, b, c, "contact"])]).expect("it fits");
        let open = policy.decide(role, record, Action::Read, Purpose::Treatment).own;
        assert_eq!(Some(open), policy.field_mask(record, class));
    }
}

#[test]
fn a_rule_may_widen_an_inherited_one() {
    // The clinician's rule says all that the driver's does; the driver needs it all the same.
    let policy = bind(TEXT).expect("sound");
    let driver = decide(&policy, "driver", Action::Read, Purpose::Treatment);
    let clinician = decide(&policy, "clinician", Action::Read, Purpose::Treatment);
    assert!(driver.tenant.is_empty() && clinician.tenant.contains(driver.own));
}

#[test]
fn numbers_and_names_of_elsewhere_open_nothing() {
    let policy = bind(TEXT).expect("sound");
    assert_eq!(policy.role_index("nobody"), None);
    assert_eq!(policy.resource_index("nothing"), None);
    let patient = policy.resource_index("patient").expect("a record");
    assert_eq!(policy.field_mask(patient, "ssn"), None);
    assert_eq!(policy.class_mask(patient, ["name", "ssn"]), None);
    assert_eq!(policy.field_mask(ResourceIx(3), "name"), None);
    let clinician = policy.role_index("clinician").expect("a role");
    let decide = |role, record| policy.decide(role, record, Action::Read, Purpose::Treatment);
    assert!(!decide(clinician, patient).is_denied());
    // Four roles: the sum of a number too high and a record too low would be a place in the table.
    let country = policy.resource_index("country").expect("a record");
    assert!(country < patient);
    for beyond in [4, 5, 6, 7, usize::MAX] {
        assert!(decide(RoleIx(beyond), country).is_denied());
    }
    for beyond in [3, 4, usize::MAX] {
        assert!(decide(clinician, ResourceIx(beyond)).is_denied());
    }
}

#[test]
fn a_record_unknown_to_every_rule_is_closed() {
    let policy = bind(TEXT).expect("sound");
    let country = policy.resource_index("country").expect("a record");
    for role in policy.roles() {
        let role = policy.role_index(role).expect("a role");
        let read = policy.decide(role, country, Action::Read, Purpose::Treatment);
        assert!(read.is_denied());
    }
    assert_eq!(policy.roles().count(), 4);
}

#[test]
fn a_policy_prints_as_counts() {
    let policy = bind(TEXT).expect("sound");
    assert_eq!(format!("{policy:?}"), "CompiledPolicy { roles: 4, records: 3, classes: 4, .. }");
    let empty = Policy::from_toml("version = 1\n[roles]").expect("no role, no access");
    assert!(compile(&empty, &[]).is_ok());
}
