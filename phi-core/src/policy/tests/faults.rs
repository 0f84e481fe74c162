//! Every fault of a text, with its line and column.

use crate::policy::Policy;

const SOUND: &str = r#"version = 1

[roles.staff]

[roles.clinician]
title = "Clinician"
inherits = ["staff"]
allow = [
  { actions = ["read"], resources = ["patient"], classes = ["contact"], scope = "tenant", purposes = ["TREAT"] },
]
deny = [
  { actions = ["read"], resources = "all", classes = ["clinical"], purposes = ["HPAYMT"] },
]
"#;

/// What is said when a piece of the sound policy is written differently; each fault on a line.
#[track_caller]
fn said(piece: &str, instead: &str) -> String {
    assert!(Policy::from_toml(SOUND).is_ok(), "the control must pass");
    assert_eq!(SOUND.matches(piece).count(), 1, "{piece} must stand once");
    let text = SOUND.replace(piece, instead);
    let error = Policy::from_toml(&text).expect_err("must be refused");
    let all = format!("{error:#}");
    let faults = all.strip_prefix("policy refused\n").expect("a head line");
    faults.to_owned()
}

#[test]
fn text_that_is_not_toml_is_refused_without_the_parsers_words() {
    let syntax = "not valid TOML, or a key written twice";
    for (piece, instead, at) in [
        ("version = 1", "version = ", "line 1, column 11"),
        ("[roles.staff]", "[roles.staff", "line 3, column 13"),
        ("[roles.staff]", "[roles.clinician]", "line 5, column 8"),
        ("[\"staff\"]", "[\"staff\"", "line 8, column 1"),
        ("\"Clinician\"", "Canary-7431", "line 6, column 9"),
    ] {
        let said = said(piece, instead);
        assert_eq!(said, format!("{at}: {syntax}"), "for {instead}");
    }
}

#[test]
fn a_version_that_is_not_1_is_refused() {
    let expected = "line 1, column 11: unknown policy version; write `version = 1`";
    for version in ["2", "0", "-1", "+1", "0x1", "1.0", "\"1\"", "[1]"] {
        let said = said("version = 1", &format!("version = {version}"));
        assert_eq!(said, expected, "for {version}");
    }
}

#[test]
fn missing_keys_are_told_at_the_place_that_lacks_them() {
    assert_eq!(said("version = 1\n", "\n"), "line 1, column 1: `version` is missing; write it out");
    let empty = Policy::from_toml("").expect_err("nothing is there");
    assert_eq!(
        format!("{empty:#}"),
        "policy refused\n\
         line 1, column 1: `version` is missing; write it out\n\
         line 1, column 1: `roles` is missing; write it out"
    );
    for (piece, key) in [
        ("actions = [\"read\"], resources = [\"patient\"]", "actions"),
        ("resources = [\"patient\"], ", "resources"),
        ("classes = [\"contact\"], ", "classes"),
        ("scope = \"tenant\", ", "scope"),
        (", purposes = [\"TREAT\"]", "purposes"),
    ] {
        let instead = if key == "actions" { "resources = [\"patient\"]" } else { "" };
        assert_eq!(
            said(piece, instead),
            format!("line 9, column 3: `{key}` is missing; write it out")
        );
    }
    // A deny rule holds for every row, so it needs no scope; the rest it does need.
    assert_eq!(
        said(", purposes = [\"HPAYMT\"]", ""),
        "line 12, column 3: `purposes` is missing; write it out"
    );
}

#[test]
fn rules_as_tables_are_told_at_their_heading() {
    let text = "version = 1\n[roles.staff]\n[[roles.staff.allow]]\nscope = \"own\"\n";
    let error = Policy::from_toml(text).expect_err("most keys are missing");
    assert_eq!(
        format!("{error:#}"),
        "policy refused\n\
         line 3, column 1: `actions` is missing; write it out\n\
         line 3, column 1: `resources` is missing; write it out\n\
         line 3, column 1: `classes` is missing; write it out\n\
         line 3, column 1: `purposes` is missing; write it out"
    );
}

