//! The guard: what stands between an axum router and its clients.

mod answer;
mod app;
mod arrival;
mod body;
mod builder;
mod client;
mod crowd;
mod flight;
mod handler;
mod layer;
mod outside;
mod request_body;
mod run;

use axum::Router;
use phi_core::Safeguards;

pub use self::app::{Guarded, GuardedRouter};
pub use self::builder::{BuildError, Guard};
pub use self::outside::GuardedFuture;
use crate::{Authenticate, Routes};

/// Puts the safeguards in front of a router.
pub trait GuardExt: sealed::Sealed {
    /// Takes a router, and lets nothing through but what `routes` declare and policy allows.
    ///
    /// The router is consumed: no route can be added behind the guard's back.
    fn guard<A: Authenticate>(&self, router: Router, auth: A, routes: Routes) -> Guard<A>;
}

impl GuardExt for Safeguards {
    fn guard<A: Authenticate>(&self, router: Router, auth: A, routes: Routes) -> Guard<A> {
        Guard::new(self.clone(), router, auth, routes)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for phi_core::Safeguards {}
}
