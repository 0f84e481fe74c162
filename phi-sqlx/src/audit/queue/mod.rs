//! From hand-over to durable: what a log on any database has in common. Handles reserve and hand
//! over, one task writes.

mod handle;
mod kept;
mod writer;

pub(super) use self::handle::Handle;
pub use self::handle::SignedCheckpoint;
#[cfg(feature = "postgres")]
pub(super) use self::writer::own_event;
pub(super) use self::writer::{Store, Writer, Written, new_writer};
