use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::{MINUTE, Sums};

/// Writes sums when their minute is over, also if no request comes any more.
///
/// It does not keep them alive: an application that is dropped writes what is left itself.
pub(super) struct Timer(Weak<Sums>);

/// What there is to do after some sums were handed over.
enum Next {
    /// The log takes more.
    More,
    /// There are none that are due, or the log does not take them now.
    Wait,
}

impl Timer {
    /// Runs where this is called from; outside a runtime it ends, and requests write the sums.
    pub(super) fn start(sums: &Arc<Sums>) {
        let timer = Self(Arc::downgrade(sums));
        if let Ok(runtime) = Handle::try_current() {
            drop(runtime.spawn(timer.run()));
        }
    }

    async fn run(self) {
        while let Some(rest) = self.rest_of_minute() {
            sleep(rest).await;
            while let Next::More = self.write_some().await {}
        }
    }

    /// How long to wait; `None` if there is nothing to wait for.
    fn rest_of_minute(&self) -> Option<Duration> {
        let sums = self.0.upgrade()?;
        (!sums.is_done()).then(|| sums.rest_of_minute())
    }

    /// The next ones are handed over when these are durable, so that an attack never has more than
    /// a few of the log's slots.
    async fn write_some(&self) -> Next {
        let Some(handed_over) = self.0.upgrade().map(|sums| sums.hand_over_some()) else {
            return Next::Wait;
        };
        let Ok(receipts) = handed_over else { return Next::Wait };
        if receipts.is_empty() {
            return Next::Wait;
        }
        for receipt in receipts {
            if !matches!(timeout(MINUTE, receipt).await, Ok(Ok(()))) {
                return Next::Wait;
            }
        }
        Next::More
    }
}

impl Drop for Timer {
    /// Its runtime may end before the sums are written: the next refusal starts another timer.
    fn drop(&mut self) {
        if let Some(sums) = self.0.upgrade() {
            sums.lock().timed = false;
        }
    }
}
