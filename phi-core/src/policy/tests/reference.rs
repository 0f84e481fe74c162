//! The table against a reader of rules that knows nothing of tables, masks or numbers.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::RngSeed;

use crate::policy::{
    Action, CompiledPolicy, Policy, PolicyFaultKind, Purpose, Reason, ResourceView, Scope, compile,
};

/// Records, each with its classes; every record has every scope column.
const RECORDS: [(&str, &[&str]); 3] = [
    ("invoice", &["billing", "contact"]),
    ("patient", &["clinical", "contact", "psychotherapy"]),
    ("visit", &["billing", "clinical", "sud_notes"]),
];
const CLASSES: [&str; 5] = ["billing", "clinical", "contact", "psychotherapy", "sud_notes"];
const ACTIONS: [Action; 3] = [Action::Create, Action::Read, Action::Search];
const PURPOSES: [Purpose; 3] = [Purpose::Treatment, Purpose::Payment, Purpose::PublicHealth];
const ROLES: usize = 4;

fn views() -> Vec<ResourceView<'static>> {
    let records = RECORDS.iter();
    let view = |(record, classes): &(&'static str, &'static [&'static str])| ResourceView {
        record,
        fields: classes.iter().map(|class| (*class, *class)).collect(),
        has_tenant: true,
        has_owner: true,
    };
    records.map(view).collect()
}

/// A rule as a person says it. An empty list is `all`.
#[derive(Clone, Debug)]
struct Said {
    role: usize,
    scope: Option<Scope>,
    actions: Vec<Action>,
    records: Vec<&'static str>,
    classes: Vec<&'static str>,
    purposes: Vec<Purpose>,
}

#[derive(Clone, Debug)]
struct SaidPolicy {
    /// For each role, earlier roles.
    inherits: Vec<Vec<usize>>,
    rules: Vec<Said>,
}

fn has(record: &str, class: &str) -> bool {
    RECORDS.iter().any(|(label, classes)| *label == record && classes.contains(&class))
}

fn rule() -> impl Strategy<Value = Said> {
    let scope = prop::option::weighted(0.7, prop::sample::select(Scope::ALL.to_vec()));
    let labels = RECORDS.map(|(label, _)| label).to_vec();
    (
        0..ROLES,
        scope,
        subsequence(ACTIONS.to_vec(), 0..=3),
        subsequence(labels, 0..=3),
        subsequence(CLASSES.to_vec(), 0..=5),
        subsequence(PURPOSES.to_vec(), 0..=3),
    )
        .prop_map(|(role, scope, mut actions, mut records, mut classes, mut purposes)| {
            if scope.is_some() {
                // What an allow rule must list, it lists.
                let first = |list: bool, n: usize| if list { n } else { 0 };
                actions.extend_from_slice(&ACTIONS[..first(actions.is_empty(), 1)]);
                let labels = RECORDS.map(|(label, _)| label);
                records.extend_from_slice(&labels[..first(records.is_empty(), 2)]);
                purposes.extend_from_slice(&PURPOSES[..first(purposes.is_empty(), 1)]);
            }
            if !classes.is_empty() {
                // Classes and records that never meet are refused; `fit` tests it.
                let all = RECORDS.map(|(label, _)| label).to_vec();
                let named = if records.is_empty() { &all } else { &records };
                classes.retain(|class| named.iter().any(|record| has(record, class)));
                records.retain(|record| classes.iter().any(|class| has(record, class)));
                if records.is_empty() && scope.is_some() {
                    (records, classes) = (vec!["visit"], vec!["billing"]);
                }
            }
            Said { role, scope, actions, records, classes, purposes }
        })
}

fn policy() -> impl Strategy<Value = SaidPolicy> {
    let parents = |n: usize| subsequence((0..n).collect::<Vec<_>>(), 0..=n);
    let inherits = (parents(0), parents(1), parents(2), parents(3));
    let rules = prop::collection::vec(rule(), 0..10);
    (inherits, rules)
        .prop_map(|((a, b, c, d), rules)| SaidPolicy { inherits: vec![a, b, c, d], rules })
}

fn list(names: &[impl ToString]) -> String {
    if names.is_empty() {
        return "\"all\"".into();
    }
    let quoted: Vec<_> = names.iter().map(|n| format!("\"{}\"", n.to_string())).collect();
    format!("[{}]", quoted.join(","))
}

/// The policy as text, and for each line the rule that stands on it.
fn write(policy: &SaidPolicy, without: &BTreeSet<usize>) -> (String, Vec<Option<usize>>) {
    let mut lines = vec![(String::from("version = 1"), None)];
    for (role, parents) in policy.inherits.iter().enumerate() {
        lines.push((format!("[roles.r{role}]"), None));
        let parents: Vec<_> = parents.iter().map(|n| format!("\"r{n}\"")).collect();
        lines.push((format!("inherits = [{}]", parents.join(",")), None));
        for is_deny in [true, false] {
            let key = if is_deny { "deny" } else { "allow" };
            lines.push((format!("{key} = ["), None));
            for (number, rule) in policy.rules.iter().enumerate() {
                if rule.role != role || rule.scope.is_none() != is_deny || without.contains(&number)
                {
                    continue;
                }
                let scope = rule.scope.map(|scope| format!("scope=\"{scope}\","));
                let line = format!(
                    "{{actions={},resources={},classes={},{}purposes={}}},",
                    list(&rule.actions),
                    list(&rule.records),
                    list(&rule.classes),
                    scope.unwrap_or_default(),
                    list(&rule.purposes)
                );
                lines.push((line, Some(number)));
            }
            lines.push((String::from("]"), None));
        }
    }
    let (text, rules): (Vec<_>, _) = lines.into_iter().unzip();
    (text.join("\n"), rules)
}

