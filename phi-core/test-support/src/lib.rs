//! For the tests of this workspace: an allocator that looks for a canary in every freed block, and
//! a child process made by `fork`.

mod canary;
mod fork;

pub use canary::{CanaryAlloc, watch};
pub use fork::in_forked_child;
