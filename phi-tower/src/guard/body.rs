//! An answer's body as part of its request: what makes it may log what the request has opened.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use phi_core::known::KnownValues;
use tracing::Span;

/// A body whose pieces are made, and which is dropped, inside the request's span and with what the
/// request knows.
pub(super) struct AnswerBody {
    body: Body,
    known: KnownValues,
    span: Span,
}

impl AnswerBody {
    pub(super) fn wrap(body: Body, known: KnownValues, span: &Span) -> Body {
        Body::new(Self { body, known, span: span.clone() })
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { body, known, span } = self.get_mut();
        span.in_scope(|| known.enter(|| Pin::new(body).poll_frame(context)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        let body = mem::take(&mut self.body);
        let end = || self.span.in_scope(|| self.known.enter(|| drop(body)));
        // The payload may quote PHI and is dropped.
        if catch_unwind(AssertUnwindSafe(end)).is_err() {
            tracing::error!("body panicked when it was dropped");
        }
    }
}
