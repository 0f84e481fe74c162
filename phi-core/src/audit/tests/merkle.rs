//! The tree against published answers and against the definition in RFC 6962, written out.

use proptest::collection::vec;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::audit::merkle::{
    Edge, Hash, HashSource, MerkleError, ProofError, consistency_proof, inclusion_proof,
    verify_consistency, verify_inclusion,
};

/// The eight leaves of the Certificate Transparency reference tree.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// Its roots at sizes 0 to 8.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn leaves() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| Hash::of_leaf(leaf)).collect()
}

fn hex(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(Hash::to_string).collect()
}

fn edge_of(leaves: &[Hash]) -> Edge {
    let mut edge = Edge::new();
    for leaf in leaves {
        edge.push(*leaf);
    }
    edge
}

/// MTH, PATH and PROOF as RFC 6962 section 2.1 defines them.
mod naive {
    use super::*;

    fn node(left: Hash, right: Hash) -> Hash {
        Hash::new(Sha256::digest([&[1], &left.as_bytes()[..], right.as_bytes()].concat()).into())
    }

    fn half(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    pub(super) fn root(d: &[Hash]) -> Hash {
        match d {
            [] => Hash::new(Sha256::digest([]).into()),
            [one] => *one,
            _ => node(root(&d[..half(d.len())]), root(&d[half(d.len())..])),
        }
    }

    pub(super) fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
        if d.len() == 1 {
            return Vec::new();
        }
        let (left, right) = d.split_at(half(d.len()));
        let (mut rest, other) = if m < left.len() {
            (path(m, left), root(right))
        } else {
            (path(m - left.len(), right), root(left))
        };
        rest.push(other);
        rest
    }

    pub(super) fn proof(m: usize, d: &[Hash], whole: bool) -> Vec<Hash> {
        if m == d.len() {
            return if whole { Vec::new() } else { vec![root(d)] };
        }
        let (left, right) = d.split_at(half(d.len()));
        let (mut rest, other) = if m <= left.len() {
            (proof(m, left, whole), root(right))
        } else {
            (proof(m - left.len(), right, false), root(left))
        };
        rest.push(other);
        rest
    }
}

#[test]
fn roots_are_those_of_the_reference_tree() {
    assert_eq!(Hash::EMPTY.to_string(), ROOTS[0]);
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(edge_of(&leaves()[..size]).root().to_string(), *root);
        assert_eq!(naive::root(&leaves()[..size]).to_string(), *root);
    }
}

#[test]
fn proofs_are_those_of_the_reference_tree() {
    let mut source = &leaves()[..];
    assert_eq!(
        hex(&inclusion_proof(&mut source, 0, 8).unwrap()),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        hex(&inclusion_proof(&mut source, 5, 8).unwrap()),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        hex(&consistency_proof(&mut source, 6, 8).unwrap()),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        hex(&consistency_proof(&mut source, 2, 5).unwrap()),
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ]
    );
}

fn many(n: u16) -> Vec<Hash> {
    (0..n).map(|n| Hash::of_leaf(&n.to_be_bytes())).collect()
}

#[test]
fn every_proof_of_every_small_tree_is_the_defined_one_and_verifies() {
    let all = many(40);
    for size in 1..=all.len() {
        let (tree, n) = (&all[..size], size as u64);
        let root = naive::root(tree);
        assert_eq!(edge_of(tree).root(), root);
        for (leaf, at) in tree.iter().zip(0..) {
            let proof = inclusion_proof(&mut &all[..], at as u64, n).unwrap();
            assert_eq!(proof, naive::path(at, tree));
            assert_eq!(verify_inclusion(*leaf, at as u64, n, &proof, root), Ok(()));
        }
        for older in 0..=size {
            let old_root = naive::root(&all[..older]);
            let proof = consistency_proof(&mut &all[..], older as u64, n).unwrap();
            let defined = if older == 0 { Vec::new() } else { naive::proof(older, tree, true) };
            assert_eq!(proof, defined, "{older} of {size}");
            assert_eq!(verify_consistency(older as u64, old_root, n, root, &proof), Ok(()));
        }
    }
}

