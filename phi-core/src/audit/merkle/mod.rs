//! The Merkle tree of RFC 6962 section 2.1: its hashes, its right edge, and its two kinds of proof.
//!
//! ```
//! use phi_core::audit::merkle::{Edge, Hash, inclusion_proof, verify_inclusion};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let leaves: Vec<Hash> = (0..7_u8).map(|n| Hash::of_leaf(&[n])).collect();
//! let mut edge = Edge::new();
//! leaves.iter().for_each(|leaf| edge.push(*leaf));
//!
//! let proof = inclusion_proof(&mut leaves.as_slice(), 3, 7)?;
//! assert!(verify_inclusion(leaves[3], 3, 7, &proof, edge.root()).is_ok());
//! assert!(verify_inclusion(leaves[4], 3, 7, &proof, edge.root()).is_err()); // another leaf: refused
//! # Ok(())
//! # }
//! ```

mod edge;
mod prove;
mod verify;

use std::error::Error;
use std::fmt;

use sha2::{Digest as _, Sha256};

pub use self::edge::Edge;
pub use self::prove::{HashSource, ProofError, consistency_proof, inclusion_proof};
pub use self::verify::{verify_consistency, verify_inclusion};
use super::event::push_hex;

/// A SHA-256 hash of a leaf, of a node, or of a whole tree. `Display` and `Debug` print lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The root of the empty tree: the SHA-256 of nothing.
    pub const EMPTY: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// Takes 32 bytes as a hash.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash of a leaf: SHA-256(0x00 ‖ leaf).
    pub fn of_leaf(leaf: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(leaf).finalize().into())
    }

    /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    pub fn of_node(left: Self, right: Self) -> Self {
        Self(
            Sha256::new()
                .chain_update([1])
                .chain_update(left.0)
                .chain_update(right.0)
                .finalize()
                .into(),
        )
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hex = String::with_capacity(64);
        push_hex(&mut hex, &self.0);
        f.write_str(&hex)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a proof does not prove, or stored bytes are not an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MerkleError {
    /// The index or size lies outside the tree.
    OutOfRange,
    /// The proof has too few or too many hashes.
    ProofShape,
    /// The proof leads to another root.
    RootMismatch,
    /// The bytes are not a stored edge.
    Edge,
}

impl fmt::Display for MerkleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfRange => "index or size lies outside the tree",
            Self::ProofShape => "proof has the wrong number of hashes for this tree",
            Self::RootMismatch => "proof does not lead to this root",
            Self::Edge => "bytes are not the right edge of a tree; rebuild it from the leaf hashes",
        })
    }
}

impl Error for MerkleError {}