/// Binds the policy; rules that are reported as unused are taken out, and nothing else.
fn bind(policy: &SaidPolicy) -> (CompiledPolicy, usize) {
    let (text, lines) = write(policy, &BTreeSet::new());
    let read = Policy::from_toml(&text).expect("sound in itself");
    let error = match compile(&read, &views()) {
        Ok(bound) => return (bound, 0),
        Err(error) => error,
    };
    let unused: BTreeSet<_> = error
        .faults()
        .iter()
        .map(|fault| {
            let kind = fault.kind();
            let is_unused =
                matches!(kind, PolicyFaultKind::DeniedRule | PolicyFaultKind::RepeatedRule { .. });
            assert!(is_unused, "{error:#}\n{text}");
            let line = fault.position().expect("a place").line() as usize;
            lines[line - 1].expect("a rule")
        })
        .collect();
    let (text, _) = write(policy, &unused);
    let read = Policy::from_toml(&text).expect("sound in itself");
    let bound = compile(&read, &views()).expect("without them nothing is unused");
    (bound, unused.len())
}

/// One question: role, record, class, action, purpose, rows.
type Question = (usize, &'static str, &'static str, Action, Purpose, Scope);

fn questions() -> Vec<Question> {
    let mut all = Vec::new();
    for role in 0..ROLES {
        for (record, classes) in RECORDS {
            for class in classes {
                for action in Action::ALL {
                    for purpose in Purpose::ALL {
                        for scope in Scope::ALL {
                            all.push((role, record, *class, action, purpose, scope));
                        }
                    }
                }
            }
        }
    }
    all
}

/// Reads the rules one by one, as a person would.
fn is_allowed(policy: &SaidPolicy, question: Question) -> bool {
    let (role, record, class, action, purpose, rows) = question;
    let mut roles = vec![role];
    while let Some(next) =
        roles.iter().flat_map(|role| &policy.inherits[*role]).find(|parent| !roles.contains(parent))
    {
        roles.push(*next);
    }
    let mut allowed = false;
    for rule in &policy.rules {
        let is_reserved = ["psychotherapy", "part2", "sud_notes"].contains(&class);
        let any_class = rule.classes.is_empty() && (rule.scope.is_none() || !is_reserved);
        let applies = roles.contains(&rule.role)
            && (rule.actions.is_empty() || rule.actions.contains(&action))
            && (rule.records.is_empty() || rule.records.contains(&record))
            && (any_class || rule.classes.contains(&class))
            && (rule.purposes.is_empty() || rule.purposes.contains(&purpose));
        match rule.scope {
            None if applies => return false,
            Some(Scope::All) if applies => allowed = true,
            Some(Scope::Tenant) if applies && rows != Scope::All => allowed = true,
            Some(Scope::Own) if applies && rows == Scope::Own => allowed = true,
            _ => {}
        }
    }
    allowed
}

fn is_open(bound: &CompiledPolicy, question: Question) -> bool {
    let (role, record, class, action, purpose, rows) = question;
    let role = bound.role_index(&format!("r{role}")).expect("a role");
    let record = bound.resource_index(record).expect("a record");
    let class = bound.field_mask(record, class).expect("a field");
    bound.decide(role, record, action, purpose).classes(rows).contains(class)
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 96,
        rng_seed: RngSeed::Fixed(3),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_table_says_what_the_rules_say_with_and_without_the_unused_ones(policy in policy()) {
        let (bound, _) = bind(&policy);
        for question in questions() {
            prop_assert_eq!(is_open(&bound, question), is_allowed(&policy, question), "{:?}", question);
        }
    }

    #[test]
    fn an_explanation_says_what_the_table_says(policy in policy()) {
        let (bound, _) = bind(&policy);
        for question in questions() {
            let (role, record, class, action, purpose, rows) = question;
            let told = bound.explain(&format!("r{role}"), action, record, Some(class), purpose);
            prop_assert_eq!(told.verdicts().len(), 1);
            let is_told = match told.verdicts()[0].reason() {
                Reason::Allowed { scope, .. } => *scope >= rows,
                _ => false,
            };
            prop_assert_eq!(is_told, is_open(&bound, question), "{}", told);
        }
    }

    #[test]
    fn another_allow_rule_never_takes_and_another_deny_rule_never_gives(
        policy in policy(),
        added in rule(),
    ) {
        let mut more = policy.clone();
        let is_deny = added.scope.is_none();
        more.rules.push(added);
        let (before, _) = bind(&policy);
        let (after, _) = bind(&more);
        for question in questions() {
            let (before, after) = (is_open(&before, question), is_open(&after, question));
            let holds = if is_deny { before || !after } else { after || !before };
            prop_assert!(holds);
        }
    }
}

/// The properties above are not about empty policies.
#[test]
fn the_samples_open_something_close_something_and_have_unused_rules() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut open, mut closed, mut unused) = (0, 0, 0);
    for _ in 0..40 {
        let sample = policy().new_tree(&mut runner).expect("a sample").current();
        let (bound, taken) = bind(&sample);
        unused += taken;
        for question in questions() {
            *(if is_open(&bound, question) { &mut open } else { &mut closed }) += 1;
        }
    }
    assert!(open > 1000 && closed > 1000 && unused > 20, "{open} {closed} {unused}");
}
