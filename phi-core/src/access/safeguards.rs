use std::fmt;
use std::sync::Arc;

use super::clock::Ordered;
use super::registry::Registry;
use super::{Circumstances, Grant, GrantError, Mode, Needs, Principal, SafeguardsBuilder};
use crate::Id;
use crate::audit::{AuditError, AuditLog, Code, Event, EventId, EventTime, Outcome, Printable};
use crate::audit::{Reason, Receipt};
use crate::keys::{KeyError, KeyFile, Scope};
use crate::policy::{Action, CompiledPolicy, Policy, Purpose};
use crate::vault::Engine;

/// Vault, policy and audit log as one: the second of the two tiers of use.
///
/// A [`Grant`] is the only way to open, seal or search; it is given by policy, and each grant ends
/// in exactly one audit event.
///
/// ```
/// # #[cfg(feature = "testing")] {
/// use phi_core::audit::RecordingLog;
/// use phi_core::keys::KeyFile;
/// use phi_core::policy::{Action, Policy, Purpose};
/// use phi_core::{Membership, OpenError, Phi, PhiRecord, Principal, Safeguards};
/// use uuid::Uuid;
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "patient")]
/// struct Patient {
///     #[phi(id)]
///     id: Uuid,
///     #[phi(tenant)]
///     clinic_id: Uuid,
///     #[phi(class = "clinical")]
///     diagnosis: Phi<String>,
/// }
///
/// const POLICY: &str = r#"
/// version = 1
/// [[roles.clinician.allow]]
/// actions = ["create", "read"]
/// resources = ["patient"]
/// classes = ["clinical"]
/// scope = "tenant"
/// purposes = ["TREAT"]
/// "#;
///
/// # pollster::block_on(async {
/// # let dir = tempfile::tempdir()?;
/// # let keys = KeyFile::open_or_create(dir.path().join("root.key"), dir.path().join("keyring"))?;
/// let safeguards = Safeguards::builder(keys, Policy::from_toml(POLICY)?, RecordingLog::new())
///     .record::<Patient>()
///     .build()?;
/// let (here, there) = (Uuid::from_u128(1), Uuid::from_u128(2));
/// safeguards.add_tenant(here)?;
///
/// let ada = Principal::person(Uuid::from_u128(7), Membership::new(1, here, "clinician"));
/// let write = safeguards.begin(&ada, Action::Create, "patient", Purpose::Treatment).await?;
/// let patient =
///     Patient { id: Uuid::from_u128(3), clinic_id: here, diagnosis: "sample".into() };
/// let row = write.seal(&patient)?;
/// write.finish().await?;
///
/// // Allowed: a clinician of this clinic.
/// let read = safeguards.begin(&ada, Action::Read, "patient", Purpose::Treatment).await?;
/// assert_eq!(read.open(row.clone())?.diagnosis.expose(), "sample");
/// read.finish().await?;
///
/// // Refused: the same role in another clinic. The row looks as if it were missing.
/// let eve = Principal::person(Uuid::from_u128(8), Membership::new(2, there, "clinician"));
/// let read = safeguards.begin(&eve, Action::Read, "patient", Purpose::Treatment).await?;
/// assert_eq!(read.open(row).unwrap_err(), OpenError::NotFound);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// # }
/// ```
#[derive(Clone)]
pub struct Safeguards {
    core: Arc<Core>,
}

/// What all grants share.
pub(crate) struct Core {
    pub(crate) engine: Engine,
    pub(crate) registry: Registry,
    pub(crate) audit: Box<dyn AuditLog>,
    pub(crate) clock: Ordered,
}

impl Safeguards {
    /// Starts from a keyring, a policy and an audit log.
    pub fn builder(keys: KeyFile, policy: Policy, audit: impl AuditLog) -> SafeguardsBuilder {
        SafeguardsBuilder::new(keys, policy, audit)
    }

