//! Every way to change the past, and what the verifier says of it (promise P9).

use proptest::prelude::*;

use super::{Log, ORIGIN, event, key, writer};
use crate::audit::merkle::{Edge, Hash};
use crate::audit::note::{NoteError, SigningKey};
use crate::audit::{
    CheckpointError, Entry, EntryError, Finding, LogState, Report, Verdict, Verifier,
};

fn verify(leaves: &[Vec<u8>], checkpoint: &str, kept: Option<&str>) -> Report {
    let verifier = Verifier::new(ORIGIN, vec![key().verifier()]).with_checkpoint(checkpoint);
    match kept {
        Some(kept) => verifier.with_kept(kept).run(leaves),
        None => verifier.run(leaves),
    }
}

/// The log's leaves and head, which verify.
fn intact() -> (Vec<Vec<u8>>, String) {
    let log = Log::of_ten();
    let head = log.checkpoint();
    assert_eq!(verify(&log.leaves, &head, Some(&head)).verdict(), Verdict::Intact);
    (log.leaves, head)
}

/// Leaves and head of a history forged with the stolen key: the same numbers, the same format.
fn forged(events: &[u8]) -> (Vec<Vec<u8>>, String) {
    let mut log = Log::new();
    for n in events {
        log.append(1, &event(*n, Some("a")));
    }
    (log.leaves.clone(), log.checkpoint())
}

#[test]
fn a_cut_end_is_found_with_the_logs_own_head() {
    let (mut leaves, head) = intact();
    leaves.truncate(7);
    let report = verify(&leaves, &head, None);
    assert_eq!(report.findings(), [Finding::CheckpointAhead { size: 10, entries: 7 }]);
    assert!(report.to_string().contains("data was lost"));
}

#[test]
fn a_cut_end_with_an_older_head_put_back_is_found_with_a_kept_one() {
    let mut log = Log::of_ten();
    let older = log.checkpoint();
    let leaves = log.leaves.clone();
    log.append(0, &event(11, None));
    let kept = log.checkpoint();
    assert_eq!(verify(&leaves, &older, None).verdict(), Verdict::TruncationNotExcluded);
    let report = verify(&leaves, &older, Some(&kept));
    assert_eq!(report.findings(), [Finding::Truncated { size: 11, entries: 10 }]);
}

#[test]
fn a_cut_head_or_middle_a_swap_and_a_copy_are_found_where_they_are() {
    let (leaves, head) = intact();
    let first_wrong = |change: fn(&mut Vec<Vec<u8>>)| {
        let mut changed = leaves.clone();
        change(&mut changed);
        let report = verify(&changed, &head, None);
        assert_eq!(report.verdict(), Verdict::Broken);
        report.findings()[0]
    };
    assert_eq!(first_wrong(|l| drop(l.remove(0))), Finding::Index { index: 0, found: 1 });
    assert_eq!(first_wrong(|l| drop(l.remove(5))), Finding::Index { index: 5, found: 6 });
    assert_eq!(first_wrong(|l| l.swap(4, 8)), Finding::Index { index: 4, found: 8 });
    assert_eq!(first_wrong(|l| l.insert(6, l[2].clone())), Finding::Index { index: 6, found: 2 });
    assert_eq!(first_wrong(|l| l[3] = l[2].clone()), Finding::Index { index: 3, found: 2 });
    assert_eq!(first_wrong(|l| l[9] = Vec::new()), {
        Finding::EntryMalformed { index: 9, error: EntryError::Malformed }
    });
    assert_eq!(first_wrong(|l| l.reverse()), Finding::Index { index: 0, found: 9 });
}

#[test]
fn one_removed_entry_is_not_found_again_at_every_entry_after_it() {
    let (mut leaves, head) = intact();
    let indexes = |leaves: &[Vec<u8>]| {
        let report = verify(leaves, &head, None);
        let found = report.findings().iter().filter(|f| matches!(f, Finding::Index { .. }));
        found.copied().collect::<Vec<_>>()
    };
    leaves.remove(2);
    assert_eq!(indexes(&leaves), [Finding::Index { index: 2, found: 3 }]);
    leaves[4] = Vec::new(); // what cannot be read has its place all the same
    assert_eq!(indexes(&leaves), [Finding::Index { index: 2, found: 3 }]);
    leaves.remove(6); // a second gap is a second finding
    assert_eq!(indexes(&leaves), {
        [Finding::Index { index: 2, found: 3 }, Finding::Index { index: 6, found: 8 }]
    });
}

#[test]
fn an_entry_forged_in_its_place_changes_the_root() {
    let (mut leaves, head) = intact();
    let old = Entry::parse(&leaves[6]).unwrap();
    let event = event(99, Some("a")).encode(); // the same tenant, another event
    let new =
        Entry::assemble(old.index, old.tenant_seq, old.writer, old.writer_seq, &event).unwrap();
    leaves[6] = new;
    let report = verify(&leaves, &head, None);
    assert_eq!(report.findings(), [Finding::Root { size: 10 }]);
    assert_eq!(verify(&leaves, &head, Some(&head)).findings(), {
        [Finding::Root { size: 10 }, Finding::Rewritten { size: 10 }]
    });
}

