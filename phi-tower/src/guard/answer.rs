//! How a request becomes an answer.
//!
//! The request is large: it is moved as little as can be, and the steps before the handler only
//! borrow its head.

use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use phi_core::audit::{AuditError, Outcome, Reason, Receipt};
use phi_core::known::KnownValues;
use phi_core::{Circumstances, Grant, Principal, Safeguards};
use tokio::task::yield_now;
use tower_service::Service;
use tracing::Span;

use super::body::AnswerBody;
use super::client::{RequestIds, X_REQUEST_ID, address, circumstances};
use super::crowd::{Crowd, Inside};
use super::flight::{Flight, outcome};
use super::handler::Handler;
use super::request_body::Reading;
use super::run::{Ran, run};
use crate::extract::{Caller, Context};
use crate::headers::{secure, secure_public};
use crate::http_error::status_problem;
use crate::refusals::{Kind, Sums};
use crate::routes::{Asks, Entry, Table, fits, method_name};
use crate::{AuthError, Authenticate};

/// What all requests of an application share.
pub(crate) struct Core {
    pub(super) safeguards: Safeguards,
    pub(super) table: Table,
    pub(super) sums: Arc<Sums>,
    pub(super) ids: RequestIds,
    pub(super) crowd: Arc<Crowd>,
    pub(super) limits: Limits,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(super) receipt: Duration,
    pub(super) handler: Duration,
    pub(super) body: usize,
    pub(super) at_once: usize,
}

/// The core, and who tells the principal.
pub(super) struct Gate<A> {
    pub(super) core: Arc<Core>,
    pub(super) auth: A,
}

/// What is to be done with a request.
enum Decision {
    /// It is refused.
    Refuse(Response),
    /// Its handler is called.
    Admit(Caller, Exit),
}

/// What stands between a handler's answer and the client.
enum Exit {
    /// Nobody was asked for, and nothing could be opened.
    Public,
    /// Nothing could be opened, so there is nothing to record.
    SignedIn(Inside),
    /// Policy gave a grant.
    Recorded(Flight),
}

impl<A: Authenticate> Gate<A> {
    /// The answer to one request, with its headers.
    pub(super) fn answer<S>(
        self: Arc<Self>,
        mut inner: S,
        request: Request,
        id: HeaderValue,
        span: Span,
    ) -> impl Future<Output = Result<Response, Infallible>> + Send
    where
        S: Service<Request, Response = Response, Error = Infallible> + Send,
        S::Future: Send,
    {
        let (mut head, body) = request.into_parts();
        async move {
            self.core.sums.tick();
            let (caller, exit) = match self.decide(&head, &id).await {
                Decision::Refuse(mut response) => {
                    secure(response.headers_mut());
                    return Ok(sign(response, id, &span));
                }
                Decision::Admit(caller, exit) => (caller, exit),
            };
            let grant = caller.grant().cloned();
            let body_limit = self.core.limits.body;
            head.extensions.insert(Context { caller, body_limit });
            // What the handler opens is known to what it logs.
            let known = grant.as_ref().map(|grant| grant.known().clone()).unwrap_or_default();
            let (reading, body) = match &exit {
                Exit::Recorded(_) => Reading::watch(body),
                Exit::Public | Exit::SignedIn(_) => (Reading::nothing(), body),
            };
            // Whatever holds the grant is dropped before it lands, so that what it did last is noted.
            let ran = {
                let future = pin!(called(&known, &mut inner, Request::from_parts(head, body)));
                handled(self.core.limits.handler, &known, future).await
            };
            let (response, said) = ended(ran, grant.as_ref());
            let said = reading.end(said);
            let mut response = response.map(|body| AnswerBody::wrap(body, known, &span));
            match exit {
                Exit::Public => secure_public(response.headers_mut()),
                Exit::SignedIn(inside) => {
                    drop(inside);
                    secure(response.headers_mut());
                }
                Exit::Recorded(flight) => {
                    if !self.landed(flight, said, reading.is_broken()).await {
                        // No record, no answer: what the handler made is dropped here.
                        response = status_problem(StatusCode::SERVICE_UNAVAILABLE);
                    }
                    secure(response.headers_mut());
                }
            }
            Ok(sign(response, id, &span))
        }
    }

