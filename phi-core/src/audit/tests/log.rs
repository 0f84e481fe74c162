//! Numbering, the tree over the numbers, and going back after a failed transaction.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Log, ORIGIN, event, key, writer};
use crate::audit::merkle::{Edge, Hash};
use crate::audit::{
    Checkpoint, Entry, Event, EventError, Id, LogState, Reason, SealLogError, Verdict, Verifier,
};

#[test]
fn entries_are_numbered_over_log_tenant_and_writer() {
    let log = Log::of_ten();
    let numbers: Vec<_> = log
        .leaves
        .iter()
        .map(|leaf| Entry::parse(leaf).unwrap())
        .map(|entry| (entry.index, entry.tenant_seq, entry.writer, entry.writer_seq))
        .collect();
    let (w0, w1) = (writer(0), writer(1));
    assert_eq!(
        numbers,
        [
            (0, Some(0), w0, 0),
            (1, Some(0), w1, 0),
            (2, None, w0, 1),
            (3, Some(1), w1, 1),
            (4, Some(1), w0, 2),
            (5, None, w1, 2),
            (6, Some(2), w0, 3),
            (7, Some(2), w1, 3),
            (8, None, w0, 4),
            (9, Some(3), w1, 4),
        ]
    );
    let mut edge = Edge::new();
    for leaf in &log.leaves {
        edge.push(Hash::of_leaf(leaf));
    }
    assert_eq!(log.state.edge(), &edge);
    let head = Checkpoint::open(&log.checkpoint(), ORIGIN, &[key().verifier()]).unwrap();
    assert_eq!((head.size, head.root), (10, edge.root()));
}

#[test]
fn a_batch_keeps_the_events_bytes_and_says_what_to_index() {
    let events = [event(1, Some("a")).encode(), event(2, None).encode()];
    let mut state = LogState::new();
    let batch = state.append(writer(1), 0, &events).unwrap();
    assert_eq!(batch.writer, writer(1));
    for (entry, event) in batch.entries.iter().zip(&events) {
        assert_eq!(Entry::parse(&entry.leaf).unwrap().event, event);
        assert_eq!(entry.hash, Hash::of_leaf(&entry.leaf));
    }
    assert_eq!(batch.entries[0].tenant, Some((Id::new("a"), 0)));
    assert_eq!(batch.entries[1].tenant, None);
    assert_eq!((batch.entries[1].index, batch.entries[1].writer_seq), (1, 1));
}

#[test]
fn a_writers_gap_or_repetition_is_refused_and_changes_nothing() {
    let mut log = Log::of_ten();
    let before = log.state.clone();
    for (found, expected) in [(4, 5), (6, 5), (0, 5), (u64::MAX, 5)] {
        let refused = log.state.append(writer(0), found, &[event(1, None).encode()]);
        assert_eq!(refused.unwrap_err(), SealLogError::Gap { expected, found });
    }
    let refused = log.state.append(writer(9), 1, &[event(1, None).encode()]);
    assert_eq!(refused.unwrap_err(), SealLogError::Gap { expected: 0, found: 1 });
    assert_eq!(log.state, before);
    assert!(log.state.append(writer(0), 5, &[event(1, None).encode()]).is_ok()); // control
    assert_ne!(log.state, before);
}

#[test]
fn a_batch_with_one_bad_event_changes_nothing() {
    let mut log = Log::of_ten();
    let before = log.state.clone();
    let good = event(1, Some("a")).encode();
    let mut large = event(2, Some("a"));
    large.items = vec![crate::audit::Item::new("patient", "x".repeat(200)); 200];
    for (bad, error) in [
        (b"{}".to_vec(), EventError::Malformed),
        ([&good[..], b"\n"].concat(), EventError::NotOneLine),
        (large.encode(), EventError::TooLarge),
    ] {
        let refused = log.state.append(writer(0), 5, &[good.clone(), bad]);
        assert_eq!(refused.unwrap_err(), SealLogError::Event { at: 1, error });
        assert_eq!(log.state, before);
    }
    let parts: Vec<_> = large.into_parts().iter().map(Event::encode).collect();
    assert!(log.state.append(writer(0), 5, &parts).is_ok()); // control
}

#[test]
fn a_failed_transaction_is_forgotten_and_a_stored_one_is_not() {
    let mut log = Log::of_ten();
    let before = log.state.clone();
    let some = [event(1, Some("a")).encode(), event(2, Some("new")).encode()];
    log.state.append(writer(0), 5, &some).unwrap();
    log.state.append(writer(7), 0, &some).unwrap();
    log.state.append(writer(0), 7, &some).unwrap();
    assert_ne!(log.state, before);
    log.state.rollback();
    assert_eq!(log.state, before);

    log.state.append(writer(0), 5, &some).unwrap();
    log.state.commit();
    let stored = log.state.clone();
    log.state.append(writer(0), 7, &some).unwrap();
    log.state.rollback();
    assert_eq!(log.state, stored);
    log.state.rollback();
    assert_eq!(log.state, stored);
}

