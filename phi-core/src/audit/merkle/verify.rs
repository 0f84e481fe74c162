//! Checking proofs, by the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2 (the tree is that of RFC 6962).

use super::{Hash, MerkleError};

/// Checks that a leaf is number `index` of the tree with this size and root.
///
/// # Errors
///
/// [`MerkleError`] if the index lies outside the tree, or the proof has another length or leads to another root.
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: Hash,
) -> Result<(), MerkleError> {
    if index >= size {
        return Err(MerkleError::OutOfRange);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(MerkleError::ProofShape);
        }
        if node & 1 == 1 || node == last {
            hash = Hash::of_node(*sibling, hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = Hash::of_node(hash, *sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(MerkleError::ProofShape);
    }
    if hash == root { Ok(()) } else { Err(MerkleError::RootMismatch) }
}

/// Checks that the tree of `older` leaves is the beginning of the tree of `newer` leaves.
///
/// Two equal trees, and the empty tree before any other, need an empty proof.
///
/// # Errors
///
/// [`MerkleError`] if `older` is above `newer`, or the proof has another length or leads to other roots.
pub fn verify_consistency(
    older: u64,
    older_root: Hash,
    newer: u64,
    newer_root: Hash,
    proof: &[Hash],
) -> Result<(), MerkleError> {
    if older > newer {
        return Err(MerkleError::OutOfRange);
    }
    if older == 0 || older == newer {
        let expected = if older == newer { newer_root } else { Hash::EMPTY };
        return match (proof, older_root == expected) {
            ([], true) => Ok(()),
            ([], false) => Err(MerkleError::RootMismatch),
            _ => Err(MerkleError::ProofShape),
        };
    }
    let (mut node, mut last) = (older - 1, newer - 1);
    let known = node.trailing_ones();
    node >>= known;
    last >>= known;
    let mut proof = proof.iter().copied();
    // A perfect older tree is a node of the newer one, so the proof leaves its root out.
    let first = if node == 0 { Some(older_root) } else { proof.next() };
    let first = first.ok_or(MerkleError::ProofShape)?;
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in proof {
        if last == 0 {
            return Err(MerkleError::ProofShape);
        }
        if node & 1 == 1 || node == last {
            old_hash = Hash::of_node(sibling, old_hash);
            new_hash = Hash::of_node(sibling, new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = Hash::of_node(new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(MerkleError::ProofShape);
    }
    if old_hash == older_root && new_hash == newer_root {
        Ok(())
    } else {
        Err(MerkleError::RootMismatch)
    }
}
