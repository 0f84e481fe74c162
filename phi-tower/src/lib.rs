#![cfg_attr(feature = "jwt", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "jwt"), doc = "A guard for axum routers; see the README.")]

mod auth;
mod extract;
mod guard;
mod headers;
mod http_error;
mod refusals;
mod routes;

#[cfg(feature = "jwt")]
pub use auth::Jwt;
pub use auth::{AuthError, AuthSetupError, Authenticate, Memberships};
pub use extract::{Access, Json, Path, Query, SignedIn};
pub use guard::{BuildError, Guard, GuardExt, Guarded, GuardedFuture, GuardedRouter};
pub use http_error::HttpError;
pub use routes::{RouteCheck, RouteFault, Routes};