#[test]
fn a_state_is_restored_from_stored_rows_or_refused() {
    let log = Log::of_ten();
    let edge = || Edge::from_bytes(&log.state.edge().to_bytes()).unwrap();
    let tenants = [(Id::new("a"), 4), (Id::new("b"), 3)];
    let writers = [(writer(0), 5), (writer(1), 5)];
    let restored = LogState::restore(edge(), tenants.clone(), writers).unwrap();
    assert_eq!(restored, log.state);
    let refused = |tenants: &[(Id, u64)], writers: &[_]| {
        LogState::restore(edge(), tenants.to_vec(), writers.to_vec()).unwrap_err()
    };
    for writers in [
        &[(writer(0), 5), (writer(1), 4)][..], // an entry was lost
        &[(writer(0), 5), (writer(1), 6)],
        &[(writer(0), 5), (writer(0), 5)],
        &[(writer(0), 5), (writer(1), u64::MAX)],
        &[],
    ] {
        assert_eq!(refused(&tenants, writers), SealLogError::State);
    }
    assert_eq!(refused(&[(Id::new("a"), 11)], &writers), SealLogError::State);
    assert_eq!(refused(&[(Id::new("a"), 1), (Id::new("a"), 1)], &writers), SealLogError::State);
}

#[test]
fn an_intact_log_verifies_and_the_report_says_how_far() {
    let mut log = Log::of_ten();
    let kept = log.checkpoint();
    let verifier = || Verifier::new(ORIGIN, vec![key().verifier()]);
    let alone = verifier().with_checkpoint(&kept).run(&log.leaves);
    assert_eq!(alone.verdict(), Verdict::TruncationNotExcluded);
    assert!(alone.to_string().contains("internally consistent; truncation not excluded"));
    let with_kept = verifier().with_checkpoint(&kept).with_kept(&kept).run(&log.leaves);
    assert_eq!(with_kept.verdict(), Verdict::Intact);
    assert!(with_kept.to_string().contains("intact"));
    assert!(!with_kept.to_string().contains("not excluded"));

    log.append(0, &event(11, None));
    let head = log.checkpoint();
    log.append(0, &event(12, None)); // not signed yet
    let tail = verifier().with_checkpoint(&head).with_kept(&kept).run(&log.leaves);
    assert_eq!(tail.verdict(), Verdict::TruncationNotExcluded);
    assert_eq!((tail.entries(), tail.signed(), tail.kept()), (12, Some(11), Some(10)));
    assert_eq!(tail.root(), log.state.edge().root());
    let text = tail.to_string();
    assert!(text.contains("last 1 entries not signed yet"), "{text}");
    assert!(text.contains("first 10 entries are those of a kept checkpoint"), "{text}");
    assert!(text.contains("truncation not excluded after them"), "{text}");
}

#[test]
fn an_empty_log_is_a_log() {
    let head = LogState::new().checkpoint(ORIGIN, &key()).unwrap();
    let verifier = Verifier::new(ORIGIN, vec![key().verifier()]);
    let report = verifier.with_checkpoint(&head).with_kept(&head).run::<[&[u8]; 0]>([]);
    assert_eq!((report.verdict(), report.entries()), (Verdict::Intact, 0));
}

#[test]
fn a_writer_without_a_closing_event_is_reported() {
    let mut log = Log::new();
    let mut closing = event(3, None);
    closing.reason = Some(Reason::WriterClosed);
    log.append(1, &event(1, None));
    log.append(2, &event(2, None));
    log.append(1, &closing);
    let report = Verifier::new(ORIGIN, vec![key().verifier()])
        .with_checkpoint(&log.checkpoint())
        .run(&log.leaves);
    assert_eq!(report.open_writers(), [writer(2)]);
    assert!(report.to_string().contains("1 writers without a closing event"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_mix_of_batches_and_rollbacks_verifies(
        steps in vec((0..4_u128, vec((any::<u8>(), 0..4_usize), 0..6), any::<bool>()), 0..24),
    ) {
        let tenants = [Some("a"), Some("b\0é"), Some(""), None];
        let mut log = Log::new();
        for (who, events, stored) in steps {
            let events: Vec<_> = events.into_iter().map(|(n, tenant)| event(n, tenants[tenant]).encode()).collect();
            let seq = log.state.next_writer_seq(writer(who));
            let batch = log.state.append(writer(who), seq, &events).unwrap();
            if stored {
                log.state.commit();
                log.leaves.extend(batch.entries.into_iter().map(|entry| entry.leaf));
            } else {
                log.state.rollback();
            }
        }
        let head = log.checkpoint();
        let verifier = Verifier::new(ORIGIN, vec![key().verifier()]);
        let report = verifier.with_checkpoint(&head).with_kept(&head).run(&log.leaves);
        prop_assert_eq!(report.verdict(), Verdict::Intact, "{}", report);
    }
}
