//! The audit log: what is recorded, how it is sealed, and how anybody can check it.
//!
//! One log per database. An [`Event`] says who did what to which fields of which record, and never a value.
//! [`AuditLog`] takes events in; a store numbers them with [`LogState`], keeps each as one leaf of an RFC 6962
//! Merkle tree ([`merkle`]) and signs the tree's head as a C2SP checkpoint ([`Checkpoint`], [`note`]).
//! [`Verifier`] reads it all back and says what was changed.
//!
//! ```
//! use phi_core::audit::note::SigningKey;
//! use phi_core::audit::{Action, Event, EventId, EventTime, LogState, Outcome, Verdict, Verifier};
//! use uuid::Uuid;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate("log.example/clinic")?;
//! let mut log = LogState::new();
//! let time = EventTime::new("2026-11-22T08:00:00Z".parse()?);
//! let events: Vec<Vec<u8>> = (0..3)
//!     .map(|n| Event::new(EventId::new(time, [n; 10]), time, Action::Read, Outcome::Success).encode())
//!     .collect();
//! let batch = log.append(Uuid::from_u128(1), 0, &events)?;
//! let checkpoint = log.checkpoint("log.example/clinic", &key)?;
//! log.commit(); // the store's transaction has committed
//! let mut leaves: Vec<Vec<u8>> = batch.entries.into_iter().map(|entry| entry.leaf).collect();
//!
//! let checked = |leaves: &[Vec<u8>]| {
//!     Verifier::new("log.example/clinic", vec![key.verifier()])
//!         .with_checkpoint(&checkpoint)
//!         .with_kept(&checkpoint)
//!         .run(leaves)
//! };
//! assert_eq!(checked(&leaves).verdict(), Verdict::Intact);
//!
//! leaves.swap(0, 1); // somebody reorders the past
//! assert_eq!(checked(&leaves).verdict(), Verdict::Broken);
//! # Ok(())
//! # }
//! ```
//!
//! # Security
//!
//! The log shows tampering, it does not prevent it. Whoever holds the signing key and the database can write
//! another history; only a checkpoint kept where they cannot write shows that. Without one the verdict is
//! [`Verdict::TruncationNotExcluded`], never `Intact`.

mod checkpoint;
mod entry;
mod event;
#[cfg(any(test, feature = "testing"))]
mod memory;
pub mod merkle;
pub mod note;
mod seal;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub use self::checkpoint::{Checkpoint, CheckpointError};
pub use self::entry::{Entry, EntryError};
pub use self::event::{
    Action, Client, Code, ContentHash, Event, EventError, EventId, EventTime, Id, Item, Outcome,
    Part, Principal, PrincipalKind, Printable, Reason, Search,
};
#[cfg(any(test, feature = "testing"))]
pub use self::memory::RecordingLog;
pub use self::seal::{Batch, LogEntry, LogState, SealLogError};
pub use self::store::{AuditError, AuditLog, Receipt, Slot, SlotImpl};
pub use self::verify::{Finding, Report, Verdict, Verifier};
