//! A request's body as its handler reads it: whether it broke off.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter::successors;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use phi_core::audit::{Outcome, Reason};

/// How many errors inside one another are looked at.
const MAX_DEPTH: usize = 16;

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    /// Its connection ended.
    Cut,
    /// It was malformed or too long, or a stream of HTTP/2 was reset: that error is of a crate that
    /// only the server knows.
    Otherwise,
}

/// What became of a body, for the guard; filled in while the handler has it.
pub(super) struct Reading(Option<Arc<OnceLock<Broken>>>);

impl Reading {
    /// Nothing is read, or nobody asks how it ended.
    pub(super) fn nothing() -> Self {
        Self(None)
    }

    /// Watches a body. Most requests have none, and pay nothing.
    pub(super) fn watch(body: Body) -> (Self, Body) {
        if body.is_end_stream() {
            return (Self::nothing(), body);
        }
        let broken = Arc::new(OnceLock::new());
        let watched = Watched { body, broken: Arc::clone(&broken) };
        (Self(Some(broken)), Body::new(watched))
    }

    /// Whether the handler met an error in the body.
    pub(super) fn is_broken(&self) -> bool {
        self.broken().is_some()
    }

    /// How the request ended. If the connection is gone, an answer that tells no more than a body
    /// that could not be used is a hang-up; one with a reason of its own is the handler's.
    pub(super) fn end(&self, said: (Outcome, Option<Reason>)) -> (Outcome, Option<Reason>) {
        match said {
            (Outcome::Failed, Some(Reason::BadRequest | Reason::HandlerError))
                if self.broken() == Some(Broken::Cut) =>
            {
                (Outcome::Aborted, Some(Reason::HangUp))
            }
            said => said,
        }
    }

    fn broken(&self) -> Option<Broken> {
        self.0.as_ref()?.get().copied()
    }
}

struct Watched {
    body: Body,
    broken: Arc<OnceLock<Broken>>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { body, broken } = self.get_mut();
        let polled = Pin::new(body).poll_frame(context);
        if let Poll::Ready(Some(Err(error))) = &polled {
            broken.get_or_init(|| why(error));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// By the kind of the I/O error inside, whatever server and layers have wrapped around it. A layer
/// that decompresses says of a text which ends too early the same as of a connection.
fn why(error: &axum::Error) -> Broken {
    let error: &(dyn Error + 'static) = error;
    let mut kinds = successors(Some(error), |&error| error.source())
        .take(MAX_DEPTH)
        .filter_map(|error| error.downcast_ref().map(io::Error::kind));
    let gone = |kind| {
        matches!(
            kind,
            ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::TimedOut
        )
    };
    if kinds.any(gone) { Broken::Cut } else { Broken::Otherwise }
}
