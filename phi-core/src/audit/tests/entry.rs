//! A leaf's bytes and what is refused.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use uuid::Uuid;

use super::event::{EXAMPLE, any_event};
use super::{event, writer};
use crate::audit::merkle::Hash;
use crate::audit::{Entry, EntryError, Event, EventError};

/// The frame of FORMAT.md's worked example.
const HEAD: &str = concat!(
    r#"{"v":1,"index":7,"tenant_seq":3,"writer":"01920000-0000-7000-8000-000000000001","#,
    r#""writer_seq":5,"event":"#
);

fn example() -> Vec<u8> {
    [HEAD.as_bytes(), EXAMPLE.as_bytes(), b"}"].concat()
}

#[test]
fn the_worked_example_has_these_bytes_and_this_hash() {
    let leaf = Entry::assemble(7, Some(3), writer(1), 5, EXAMPLE.as_bytes()).unwrap();
    assert_eq!(leaf, example());
    let entry = Entry::parse(&leaf).unwrap();
    assert_eq!((entry.index, entry.tenant_seq), (7, Some(3)));
    assert_eq!((entry.writer, entry.writer_seq), (writer(1), 5));
    assert_eq!(entry.event, EXAMPLE.as_bytes());
    assert_eq!(entry.decode_event().unwrap(), super::event::example());
    // printf '\0' and the leaf, through sha256sum.
    assert_eq!(
        Hash::of_leaf(&leaf).to_string(),
        "0fa1e1ba27eb5d2c17551510c68800d03ec75650a8218eaed61b78fe21120afd"
    );
}

#[test]
fn any_deviation_from_the_frame_is_refused() {
    let refuse = |from: &str, to: &str| {
        let text = String::from_utf8(example()).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        Entry::parse(changed.as_bytes()).unwrap_err()
    };
    assert!(Entry::parse(&example()).is_ok()); // control
    for (from, to) in [
        (r#"{"v":1"#, r#"{"v":2"#),
        (r#"{"v":1"#, r#" {"v":1"#),
        (r#"{"v":1,"#, r#"{"v":1,"new":1,"#),
        (r#""index":7"#, r#""index":07"#),
        (r#""index":7"#, r#""index":+7"#),
        (r#""index":7"#, r#""index":-7"#),
        (r#""index":7"#, r#""index": 7"#),
        (r#""index":7"#, r#""index":"#),
        (r#""index":7"#, r#""index":18446744073709551616"#),
        (r#""index":7"#, r#""index":7e0"#),
        (r#""writer_seq":5"#, r#""writer_seq":00"#),
        ("01920000-0000-7000-8000-00000000000", "01920000-0000-7000-8000-0000000000A"),
        ("01920000-0000-7000-8000-", "01920000000070008000----"),
        (r#","event":{"#, r#","event": {"#),
        (r#""of":2}}}"#, r#""of":2}} }"#),
        (r#""of":2}}}"#, r#""of":2}}}x"#),
        (r#""of":2}}}"#, "\"of\":2}}}\n"),
    ] {
        assert_eq!(refuse(from, to), EntryError::Malformed, "{to}");
    }
    assert_eq!(refuse(r#","tenant_seq":3"#, ""), EntryError::Tenant);
    assert_eq!(refuse(r#""tenant":"clinic-a","#, ""), EntryError::Tenant);
    assert_eq!(refuse(r#""of":2}}}"#, r#""of":2}}"#), EntryError::Event(EventError::Malformed));
    let large = refuse(r#""of":2}}}"#, &format!(r#""of":2}}}}{}}}"#, " ".repeat(65_535)));
    assert_eq!(large, EntryError::TooLarge);
}

#[test]
fn a_tenants_number_without_a_tenant_is_not_written() {
    let (with, without) = (event(1, Some("a")).encode(), event(1, None).encode());
    assert!(Entry::assemble(0, Some(0), writer(1), 0, &with).is_ok());
    assert!(Entry::assemble(0, None, writer(1), 0, &without).is_ok());
    for (seq, event) in [(None, &with), (Some(0), &without)] {
        assert_eq!(Entry::assemble(0, seq, writer(1), 0, event), Err(EntryError::Tenant));
    }
    let refused = Entry::assemble(0, None, writer(1), 0, b"{}");
    assert_eq!(refused, Err(EntryError::Event(EventError::Malformed)));
}

proptest! {
    #[test]
    fn parse_gives_back_what_was_assembled(
        index in any::<u64>(),
        seq in any::<u64>(),
        writer_seq in any::<u64>(),
        writer in any::<u128>(),
        event in any_event(),
    ) {
        let bytes = event.encode();
        prop_assume!(bytes.len() <= Event::MAX_BYTES);
        let tenant_seq = event.tenant.as_ref().map(|_| seq);
        let writer = Uuid::from_u128(writer);
        let leaf = Entry::assemble(index, tenant_seq, writer, writer_seq, &bytes).unwrap();
        prop_assert!(leaf.len() <= Entry::MAX_BYTES);
        let entry = Entry::parse(&leaf).unwrap();
        prop_assert_eq!((entry.index, entry.tenant_seq), (index, tenant_seq));
        prop_assert_eq!((entry.writer, entry.writer_seq, entry.event), (writer, writer_seq, &bytes[..]));
    }

    #[test]
    fn any_bytes_are_a_leaf_or_an_error(bytes in vec(any::<u8>(), 0..300), framed in any::<bool>()) {
        let leaf = if framed { [HEAD.as_bytes(), &bytes, b"}"].concat() } else { bytes };
        let _ = Entry::parse(&leaf);
    }

    #[test]
    fn what_parses_is_what_would_be_written(at in 0..120_usize, byte in of(0x20..0x7f_u8)) {
        let mut leaf = example();
        match byte {
            Some(byte) => leaf[at] = byte,
            None => drop(leaf.remove(at)),
        }
        if let Ok(entry) = Entry::parse(&leaf) {
            let Entry { index, tenant_seq, writer, writer_seq, event, .. } = entry;
            prop_assert_eq!(Entry::assemble(index, tenant_seq, writer, writer_seq, event).unwrap(), leaf);
        }
    }
}
