//! How a request becomes an answer. Each step that refuses does so before the next one begins.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use phi_core::audit::{AuditError, Outcome, Reason, Receipt};
use phi_core::{Circumstances, Needs, Principal, Safeguards};
use tokio::time::timeout;
use tower_service::Service;
use tracing::Instrument as _;
use tracing::field::Empty;

use super::client::{RequestIds, X_REQUEST_ID, address, circumstances, text};
use super::flight::{Flight, outcome};
use super::run::{Ran, run};
use crate::extract::Context;
use crate::headers::{secure, secure_public};
use crate::http_error::status_problem;
use crate::refusals::{Kind, Sums};
use crate::routes::{Found, Table, method_name};
use crate::{AuthError, Authenticate};

/// What all requests of an application share.
pub(crate) struct Core {
    pub(super) safeguards: Safeguards,
    pub(super) table: Table,
    pub(super) sums: Sums,
    pub(super) ids: RequestIds,
    pub(super) limits: Limits,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(super) receipt: Duration,
    pub(super) handler: Duration,
    pub(super) body: usize,
}

/// The core, and who tells the principal.
pub(super) struct Gate<A> {
    pub(super) core: Arc<Core>,
    pub(super) auth: A,
}

impl<A: Authenticate> Gate<A> {
    /// The answer to one request, with its headers, in a span that holds nothing of it.
    pub(super) async fn answer<S>(&self, inner: S, request: Request) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible> + Send,
        S::Future: Send,
    {
        self.core.sums.tick();
        let (head, body) = request.into_parts();
        let id = self.core.ids.of(&head.headers);
        let template = head.extensions.get::<MatchedPath>().cloned();
        let route = template.as_ref().map_or("unmatched", MatchedPath::as_str);
        let method = method_name(&head.method);
        let span =
            tracing::info_span!("request", route, method, request_id = text(&id), status = Empty);
        let answered = self.route(inner, head, body, template.as_ref(), &id);
        let mut response = answered.instrument(span.clone()).await;
        span.record("status", response.status().as_u16());
        response.headers_mut().insert(X_REQUEST_ID, id);
        response
    }

    async fn route<S>(
        &self,
        inner: S,
        head: Parts,
        body: Body,
        template: Option<&MatchedPath>,
        id: &HeaderValue,
    ) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible> + Send,
        S::Future: Send,
    {
        let mut response =
            match template.map(|path| self.core.table.find(&head.method, path.as_str())) {
                // A fallback or a nested service: it has no template, so nobody can have declared it.
                None => status_problem(StatusCode::NOT_FOUND),
                Some(Found::Public) => {
                    let mut response = self.public(inner, head, body).await;
                    secure_public(response.headers_mut());
                    return response;
                }
                Some(Found::Undeclared) => {
                    let path = template.map_or("", MatchedPath::as_str);
                    let route = format!("{} {path}", method_name(&head.method));
                    self.undeclared(&head, &route, id).await
                }
                Some(Found::Guarded(needs, route)) => {
                    self.guarded(inner, head, body, needs, route, id).await
                }
            };
        secure(response.headers_mut());
        response
    }

