//! Any text ends in a policy or an error.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::records;
use crate::policy::{Policy, compile};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 512,
        rng_seed: RngSeed::Fixed(17),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Pieces that a policy is made of, so that chance gets past the first line.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "version = 1\n",
        "[roles]\n",
        "[roles.a]\n",
        "[roles.b]\n",
        "[[roles.a.allow]]\n",
        "[[roles.b.deny]]\n",
        "inherits = [\"a\"]\n",
        "inherits = [\"b\", \"a\"]\n",
        "title = \"A\"\n",
        "actions = [\"read\"]\n",
        "actions = \"all\"\n",
        "resources = [\"patient\"]\n",
        "resources = [\"visit\", \"patient\"]\n",
        "classes = [\"contact\"]\n",
        "classes = \"all\"\n",
        "scope = \"own\"\n",
        "scope = \"tenant\"\n",
        "purposes = [\"TREAT\"]\n",
        "allow = [\n",
        "{ actions = [",
        "]",
        "}",
        "\"",
        "'''",
        "=",
        ".",
        "\u{feff}",
        "é\n",
        "\r\n",
        "\0",
        "# ",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Ends in a value or an error that has at least one fault, none beyond the text.
fn try_out(text: &str) -> bool {
    let lines = text.split('\n').count();
    let result = Policy::from_toml(text).and_then(|policy| compile(&policy, &records()));
    if let Err(error) = &result {
        assert!(!error.faults().is_empty());
        for fault in error.faults() {
            if let Some(at) = fault.position() {
                assert!(at.column() >= 1 && (1..=lines).contains(&(at.line() as usize)));
            }
        }
        assert_eq!(error.to_string().lines().count(), 1);
        assert_eq!(format!("{error:#}").lines().count(), 1 + error.faults().len());
    }
    result.is_ok()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_characters(text in "\\PC*|(?s:.*)") {
        try_out(&text);
    }

    #[test]
    fn any_pieces(text in pieces()) {
        try_out(&text);
    }

    #[test]
    fn any_sound_text_with_a_piece_changed(at in 0..400_usize, len in 0..30_usize, put in "\\PC{0,5}") {
        let text = "version = 1\n[roles.b]\ninherits = [\"a\"]\n[roles.a]\ntitle = \"A\"\n\
            [[roles.a.allow]]\nactions = [\"read\"]\nresources = [\"patient\"]\n\
            classes = [\"contact\"]\nscope = \"own\"\npurposes = [\"TREAT\"]\n\
            [[roles.a.deny]]\nactions = \"all\"\nresources = [\"visit\"]\nclasses = \"all\"\n\
            purposes = [\"HPAYMT\"]\n";
        prop_assert!(try_out(text), "the control must pass");
        let mut changed: Vec<char> = text.chars().collect();
        let start = at.min(changed.len());
        let end = (start + len).min(changed.len());
        changed.splice(start..end, put.chars());
        try_out(&changed.into_iter().collect::<String>());
    }
}

#[test]
fn shapes_that_grow_are_answered() {
    let n = 20_000;
    for (text, is_sound) in [
        ("[".repeat(n), false),
        (format!("a = {}", "[".repeat(n)), false),
        (format!("a = {}{}", "{a=".repeat(n), "}".repeat(n)), false),
        (format!("{}=1", vec!["a"; n].join(".")), false),
        (format!("[{}]", vec!["a"; n].join(".")), false),
        ("[[roles]]\n".repeat(n), false),
        ("version = 1\n".repeat(n), false),
        (format!("version = 1\nroles = \"{}", "\\u".repeat(n)), false),
        (format!("version = 1\n[roles]\n{}", "\n".repeat(n)), true),
    ] {
        assert_eq!(try_out(&text), is_sound);
    }
}
