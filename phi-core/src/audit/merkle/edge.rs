//! The right edge of a growing tree: all that is needed to append and to know the root.

use super::{Hash, MerkleError};

/// The roots of the perfect subtrees a tree consists of, the largest first: one for each bit set in its size.
///
/// ```
/// use phi_core::audit::merkle::{Edge, Hash, MerkleError};
///
/// let mut edge = Edge::new();
/// assert_eq!(edge.root(), Hash::EMPTY);
/// edge.push(Hash::of_leaf(b"first"));
/// assert_eq!(edge.root(), Hash::of_leaf(b"first"));
///
/// let stored = edge.to_bytes();
/// assert_eq!(Edge::from_bytes(&stored)?, edge);
/// assert_eq!(Edge::from_bytes(&stored[1..]).unwrap_err(), MerkleError::Edge); // a byte short: refused
/// # Ok::<(), MerkleError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    nodes: Vec<Hash>,
}

impl Edge {
    /// The largest tree that is read back: 2^62 leaves, so that no sum on sizes can overflow.
    pub const MAX_SIZE: u64 = 1 << 62;

    /// The edge of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                hash = Hash::of_node(left, hash);
            }
        }
        self.nodes.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut nodes = self.nodes.iter().rev().copied();
        nodes.next().map_or(Hash::EMPTY, |smallest| {
            nodes.fold(smallest, |right, left| Hash::of_node(left, right))
        })
    }

    /// The edge as it is stored: the size as 8 big-endian bytes, then 32 bytes a subtree, the largest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 32 * self.nodes.len());
        bytes.extend_from_slice(&self.size.to_be_bytes());
        for node in &self.nodes {
            bytes.extend_from_slice(node.as_bytes());
        }
        bytes
    }

    /// Reads a stored edge.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Edge`] if the size is above [`Edge::MAX_SIZE`] or the number of hashes is not that of its bits.
    ///
    /// # Security
    ///
    /// The hashes themselves cannot be checked here: compare [`Edge::root`] with the last checkpoint.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MerkleError> {
        let (size, hashes) = bytes.split_first_chunk::<8>().ok_or(MerkleError::Edge)?;
        let size = u64::from_be_bytes(*size);
        let (hashes, rest) = hashes.as_chunks::<32>();
        if size > Self::MAX_SIZE || !rest.is_empty() || hashes.len() != size.count_ones() as usize {
            return Err(MerkleError::Edge);
        }
        Ok(Self { size, nodes: hashes.iter().copied().map(Hash::new).collect() })
    }
}
