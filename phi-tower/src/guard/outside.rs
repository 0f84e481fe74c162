use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use pin_project_lite::pin_project;

pin_project! {
    /// The answer of a [`Guarded`](crate::Guarded): layers outside have bodies of their own types, and
    /// `axum::serve` takes axum's only.
    #[derive(Debug)]
    pub struct GuardedFuture<F> {
        #[pin]
        answer: F,
    }
}

impl<F> GuardedFuture<F> {
    pub(super) fn new(answer: F) -> Self {
        Self { answer }
    }
}

impl<F, B, E> Future for GuardedFuture<F>
where
    F: Future<Output = Result<http::Response<B>, E>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(self.project().answer.poll(context));
        Poll::Ready(answer.map(|response| response.map(Body::new)))
    }
}