    /// A public route: nobody is asked for, and nothing can be opened.
    async fn public<S>(&self, mut inner: S, mut head: Parts, body: Body) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        let body_limit = self.core.limits.body;
        head.extensions.insert(Context { grant: None, body_limit });
        let request = Request::from_parts(head, body);
        match run(self.core.limits.handler, async { inner.call(request).await }).await {
            Ran::Done(Ok(response)) => response,
            Ran::Panic => status_problem(StatusCode::INTERNAL_SERVER_ERROR),
            Ran::Timeout => status_problem(StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    async fn undeclared(&self, head: &Parts, route: &str, id: &HeaderValue) -> Response {
        let circumstances = circumstances(head, route, id);
        match self.principal(head, &circumstances).await {
            Ok(principal) => {
                self.refuse(Some(&principal), &circumstances, Reason::UndeclaredRoute).await
            }
            Err(refusal) => refusal,
        }
    }

    async fn guarded<S>(
        &self,
        mut inner: S,
        mut head: Parts,
        body: Body,
        needs: &Needs,
        route: &str,
        id: &HeaderValue,
    ) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible> + Send,
        S::Future: Send,
    {
        let circumstances = circumstances(&head, route, id);
        let principal = match self.principal(&head, &circumstances).await {
            Ok(principal) => principal,
            Err(refusal) => return refusal,
        };
        let grant = match self.core.safeguards.grant(&principal, needs, circumstances) {
            Ok(grant) => grant,
            Err((reason, receipt)) => {
                let durable = self.durable(receipt).await && reason != Reason::LogUnavailable;
                return refusal(durable);
            }
        };
        // From here on the request has exactly one outcome, also if this future is dropped.
        let flight = Flight::new(grant.clone());
        if let Some(intent) = grant.intent()
            && !self.durable(intent).await
        {
            drop(flight.land(Outcome::Failed, Some(Reason::LogUnavailable)));
            return status_problem(StatusCode::SERVICE_UNAVAILABLE);
        }
        let body_limit = self.core.limits.body;
        head.extensions.insert(Context { grant: Some(grant.clone()), body_limit });
        let request = Request::from_parts(head, body);
        let ran = run(self.core.limits.handler, async { inner.call(request).await }).await;
        let (response, outcome, reason) = match ran {
            Ran::Done(Ok(mut response)) => {
                let (outcome, reason) = outcome(&grant, &mut response);
                (response, outcome, reason)
            }
            Ran::Panic => {
                tracing::error!("handler panicked");
                let response = status_problem(StatusCode::INTERNAL_SERVER_ERROR);
                (response, Outcome::Panic, Some(Reason::Panic))
            }
            Ran::Timeout => {
                tracing::error!("handler took too long");
                let response = status_problem(StatusCode::SERVICE_UNAVAILABLE);
                (response, Outcome::Timeout, Some(Reason::Deadline))
            }
        };
        let receipt = flight.land(outcome, reason);
        if self.durable(receipt).await {
            return response;
        }
        // No record, no answer: what the handler made is dropped here.
        status_problem(StatusCode::SERVICE_UNAVAILABLE)
    }

    /// Who asks, or the answer to somebody who may not.
    async fn principal(
        &self,
        head: &Parts,
        circumstances: &Circumstances,
    ) -> Result<Principal, Response> {
        let core = &self.core;
        let unauthorized = |kind| {
            core.sums.count(address(head).into(), kind);
            unauthorized()
        };
        match run(core.limits.handler, self.auth.authenticate(head)).await {
            Ran::Done(Ok(Some(principal))) => Ok(principal),
            Ran::Done(Ok(None)) => Err(unauthorized(Kind::NoPrincipal)),
            Ran::Done(Err(AuthError::BadCredentials)) => Err(unauthorized(Kind::BadCredentials)),
            Ran::Done(Err(AuthError::NoMembership)) => {
                Err(self.refuse(None, circumstances, Reason::NoMembership).await)
            }
            Ran::Done(Err(AuthError::Unavailable)) | Ran::Panic | Ran::Timeout => {
                tracing::error!("principal cannot be found out");
                Err(status_problem(StatusCode::SERVICE_UNAVAILABLE))
            }
        }
    }

    /// 403, once it is in the log.
    async fn refuse(
        &self,
        principal: Option<&Principal>,
        circumstances: &Circumstances,
        reason: Reason,
    ) -> Response {
        match self.core.safeguards.refuse(principal, circumstances, reason) {
            Ok(receipt) => refusal(self.durable(receipt).await),
            Err(error) => {
                not_durable(error);
                refusal(false)
            }
        }
    }

    /// Waits until events are durable, but not for ever.
    async fn durable(&self, receipt: Receipt) -> bool {
        let durable = timeout(self.core.limits.receipt, receipt).await;
        match durable.unwrap_or(Err(AuditError::Timeout)) {
            Ok(()) => true,
            Err(error) => {
                not_durable(error);
                false
            }
        }
    }
}

fn not_durable(error: AuditError) {
    tracing::error!(%error, "audit event is not durable, so nothing is answered");
}

fn refusal(durable: bool) -> Response {
    status_problem(if durable { StatusCode::FORBIDDEN } else { StatusCode::SERVICE_UNAVAILABLE })
}

fn unauthorized() -> Response {
    let mut response = status_problem(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