    /// Each step that refuses does so before the next one begins.
    async fn decide(&self, head: &Parts, id: &HeaderValue) -> Decision {
        let Some(template) = head.extensions.get::<MatchedPath>() else {
            // A fallback or a nested service: it has no template, so nobody can have declared it.
            return Decision::Refuse(status_problem(StatusCode::NOT_FOUND));
        };
        if !fits(template.as_str(), head.uri.path()) {
            tracing::error!("the router tells a template that is not of this path");
            return Decision::Refuse(status_problem(StatusCode::INTERNAL_SERVER_ERROR));
        }
        let (asks, circumstances) = match self.core.table.find(&head.method, template.as_str()) {
            Some(Entry { asks: Asks::Nothing, .. }) => {
                return Decision::Admit(Caller::Anybody, Exit::Public);
            }
            Some(Entry { asks, label }) => (Some(asks), circumstances(head, label, id)),
            None => {
                let route = format!("{} {}", method_name(&head.method), template.as_str());
                (None, circumstances(head, &route, id))
            }
        };
        let principal = match self.principal(head, &circumstances).await {
            Ok(principal) => principal,
            Err(refusal) => return Decision::Refuse(refusal),
        };
        let Some(asks) = asks else {
            let reason = Reason::UndeclaredRoute;
            return Decision::Refuse(self.refuse(Some(&principal), &circumstances, reason).await);
        };
        let Some(inside) = self.core.crowd.enter(principal.id()) else {
            let reason = Reason::RateLimited;
            let refused = self.refuse(Some(&principal), &circumstances, reason).await;
            return Decision::Refuse(if refused.status() == StatusCode::FORBIDDEN {
                status_problem(StatusCode::TOO_MANY_REQUESTS)
            } else {
                refused
            });
        };
        let Asks::Grant(needs) = asks else {
            return Decision::Admit(Caller::SignedIn(principal), Exit::SignedIn(inside));
        };
        let grant = match self.core.safeguards.grant(&principal, needs, circumstances) {
            Ok(grant) => grant,
            Err((reason, receipt)) => {
                let durable = self.durable(receipt).await && reason != Reason::LogUnavailable;
                return Decision::Refuse(refusal(durable));
            }
        };
        // From here on the request has exactly one outcome, also if this future is dropped.
        let flight = Flight::new(grant.clone(), inside);
        if let Some(intent) = grant.intent()
            && !self.durable(intent).await
        {
            drop(flight.land(Outcome::Failed, Some(Reason::LogUnavailable)));
            return Decision::Refuse(refusal(false));
        }
        Decision::Admit(Caller::Granted(grant), Exit::Recorded(flight))
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
        match run(core.limits.handler, pin!(self.auth.authenticate(head))).await {
            Ran::Done(Ok(Some(principal))) => Ok(principal),
            Ran::Done(Ok(None)) => Err(unauthorized(Kind::NoPrincipal)),
            Ran::Done(Err(AuthError::BadCredentials)) => Err(unauthorized(Kind::BadCredentials)),
            Ran::Done(Err(AuthError::NoMembership { account })) => {
                let reason = Reason::NoMembership;
                let refused = match &account {
                    Some(account) => core.safeguards.refuse_account(account, circumstances, reason),
                    None => core.safeguards.refuse(None, circumstances, reason),
                };
                Err(refusal(self.taken(refused).await))
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
        let refused = self.core.safeguards.refuse(principal, circumstances, reason);
        refusal(self.taken(refused).await)
    }

    /// Whether the log took an event, and it is durable.
    async fn taken(&self, handed_over: Result<Receipt, AuditError>) -> bool {
        match handed_over {
            Ok(receipt) => self.durable(receipt).await,
            Err(error) => not_durable(error),
        }
    }

    /// Whether the event of a request that has ended is durable.
    async fn landed(
        &self,
        flight: Flight,
        (outcome, reason): (Outcome, Option<Reason>),
        broken: bool,
    ) -> bool {
        if broken {
            // A server that fails the body and then lets go of the request gets its turn, so that
            // the request ends as what it is: a client that hung up.
            Box::pin(yield_now()).await;
        }
        self.durable(flight.land(outcome, reason)).await
    }

    /// Waits until events are durable, but not for ever.
    async fn durable(&self, receipt: Receipt) -> bool {
        match run(self.core.limits.receipt, pin!(receipt)).await {
            Ran::Done(Ok(())) => true,
            Ran::Done(Err(error)) => not_durable(error),
            Ran::Panic => not_durable(AuditError::Unavailable),
            Ran::Timeout => not_durable(AuditError::Timeout),
        }
    }
}

/// The handler's future, unless already the call panics.
fn called<S: Service<Request>>(
    known: &KnownValues,
    inner: &mut S,
    request: Request,
) -> Option<S::Future> {
    known.enter(|| catch_unwind(AssertUnwindSafe(|| inner.call(request))).ok())
}

/// How the handler ends. It is dropped in here.
async fn handled<F: Future>(
    limit: Duration,
    known: &KnownValues,
    future: Pin<&mut Option<F>>,
) -> Ran<F::Output> {
    match run(limit, pin!(Handler::new(future, known))).await {
        Ran::Done(Some(answer)) => Ran::Done(answer),
        // Already the call panicked.
        Ran::Done(None) | Ran::Panic => Ran::Panic,
        Ran::Timeout => Ran::Timeout,
    }
}

/// The answer for how a handler ended, and what the event says of it.
fn ended(
    ran: Ran<Result<Response, Infallible>>,
    grant: Option<&Grant>,
) -> (Response, (Outcome, Option<Reason>)) {
    match ran {
        Ran::Done(Ok(mut response)) => {
            let said = grant.map(|grant| outcome(grant, &mut response));
            (response, said.unwrap_or((Outcome::Success, None)))
        }
        Ran::Panic => {
            tracing::error!("handler panicked");
            let response = status_problem(StatusCode::INTERNAL_SERVER_ERROR);
            (response, (Outcome::Panic, Some(Reason::Panic)))
        }
        Ran::Timeout => {
            tracing::error!("handler took too long");
            let response = status_problem(StatusCode::SERVICE_UNAVAILABLE);
            (response, (Outcome::Timeout, Some(Reason::Deadline)))
        }
    }
}

/// Puts the request's id on its answer, and the status into the span.
fn sign(mut response: Response, id: HeaderValue, span: &Span) -> Response {
    span.record("status", response.status().as_u16());
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

fn not_durable(error: AuditError) -> bool {
    tracing::error!(%error, "audit event is not durable, so nothing is answered");
    false
}

fn refusal(durable: bool) -> Response {
    status_problem(if durable { StatusCode::FORBIDDEN } else { StatusCode::SERVICE_UNAVAILABLE })
}

fn unauthorized() -> Response {
    let mut response = status_problem(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