/// Each way to spoil a proof: a hash flipped, dropped, doubled, or one appended.
fn spoiled(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = vec![[proof, &[Hash::EMPTY]].concat(), [&[Hash::EMPTY], proof].concat()];
    for at in 0..proof.len() {
        let mut flipped = proof.to_vec();
        flipped[at] = Hash::of_leaf(flipped[at].as_bytes());
        let mut dropped = proof.to_vec();
        dropped.remove(at);
        let mut doubled = proof.to_vec();
        doubled.insert(at, proof[at]);
        all.extend([flipped, dropped, doubled]);
    }
    all
}

#[test]
fn every_spoiled_proof_is_refused() {
    let all = many(21);
    for size in 1..=all.len() {
        let (n, root) = (size as u64, naive::root(&all[..size]));
        for (at, leaf) in (0..n).zip(&all) {
            let proof = inclusion_proof(&mut &all[..], at, n).unwrap();
            assert!(verify_inclusion(*leaf, at, n, &proof, root).is_ok()); // control
            for spoiled in spoiled(&proof) {
                assert!(verify_inclusion(*leaf, at, n, &spoiled, root).is_err());
            }
            for wrong in (0..n + 2).filter(|wrong| *wrong != at) {
                assert!(verify_inclusion(*leaf, wrong, n, &proof, root).is_err());
            }
            assert!(verify_inclusion(Hash::EMPTY, at, n, &proof, root).is_err());
            assert!(verify_inclusion(*leaf, at, n, &proof, Hash::EMPTY).is_err());
        }
        for older in 1..n {
            let old_root = edge_of(&all[..usize::try_from(older).unwrap()]).root();
            let proof = consistency_proof(&mut &all[..], older, n).unwrap();
            let check = |old, old_root, new_root, proof: &[Hash]| {
                verify_consistency(old, old_root, n, new_root, proof)
            };
            assert!(check(older, old_root, root, &proof).is_ok()); // control
            for spoiled in spoiled(&proof) {
                assert!(check(older, old_root, root, &spoiled).is_err());
            }
            assert!(check(older, root, root, &proof).is_err());
            assert!(check(older, old_root, old_root, &proof).is_err());
            assert!(check(older + 1, old_root, root, &proof).is_err());
            assert!(check(older, old_root, root, &[]).is_err());
        }
    }
    let some = Hash::of_leaf(b"x");
    assert_eq!(verify_consistency(3, some, 2, some, &[]), Err(MerkleError::OutOfRange));
    assert_eq!(verify_consistency(2, some, 2, Hash::EMPTY, &[]), Err(MerkleError::RootMismatch));
    assert_eq!(verify_consistency(0, some, 2, some, &[]), Err(MerkleError::RootMismatch));
    assert_eq!(verify_consistency(0, Hash::EMPTY, 2, some, &[some]), Err(MerkleError::ProofShape));
}

#[test]
fn proofs_outside_the_tree_or_from_a_torn_source_are_errors() {
    let mut source = &leaves()[..];
    for (at, size) in [(0, 0), (8, 8), (u64::MAX, 8), (0, u64::MAX)] {
        assert_eq!(inclusion_proof(&mut source, at, size), Err(ProofError::OutOfRange));
    }
    for (older, newer) in [(9, 8), (0, u64::MAX), (u64::MAX, 8)] {
        assert_eq!(consistency_proof(&mut source, older, newer), Err(ProofError::OutOfRange));
    }
    assert!(inclusion_proof(&mut source, 0, 8).is_ok()); // control
    let torn = inclusion_proof(&mut source, 0, 9);
    assert_eq!(torn, Err(ProofError::Source(MerkleError::OutOfRange)));
    let endless = inclusion_proof(&mut source, 0, Edge::MAX_SIZE);
    assert_eq!(endless, Err(ProofError::Source(MerkleError::OutOfRange)));
}

