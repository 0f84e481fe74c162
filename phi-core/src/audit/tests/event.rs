//! An event's bytes and what is refused.

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;

use super::{event, time};
use crate::audit::{
    Action, Client, Code, ContentHash, Event, EventError, EventId, EventTime, Id, Item, Outcome,
    Part, Principal, PrincipalKind, Printable, Reason, Search,
};

/// The worked example of FORMAT.md: every key there is.
pub(super) fn example() -> Event {
    let time = time("2026-11-22T08:15:00.00025Z");
    let mut event =
        Event::new(EventId::new(time, [0xab; 10]), time, Action::Update, Outcome::Success);
    event.principal = Some(Principal { id: "u-17".into(), kind: PrincipalKind::Person });
    event.role = Some("nurse".into());
    event.membership = Some("m-3".into());
    event.tenant = Some("clinic-a".into());
    event.purpose = Some(Code::new("TREAT").unwrap());
    event.reason = Some(Reason::BreakGlassClosed);
    event.route = Some("PUT /patients/{id}".into());
    event.request = Some(Printable::clean("r-0001"));
    event.client = Client {
        address: Some(Printable::clean("192.0.2.7")),
        agent: Some(Printable::clean("Browser/1 \"quoted\" \\ Zürich")),
    };
    event.break_glass = Some("bg-9".into());
    event.count = Some(2);
    let mut item = Item::new("patient", 42_i64).with_subject("s-42").with_fields(["name", "ssn"]);
    item.hashes.insert("ssn".into(), ContentHash::Sha256([0x0f; 32]));
    item.hashes.insert("name".into(), ContentHash::Null);
    event.items.push(item);
    event.searches.push(Search { record: "patient".into(), field: "ssn".into(), hits: 1 });
    event.part = Some(Part { n: 1, of: 2 });
    event
}

pub(super) const EXAMPLE: &str = concat!(
    r#"{"id":"01a20252-a3a0-7bab-abab-abababababab","time":"2026-11-22T08:15:00.000250Z","#,
    r#""principal":{"id":"u-17","kind":"person"},"role":"nurse","membership":"m-3","#,
    r#""tenant":"clinic-a","action":"U","purpose":"TREAT","outcome":"success","#,
    r#""reason":"break-glass-closed","route":"PUT /patients/{id}","request":"r-0001","#,
    r#""client":{"address":"192.0.2.7","agent":"Browser/1 \"quoted\" \\ Zürich"},"#,
    r#""break_glass":"bg-9","count":2,"items":[{"subject":"s-42","record":"patient","#,
    r#""id":"42","fields":["name","ssn"],"hashes":{"name":"null","#,
    r#""ssn":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"}}],"#,
    r#""searches":[{"record":"patient","field":"ssn","hits":1}],"part":{"n":1,"of":2}}"#,
);

const SMALL: &str = r#"{"id":"01a20252-a3a0-7bab-abab-abababababab","time":"2026-11-22T08:15:00.000250Z","action":"R","outcome":"denied"}"#;

#[test]
fn the_worked_example_has_these_bytes() {
    assert_eq!(String::from_utf8(example().encode()).unwrap(), EXAMPLE);
    assert_eq!(Event::decode(EXAMPLE.as_bytes()).unwrap(), example());
}

#[test]
fn what_is_absent_is_left_out() {
    let time = time("2026-11-22T08:15:00.00025Z");
    let event = Event::new(EventId::new(time, [0xab; 10]), time, Action::Read, Outcome::Denied);
    assert_eq!(String::from_utf8(event.encode()).unwrap(), SMALL);
    assert_eq!(Event::decode(SMALL.as_bytes()).unwrap(), event);
}

#[test]
fn strings_are_escaped_as_rfc_8785_says() {
    let mut event = event(1, None);
    event.role = Some(Id::new("\"\\\u{8}\t\n\u{c}\r\0\u{1f}\u{7f}é\u{1f600}\u{2028}"));
    let text = String::from_utf8(event.encode()).unwrap();
    let role = r#""role":"\"\\\b\t\n\f\r\u0000\u001f"#.to_owned() + "\u{7f}é\u{1f600}\u{2028}\"";
    assert!(text.contains(&role));
}

