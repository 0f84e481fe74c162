//! The sealer's settings.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use phi_core::audit::EventTime;
use phi_core::audit::note::{SigningKey, VerifierKey};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::{Notify, watch};

use super::core::Core;
use super::task::Task;
use super::{PostgresSealer, Progress};
use crate::audit::queue::new_writer;
use crate::audit::{AuditLogError, PostgresAuditTables};

/// Settings of a [`PostgresSealer`].
#[derive(Debug)]
#[must_use = "settings do nothing until the sealer is started"]
pub struct PostgresSealerBuilder {
    core: Core,
    every: Duration,
    heartbeat: Option<Duration>,
}

impl PostgresSealerBuilder {
    pub(super) fn new(
        options: PgConnectOptions,
        tables: PostgresAuditTables,
        key: SigningKey,
    ) -> Self {
        let core = Core {
            options,
            tables,
            keys: vec![key.verifier()],
            key,
            newest: None,
            own: new_writer(),
            lease: Duration::from_secs(10),
            too_long: false,
            last: EventTime::new(Timestamp::now()),
            work: None,
            #[cfg(test)]
            steps: None,
        };
        let heartbeat = Some(Duration::from_mins(5));
        Self { core, every: Duration::from_millis(50), heartbeat }
    }

    /// How often the queue is looked at, every 50 ms by default: the time in which an event is
    /// durable but not in the tree yet.
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every.max(Duration::from_millis(1));
        self
    }

    /// How long the lease holds after a sealer was last heard of, 10 s by default, at least 1 s: how
    /// long nobody seals after one was killed. By the server's clock.
    ///
    /// A lease of another that ends later than in an hour, or in four times this if that is longer, is
    /// told as [`AuditLogProblem::LeaseTooLong`](crate::audit::AuditLogProblem::LeaseTooLong) while this
    /// one waits.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.core.lease = lease.max(Duration::from_secs(1));
        self
    }

    /// After how long without events the sealer writes one of its own, so that a checkpoint dates
    /// itself: five minutes by default. `None` for never.
    pub fn heartbeat(mut self, after: Option<Duration>) -> Self {
        self.heartbeat = after;
        self
    }

    /// Accepts a last checkpoint that an older key has signed. It must bear the same name.
    pub fn trust(mut self, older: VerifierKey) -> Self {
        self.core.keys.push(older);
        self
    }

    /// A checkpoint kept elsewhere: the log must continue it.
    ///
    /// # Security
    ///
    /// The database alone cannot show that it is an older copy of itself. With a kept checkpoint a
    /// restored backup, or tables begun anew, are refused.
    pub fn kept(mut self, checkpoint: impl Into<String>) -> Self {
        self.core.newest = Some(checkpoint.into());
        self
    }

    /// Begins.
    ///
    /// # Errors
    ///
    /// As [`PostgresSealer::start`].
    pub async fn start(mut self) -> Result<PostgresSealer, AuditLogError> {
        let place = self.core.tables.place();
        if let Err(problem) = self.core.take().await {
            self.core.give_up().await;
            return Err(AuditLogError::new(place, problem));
        }
        let close = Arc::new(Notify::new());
        let (progress, watched) = watch::channel(Progress::default());
        let task = Task::new(self.core, self.every, self.heartbeat, progress);
        let asked = Arc::clone(&close);
        tokio::spawn(async move { task.run(&asked).await });
        Ok(PostgresSealer { close, progress: watched })
    }

    #[cfg(test)]
    pub(super) fn core(self) -> Core {
        self.core
    }
}