#[test]
fn unknown_keys_are_refused_and_not_repeated() {
    assert_eq!(
        said("version = 1", "version = 1\nauthor = \"x\""),
        "line 2, column 1: unknown key; known here: `version`, `roles`"
    );
    assert_eq!(
        said("title =", "titel ="),
        "line 6, column 1: unknown key; known here: `title`, `inherits`, `allow`, `deny`"
    );
    assert_eq!(
        said("scope = \"tenant\"", "scope = \"tenant\", rows = 1"),
        "line 9, column 91: unknown key; known here: `actions`, `resources`, `classes`, `scope`, \
         `purposes`"
    );
    assert_eq!(
        said("resources = \"all\"", "resources = \"all\", rows = 1"),
        "line 12, column 44: unknown key; known here: `actions`, `resources`, `classes`, \
         `purposes`"
    );
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    for (piece, instead, expected) in [
        (
            "[\"staff\"]",
            "\"staff\"",
            "line 7, column 12: `inherits` has the wrong type; write a list of role names",
        ),
        (
            "[\"staff\"]",
            "[\"staff\", 7]",
            "line 7, column 22: `inherits` has the wrong type; write a list of role names",
        ),
        ("\"Clinician\"", "7", "line 6, column 9: `title` has the wrong type; write a text"),
        (
            "[\"contact\"]",
            "\"contact\"",
            "line 9, column 60: `classes` has the wrong type; write a list of texts",
        ),
        (
            "[\"contact\"]",
            "[\"contact\", true]",
            "line 9, column 72: `classes` has the wrong type; write a list of texts",
        ),
        (
            "\"tenant\"",
            "[\"tenant\"]",
            "line 9, column 81: `scope` has the wrong type; write a text",
        ),
        (
            "[roles.staff]",
            "[roles]\nstaff = 7",
            "line 4, column 1: `roles` has the wrong type; write each role as a table",
        ),
        (
            "[roles.staff]",
            "[roles.staff]\nallow = { actions = [] }",
            "line 4, column 9: `allow` has the wrong type; write a list of rules",
        ),
        (
            "[roles.staff]",
            "[roles.staff]\ndeny = [\"all\"]",
            "line 4, column 9: `deny` has the wrong type; write each rule as a table",
        ),
    ] {
        let said = said(piece, instead);
        let first = said.lines().next().expect("a fault");
        assert_eq!(first, expected, "for {instead}");
    }
    let error = Policy::from_toml("version = 1\nroles = 7").expect_err("no table");
    assert_eq!(
        error.to_string(),
        "policy refused: line 2, column 9: `roles` has the wrong type; write a table of roles"
    );
}

#[test]
fn words_outside_the_vocabulary_are_refused_and_not_repeated() {
    assert_eq!(
        said("{ actions = [\"read\"], resources = [", "{ actions = [\"canary\"], resources = ["),
        "line 9, column 16: unknown action; write one of create, read, update, delete, execute, \
         search"
    );
    assert_eq!(
        said("\"tenant\"", "\"canary\""),
        "line 9, column 81: unknown row scope; write one of own, tenant, all"
    );
    assert_eq!(
        said("\"HPAYMT\"", "\"BTG\""),
        "line 12, column 80: unknown purpose of use; write one of TREAT, ETREAT, CAREMGT, HPAYMT, \
         HOPERAT, PATADMIN, HSYSADMIN, HLEGAL, PATRQT, FAMRQT, PWATRNY, HRESCH, PUBHLTH"
    );
}

#[test]
fn names_that_would_not_print_plainly_are_refused() {
    let name = "name must have 1 to 64 letters a-z or A-Z, digits, `-`, `_` or `.`, \
                and not be `all`";
    let long = format!("\"{}\"", "a".repeat(65));
    for bad in ["\"\"", "\"a b\"", "\"a\\nb\"", "\"\u{202e}a\"", long.as_str()] {
        assert_eq!(said("\"patient\"", bad), format!("line 9, column 38: {name}"));
        assert_eq!(
            said("[roles.staff]", &format!("[roles.{bad}]")).lines().next(),
            Some(&*format!("line 3, column 8: {name}"))
        );
    }
    assert_eq!(said("[\"staff\"]", "[\"staff\", \"a b\"]"), format!("line 7, column 22: {name}"));
    assert_eq!(
        said("[roles.staff]", "[roles.staff]\n[roles.all]"),
        format!("line 4, column 8: {name}")
    );
}

#[test]
fn titles_that_could_make_a_table_lie_are_refused() {
    let long = "a".repeat(129);
    for bad in ["", " ", "a\\nb", "a\u{202e}b", "\u{200b}", long.as_str()] {
        assert_eq!(
            said("\"Clinician\"", &format!("\"{bad}\"")),
            "line 6, column 9: title must have 1 to 128 printable characters"
        );
    }
}

#[test]
fn lists_that_say_nothing_or_something_twice_are_refused() {
    for (piece, instead, expected) in [
        (
            "[\"patient\"]",
            "[]",
            "line 9, column 37: `resources` is empty; fill it or remove the rule",
        ),
        (
            "[\"TREAT\"]",
            "[\"TREAT\", \"ETREAT\", \"TREAT\"]",
            "line 9, column 122: entry stands twice in `purposes`; remove one",
        ),
        (
            "[\"contact\"]",
            "[\"contact\", \"contact\"]",
            "line 9, column 72: entry stands twice in `classes`; remove one",
        ),
        (
            "[\"staff\"]",
            "[\"staff\", \"staff\"]",
            "line 7, column 22: entry stands twice in `inherits`; remove one",
        ),
        (
            "[\"contact\"]",
            "[\"all\"]",
            "line 9, column 61: `all` is no entry of a list; write `classes = \"all\"`",
        ),
        (
            "[\"patient\"]",
            "\"all\"",
            "line 9, column 37: an allow rule must list its resources; `all` is for classes and \
             for deny rules",
        ),
        (
            "[\"TREAT\"]",
            "\"all\"",
            "line 9, column 102: an allow rule must list its purposes; `all` is for classes and \
             for deny rules",
        ),
        (
            "classes = [\"clinical\"]",
            "classes = [\"clinical\"], scope = \"own\"",
            "line 12, column 68: a deny rule has no scope: it holds for every row",
        ),
    ] {
        assert_eq!(said(piece, instead), expected, "for {instead}");
    }
}