#[test]
fn changed_entries_are_located_by_the_hashes_stored_beside_them() {
    let (mut leaves, head) = intact();
    let mut stored: Vec<Hash> = leaves.iter().map(|leaf| Hash::of_leaf(leaf)).collect();
    let run = |leaves: &[Vec<u8>], stored: &[Hash]| {
        let mut verifier = Verifier::new(ORIGIN, vec![key().verifier()]).with_checkpoint(&head);
        leaves.iter().zip(stored).for_each(|(leaf, hash)| verifier.push_stored(leaf, *hash));
        verifier.finish()
    };
    assert!(run(&leaves, &stored).findings().is_empty()); // control
    for at in [2, 8] {
        let last = leaves[at].len() - 4;
        leaves[at][last] ^= 1; // inside the event
    }
    let report = run(&leaves, &stored);
    let changed: Vec<u64> = report
        .findings()
        .iter()
        .filter_map(|finding| match finding {
            Finding::EntryChanged { index } => Some(*index),
            _ => None,
        })
        .collect();
    assert_eq!(changed, [2, 8]);
    assert!(report.is_located());
    assert!(report.findings().contains(&Finding::Root { size: 10 }));
    // Somebody who changed the stored hash too is found, but not located.
    stored[2] = Hash::of_leaf(&leaves[2]);
    let report = run(&leaves, &stored);
    assert_eq!((report.verdict(), report.is_located()), (Verdict::Broken, false));
}

#[test]
fn an_edge_fits_the_leaves_or_what_they_were_and_nothing_else() {
    let (mut leaves, head) = intact();
    let stored: Vec<Hash> = leaves.iter().map(|leaf| Hash::of_leaf(leaf)).collect();
    let edge = |hashes: &[Hash]| {
        let mut edge = Edge::new();
        for hash in hashes {
            edge.push(*hash);
        }
        edge
    };
    leaves[3][20] ^= 1;
    let mut verifier = Verifier::new(ORIGIN, vec![key().verifier()]).with_checkpoint(&head);
    leaves.iter().zip(&stored).for_each(|(leaf, hash)| verifier.push_stored(leaf, *hash));
    let mut changed = stored.clone();
    changed[3] = Hash::of_leaf(&leaves[3]);
    assert!(verifier.fits(&edge(&stored)) && verifier.fits(&edge(&changed)));
    assert!(!verifier.fits(&edge(&stored[..9])) && !verifier.fits(&Edge::new()));
    changed[4] = changed[5];
    assert!(!verifier.fits(&edge(&changed)));
}

#[test]
fn a_head_signed_with_another_key_or_of_another_log_is_refused() {
    let (leaves, head) = intact();
    let thief = SigningKey::from_seed(ORIGIN, &[9; 32]).unwrap();
    let mut log = Log::of_ten();
    let foreign = log.state.checkpoint(ORIGIN, &thief).unwrap();
    let unsigned = CheckpointError::Note(NoteError::Unsigned);
    assert_eq!(verify(&leaves, &foreign, None).findings(), [Finding::Checkpoint(unsigned)]);
    assert_eq!(verify(&leaves, &head, Some(&foreign)).findings(), [Finding::Kept(unsigned)]);
    let other = log.state.checkpoint("log.example/other", &key()).unwrap();
    let origin = Finding::Checkpoint(CheckpointError::Origin);
    assert_eq!(verify(&leaves, &other, None).findings(), [origin]);
    let none = Verifier::new(ORIGIN, vec![key().verifier()]).run(&leaves);
    assert_eq!(none.findings(), [Finding::NoCheckpoint]);
    // A flipped signature.
    let at = head.len() - 10;
    let flipped: String = head
        .chars()
        .enumerate()
        .map(|(n, c)| if n == at - 4 { if c == 'A' { 'B' } else { 'A' } } else { c })
        .collect();
    assert_ne!(flipped, head);
    assert_eq!(verify(&leaves, &flipped, None).verdict(), Verdict::Broken);
    log.append(0, &event(1, None));
    assert_eq!(verify(&log.leaves, &head, None).verdict(), Verdict::TruncationNotExcluded);
}

#[test]
fn a_history_resigned_with_the_stolen_key_is_undecidable_alone_and_caught_with_a_kept_head() {
    let (_, kept) = forged(&[1, 2, 3, 4]);
    for history in [&[1, 2, 9, 4][..], &[1, 2, 3], &[1, 2, 4], &[1, 2, 3, 5, 6], &[]] {
        let (leaves, head) = forged(history);
        let alone = verify(&leaves, &head, None);
        assert_eq!(alone.verdict(), Verdict::TruncationNotExcluded);
        assert!(alone.to_string().contains("truncation not excluded"));
        assert_eq!(verify(&leaves, &head, Some(&kept)).verdict(), Verdict::Broken, "{history:?}");
    }
    // Control: the true history, and its true continuation.
    let (leaves, head) = forged(&[1, 2, 3, 4]);
    assert_eq!(verify(&leaves, &head, Some(&kept)).verdict(), Verdict::Intact);
    let (leaves, head) = forged(&[1, 2, 3, 4, 5]);
    let longer = verify(&leaves, &head, Some(&kept));
    assert!(longer.findings().is_empty());
    assert_eq!(longer.verdict(), Verdict::TruncationNotExcluded); // the fifth could have had a sixth
}

