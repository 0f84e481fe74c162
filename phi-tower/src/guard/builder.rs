use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use phi_core::Safeguards;

use super::answer::{Core, Gate, Limits};
use super::app::Guarded;
use super::client::RequestIds;
use super::crowd::Crowd;
use super::layer::GuardLayer;
use crate::extract::BODY_LIMIT;
use crate::refusals::Sums;
use crate::routes::{Asks, Declared, Table, compare};
use crate::{AuthSetupError, Authenticate, RouteCheck, RouteFault, Routes};

/// A guard that is being put up: made by [`GuardExt::guard`](crate::GuardExt::guard).
#[must_use = "nothing is guarded before `build`"]
pub struct Guard<A> {
    safeguards: Safeguards,
    router: Router,
    auth: A,
    routes: Routes,
    limits: Limits,
}

impl<A: Authenticate> Guard<A> {
    pub(super) fn new(safeguards: Safeguards, router: Router, auth: A, routes: Routes) -> Self {
        let limits = Limits {
            receipt: Duration::from_millis(250),
            handler: Duration::from_secs(30),
            body: BODY_LIMIT,
            at_once: 64,
        };
        Self { safeguards, router, auth, routes, limits }
    }

    /// How long an answer waits for its audit event to be durable: 250 ms unless this says
    /// otherwise. After that it is 503 and nothing is disclosed.
    pub fn receipt_limit(mut self, limit: Duration) -> Self {
        self.limits.receipt = limit;
        self
    }

    /// How long a handler may take, the reading of the body included: 30 s unless this says
    /// otherwise. After that it is dropped and the answer is 503.
    pub fn handler_limit(mut self, limit: Duration) -> Self {
        self.limits.handler = limit;
        self
    }

    /// The longest body that [`Json`](crate::Json) reads, in bytes: 2 MiB unless this says
    /// otherwise.
    pub fn body_limit(mut self, limit: usize) -> Self {
        self.limits.body = limit;
        self
    }

    /// How many requests one principal may have under way, those of public routes left out: 64
    /// unless this says otherwise. More are 429: each guarded one holds a slot of the audit log, and
    /// those are everybody's.
    pub fn requests_at_once(mut self, limit: usize) -> Self {
        self.limits.at_once = limit;
        self
    }

    /// Checks the table against router and policy, and puts the guard around every route.
    ///
    /// # Errors
    ///
    /// [`BuildError::Routes`] with every route that is not declared, every line that has no route
    /// and every line that cannot be used; [`BuildError::Auth`] if authentication cannot work.
    pub fn build(self) -> Result<Guarded, BuildError> {
        let Self { safeguards, router, auth, routes, limits } = self;
        auth.check().map_err(BuildError::Auth)?;
        let (table, mut faults) = Table::new(routes.entries());
        let check = compare(routes.entries(), &format!("{router:?}"), &mut faults);
        unknown_records(&safeguards, routes.entries(), &mut faults);
        if !faults.is_empty() {
            return Err(BuildError::Routes(faults));
        }
        if check == RouteCheck::Unreadable {
            tracing::warn!("router cannot be listed; undeclared routes show only when called");
        }
        let sums = Arc::new(Sums::new(safeguards.clone()));
        let ids = RequestIds::new();
        let crowd = Arc::new(Crowd::new(limits.at_once));
        let core = Arc::new(Core { safeguards, table, sums, ids, crowd, limits });
        let gate = Arc::new(Gate { core: Arc::clone(&core), auth });
        // The second call turns handlers into services now, not at each request.
        let router = router.layer(GuardLayer { gate }).with_state::<()>(());
        Ok(Guarded::new(router, core, check))
    }
}

fn unknown_records(safeguards: &Safeguards, entries: &[Declared], faults: &mut Vec<RouteFault>) {
    for Declared { method, path, asks } in entries {
        let Asks::Grant(needs) = asks else { continue };
        for record in needs.resources() {
            if safeguards.policy().resource_index(record).is_none() {
                let route = format!("{method} {path}").into();
                faults.push(RouteFault::UnknownRecord { route, record: record.into() });
            }
        }
    }
}

impl<A> fmt::Debug for Guard<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("routes", &self.routes).finish_non_exhaustive()
    }
}

/// Why there is no guard. Names methods, templates and labels only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// Authentication cannot work.
    Auth(AuthSetupError),
    /// Table, router and policy do not fit: everything that is wrong.
    Routes(Vec<RouteFault>),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth(error) => error.fmt(f),
            Self::Routes(faults) => {
                f.write_str("declared access does not fit the router")?;
                let mut before = ": ";
                for fault in faults {
                    write!(f, "{before}{fault}")?;
                    before = ", ";
                }
                Ok(())
            }
        }
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Auth(error) => Some(error),
            Self::Routes(_) => None,
        }
    }
}
