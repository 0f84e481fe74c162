//! Runs a future to its end, to a panic or to a limit of time.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
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
pub(super) async fn run<T>(limit: Duration, future: impl Future<Output = T>) -> Ran<T> {
    let caught = async {
        let mut future = pin!(future);
        poll_fn(|context| {
            let poll = || future.as_mut().poll(context);
            match catch_unwind(AssertUnwindSafe(poll)) {
                Ok(Poll::Ready(value)) => Poll::Ready(Ran::Done(value)),
                Ok(Poll::Pending) => Poll::Pending,
                Err(_) => Poll::Ready(Ran::Panic),
            }
        })
        .await
    };
    timeout(limit, caught).await.unwrap_or(Ran::Timeout)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_future_ends_in_one_of_three_ways() {
        assert_eq!(run(LIMIT, async { 7 }).await, Ran::Done(7));
        assert_eq!(run(LIMIT, std::future::pending::<()>()).await, Ran::Timeout);
        let panics = async { std::panic::resume_unwind(Box::new("sample")) };
        assert_eq!(run::<()>(LIMIT, panics).await, Ran::Panic);
    }
}