#[test]
fn every_kept_head_counts() {
    let (_, early) = forged(&[1, 2]);
    let (_, other) = forged(&[1, 9, 3]);
    let (leaves, head) = forged(&[1, 2, 3, 4]);
    let verifier =
        || Verifier::new(ORIGIN, vec![key().verifier()]).with_checkpoint(&head).with_kept(&early);
    assert!(verifier().run(&leaves).findings().is_empty()); // control
    let report = verifier().with_kept(&other).with_kept(&head).run(&leaves);
    assert_eq!(report.findings(), [Finding::Rewritten { size: 3 }]);
}

/// A log whose root and signature are right and whose numbers are not: written by a faulty or dishonest sealer.
#[test]
fn gaps_in_numbers_are_found_although_the_signature_is_right() {
    let sealed = |numbers: &[(u64, Option<u64>, u64)]| {
        let leaves: Vec<Vec<u8>> = numbers
            .iter()
            .map(|(index, tenant_seq, seq)| {
                let event = event(1, tenant_seq.map(|_| "a")).encode();
                Entry::assemble(*index, *tenant_seq, writer(1), *seq, &event).unwrap()
            })
            .collect();
        let mut edge = LogState::new().edge().clone();
        for leaf in &leaves {
            edge.push(Hash::of_leaf(leaf));
        }
        let head = crate::audit::Checkpoint::new(ORIGIN, edge.size(), edge.root());
        verify(&leaves, &head.sign(&key()).unwrap(), None)
    };
    assert!(sealed(&[(0, Some(0), 0), (1, Some(1), 1)]).findings().is_empty()); // control
    assert_eq!(sealed(&[(0, Some(0), 0), (1, Some(2), 1), (2, Some(3), 2)]).findings(), {
        [Finding::TenantSeq { index: 1, expected: 1, found: 2 }]
    });
    assert_eq!(sealed(&[(0, Some(1), 0)]).findings(), {
        [Finding::TenantSeq { index: 0, expected: 0, found: 1 }]
    });
    assert_eq!(sealed(&[(0, None, 0), (1, None, 0), (2, None, 1)]).findings(), {
        [Finding::WriterSeq { index: 1, expected: 1, found: 0 }]
    });
    assert_eq!(sealed(&[(0, None, 0), (1, None, u64::MAX), (2, None, u64::MAX)]).findings(), {
        [Finding::WriterSeq { index: 1, expected: 1, found: u64::MAX }]
    });
    assert_eq!(sealed(&[(1, None, 0)]).findings(), [Finding::Index { index: 0, found: 1 }]);
}

#[test]
fn a_thoroughly_broken_log_gives_a_bounded_report() {
    let (_, head) = intact();
    let leaves = vec![b"not an entry".to_vec(); 5000];
    let report = verify(&leaves, &head, None);
    assert_eq!((report.findings().len(), report.findings_left_out()), (1000, 4001));
    assert!(report.to_string().contains("and 4001 findings more"));
}

#[test]
fn a_report_names_no_tenant() {
    let (mut leaves, head) = intact();
    let marked =
        String::from_utf8(leaves[1].clone()).unwrap().replace("\"b\"", "\"tenant-canary\"");
    leaves[1] = marked.into_bytes();
    let report = verify(&leaves, &head, None);
    let shown = format!("{report} {report:?}");
    assert!(String::from_utf8_lossy(&leaves[1]).contains("canary")); // control
    assert!(report.findings().len() > 1 && !shown.contains("canary"));
}

proptest! {
    #[test]
    fn any_flipped_bit_in_any_leaf_is_found(
        which in 0..10_usize, at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let (mut leaves, head) = intact();
        let at = at.index(leaves[which].len());
        leaves[which][at] ^= 1 << bit;
        prop_assert_eq!(verify(&leaves, &head, None).verdict(), Verdict::Broken);
    }

    #[test]
    fn any_flipped_bit_in_the_head_is_found(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (leaves, head) = intact();
        let mut bytes = head.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let head = String::from_utf8_lossy(&bytes);
        prop_assert_eq!(verify(&leaves, &head, None).verdict(), Verdict::Broken);
    }

    #[test]
    fn any_leaves_in_any_order_but_the_true_one_are_found(
        order in proptest::collection::vec(0..10_usize, 0..12),
    ) {
        let (leaves, head) = intact();
        prop_assume!(order != (0..10).collect::<Vec<_>>());
        let shuffled: Vec<_> = order.iter().map(|n| leaves[*n].clone()).collect();
        prop_assert_eq!(verify(&shuffled, &head, None).verdict(), Verdict::Broken);
    }
}
