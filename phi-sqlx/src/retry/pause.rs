use std::future::Future;
use std::time::Duration;

/// How long to wait before a transaction is tried again: randomness and clock behind one seam.
pub trait Pause: Send + Sync {
    /// Waits, at most this long.
    fn pause(&self, most: Duration) -> impl Future<Output = ()> + Send;
}

/// A random part of the longest pause ("full jitter"), so that two transactions that were in each
/// other's way do not meet again. The default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Jitter;

impl Pause for Jitter {
    async fn pause(&self, most: Duration) {
        tokio::time::sleep(most.mul_f64(rand::random_range(0.0..=1.0))).await;
    }
}
