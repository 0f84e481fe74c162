//! The table a privacy officer reads.

use super::bind;

const TEXT: &str = r#"
version = 1

[roles.visitor]

[roles.driver]
title = "Driver"
allow = [
  { actions = ["read"], resources = ["patient"], classes = ["contact"], scope = "own", purposes = ["TREAT"] },
]

[roles.case_manager]
title = "Case manager"
inherits = ["driver"]
allow = [
  { actions = ["read", "update"], resources = ["patient"], classes = ["contact"], scope = "tenant", purposes = ["TREAT", "HOPERAT"] },
  { actions = ["read"], resources = ["patient"], classes = ["clinical", "psychotherapy"], scope = "own", purposes = ["TREAT"] },
  { actions = ["search"], resources = ["visit"], classes = "all", scope = "all", purposes = ["HPAYMT"] },
]
deny = [
  { actions = ["update"], resources = "all", classes = "all", purposes = ["HOPERAT"] },
]
"#;

const TABLE: &str = "\
role                         record   action  purpose  classes@rows
visitor                      -        -       -        -
driver (Driver)              patient  read    TREAT    contact@own
case_manager (Case manager)  patient  read    TREAT    contact@tenant clinical,psychotherapy@own
case_manager (Case manager)  patient  read    HOPERAT  contact@tenant
case_manager (Case manager)  patient  update  TREAT    contact@tenant
case_manager (Case manager)  visit    search  HPAYMT   billing,clinical@all
";

#[test]
fn the_whole_policy_is_one_table() {
    let policy = bind(TEXT).expect("sound");
    assert_eq!(policy.matrix().to_string(), TABLE);
    // Without the deny rule the table says so.
    let open = TEXT.replace("deny = [", "deny = []\nx = [").replace("x = [\n  {", "# {");
    let open = open.replace("purposes = [\"HOPERAT\"] },\n]", "purposes = [\"HOPERAT\"] },");
    let open = bind(&open).expect("sound");
    let row = "update  TREAT,HOPERAT  contact@tenant\n";
    assert!(open.matrix().to_string().contains(row));
    assert!(!TABLE.contains(row));
}
