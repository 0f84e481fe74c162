use std::convert::Infallible;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::HeaderValue;
use tower_layer::Layer;
use tower_service::Service;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::answer::Gate;
use super::client::{brought, text};
use crate::Authenticate;
use crate::routes::method_name;

/// Goes around each route of the router, so that each request comes with what it matched.
pub(super) struct GuardLayer<A> {
    pub(super) gate: Arc<Gate<A>>,
}

impl<A> Clone for GuardLayer<A> {
    fn clone(&self) -> Self {
        Self { gate: Arc::clone(&self.gate) }
    }
}

impl<S, A> Layer<S> for GuardLayer<A> {
    type Service = GuardService<S, A>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService { inner, gate: Arc::clone(&self.gate) }
    }
}

pub(super) struct GuardService<S, A> {
    inner: S,
    gate: Arc<Gate<A>>,
}

impl<S: Clone, A> Clone for GuardService<S, A> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), gate: Arc::clone(&self.gate) }
    }
}

impl<S, A> Service<Request> for GuardService<S, A>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    A: Authenticate,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that was polled ready is called; its clone waits for the next request.
        let spare = self.inner.clone();
        let ready = mem::replace(&mut self.inner, spare);
        let gate = Arc::clone(&self.gate);
        let id = gate.core.ids.make();
        let span = span(&request, &id);
        let disabled = span.is_disabled();
        let answer = gate.answer(ready, request, id, span.clone());
        if disabled { Box::pin(answer) } else { Box::pin(answer.instrument(span)) }
    }
}

/// Tells route and request, and nothing that the request holds.
fn span(request: &Request, id: &HeaderValue) -> Span {
    let template = request.extensions().get::<MatchedPath>();
    tracing::info_span!(
        "request",
        route = template.map_or("unmatched", MatchedPath::as_str),
        method = method_name(request.method()),
        request_id = text(id),
        client_request_id = brought(request.headers()).map(tracing::field::display),
        status = Empty
    )
}
