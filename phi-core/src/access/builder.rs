use std::sync::Arc;

use super::clock::Ordered;
use super::registry::Registry;
use super::safeguards::Core;
use super::{Clock, Safeguards, StartError, SystemClock};
use crate::audit::AuditLog;
use crate::crypto::Random;
use crate::keys::KeyFile;
use crate::policy::Policy;
use crate::record::{PhiRecord, RecordSchema};
use crate::vault::Engine;

/// Collects what [`Safeguards`] need, and checks it whole in [`build`](Self::build).
#[must_use = "nothing is checked before `build`"]
pub struct SafeguardsBuilder {
    keys: KeyFile,
    policy: Policy,
    audit: Box<dyn AuditLog>,
    clock: Box<dyn Clock>,
    schemas: Vec<&'static RecordSchema>,
    random: Random,
}

impl SafeguardsBuilder {
    pub(crate) fn new(keys: KeyFile, policy: Policy, audit: impl AuditLog) -> Self {
        Self {
            keys,
            policy,
            audit: Box::new(audit),
            clock: Box::new(SystemClock),
            schemas: Vec::new(),
            random: Random::default(),
        }
    }

    /// Names a record struct that grants may open and seal. One that nobody named is refused.
    pub fn record<R: PhiRecord>(mut self) -> Self {
        self.schemas.push(R::schema());
        self
    }

    /// Takes the time of events from another clock: tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Checks policy and records against each other and takes the keyring over, for good: a bare
    /// [`Vault`](crate::Vault) that is opened later refuses it. One that is open already, in
    /// another process, goes on: stop it first.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the keyring cannot be used, the policy names something that no record
    /// has, or two structs of one label disagree.
    pub fn build(self) -> Result<Safeguards, StartError> {
        let registry = Registry::new(&self.policy, &self.schemas)?;
        self.keys.govern()?;
        Ok(Safeguards::from_core(Arc::new(Core {
            engine: Engine::with_random(self.keys, self.random),
            registry,
            audit: self.audit,
            clock: Ordered::new(self.clock),
        })))
    }
}

impl std::fmt::Debug for SafeguardsBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let records: Vec<_> = self.schemas.iter().map(|schema| schema.record).collect();
        f.debug_struct("SafeguardsBuilder").field("records", &records).finish_non_exhaustive()
    }
}
