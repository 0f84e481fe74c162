//! Splitting long events.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::event;
use super::event::{any_event, any_item};
use crate::audit::{ContentHash, Event, Id, Item, Search};

/// Everything the parts hold about the records, records that continue put together again.
fn gathered(parts: &[Event]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for item in parts.iter().flat_map(|part| &part.items) {
        match items.last_mut() {
            Some(last)
                if (&last.record, &last.id, &last.tenant, &last.subject)
                    == (&item.record, &item.id, &item.tenant, &item.subject) =>
            {
                last.fields.extend(item.fields.iter().cloned());
                last.hashes.extend(item.hashes.clone());
            }
            _ => items.push(item.clone()),
        }
    }
    items
}

fn assert_sound(parts: &[Event], whole: &Event) {
    let of = u32::try_from(parts.len()).unwrap();
    let ids: BTreeSet<_> = parts.iter().map(|part| part.id).collect();
    assert_eq!(ids.len(), parts.len());
    assert_eq!(parts[0].id, whole.id);
    for (part, n) in parts.iter().zip(1..) {
        assert!(part.encode().len() <= Event::MAX_BYTES);
        assert_eq!(&Event::decode(&part.encode()).unwrap(), part);
        assert_eq!(part.part.map(|part| (part.n, part.of)), Some((n, of)));
        assert_eq!(part.is_continuation(), n > 1);
        assert_eq!((&part.request, &part.outcome), (&whole.request, &whole.outcome));
    }
    assert_eq!(gathered(parts), gathered(std::slice::from_ref(whole)));
    let searches: Vec<&Search> = parts.iter().flat_map(|part| &part.searches).collect();
    assert_eq!(searches, whole.searches.iter().collect::<Vec<_>>());
}

#[test]
fn an_event_that_fits_stays_whole() {
    let event = super::event::example();
    assert_eq!(event.clone().into_parts(), [event]);
}

#[test]
fn an_event_of_exactly_32_kib_stays_whole_and_one_byte_more_does_not() {
    let mut whole = event(1, None);
    while whole.encode().len() < Event::MAX_BYTES - 200 {
        whole.items.push(Item::new("patient", 1000_i64).with_fields(["name", "born"]));
    }
    let with_pad = |pad: usize| {
        let mut event = whole.clone();
        event.items.push(Item::new("pad", "x".repeat(pad)));
        event
    };
    let pad = Event::MAX_BYTES - with_pad(0).encode().len();
    assert!(pad < 255); // an id of that length is stored as it is
    assert_eq!(with_pad(pad).into_parts().len(), 1);
    assert_eq!(with_pad(pad + 1).into_parts().len(), 2);
}

#[test]
fn the_largest_head_leaves_room_and_one_record_continues() {
    let wide = |n: usize| Id::new(format!("{n:04}{}", "\u{1}".repeat(251))); // 6 bytes each when encoded
    let mut event = event(1, None);
    (event.role, event.membership, event.tenant) = (Some(wide(1)), Some(wide(2)), Some(wide(3)));
    (event.route, event.break_glass) = (Some(wide(4)), Some(wide(5)));
    let mut item = Item::new(wide(6), wide(7)).with_subject(wide(8));
    item.fields = (0..500).map(wide).collect();
    item.hashes = (0..500).map(|n| (wide(n), ContentHash::Sha256([9; 32]))).collect();
    event.items = vec![item.clone(), Item::new("patient", 1_i64)];
    event.searches =
        (0..40).map(|n| Search { record: wide(n), field: wide(n), hits: u64::MAX }).collect();
    let parts = event.clone().into_parts();
    assert!(parts.len() > 50);
    assert_sound(&parts, &event);
}

#[test]
fn a_later_parts_id_follows_from_the_events() {
    let mut event = event(1, None);
    event.items = (0..1200_i64).map(|n| Item::new("patient", n)).collect();
    let ids: Vec<_> = event.into_parts().iter().map(|part| part.id.as_uuid().to_string()).collect();
    // Computed from FORMAT.md in another language.
    assert_eq!(
        ids,
        ["01a20252-a3a0-7101-8101-010101010101", "01a20252-a3a0-7517-a535-5f160b745659"]
    );
}

#[test]
fn no_part_is_a_byte_too_long_however_the_records_fall() {
    let mut event = event(1, None);
    event.items = (1000..2200_i64).map(|n| Item::new("patient", n)).collect();
    let mut longest = 0;
    for pad in 0..40 {
        event.route = Some(Id::new("x".repeat(pad)));
        let parts = event.clone().into_parts();
        longest = parts.iter().map(|part| part.encode().len()).max().max(Some(longest)).unwrap();
    }
    // Room is kept for the largest part numbers and for both lists.
    assert!((Event::MAX_BYTES - 36..=Event::MAX_BYTES).contains(&longest), "{longest}");
}

#[test]
fn parts_are_filled_well() {
    let mut event = event(1, Some("a"));
    event.items = (0..5000_i64).map(|n| Item::new("patient", n).with_fields(["name"])).collect();
    let (len, parts) = (event.encode().len(), event.clone().into_parts());
    assert_sound(&parts, &event);
    assert!(parts.len() <= len / 32_000 + 1, "{} parts for {len} bytes", parts.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn parts_fit_and_lose_nothing(
        head in any_event(),
        items in vec(any_item(), 0..60),
        labels in vec(".{0,40}", 0..900),
    ) {
        let mut event = head;
        event.part = None;
        event.items = items;
        let hashes: BTreeMap<Id, ContentHash> =
            labels.iter().map(|label| (Id::new(label.clone()), ContentHash::Null)).collect();
        let fields = labels.into_iter().map(Id::new).collect();
        event.items.push(Item { fields, hashes, ..Item::new("wide", "1") });
        let parts = event.clone().into_parts();
        if parts.len() == 1 {
            prop_assert_eq!(&parts, &[event]);
        } else {
            assert_sound(&parts, &event);
        }
    }
}
