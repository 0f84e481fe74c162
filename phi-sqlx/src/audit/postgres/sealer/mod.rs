//! The one that numbers, hashes and signs. Many may run; the one with the lease is at work.

mod batch;
mod builder;
mod core;
mod sweep;
mod task;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;
use std::sync::Arc;

use phi_core::audit::AuditError;
use phi_core::audit::note::SigningKey;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

pub use self::builder::PostgresSealerBuilder;
use super::PostgresAuditTables;
use crate::audit::{AuditLogError, AuditLogProblem, SignedCheckpoint};

/// Gives the events that writers have put into the queue their place in the log.
///
/// It takes rows in batches, checks that each writer's numbers have no hole, gives each event its
/// `index` and its tenant's number, and writes leaves, the tree's edge and the signed checkpoint in
/// one transaction, in which it still holds the lease. It writes a heartbeat when nothing happens.
///
/// Run one beside each application, or one alone: those without the lease wait for it. See
/// [`PostgresAuditLog`](super::PostgresAuditLog) for an example.
///
/// # Security
///
/// Only the sealer has the signing key. Two that believe to have the lease make no fork: a
/// transaction of one that lost it is refused by the database, and no checkpoint of it is shown. A
/// log that lost entries is never continued: see [`problem`](Self::problem).
///
/// A row that stands behind a hole in its writer's numbers is held back, and no other writer's with
/// it; [`held_back`](Self::held_back) names it, since the row that is missing may have been removed.
pub struct PostgresSealer {
    close: Arc<Notify>,
    progress: watch::Receiver<Progress>,
}

/// How far a sealer is.
#[derive(Debug, Clone, Default)]
struct Progress {
    at_work: bool,
    head: Option<SignedCheckpoint>,
    held_back: Arc<[WaitingWriter]>,
    refused: u64,
    problem: Option<AuditLogProblem>,
    /// How it ended, once it has.
    ended: Option<Result<(), AuditError>>,
}

/// A writer whose events wait behind one that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingWriter {
    /// The writer.
    pub writer: Uuid,
    /// The number that is next, and missing.
    pub expected: u64,
    /// The lowest that waits.
    pub lowest: u64,
    /// How many wait.
    pub waiting: u64,
}

impl PostgresSealer {
    /// Connects, checks server and role, and begins to seal, or to wait for the lease, with the
    /// defaults of [`builder`](Self::builder). The key's name is the log's origin.
    ///
    /// Needs a tokio runtime with its time driver, which must live as long as the sealer.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`] if the server cannot be reached or is not durable, the tables are not
    /// there, the role may do more than its part, or what they hold is not what the key has signed.
    pub async fn start(
        options: PgConnectOptions,
        tables: &PostgresAuditTables,
        key: SigningKey,
    ) -> Result<Self, AuditLogError> {
        Self::builder(options, tables, key).start().await
    }

    /// The same with settings.
    pub fn builder(
        options: PgConnectOptions,
        tables: &PostgresAuditTables,
        key: SigningKey,
    ) -> PostgresSealerBuilder {
        PostgresSealerBuilder::new(options, tables.clone(), key)
    }

    /// Whether this one has the lease.
    pub fn is_at_work(&self) -> bool {
        self.progress.borrow().at_work
    }

    /// The newest checkpoint this sealer has signed or found; `None` before it was first at work.
    pub fn checkpoint(&self) -> Option<SignedCheckpoint> {
        self.progress.borrow().head.clone()
    }

    /// Waits for a checkpoint over more than `size` entries; `None` after the sealer has ended.
    ///
    /// For a task that keeps checkpoints elsewhere.
    pub async fn next_checkpoint(&self, size: u64) -> Option<SignedCheckpoint> {
        let mut progress = self.progress.clone();
        let more =
            |progress: &Progress| progress.head.as_ref().is_some_and(|head| head.size > size);
        let done = |progress: &Progress| more(progress) || progress.ended.is_some();
        let progress = progress.wait_for(done).await.ok()?;
        progress.head.clone().filter(|head| head.size > size)
    }

    /// Writers whose events wait behind one that is missing, as of a moment ago.
    pub fn held_back(&self) -> Vec<WaitingWriter> {
        self.progress.borrow().held_back.to_vec()
    }

    /// How many rows of the queue this sealer could not make entries of, and kept aside in the table
    /// `phi_audit_refused`: what is no event, and what is of a tenant whose name the database does
    /// not store. Only somebody who went past the library puts in such, unless the database's encoding
    /// is not UTF-8, or somebody added a rule to the table of tenants.
    pub fn refused(&self) -> u64 {
        self.progress.borrow().refused
    }

    /// What keeps this sealer from its work, if anything does.
    pub fn problem(&self) -> Option<AuditLogProblem> {
        self.progress.borrow().problem
    }

    /// Seals what is there, writes the event that says so, and lets the lease go. Further calls wait
    /// for the same end.
    ///
    /// # Errors
    ///
    /// [`AuditError::Unavailable`] if that was not possible, also with one more try after a fault:
    /// another sealer, or the next start, goes on. It is no error if another sealer is at work.
    pub async fn close(&self) -> Result<(), AuditError> {
        self.close.notify_one();
        let mut progress = self.progress.clone();
        let ended = progress.wait_for(|progress| progress.ended.is_some()).await;
        ended.ok().and_then(|progress| progress.ended).unwrap_or(Err(AuditError::Unavailable))
    }
}

impl fmt::Debug for PostgresSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let progress = self.progress.borrow();
        f.debug_struct("PostgresSealer")
            .field("at_work", &progress.at_work)
            .field("size", &progress.head.as_ref().map(|head| head.size))
            .field("held_back", &progress.held_back.len())
            .finish_non_exhaustive()
    }
}