    pub(crate) fn from_core(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Gives a tenant a keyring of its own, unless it has one.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the keyring file cannot be changed.
    pub fn add_tenant(&self, tenant: impl Into<Id>) -> Result<(), KeyError> {
        self.core.engine.keys().add_scope(&Scope::Tenant(tenant.into()))
    }

    /// The policy, bound to the records: for explaining decisions and printing who may do what.
    #[must_use]
    pub fn policy(&self) -> &CompiledPolicy {
        &self.core.registry.policy
    }

    /// Asks policy for a grant, and the log for room, without waiting for either.
    ///
    /// For adapters that await receipts themselves; other code calls [`begin`](Self::begin).
    ///
    /// # Errors
    ///
    /// The reason, and the receipt of the refusal's audit event: await it before answering. The
    /// receipt fails at once if the log has no room, whatever policy says.
    pub fn grant(
        &self,
        principal: &Principal,
        needs: &Needs,
        circumstances: Circumstances,
    ) -> Result<Grant, (Reason, Receipt)> {
        let unavailable = |error| (Reason::LogUnavailable, Receipt::ready(Err(error)));
        let slot = self.core.audit.reserve().map_err(unavailable)?;
        let role = match self.allows(principal, needs) {
            Ok(role) => role,
            Err(reason) => {
                let mut event = self.core.event(principal, needs, &circumstances);
                event.outcome = Outcome::Denied;
                event.reason = Some(reason.clone());
                return Err((reason, slot.append(vec![event])));
            }
        };
        let intent = match needs.mode() {
            Mode::Strict => Some(self.core.audit.reserve().map_err(unavailable)?),
            Mode::Blocking => None,
        };
        Ok(Grant::new(
            Arc::clone(&self.core),
            principal.clone(),
            needs.clone(),
            circumstances,
            role,
            slot,
            intent,
        ))
    }

    /// Begins work outside a request: a job, an import, a test.
    ///
    /// Writes wait here until their intent is durable. Call [`Grant::finish`] when done.
    ///
    /// # Errors
    ///
    /// [`GrantError`] if policy denies it (the refusal is then in the log) or the log does not
    /// take events.
    pub async fn begin(
        &self,
        principal: &Principal,
        action: Action,
        resource: &str,
        purpose: Purpose,
    ) -> Result<Grant, GrantError> {
        self.begin_with(principal, &Needs::new(action, resource).purpose(purpose)).await
    }

    /// The same for needs that are declared in full: several kinds of records, or a strict read.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin).
    pub async fn begin_with(
        &self,
        principal: &Principal,
        needs: &Needs,
    ) -> Result<Grant, GrantError> {
        let circumstances = Circumstances::job(&principal.id().to_string());
        match self.grant(principal, needs, circumstances) {
            Ok(grant) => {
                if let Some(intent) = grant.intent() {
                    intent.await?;
                }
                Ok(grant)
            }
            Err((reason, receipt)) => {
                receipt.await?;
                Err(GrantError::Denied(reason))
            }
        }
    }

    /// Writes an event for a request that got no grant, for instance of an undeclared route.
    ///
    /// # Errors
    ///
    /// [`AuditError`] if the log has no room.
    pub fn refuse(
        &self,
        principal: Option<&Principal>,
        circumstances: &Circumstances,
        reason: Reason,
    ) -> Result<Receipt, AuditError> {
        let slot = self.core.audit.reserve()?;
        let mut event = self.core.blank(Action::Execute, circumstances);
        if let Some(principal) = principal {
            Core::name(&mut event, principal);
        }
        event.outcome = Outcome::Denied;
        event.reason = Some(reason);
        Ok(slot.append(vec![event]))
    }

    /// As [`refuse`](Self::refuse), for an account that is known but has no membership to act under.
    ///
    /// # Errors
    ///
    /// [`AuditError`] if the log has no room.
    pub fn refuse_account(
        &self,
        account: &Id,
        circumstances: &Circumstances,
        reason: Reason,
    ) -> Result<Receipt, AuditError> {
        let slot = self.core.audit.reserve()?;
        let mut event = self.core.blank(Action::Execute, circumstances);
        let (id, kind) = (account.into(), crate::audit::PrincipalKind::Person);
        event.principal = Some(crate::audit::Principal { id, kind });
        event.outcome = Outcome::Denied;
        event.reason = Some(reason);
        Ok(slot.append(vec![event]))
    }

    /// Writes one event for many refusals before authentication, so that they cannot fill the log.
    ///
    /// # Errors
    ///
    /// [`AuditError`] if the log has no room.
    pub fn refuse_many(
        &self,
        address_prefix: &str,
        reason: Reason,
        count: u64,
    ) -> Result<Receipt, AuditError> {
        let slot = self.core.audit.reserve()?;
        let address = Some(address_prefix.to_owned());
        let circumstances = Circumstances { address, ..Circumstances::default() };
        let mut event = self.core.blank(Action::Execute, &circumstances);
        event.outcome = Outcome::Denied;
        event.reason = Some(reason);
        event.count = Some(count);
        Ok(slot.append(vec![event]))
    }

    fn allows(
        &self,
        principal: &Principal,
        needs: &Needs,
    ) -> Result<crate::policy::RoleIx, Reason> {
        let policy = &self.core.registry.policy;
        let role = policy.role_index(&principal.membership().role).ok_or(Reason::NoRole)?;
        let first = needs.resources().next().ok_or(Reason::NoRole)?;
        let resource = policy.resource_index(first).ok_or(Reason::NoRole)?;
        if !policy.decide(role, resource, needs.action(), needs.purpose_of_use()).is_denied() {
            return Ok(role);
        }
        // Tell a wrong purpose from a missing right: the privacy officer asks first for that.
        let otherwise =
            |purpose| !policy.decide(role, resource, needs.action(), purpose).is_denied();
        let purpose = Purpose::ALL.into_iter().any(otherwise);
        Err(if purpose { Reason::WrongPurpose } else { Reason::NoRole })
    }
}

impl fmt::Debug for Safeguards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Safeguards")
            .field("keys", self.core.engine.keys())
            .field("policy", &self.core.registry.policy)
            .finish_non_exhaustive()
    }
}

impl Core {
    /// An event with everything but its lists and its end.
    pub(crate) fn event(
        &self,
        principal: &Principal,
        needs: &Needs,
        circumstances: &Circumstances,
    ) -> Event {
        let mut event = self.blank(needs.action(), circumstances);
        event.purpose = Code::new(needs.purpose_of_use().code()).ok();
        Self::name(&mut event, principal);
        event
    }

    fn blank(&self, action: Action, circumstances: &Circumstances) -> Event {
        let time = EventTime::new(self.clock.now());
        let id = EventId::generate(time);
        let mut event = Event::new(id, time, action.into(), Outcome::Success);
        event.route = circumstances.route.clone().map(Into::into);
        event.request = circumstances.request.as_deref().map(Printable::clean);
        event.client.address = circumstances.address.as_deref().map(Printable::clean);
        event.client.agent = circumstances.agent.as_deref().map(Printable::clean);
        event
    }

    fn name(event: &mut Event, principal: &Principal) {
        let membership = principal.membership();
        event.principal = Some(crate::audit::Principal {
            id: principal.id().into(),
            kind: principal.kind().into(),
        });
        event.role = Some(membership.role.to_string().into());
        event.membership = Some((&membership.id).into());
        event.tenant = membership.tenant.as_ref().map(Into::into);
    }
}
