//! The two readers of an event agree.

use proptest::prelude::*;

use super::event::{EXAMPLE, any_event, example};
use crate::audit::event::Facts;
use crate::audit::{Event, EventError};

/// What `Event::decode`, which knows nothing of the quick reader, says of the same bytes.
fn slow(bytes: &[u8]) -> Result<(Option<String>, Option<String>), EventError> {
    let event = Event::decode(bytes)?;
    let reason = event.reason.map(|reason| reason.as_str().to_owned());
    Ok((event.tenant.map(|tenant| tenant.as_str().to_owned()), reason))
}

fn texts(facts: Facts<'_>) -> (Option<String>, Option<String>) {
    (facts.tenant.map(String::from), facts.reason.map(String::from))
}

/// The worked example without the two characters that need an escape: the usual form.
fn usual() -> String {
    EXAMPLE.replace(r#"\"quoted\" \\ "#, "")
}

#[test]
fn the_usual_form_is_read_in_one_pass_and_escapes_are_left_to_the_other_reader() {
    let facts = Facts::of_canonical(usual().as_bytes()).map(texts);
    let expected = (Some("clinic-a".to_owned()), Some("break-glass-closed".to_owned()));
    assert_eq!(facts, Some(expected.clone()));
    assert_eq!(Facts::of_canonical(EXAMPLE.as_bytes()), None);
    assert_eq!(Facts::read(EXAMPLE.as_bytes()).map(texts), Ok(expected));
    let mut small = example();
    (small.client.address, small.searches) = (None, Vec::new());
    (small.tenant, small.reason, small.part) = (None, None, None);
    small.client.agent = None;
    assert_eq!(Facts::of_canonical(&small.encode()).map(texts), Some((None, None)));
}

#[test]
fn what_the_other_reader_refuses_this_one_does_not_accept() {
    let usual = usual();
    assert!(Facts::of_canonical(usual.as_bytes()).is_some()); // control
    for (from, to) in [
        (r#""n":1"#, r#""n":0"#),
        (r#""n":1"#, r#""n":3"#),
        (r#""of":2"#, r#""of":4294967296"#),
        (r#""of":2"#, r#""of":02"#),
        (r#""count":2"#, r#""count":18446744073709551616"#),
        (r#""count":2"#, r#""count":"#),
        (r#""ssn":"0f"#, r#""ssn":"0F"#),
        (r#""name":"null""#, r#""ssn":"null""#),
        (r#""name":"null""#, r#""name":"nul""#),
        (r#""U""#, r#""""#),
        ("-7bab", "-4bab"),
        ("2026-11-22", "2026-02-30"),
        ("192.0.2.7", "192.0.2.7\u{202e}"),
        ("r-0001", &"r".repeat(65)),
        ("nurse", &"n".repeat(256)),
        (r#""fields":["name","ssn"]"#, r#""fields":[]"#), // an event, but not the usual form
        (r#""fields":["name","ssn"]"#, r#""fields":["name",]"#),
        (r#""of":2}}"#, r#""of":2}"#),
        (r#""of":2}}"#, r#""of":2}}}"#),
    ] {
        let changed = usual.replacen(from, to, 1);
        assert_ne!(changed, usual);
        assert_eq!(Facts::of_canonical(changed.as_bytes()), None, "{to}");
        assert_eq!(Facts::read(changed.as_bytes()).map(texts), slow(changed.as_bytes()), "{to}");
    }
}

proptest! {
    #[test]
    fn both_readers_agree_on_every_event(event in any_event()) {
        let bytes = event.encode();
        prop_assert_eq!(Facts::read(&bytes).map(texts), slow(&bytes));
        let plain = !bytes.contains(&b'\\') && bytes.len() <= Event::MAX_BYTES;
        prop_assert_eq!(Facts::of_canonical(&bytes).is_some(), plain);
    }

    #[test]
    fn both_readers_agree_on_every_change(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0..12_usize,
        other in any::<prop::sample::Index>(), paste in 0..40_usize,
    ) {
        let mut bytes = usual().into_bytes();
        let (at, other) = (at.index(bytes.len()), other.index(bytes.len()));
        let pasted: Vec<u8> = bytes.iter().skip(other).take(paste).copied().collect();
        match cut {
            0 => bytes[at] = byte,
            1 => drop(bytes.splice(at..at, pasted)),
            cut => drop(bytes.drain(at..(at + cut).min(usual().len()))),
        }
        prop_assert_eq!(Facts::read(&bytes).map(texts), slow(&bytes));
    }

    #[test]
    fn both_readers_agree_on_every_change_of_punctuation(
        at in any::<prop::sample::Index>(), mark in "[\"{}\\[\\],:0-9a\\\\ ]{0,3}", len in 0..3_usize,
    ) {
        let mut bytes = usual().into_bytes();
        let at = at.index(bytes.len() - 2);
        bytes.splice(at..at + len, mark.bytes());
        prop_assert_eq!(Facts::read(&bytes).map(texts), slow(&bytes));
    }
}
