//! What each route needs, declared beside the router.

mod check;
mod debug_list;
mod debug_text;
mod fits;
mod method;
mod table;

use axum::Router;
use http::Method;
use phi_core::Needs;

pub(crate) use self::check::compare;
pub use self::check::{RouteCheck, RouteFault};
pub(crate) use self::fits::fits;
pub(crate) use self::method::method_name;
pub(crate) use self::table::{Found, Table};

/// The access table of an application: one line for each route.
///
/// Templates are those of the router, with the prefixes of `nest`. `HEAD` follows `GET`. A route
/// that is in no line is refused by the guard, and named by [`Guard::build`](crate::Guard::build).
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use http::Method;
/// use phi_core::Needs;
/// use phi_tower::Routes;
///
/// let routes = Routes::new()
///     .get("/patients/{id}", Needs::read("patient").and("visit"))
///     .public(Method::GET, "/health");
///
/// let read = || async { "…" };
/// let router: Router = Router::new().route("/patients/{id}", get(read)).route("/health", get(read));
/// assert!(routes.check(&router).is_ok());
///
/// // A route that somebody forgot to declare.
/// let forgotten = router.route("/export", get(read));
/// assert_eq!(routes.check(&forgotten).unwrap_err()[0].to_string(), "GET /export has no declared access");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a table guards nothing until it is given to `guard`"]
pub struct Routes {
    entries: Vec<Declared>,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) method: Method,
    pub(crate) path: Box<str>,
    /// `None` for a public route.
    pub(crate) needs: Option<Needs>,
}

impl Routes {
    /// A table without lines: everything is refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares what `GET` and `HEAD` of a route need.
    pub fn get(self, path: &str, needs: Needs) -> Self {
        self.route(Method::GET, path, needs)
    }

    /// Declares what `POST` to a route needs.
    pub fn post(self, path: &str, needs: Needs) -> Self {
        self.route(Method::POST, path, needs)
    }

    /// Declares what `PUT` to a route needs.
    pub fn put(self, path: &str, needs: Needs) -> Self {
        self.route(Method::PUT, path, needs)
    }

    /// Declares what `PATCH` of a route needs.
    pub fn patch(self, path: &str, needs: Needs) -> Self {
        self.route(Method::PATCH, path, needs)
    }

    /// Declares what `DELETE` of a route needs.
    pub fn delete(self, path: &str, needs: Needs) -> Self {
        self.route(Method::DELETE, path, needs)
    }

    /// Declares what a route needs.
    pub fn route(self, method: Method, path: &str, needs: Needs) -> Self {
        self.declare(method, path, Some(needs))
    }

    /// Declares that a route is open to anybody: no principal, no grant, no audit event.
    ///
    /// # Security
    ///
    /// Nothing can be opened there, since there is no grant.
    ///
    /// A preflight of CORS is no route, so that a line for `OPTIONS` is refused: put CORS
    /// [outside](crate::Guarded::outside).
    pub fn public(self, method: Method, path: &str) -> Self {
        self.declare(method, path, None)
    }

    /// Compares the table with a router: for a test of the application.
    ///
    /// # Errors
    ///
    /// Every route without a line, line without a route, and line that cannot be used.
    pub fn check(&self, router: &Router) -> Result<RouteCheck, Vec<RouteFault>> {
        let (_, mut faults) = Table::new(&self.entries);
        let check = compare(&self.entries, &format!("{router:?}"), &mut faults);
        if faults.is_empty() { Ok(check) } else { Err(faults) }
    }

    pub(crate) fn entries(&self) -> &[Declared] {
        &self.entries
    }

    fn declare(mut self, method: Method, path: &str, needs: Option<Needs>) -> Self {
        self.entries.push(Declared { method, path: path.into(), needs });
        self
    }
}
