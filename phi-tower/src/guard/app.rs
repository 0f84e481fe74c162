use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use axum::{BoxError, Router, ServiceExt as _};
use phi_core::audit::AuditError;
use tower_layer::Layer;
use tower_service::Service;

use super::answer::Core;
use super::arrival::Arrivals;
use super::outside::GuardedFuture;
use crate::RouteCheck;

/// A guarded application: a service, and nothing to which a route could be added.
///
/// Give [`into_make_service`](Self::into_make_service) to `axum::serve`. In tests it is a
/// `Service<Request>` for `oneshot`.
///
/// It may stand inside another axum router: `nest_service`, `route_service` and `fallback_service`
/// all lead to the guard's own routes, and its table knows nothing of prefixes in front. Handlers
/// find in [`OriginalUri`](axum::extract::OriginalUri) what was asked for.
///
/// ```
/// # use axum::Router;
/// # fn mount(clinic: phi_tower::Guarded, lab: phi_tower::Guarded) -> Router {
/// Router::new().nest_service("/clinic", clinic).nest_service("/lab", lab)
/// # }
/// ```
///
/// Path parameters of the outer router do not reach handlers. axum keeps them where they can be
/// taken away only with all other extensions: behind an outer route that has parameters, handlers
/// and [`Authenticate`](crate::Authenticate) find the client's address, `OriginalUri` and
/// `NestedPath`, and nothing else that layers or the server have put there.
#[derive(Clone)]
#[must_use = "an application does nothing until it is served"]
pub struct Guarded<S = GuardedRouter> {
    service: S,
    core: Arc<Core>,
    check: RouteCheck,
}

impl Guarded {
    pub(super) fn new(router: Router, core: Arc<Core>, check: RouteCheck) -> Self {
        let arrivals = Arrivals::new();
        Self { service: GuardedRouter { router, arrivals }, core, check }
    }
}

impl<S> Guarded<S> {
    /// Puts a layer around the guard: compression, CORS, a limit of requests. The last one sees a
    /// request first.
    ///
    /// Each has axum's own [`Body`] inside and outside of it, as with [`Router::layer`], so that layers
    /// with bodies of their own stand in any order.
    ///
    /// ```
    /// # fn layered(app: phi_tower::Guarded) {
    /// use axum::extract::Request;
    /// use axum::middleware::{Next, from_fn};
    /// use axum::response::Response;
    /// use tower_http::catch_panic::CatchPanicLayer;
    /// use tower_http::compression::CompressionLayer;
    /// use tower_http::limit::RequestBodyLimitLayer;
    ///
    /// async fn own(request: Request, next: Next) -> Response {
    ///     next.run(request).await
    /// }
    ///
    /// let app = app
    ///     .outside(CompressionLayer::new())
    ///     .outside(from_fn(own))
    ///     .outside(RequestBodyLimitLayer::new(1024 * 1024))
    ///     .outside(CatchPanicLayer::new());
    /// let make_service = app.into_make_service(); // for `axum::serve`
    /// # let _ = make_service;
    /// # }
    /// ```
    ///
    /// CORS belongs here: a preflight brings no credentials, so that the guard answers it 401 whatever
    /// a layer of the router behind it would say; and no route serves it, so the table takes no line.
    ///
    /// ```
    /// # fn layered(app: phi_tower::Guarded) {
    /// use http::{HeaderValue, Method, header};
    /// use tower_http::cors::CorsLayer;
    ///
    /// let cors = CorsLayer::new()
    ///     .allow_origin(HeaderValue::from_static("https://portal.example"))
    ///     .allow_methods([Method::GET, Method::POST])
    ///     .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE]);
    /// let app = app.outside(cors);
    /// # let _ = app.into_make_service();
    /// # }
    /// ```
    ///
    /// # Security
    ///
    /// It runs before authentication and sees every request and every answer in clear. A layer
    /// that logs URIs, such as the default of `tower_http`'s `TraceLayer`, logs what they hold.
    pub fn outside<L: Layer<Self>>(self, layer: L) -> Guarded<L::Service> {
        let (core, check) = (Arc::clone(&self.core), self.check);
        Guarded { service: layer.layer(self), core, check }
    }

    /// Whether the router's routes were compared with the table when this was built.
    pub fn route_check(&self) -> RouteCheck {
        self.check
    }

    /// For `axum::serve` on a TCP listener, with the client's address for the audit log.
    ///
    /// Other listeners know no such address: share the application there, as any service. Its
    /// events then name no client, and refusals before sign-in are summed as `unknown`.
    ///
    /// ```no_run
    /// # #[cfg(unix)]
    /// # async fn serve(app: phi_tower::Guarded) -> std::io::Result<()> {
    /// let listener = tokio::net::UnixListener::bind("/run/clinic.sock")?;
    /// axum::serve(listener, tower::make::Shared::new(app)).await
    /// # }
    /// ```
    pub fn into_make_service(self) -> IntoMakeServiceWithConnectInfo<Self, SocketAddr>
    where
        Self: Service<Request>,
    {
        self.into_make_service_with_connect_info()
    }

    /// Writes the counts of unauthenticated requests that no event tells yet, and waits for them.
    ///
    /// Those of a minute that is over are written without it. For an orderly end, before the audit
    /// log is closed; the last clone that is dropped does it too, without waiting.
    ///
    /// ```no_run
    /// # async fn serve(
    /// #     app: phi_tower::Guarded, listener: tokio::net::TcpListener,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let ended = async { drop(tokio::signal::ctrl_c().await) };
    /// let serve = axum::serve(listener, app.clone().into_make_service());
    /// serve.with_graceful_shutdown(ended).await?;
    /// app.flush().await?; // then the log's `close`
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AuditError`] if the log does not take them.
    pub async fn flush(&self) -> Result<(), AuditError> {
        for receipt in self.core.sums.hand_over_all()? {
            receipt.await?;
        }
        Ok(())
    }
}

/// Whatever bodies the layer around this and the service inside have.
impl<S, R, B> Service<http::Request<R>> for Guarded<S>
where
    S: Service<Request, Response = http::Response<B>>,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = GuardedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<R>) -> Self::Future {
        // A body that is axum's own is passed on as it is, here and on the way back.
        GuardedFuture::new(self.service.call(request.map(Body::new)))
    }
}

impl<S> fmt::Debug for Guarded<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("route_check", &self.check).finish_non_exhaustive()
    }
}

/// A router behind its guard.
#[derive(Clone)]
pub struct GuardedRouter {
    router: Router,
    arrivals: Arrivals,
}

impl Service<Request> for GuardedRouter {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.router, cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (mut head, body) = request.into_parts();
        self.arrivals.clear(&mut head);
        self.router.call(Request::from_parts(head, body))
    }
}

impl fmt::Debug for GuardedRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardedRouter")
    }
}
