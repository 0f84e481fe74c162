//! Runs a future to its end, to a panic or to a limit of time.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

/// How a future ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ran<T> {
    Done(T),
    Panic,
    Timeout,
}

/// A future that panicked is not polled again, so nothing sees what the panic left half done.
/// The panic's payload may quote PHI and is dropped.
pub(super) async fn run<F: Future>(limit: Duration, mut future: Pin<&mut F>) -> Ran<F::Output> {
    let mut caught = poll_fn(|context| {
        let poll = || future.as_mut().poll(context);
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Poll::Ready(value)) => Poll::Ready(Ran::Done(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(Ran::Panic),
        }
    });
    // Most end at once, and need no timer, nor room for one in every request.
    if let Poll::Ready(ran) =
        poll_fn(|context| Poll::Ready(Pin::new(&mut caught).poll(context))).await
    {
        return ran;
    }
    Box::pin(timeout(limit, caught)).await.unwrap_or(Ran::Timeout)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_future_ends_in_one_of_three_ways() {
        assert_eq!(run(LIMIT, pin!(async { 7 })).await, Ran::Done(7));
        assert_eq!(run(LIMIT, pin!(std::future::pending::<()>())).await, Ran::Timeout);
        let panics = async { std::panic::resume_unwind(Box::new("sample")) };
        assert_eq!(run::<_>(LIMIT, pin!(panics)).await, Ran::<()>::Panic);
    }
}
