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
pub(crate) use self::table::{Entry, Table};

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
///     .signed_in(Method::GET, "/me")
///     .public(Method::GET, "/health");
///
/// let read = || async { "…" };
/// let router: Router = Router::new()
///     .route("/patients/{id}", get(read))
///     .route("/me", get(read))
///     .route("/health", get(read));
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
    pub(crate) asks: Asks,
}

/// What a line asks of whoever comes.
#[derive(Debug, Clone)]
pub(crate) enum Asks {
    Nothing,
    SignIn,
    Grant(Needs),
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
        self.declare(method, path, Asks::Grant(needs))
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
        self.declare(method, path, Asks::Nothing)
    }

    /// Declares that a route is open to whoever is signed in, and touches no record: a page about
    /// oneself, the end of a session, an administrator's list.
    ///
    /// The handler asks [`SignedIn`](crate::SignedIn) who it is. Limits and headers are those of
    /// guarded routes.
    ///
    /// ```
    /// use axum::Router;
    /// use axum::body::Body;
    /// use axum::routing::get;
    /// use http::request::Parts;
    /// use http::{Method, Request};
    /// use phi_core::policy::Policy;
    /// use phi_core::testing::{self, RecordingLog};
    /// use phi_core::{Membership, Principal, Safeguards};
    /// use phi_tower::{AuthError, Authenticate, GuardExt, Routes, SignedIn};
    /// use tower::ServiceExt;
    ///
    /// /// Sample: everybody who says so is Ada.
    /// struct Sample;
    ///
    /// impl Authenticate for Sample {
    ///     async fn authenticate(&self, head: &Parts) -> Result<Option<Principal>, AuthError> {
    ///         let ada = Principal::person(7, Membership::new(1, 1, "clinician"));
    ///         Ok(head.headers.contains_key("x-ada").then_some(ada))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let policy = Policy::builder().role("clinician", |role| role).build()?;
    /// # let log = RecordingLog::new();
    /// # let safeguards = Safeguards::builder(testing::keys(1), policy, log.clone()).build()?;
    /// async fn me(SignedIn(who): SignedIn) -> String {
    ///     format!("{} as {}", who.id(), who.membership().role)
    /// }
    ///
    /// let router = Router::new().route("/me", get(me));
    /// let routes = Routes::new().signed_in(Method::GET, "/me");
    /// let app = safeguards.guard(router, Sample, routes).build()?;
    ///
    /// let ada = Request::get("/me").header("x-ada", "yes").body(Body::empty())?;
    /// assert_eq!(app.clone().oneshot(ada).await?.status(), 200);
    /// assert!(log.events().is_empty());
    ///
    /// // Nobody is refused.
    /// let nobody = Request::get("/me").body(Body::empty())?;
    /// assert_eq!(app.oneshot(nobody).await?.status(), 401);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Security
    ///
    /// Any role gets in, also one that policy does not know: what it may do there is the handler's to
    /// check. Nothing can be opened, since there is no grant: [`Access`](crate::Access) answers 500.
    ///
    /// Who is refused stands in the audit log as on guarded routes. Who is not leaves no event, however
    /// the request ends, since no record was touched: what such a page changes of anybody's authority,
    /// the application has to record itself. It is answered while the log takes no events, too.
    pub fn signed_in(self, method: Method, path: &str) -> Self {
        self.declare(method, path, Asks::SignIn)
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

    fn declare(mut self, method: Method, path: &str, asks: Asks) -> Self {
        self.entries.push(Declared { method, path: path.into(), asks });
        self
    }
}