#[test]
fn a_source_of_inner_hashes_gives_the_same_proofs_with_few_reads() {
    struct Inner<'a>(&'a [Hash], usize);
    impl HashSource for Inner<'_> {
        type Error = MerkleError;
        fn leaf(&mut self, index: u64) -> Result<Hash, MerkleError> {
            self.subtree(0, index)
        }
        fn subtree(&mut self, level: u32, index: u64) -> Result<Hash, MerkleError> {
            self.1 += 1;
            let (from, width) = (usize::try_from(index << level).unwrap(), 1 << level);
            Ok(naive::root(&self.0[from..from + width]))
        }
    }
    let all = many(1000);
    let mut inner = Inner(&all, 0);
    let proof = inclusion_proof(&mut inner, 300, 1000).unwrap();
    assert_eq!(proof, naive::path(300, &all));
    assert!(inner.1 <= 16, "{} reads", inner.1);
}

#[test]
fn an_edge_of_another_size_or_length_is_refused() {
    let bytes = edge_of(&many(11)).to_bytes(); // 8 + 2 + 1: three subtrees
    assert_eq!(bytes.len(), 8 + 3 * 32);
    assert_eq!(bytes[..8], 11_u64.to_be_bytes());
    assert!(Edge::from_bytes(&bytes).is_ok()); // control
    for len in (0..bytes.len()).filter(|len| *len != 8 + 3 * 32) {
        assert_eq!(Edge::from_bytes(&bytes[..len]), Err(MerkleError::Edge));
    }
    assert!(Edge::from_bytes(&[&bytes[..], &[0; 32]].concat()).is_err());
    let with_size = |size: u64| Edge::from_bytes(&[&size.to_be_bytes(), &bytes[8..]].concat());
    assert!(with_size(12).is_err());
    assert!(with_size(7).is_ok()); // three subtrees as well: only the root can tell
    assert_ne!(with_size(7).unwrap().root(), edge_of(&many(7)).root());
    assert!(with_size((1 << 63) | 3).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_stored_edge_goes_on_as_if_it_had_never_stopped(before in 0..300_usize, after in 0..40_usize) {
        let all = many(340);
        let stopped = edge_of(&all[..before]).to_bytes();
        let mut edge = Edge::from_bytes(&stopped).unwrap();
        all[before..before + after].iter().for_each(|leaf| edge.push(*leaf));
        prop_assert_eq!(edge.size(), (before + after) as u64);
        prop_assert_eq!(edge.root(), naive::root(&all[..before + after]));
    }

    #[test]
    fn larger_trees_prove_and_verify(size in 1..700_u16, at in any::<prop::sample::Index>(), old in any::<prop::sample::Index>()) {
        let all = many(size);
        let (at, old) = (at.index(all.len()), old.index(all.len()));
        let (n, root) = (u64::from(size), naive::root(&all));
        let path = inclusion_proof(&mut &all[..], at as u64, n).unwrap();
        prop_assert_eq!(&path, &naive::path(at, &all));
        prop_assert_eq!(verify_inclusion(all[at], at as u64, n, &path, root), Ok(()));
        let proof = consistency_proof(&mut &all[..], old as u64, n).unwrap();
        let old_root = naive::root(&all[..old]);
        prop_assert_eq!(verify_consistency(old as u64, old_root, n, root, &proof), Ok(()));
    }

    #[test]
    fn any_proof_is_checked_without_a_crash(
        at in any::<u64>(), size in any::<u64>(), proof in vec(any::<[u8; 32]>(), 0..70),
    ) {
        let proof: Vec<Hash> = proof.into_iter().map(Hash::new).collect();
        prop_assert!(verify_inclusion(Hash::EMPTY, at, size, &proof, Hash::EMPTY).is_err());
        let _ = verify_consistency(at, Hash::EMPTY, size, Hash::of_leaf(b""), &proof);
    }

    #[test]
    fn any_bytes_are_an_edge_or_an_error(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(edge) = Edge::from_bytes(&bytes) {
            prop_assert_eq!(edge.to_bytes(), bytes);
        }
    }
}