#[test]
fn a_key_of_a_later_version_is_passed_over() {
    let later = SMALL.replacen(
        r#","action""#,
        r#","new":{"deep":[1,{"x":null}]},"items":[{"record":"r","id":"1","new":7}],"action""#,
        1,
    );
    let read = Event::decode(later.as_bytes()).unwrap();
    assert_eq!((read.items.len(), read.outcome), (1, Outcome::Denied));
    // Control: a known key is not passed over.
    let known = later.replacen(r#""id":"1","new":7"#, r#""id":1"#, 1);
    assert_eq!(Event::decode(known.as_bytes()).unwrap_err(), EventError::Malformed);
}

#[test]
fn a_code_of_a_later_version_is_kept_as_text() {
    let later = SMALL.replace(r#""denied""#, r#""later-outcome","reason":"own.reason_1""#);
    let read = Event::decode(later.as_bytes()).unwrap();
    assert!(matches!(&read.outcome, Outcome::Other(code) if code.as_str() == "later-outcome"));
    assert_eq!(read.reason.as_ref().map(Reason::as_str), Some("own.reason_1"));
    assert_eq!(read.encode(), later.as_bytes());
    let text = later.replace("later-outcome", "free text");
    assert_eq!(Event::decode(text.as_bytes()).unwrap_err(), EventError::Malformed);
}

#[test]
fn every_listed_code_reads_back_and_is_a_code() {
    for reason in Reason::ALL {
        assert!(Code::new(reason.as_str().to_owned()).is_ok());
        assert_eq!(Reason::parse(reason.as_str()).unwrap(), *reason);
        assert!(reason.as_str().bytes().all(|b| b == b'-' || b.is_ascii_lowercase()));
    }
    for outcome in Outcome::ALL {
        assert_eq!(Outcome::parse(outcome.as_str()).unwrap(), *outcome);
    }
    assert_eq!(Action::ALL.len(), 6);
    assert_eq!(PrincipalKind::ALL.len(), 3);
}

#[test]
fn any_deviation_from_the_form_is_refused() {
    let refuse = |from: &str, to: &str| {
        let changed = SMALL.replacen(from, to, 1);
        assert_ne!(changed, SMALL, "{from}");
        assert!(Event::decode(changed.as_bytes()).is_err(), "{changed}");
    };
    assert!(Event::decode(SMALL.as_bytes()).is_ok()); // control
    refuse(r#","outcome":"denied""#, "");
    refuse(r#""denied""#, r#""denied","outcome":"success""#);
    refuse(r#""denied""#, r#""denied","role":null"#);
    refuse(r#""denied""#, r#""denied","count":-1"#);
    refuse(r#""denied""#, r#""denied","count":1.5"#);
    refuse(r#""denied""#, r#""denied","part":{"n":0,"of":2}"#);
    refuse(r#""denied""#, r#""denied","part":{"n":3,"of":2}"#);
    refuse(r#""denied""#, r#""denied","purpose":"""#);
    refuse(r#""denied""#, r#""denied","request":"a\u0007b""#);
    refuse(r#""denied""#, r#""denied","request":"\u202e""#);
    refuse(r#""R""#, r#"["R"]"#);
    refuse("01a20252", "01A20252");
    refuse("-7bab-", "-4bab-");
    refuse("-7bab-abab-", "-7bab-cbab-");
    refuse("08:15:00.000250Z", "08:15:00.00025Z");
    refuse("08:15:00.000250Z", "08:15:00.000250+");
    refuse("T08:15:00", "t08:15:00");
    refuse("T08:15:00", " 08:15:00");
    refuse("T08:15:00", "T08:15:60");
    refuse("T08:15:00", "T24:15:00");
    refuse("2026-11-22", "2026-11-31");
    refuse("2026-11-22", "2026-13-22");
    refuse("2026-11-22", "+026-11-22");
    for extra in [" ", "\n", "{}", "\0"] {
        assert!(Event::decode(format!("{SMALL}{extra}x").as_bytes()).is_err());
    }
    assert_eq!(
        Event::decode(SMALL.replacen(',', ",\n", 1).as_bytes()),
        Err(EventError::NotOneLine)
    );
    assert_eq!(Event::decode(b"\"\xff\""), Err(EventError::NotOneLine));
    let unknown = SMALL.replacen('{', "{\"new\":\"?\",", 1).into_bytes();
    let broken: Vec<u8> = unknown.iter().map(|b| if *b == b'?' { 0xff } else { *b }).collect();
    assert!(Event::decode(&unknown).is_ok());
    assert_eq!(Event::decode(&broken), Err(EventError::NotOneLine));
}

#[test]
fn hashes_out_of_order_twice_or_in_capitals_are_refused() {
    let hex = "0f".repeat(32);
    let with = |hashes: &str| {
        let item = format!(r#""denied","items":[{{"record":"r","id":"1","hashes":{{{hashes}}}}}]"#);
        Event::decode(SMALL.replacen(r#""denied""#, &item, 1).as_bytes())
    };
    assert!(with(&format!(r#""a":"{hex}","b":"null""#)).is_ok());
    assert!(with(&format!(r#""b":"{hex}","a":"null""#)).is_err());
    assert!(with(r#""a":"null","a":"null""#).is_err());
    assert!(with(&format!(r#""a":"{}""#, hex.to_uppercase())).is_err());
    assert!(with(&format!(r#""a":"{}""#, hex.get(1..).unwrap())).is_err());
    assert!(with(r#""a":null"#).is_err());
}

#[test]
fn nesting_without_end_is_an_error_and_not_a_crash() {
    for open in ["[", r#"{"a":"#] {
        let deep = SMALL.replacen('{', &format!("{{\"new\":{}", open.repeat(5000)), 1);
        assert_eq!(Event::decode(deep.as_bytes()).unwrap_err(), EventError::Malformed);
    }
}

#[test]
fn more_than_32_kib_is_refused() {
    let padded = |len: usize| {
        let pad = "x".repeat(len - SMALL.len() - r#","new":"""#.len());
        SMALL.replacen(r#","action""#, &format!(r#","new":"{pad}","action""#), 1)
    };
    assert_eq!(padded(Event::MAX_BYTES).len(), Event::MAX_BYTES);
    assert!(Event::decode(padded(Event::MAX_BYTES).as_bytes()).is_ok());
    let refused = Event::decode(padded(Event::MAX_BYTES + 1).as_bytes());
    assert_eq!(refused.unwrap_err(), EventError::TooLarge);
}

#[test]
fn debug_shows_no_id_label_or_client() {
    let event = example();
    let (shown, stored) = (format!("{event:?} {event:#?}"), EXAMPLE);
    let parts = format!("{:?} {:?} {:?}", event.principal, event.client, event.items);
    for secret in
        ["u-17", "m-3", "clinic-a", "192.0.2.7", "Browser", "s-42", "42", "bg-9", "r-0001"]
    {
        assert!(stored.contains(secret)); // control: it is in the event
        assert!(!shown.contains(secret) && !parts.contains(secret), "{secret}");
    }
    assert!(shown.contains("Success"));
}

#[test]
fn an_id_is_exact_or_its_hash_and_never_another_ids() {
    assert_eq!(Id::new("x".repeat(255)).as_str(), "x".repeat(255));
    // SHA-256 of 256 times "x", as sha256sum gives it.
    let long = Id::new("x".repeat(256));
    assert_eq!(
        long.as_str(),
        "sha256:85e62acd750c4eb56b7b6a1d66dca5bfaac5f062608a1a893410d0288936c09a"
    );
    assert_ne!(Id::new("sha256:"), Id::from_stored("sha256:").unwrap());
    assert_ne!(Id::new(long.as_str().to_owned()), long);
    assert_eq!(Id::from_stored(long.as_str().to_owned()).unwrap(), long);
    assert!(Id::from_stored("x".repeat(256)).is_err());
}

#[test]
fn text_from_outside_is_cut_and_made_printable() {
    let agent = Printable::<256>::clean(&"é\u{7}\n\u{202e}\u{feff}\u{9b}".repeat(300));
    assert_eq!(agent.as_str(), "é".repeat(256));
    assert_eq!(Printable::<4>::clean("\0\0\0\0\0abcdefg").as_str(), "abcd");
}

#[test]
fn an_id_is_the_uuid_v7_of_rfc_9562_appendix_a6() {
    let time = time("2022-02-22T19:22:22Z");
    let random = [0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f];
    let id = EventId::new(time, random).as_uuid();
    assert_eq!(id.to_string(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    let (one, two) = (EventId::generate(time), EventId::generate(time));
    assert_ne!(one, two);
}

#[test]
fn times_are_cut_to_microseconds_and_clamped_to_rfc_3339() {
    let text = |time: &str| super::time(time).to_string();
    assert_eq!(text("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00.000000Z");
    assert_eq!(text("2026-11-22T08:15:00.123456789+02:00"), "2026-11-22T06:15:00.123456Z");
    assert_eq!(text("0000-01-01T00:00:00Z"), "0000-01-01T00:00:00.000000Z");
    assert_eq!(text("-004711-01-01T00:00:00Z"), "0000-01-01T00:00:00.000000Z");
    assert_eq!(text("9999-12-30T00:00:00.9999999Z"), "9999-12-30T00:00:00.999999Z");
    let before = EventId::new(super::time("1960-01-01T00:00:00Z"), [0; 10]).as_uuid();
    assert!(before.to_string().starts_with("00000000-0000-7"));
}

pub(super) fn any_id() -> impl Strategy<Value = Id> {
    prop_oneof![
        any::<String>().prop_map(Id::new),
        "[a-z_]{1,12}".prop_map(Id::new),
        vec(any::<char>(), 200..400).prop_map(|chars| Id::new(String::from_iter(chars))),
        vec(0..0x20_u8, 0..255).prop_map(|bytes| Id::new(String::from_utf8(bytes).unwrap())),
    ]
}

fn any_code() -> impl Strategy<Value = Code> {
    "[A-Za-z0-9._-]{1,64}".prop_map(|code| Code::new(code).unwrap())
}

fn any_hash() -> impl Strategy<Value = ContentHash> {
    prop_oneof![Just(ContentHash::Null), any::<[u8; 32]>().prop_map(ContentHash::Sha256)]
}

pub(super) fn any_item() -> impl Strategy<Value = Item> {
    let names = (of(any_id()), any_id(), any_id(), of(any_id()));
    (names, vec(any_id(), 0..4), btree_map(any_id(), any_hash(), 0..4)).prop_map(
        |((subject, record, id, tenant), fields, hashes)| Item {
            subject,
            record,
            id,
            tenant,
            fields,
            hashes,
        },
    )
}

prop_compose! {
    pub(super) fn any_event()(
        (random, micros) in (any::<[u8; 10]>(), -70_000_000_000_000_000_i64..250_000_000_000_000_000),
        principal in of((any_id(), any_code())),
        ids in [of(any_id()), of(any_id()), of(any_id()), of(any_id()), of(any_id())],
        codes in (any_code(), of(any_code()), any_code(), of(any_code())),
        outside in [of(any::<String>()), of(any::<String>()), of(any::<String>())],
        (count, part) in (of(any::<u64>()), of((1..9_u32, 0..9_u32))),
        items in vec(any_item(), 0..4),
        searches in vec((any_id(), any_id(), any::<u64>()), 0..3),
    ) -> Event {
        let time = EventTime::new(jiff::Timestamp::from_microsecond(micros).unwrap());
        let action = Action::parse(codes.0.as_str()).unwrap();
        let outcome = Outcome::parse(codes.2.as_str()).unwrap();
        let mut event = Event::new(EventId::new(time, random), time, action, outcome);
        event.principal = principal.map(|(id, kind)| {
            Principal { id, kind: PrincipalKind::parse(kind.as_str()).unwrap() }
        });
        let [role, membership, tenant, route, break_glass] = ids;
        (event.role, event.membership, event.tenant) = (role, membership, tenant);
        (event.route, event.break_glass) = (route, break_glass);
        event.purpose = codes.1;
        event.reason = codes.3.map(|code| Reason::parse(code.as_str()).unwrap());
        let [request, address, agent] = outside;
        event.request = request.as_deref().map(Printable::clean);
        event.client.address = address.as_deref().map(Printable::clean);
        event.client.agent = agent.as_deref().map(Printable::clean);
        event.count = count;
        event.items = items;
        event.searches =
            searches.into_iter().map(|(record, field, hits)| Search { record, field, hits }).collect();
        event.part = part.map(|(n, more)| Part { n, of: n + more });
        event
    }
}

proptest! {
    #[test]
    fn decode_gives_back_what_was_encoded(event in any_event()) {
        let bytes = event.encode();
        prop_assume!(bytes.len() <= Event::MAX_BYTES);
        prop_assert!(bytes.iter().all(|b| *b >= 0x20));
        // Another reader of JSON sees the same texts.
        let other: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(other["tenant"].as_str(), event.tenant.as_ref().map(Id::as_str));
        let read = Event::decode(&bytes).unwrap();
        prop_assert_eq!(read.encode(), bytes);
        prop_assert!(read == event);
    }

    #[test]
    fn any_bytes_are_an_event_or_an_error(bytes in vec(any::<u8>(), 0..600)) {
        let _ = Event::decode(&bytes);
    }

    #[test]
    fn any_change_is_an_event_or_an_error(at in 0..EXAMPLE.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        bytes[at] = byte;
        bytes.truncate(if cut { at } else { bytes.len() });
        if let Ok(read) = Event::decode(&bytes) {
            prop_assert!(!cut);
            prop_assert!(Event::decode(&read.encode()).is_ok());
        }
    }

    #[test]
    fn times_read_back(micros in -62_167_219_200_000_000_i64..=253_402_207_200_000_000) {
        let time = EventTime::new(jiff::Timestamp::from_microsecond(micros).unwrap());
        let text = time.to_string();
        prop_assert_eq!(text.len(), 27);
        prop_assert_eq!(text.parse::<jiff::Timestamp>().unwrap(), time.timestamp());
    }
}
