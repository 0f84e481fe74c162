//! A handler's future as part of its request, until it is dropped.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use phi_core::known::KnownValues;

/// What it opens is known to what it logs, also where it is dropped before its end. A panic in its
/// drop is the end of nothing else.
pub(super) struct Handler<'h, F> {
    future: Pin<&'h mut Option<F>>,
    known: &'h KnownValues,
}

impl<'h, F> Handler<'h, F> {
    pub(super) fn new(future: Pin<&'h mut Option<F>>, known: &'h KnownValues) -> Self {
        Self { future, known }
    }
}

impl<F: Future> Future for Handler<'_, F> {
    /// `None` if there is no future.
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { future, known } = self.get_mut();
        match future.as_mut().as_pin_mut() {
            Some(future) => known.enter(|| future.poll(context)).map(Some),
            None => Poll::Ready(None),
        }
    }
}

impl<F> Drop for Handler<'_, F> {
    fn drop(&mut self) {
        let Self { future, known } = self;
        let end = || known.enter(|| future.set(None));
        // The payload may quote PHI and is dropped.
        if catch_unwind(AssertUnwindSafe(end)).is_err() {
            tracing::error!("handler panicked when it was dropped");
        }
    }
}