#[test]
fn inheritance_must_lead_to_roles_and_end() {
    assert_eq!(
        said("[\"staff\"]", "[\"nurse\"]"),
        "line 7, column 13: role `nurse` is not defined"
    );
    assert_eq!(
        said("[\"staff\"]", "[\"clinician\"]"),
        "line 7, column 13: role `clinician` inherits itself"
    );
    // Roles that lead into a circle are not on it.
    let text = "version = 1\n\
                [roles.a]\ninherits = [\"b\"]\n\
                [roles.b]\ninherits = [\"d\", \"c\"]\n\
                [roles.c]\ninherits = [\"b\"]\n\
                [roles.d]\n";
    let error = Policy::from_toml(text).expect_err("b and c make a circle");
    assert_eq!(
        format!("{error:#}"),
        "policy refused\n\
         line 5, column 18: role `b` inherits itself\n\
         line 7, column 13: role `c` inherits itself"
    );
    // Two ways to one role are no circle.
    let diamond = text.replace("[roles.c]\ninherits = [\"b\"]", "[roles.c]\ninherits = [\"d\"]");
    assert!(Policy::from_toml(&diamond).is_ok());
}

#[test]
fn all_faults_of_a_text_are_told_at_once_in_its_order() {
    let text = "version = 2\n[roles.a]\ninherits = [\"x\"]\ntitle = \"\"\ncolour = 1\n";
    let error = Policy::from_toml(text).expect_err("four faults");
    assert_eq!(
        format!("{error:#}"),
        "policy refused\n\
         line 1, column 11: unknown policy version; write `version = 1`\n\
         line 3, column 13: role `x` is not defined\n\
         line 4, column 9: title must have 1 to 128 printable characters\n\
         line 5, column 1: unknown key; known here: `title`, `inherits`, `allow`, `deny`"
    );
    assert_eq!(
        error.to_string(),
        "policy refused: line 1, column 11: unknown policy version; write `version = 1` \
         (faults in all: 4)"
    );
    assert_eq!(error.faults().len(), 4);
}

#[test]
fn columns_count_characters_and_lines_end_as_windows_ends_them() {
    let text = "\u{feff}version = 1\r\n[roles.\"é\"]\r\n";
    let error = Policy::from_toml(text).expect_err("a name is ASCII");
    let at = error.faults()[0].position().expect("a place");
    assert_eq!((at.line(), at.column(), at.file()), (2, 8, None));
    let error = Policy::from_toml("\u{feff}version = 2\n[roles]").expect_err("no such version");
    let at = error.faults()[0].position().expect("a place");
    assert_eq!((at.line(), at.column()), (1, 11));
    let long = "é".repeat(1000);
    let text = format!("version = 1\n[roles.a]\ntitle = \"{long}\" # {long}\nx = \"{long}\" y\n");
    let error = Policy::from_toml(&text).expect_err("a stray letter");
    let at = error.faults()[0].position().expect("a place");
    assert_eq!((at.line(), at.column()), (4, 1008));
}

#[test]
fn sizes_are_bounded() {
    let many = |count: usize| {
        let roles: Vec<_> = (0..count).map(|n| format!("[roles.r{n}]\n")).collect();
        format!("version = 1\n{}", roles.concat())
    };
    assert!(Policy::from_toml(&many(256)).is_ok());
    let error = Policy::from_toml(&many(257)).expect_err("one role too many");
    assert_eq!(
        error.to_string(),
        "policy refused: line 258, column 8: too many roles; the most is 256"
    );

    let rule = "{actions=[\"read\"],resources=[\"a\"],classes=\"all\",scope=\"own\",purposes=[\"TREAT\"]},\n";
    let many = |count: usize| format!("version = 1\n[roles.a]\nallow = [\n{}]", rule.repeat(count));
    assert!(Policy::from_toml(&many(4096)).is_ok());
    let error = Policy::from_toml(&many(4097)).expect_err("one rule too many");
    assert_eq!(
        error.to_string(),
        "policy refused: line 4100, column 1: too many rules; the most is 4096"
    );

    let text = format!("{SOUND}#{}", "x".repeat((1 << 20) - SOUND.len() - 1));
    assert!(Policy::from_toml(&text).is_ok());
    let error = Policy::from_toml(&(text + "x")).expect_err("one byte too many");
    assert_eq!(
        error.to_string(),
        "policy refused: policy is too long; keep it under 1048576 bytes"
    );

    let text = format!("version = 1\n[roles.a]\ninherits = [{}]", "\"b\",".repeat(1000));
    let error = Policy::from_toml(&text).expect_err("1000 faults");
    assert_eq!(error.faults().len(), 256);
}
