//! The writer's settings.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::lane::Lanes;
use super::store::Store;
use super::{PostgresAuditLog, PostgresAuditTables};
use crate::audit::AuditLogError;
use crate::audit::queue::{Writer, new_writer};

/// Settings of a [`PostgresAuditLog`].
#[derive(Debug)]
#[must_use = "settings do nothing until the log is opened"]
pub struct PostgresAuditLogBuilder {
    options: PgConnectOptions,
    tables: PostgresAuditTables,
    slots: usize,
    lanes: usize,
    heartbeat: Option<Duration>,
}

impl PostgresAuditLogBuilder {
    pub(super) fn new(options: PgConnectOptions, tables: PostgresAuditTables) -> Self {
        Self { options, tables, slots: 1024, lanes: 16, heartbeat: None }
    }

    /// How many hand-overs may be reserved or waiting, 1,024 by default; between 1 and 65,536.
    /// The next one is [`AuditError::Full`](phi_core::audit::AuditError::Full).
    pub fn slots(mut self, slots: usize) -> Self {
        self.slots = slots.clamp(1, 65_536);
        self
    }

    /// How many transactions may [`commit`](PostgresAuditLog::commit) at a time, 16 by default;
    /// between 1 and 256. Each is a writer of its own in the log. Those beyond wait.
    pub fn lanes(mut self, lanes: usize) -> Self {
        self.lanes = lanes.clamp(1, 256);
        self
    }

    /// After how long without events this process writes one of its own; never by default, since
    /// the sealer writes some.
    pub fn heartbeat(mut self, after: Option<Duration>) -> Self {
        self.heartbeat = after;
        self
    }

    /// Connects, and checks server and role.
    ///
    /// # Errors
    ///
    /// As [`PostgresAuditLog::open`].
    pub async fn open(self) -> Result<PostgresAuditLog, AuditLogError> {
        let place = self.tables.place();
        let store = Store::new(self.options.clone(), self.tables.clone(), new_writer());
        let handle = Writer::start(store, self.slots, self.heartbeat).await;
        let handle = handle.map_err(|problem| AuditLogError::new(place, problem))?;
        let lanes = Lanes::new(self.options, self.tables, self.lanes);
        Ok(PostgresAuditLog::new(handle, Arc::new(lanes)))
    }
}
