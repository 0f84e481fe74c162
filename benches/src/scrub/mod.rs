//! The scrubber's peer, and the texts both read.

pub mod baseline;
pub mod corpus;
