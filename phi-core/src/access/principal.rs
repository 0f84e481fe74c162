use std::sync::Arc;

use crate::Id;

/// What kind of principal acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrincipalKind {
    /// A natural person.
    Person,
    /// A named integration.
    Service,
    /// A named scheduled job.
    Job,
}

/// A principal's role in one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Its opaque id, for the audit log.
    pub id: Id,
    /// The organisation; `None` for a role over all of them.
    pub tenant: Option<Id>,
    /// The role's name in the policy.
    pub role: Box<str>,
}

impl Membership {
    /// A role in one organisation.
    #[must_use]
    pub fn new(id: impl Into<Id>, tenant: impl Into<Id>, role: &str) -> Self {
        Self { id: id.into(), tenant: Some(tenant.into()), role: role.into() }
    }

    /// A role over all organisations: only rules with scope `all` reach anything.
    #[must_use]
    pub fn global(id: impl Into<Id>, role: &str) -> Self {
        Self { id: id.into(), tenant: None, role: role.into() }
    }
}

/// Who acts: an opaque id, what kind it is, and the membership it acts under.
///
/// One account may have memberships in several organisations; one is active at a time. They come
/// from the application's store, never from a token's claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    id: Id,
    kind: PrincipalKind,
    active: Arc<Membership>,
}

impl Principal {
    /// A person acting under a membership.
    #[must_use]
    pub fn person(id: impl Into<Id>, active: Membership) -> Self {
        Self { id: id.into(), kind: PrincipalKind::Person, active: Arc::new(active) }
    }

    /// A named integration acting under a membership.
    #[must_use]
    pub fn service(name: &str, active: Membership) -> Self {
        Self { id: Id::opaque(name), kind: PrincipalKind::Service, active: Arc::new(active) }
    }

    /// A named job acting under a membership.
    #[must_use]
    pub fn job(name: &str, active: Membership) -> Self {
        Self { id: Id::opaque(name), kind: PrincipalKind::Job, active: Arc::new(active) }
    }

    /// The opaque id.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// What kind of principal it is.
    #[must_use]
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The membership it acts under.
    #[must_use]
    pub fn membership(&self) -> &Membership {
        &self.active
    }

    /// The organisation it acts in.
    #[must_use]
    pub fn tenant(&self) -> Option<&Id> {
        self.active.tenant.as_ref()
    }
}
