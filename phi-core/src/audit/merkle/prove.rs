//! Making proofs from stored hashes.

use std::error::Error;
use std::fmt;

use super::{Edge, Hash, MerkleError};

/// Where the hashes of a tree are read from.
///
/// Only [`leaf`](Self::leaf) is needed. A store that keeps inner hashes (tiles) answers
/// [`subtree`](Self::subtree) from them and makes a proof cost a few reads instead of one a leaf.
pub trait HashSource {
    /// What can go wrong when reading.
    type Error;

    /// The hash of leaf `index`.
    ///
    /// # Errors
    ///
    /// The source's own; a missing leaf is one.
    fn leaf(&mut self, index: u64) -> Result<Hash, Self::Error>;

    /// The root of the perfect subtree of 2^`level` leaves that begins at leaf `index`·2^`level`.
    ///
    /// # Errors
    ///
    /// The source's own.
    fn subtree(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error> {
        let width = 1_u64.checked_shl(level).unwrap_or(u64::MAX);
        let first = index.saturating_mul(width);
        let mut edge = Edge::new();
        for leaf in first..first.saturating_add(width) {
            edge.push(self.leaf(leaf)?);
        }
        Ok(edge.root())
    }
}

/// Leaf hashes in memory; a missing one is [`MerkleError::OutOfRange`].
impl HashSource for &[Hash] {
    type Error = MerkleError;

    fn leaf(&mut self, index: u64) -> Result<Hash, Self::Error> {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.get(index))
            .copied()
            .ok_or(MerkleError::OutOfRange)
    }
}

/// Why no proof could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofError<E> {
    /// The tree of this size has no such leaf, or the smaller tree is not the smaller one.
    OutOfRange,
    /// The source could not be read.
    Source(E),
}

impl<E> fmt::Display for ProofError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfRange => "index or size lies outside the tree",
            Self::Source(_) => "a hash of the tree could not be read",
        })
    }
}

impl<E: fmt::Debug> Error for ProofError<E> {}

/// The audit path of leaf `index` in the tree of the first `size` leaves (RFC 6962 section 2.1.1), lowest hash first.
///
/// # Errors
///
/// [`ProofError::OutOfRange`] if there is no such leaf or the size is above [`Edge::MAX_SIZE`];
/// [`ProofError::Source`] if a hash cannot be read.
pub fn inclusion_proof<S: HashSource>(
    source: &mut S,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProofError<S::Error>> {
    if index >= size || size > Edge::MAX_SIZE {
        return Err(ProofError::OutOfRange);
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let split = start + split(end - start);
        if index < split {
            proof.push(range_root(source, split, end)?);
            end = split;
        } else {
            proof.push(range_root(source, start, split)?);
            start = split;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `older` leaves is the beginning of the tree of `newer` leaves (RFC 6962 section 2.1.2).
///
/// Empty if the two are equal or the older one is empty.
///
/// # Errors
///
/// [`ProofError::OutOfRange`] if `older` is above `newer` or `newer` above [`Edge::MAX_SIZE`];
/// [`ProofError::Source`] if a hash cannot be read.
pub fn consistency_proof<S: HashSource>(
    source: &mut S,
    older: u64,
    newer: u64,
) -> Result<Vec<Hash>, ProofError<S::Error>> {
    if older > newer || newer > Edge::MAX_SIZE {
        return Err(ProofError::OutOfRange);
    }
    if older == 0 || older == newer {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, newer);
    let mut proof = Vec::new();
    while end != older {
        let split = start + split(end - start);
        if older <= split {
            proof.push(range_root(source, split, end)?);
            end = split;
        } else {
            proof.push(range_root(source, start, split)?);
            start = split;
        }
    }
    if start > 0 {
        // The older tree's last subtree is not the whole of it, so the verifier does not know its hash yet.
        proof.push(range_root(source, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The root over leaves `start..end`, where `start` is a multiple of every subtree's width in it.
fn range_root<S: HashSource>(
    source: &mut S,
    start: u64,
    end: u64,
) -> Result<Hash, ProofError<S::Error>> {
    let mut roots = Vec::new();
    let mut at = start;
    while at < end {
        let level = (end - at).ilog2();
        roots.push(source.subtree(level, at >> level).map_err(ProofError::Source)?);
        at += 1 << level;
    }
    let mut roots = roots.into_iter().rev();
    let smallest = roots.next().unwrap_or(Hash::EMPTY);
    Ok(roots.fold(smallest, |right, left| Hash::of_node(left, right)))
}
