//! A nonce is never used for two messages, whatever happens to the generator's state.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops where it goes wrong"
)]

mod support;

use std::collections::HashSet;

use phi_core::{SealedRecord, Vault, testing};
use phi_test_support::in_forked_child;
use support::{HERE, Patient, ada, vault};

/// The nonces of a record's fields, in order.
fn nonces(vault: &Vault, record: &Patient) -> Vec<[u8; 24]> {
    let mut nonces = Vec::new();
    vault.seal(record).unwrap().visit_stored(&mut |stored| {
        if !stored.token {
            nonces.push(stored.bytes.unwrap()[5..29].try_into().unwrap());
        }
    });
    nonces
}

#[test]
fn a_forked_child_draws_a_prefix_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name| dir.path().join(name);
    let keys = phi_core::keys::KeyFile::open_or_create(file("root"), file("ring")).unwrap();
    let vault = Vault::new(keys).unwrap();
    vault.add_tenant(HERE).unwrap();
    let before = nonces(&vault, &ada());
    // The child has the parent's session and the parent's generator state.
    let child = in_forked_child(|| nonces(&vault, &ada()).concat()).expect("child sealed");
    let after = nonces(&vault, &ada());
    let child: Vec<[u8; 24]> = child.chunks(24).map(|n| n.try_into().unwrap()).collect();

    assert_eq!(before[0][..12], after[0][..12], "one prefix per process and key");
    assert_ne!(child[0][..12], before[0][..12], "the child renewed it");
    let all: HashSet<_> = before.iter().chain(&child).chain(&after).collect();
    assert_eq!(all.len(), before.len() + child.len() + after.len());
}

#[test]
fn a_cloned_machine_repeats_a_nonce_only_for_an_equal_text_in_an_equal_place() {
    // Two vaults from one seed stand for a machine and its clone: same keys, same prefix, and a
    // generator that gives the same bytes in the same order.
    let clone = || {
        let vault = testing::vault(5);
        vault.add_tenant(HERE).unwrap();
        vault
    };
    let same = nonces(&clone(), &ada());
    assert_eq!(same, nonces(&clone(), &ada()), "equal text, equal place: the same ciphertext");

    let other_text = Patient { name: "Eve Sample".into(), ..ada() };
    let other = nonces(&clone(), &other_text);
    assert_eq!(same[0][..12], other[0][..12], "the clone has the same prefix");
    assert_ne!(same[0], other[0], "another text has another nonce");

    let other_place = Patient { id: uuid::Uuid::from_u128(99), ..ada() };
    for (a, b) in same.iter().zip(nonces(&clone(), &other_place)) {
        assert_ne!(*a, b, "another place has another nonce");
    }
}

#[test]
fn ten_thousand_messages_have_ten_thousand_nonces() {
    let vault = vault();
    let all: HashSet<_> = (0..3_400).flat_map(|_| nonces(&vault, &ada())).collect();
    assert_eq!(all.len(), 3_400 * 3);
}
