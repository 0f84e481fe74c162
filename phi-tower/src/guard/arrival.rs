//! What a router further out leaves in a request, taken away.
//!
//! axum goes on from what it finds there: to a prefix of the outer router it adds the template of
//! the inner one, and to outer path parameters the inner ones. The guard decides by the template,
//! so a prefix in front of it would make one route pass for another.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{
    ConnectInfo, FromRequestParts, MatchedPath, NestedPath, OriginalUri, RawPathParams, Request,
};
use axum::response::Response;
use axum::routing::any;
use http::Extensions;
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};
use tower_service::Service as _;

/// The one route of the probe.
const PROBE: &str = "/";

/// Makes requests look as if they came from no router.
#[derive(Clone)]
pub(super) struct Arrivals {
    probe: Router,
}

/// What path parameters a router further out has found.
enum Outer {
    /// No router of axum was there: each leaves its parameters, if only an empty list of them.
    NoRouter,
    NoParameters,
    Parameters,
}

impl Arrivals {
    pub(super) fn new() -> Self {
        Self { probe: Router::new().route(PROBE, any(returned)).with_state(()) }
    }

    /// Takes away what an outer router left, and as little else as can be.
    ///
    /// axum keeps prefixes and parameters under types of its own, which nobody else can name. A
    /// prefix goes when a route matches; parameters go only with everything.
    pub(super) fn clear(&mut self, head: &mut Parts) {
        let original = head.extensions.get::<OriginalUri>().cloned();
        let cleared = match outer(head) {
            Outer::NoRouter => {
                head.extensions.remove::<MatchedPath>();
                return;
            }
            Outer::NoParameters => self.without_prefix(&mut head.extensions),
            Outer::Parameters => false,
        };
        if !cleared {
            head.extensions = known_only(&mut head.extensions);
        }
        // The probe has left its own where there was none.
        match original {
            Some(original) => drop(head.extensions.insert(original)),
            None => drop(head.extensions.remove::<OriginalUri>()),
        }
    }

    /// Whether the extensions are seen to hold no prefix any more. The first match takes it away,
    /// and the next one shows that it is gone.
    fn without_prefix(&mut self, extensions: &mut Extensions) -> bool {
        (0..2).any(|_| self.matched(extensions).is_some_and(|path| path.as_str() == PROBE))
    }

    /// What axum says has matched when these extensions come to the probe.
    fn matched(&mut self, extensions: &mut Extensions) -> Option<MatchedPath> {
        extensions.remove::<MatchedPath>();
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = Uri::from(PathAndQuery::from_static(PROBE));
        *request.extensions_mut() = std::mem::take(extensions);
        let Ok(mut response) = at_once(self.probe.call(request))?;
        *extensions = std::mem::take(response.extensions_mut());
        extensions.remove::<MatchedPath>()
    }
}

/// Gives the request's extensions back.
async fn returned(request: Request) -> Response {
    let mut response = Response::default();
    *response.extensions_mut() = request.into_parts().0.extensions;
    response
}

fn outer(head: &mut Parts) -> Outer {
    match at_once(RawPathParams::from_request_parts(head, &())) {
        Some(Err(RawPathParamsRejection::MissingPathParams(_))) => Outer::NoRouter,
        Some(Ok(params)) if params.iter().next().is_none() => Outer::NoParameters,
        _ => Outer::Parameters,
    }
}

/// Nothing but what axum documents and handlers or events need.
fn known_only(extensions: &mut Extensions) -> Extensions {
    let mut kept = Extensions::new();
    carry::<ConnectInfo<SocketAddr>>(extensions, &mut kept);
    carry::<OriginalUri>(extensions, &mut kept);
    carry::<NestedPath>(extensions, &mut kept);
    kept
}

fn carry<T: Clone + Send + Sync + 'static>(from: &mut Extensions, to: &mut Extensions) {
    if let Some(value) = from.remove::<T>() {
        to.insert(value);
    }
}

/// The output of a future that waits for nothing.
fn at_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
