//! The one task that writes: takes what is waiting, commits it together, tells everybody.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use phi_core::audit::{Action, AuditError, Event, EventId, EventTime, Outcome, Reason};
use tokio::sync::{mpsc, watch};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::handle::{Alive, HandOver, Handle, Progress, Signals, SignedCheckpoint};
use super::kept::Kept;
use crate::audit::error::Place;
use crate::audit::{AuditLogError, AuditLogProblem};

/// How many hand-overs one transaction takes at most.
const GROUP: usize = 512;

/// How long a store that failed is left alone before it is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// The longest that events are kept before the store is tried again unasked.
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// How long the end of the log waits for a store that is down.
const LAST_TRIES: Duration = Duration::from_secs(2);

/// Where events are made durable.
pub(in crate::audit) trait Store: fmt::Debug + Send + 'static {
    /// Where it is, for messages.
    fn place(&self) -> Place;

    /// Writes a batch of hand-overs, all or nothing but those that are wrong in themselves.
    ///
    /// After an error it may or may not be stored; the next batch begins with the same hand-overs,
    /// and those that are found stored are not stored again.
    fn write(
        &mut self,
        batch: &[&[Vec<u8>]],
    ) -> impl Future<Output = Result<Written, AuditLogProblem>> + Send;

    /// Lets the database go, and whatever keeps others from it.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// What became of a batch.
#[derive(Debug)]
pub(in crate::audit) struct Written {
    /// For each hand-over, whether its events were right.
    pub(in crate::audit) results: Vec<Result<(), AuditError>>,
    /// The new checkpoint, if this store signs and anything is new.
    pub(in crate::audit) head: Option<SignedCheckpoint>,
}

/// The task.
#[derive(Debug)]
pub(in crate::audit) struct Writer<S> {
    /// Before the queue: fields are dropped in this order.
    alive: Alive,
    store: S,
    queue: mpsc::Receiver<HandOver>,
    progress: watch::Sender<Progress>,
    kept: Kept,
    heartbeat: Option<Duration>,
    last: EventTime,
    /// Not before this is a store that failed tried again because somebody wants it, …
    retry_at: Instant,
    /// … and then because something is kept for it.
    retry: Duration,
}

/// A new writer's id.
pub(in crate::audit) fn new_writer() -> Uuid {
    EventId::generate(EventTime::new(Timestamp::now())).as_uuid()
}

impl<S: Store> Writer<S> {
    /// Writes the event that every writer begins with, then starts the task.
    pub(in crate::audit) async fn start(
        store: S,
        slots: usize,
        heartbeat: Option<Duration>,
    ) -> Result<Handle, AuditLogProblem> {
        let (queue, receiver) = mpsc::channel(slots);
        let (progress, watched) = watch::channel(Progress::default());
        let signals = Arc::new(Signals::default());
        let mut writer = Self {
            alive: Alive(Arc::clone(&signals)),
            store,
            queue: receiver,
            progress,
            kept: Kept::new(Arc::clone(&signals)),
            heartbeat,
            last: EventTime::new(Timestamp::now()),
            retry_at: Instant::now(),
            retry: RETRY,
        };
        let event = writer.event(Reason::WriterOpened).encode();
        let written = writer.store.write(&[&[event]]).await?;
        writer.publish(written.head);
        tokio::spawn(writer.run());
        Ok(Handle { queue, signals, progress: watched })
    }

    /// Runs until it is told to close and every slot is used or dropped, or until all handles are
    /// gone.
    async fn run(mut self) {
        let signals = Arc::clone(&self.alive.0);
        let mut group = Vec::with_capacity(GROUP);
        let mut idle_since = Instant::now();
        loop {
            let beat = self.heartbeat.map(|beat| idle_since + beat);
            let retry = (!self.kept.is_empty()).then(|| self.retry_at - RETRY + self.retry);
            tokio::select! {
                biased;
                () = signals.close.notified() => self.queue.close(),
                taken = self.queue.recv_many(&mut group, GROUP) => {
                    if taken == 0 {
                        break;
                    }
                    self.write(&mut group).await;
                    idle_since = Instant::now();
                    // Who was just told may have more, and need not wait for a whole commit if it
                    // comes before the next group is taken.
                    yield_now().await;
                }
                () = signals.wanted.notified() => {
                    sleep_until(self.retry_at).await;
                    if signals.down.load(Ordering::Relaxed) {
                        self.own(Reason::Heartbeat).await;
                        idle_since = Instant::now();
                    }
                }
                () = sleep_until(retry.unwrap_or_else(Instant::now)), if retry.is_some() => {
                    let _ = self.flush().await; // `judge` has told it
                }
                () = sleep_until(beat.unwrap_or_else(Instant::now)), if beat.is_some() => {
                    self.own(Reason::Heartbeat).await;
                    idle_since = Instant::now();
                }
            }
        }
        let ended = self.end().await;
        // The next writer may start as soon as anybody knows of the end.
        self.store.close().await;
        self.progress.send_modify(|progress| progress.ended = Some(ended));
    }

    /// Commits a group, then tells each how it went.
    async fn write(&mut self, group: &mut Vec<HandOver>) {
        if let Err(error) = self.flush().await {
            for one in group.drain(..) {
                self.kept.keep(one.events);
                let _ = one.durable.send(Err(error)); // nobody need wait
            }
            return;
        }
        let events: Vec<_> = group.iter().map(|one| one.events.as_slice()).collect();
        let written = self.store.write(&events).await;
        match self.judge(written) {
            Ok(results) => {
                for (one, result) in group.drain(..).zip(results) {
                    let _ = one.durable.send(result);
                }
            }
            Err(error) => self.kept.keep_tried(group.drain(..).map(|one| {
                let _ = one.durable.send(Err(error));
                one.events
            })),
        }
    }

    /// Writes what is kept, the oldest first.
    async fn flush(&mut self) -> Result<(), AuditError> {
        while !self.kept.is_empty() {
            let written = self.store.write(&self.kept.first(GROUP)).await;
            for result in self.judge(written)? {
                self.kept.settle(result.is_ok());
            }
        }
        Ok(())
    }

    /// Writes an event of the log itself, after what is kept. While the store is down one is enough.
    async fn own(&mut self, reason: Reason) {
        if self.kept.is_empty() {
            let event = self.event(reason).encode();
            self.kept.keep_own(event);
        }
        let _ = self.flush().await; // `judge` has told it
    }

    /// Writes what is kept and the last event. A store that is down is given a little time.
    async fn end(&mut self) -> Result<(), AuditError> {
        let until = Instant::now() + LAST_TRIES;
        loop {
            let flushed = self.flush().await;
            let closed: Result<(), AuditError> = match flushed {
                Ok(()) => {
                    let event = self.event(Reason::WriterClosed).encode();
                    let written = self.store.write(&[&[event]]).await;
                    self.judge(written).and_then(|results| results.into_iter().collect())
                }
                Err(error) => Err(error),
            };
            let Err(error) = closed else { return self.alive.0.end() };
            let hopeless =
                self.progress.borrow().problem.is_some_and(|problem| !problem.may_pass());
            if hopeless || self.retry_at > until {
                return self.alive.0.end().and(Err(error));
            }
            sleep_until(self.retry_at).await;
        }
    }

    fn judge(
        &mut self,
        written: Result<Written, AuditLogProblem>,
    ) -> Result<Vec<Result<(), AuditError>>, AuditError> {
        self.alive.0.down.store(written.is_err(), Ordering::Relaxed);
        let before = self.progress.borrow().problem;
        match written {
            Ok(written) => {
                self.retry = RETRY;
                if before.is_some() {
                    tracing::info!("audit log is back");
                    self.progress.send_modify(|progress| progress.problem = None);
                }
                self.publish(written.head);
                Ok(written.results)
            }
            Err(problem) => {
                self.retry_at = Instant::now() + RETRY;
                self.retry = (self.retry * 2).min(LONGEST_RETRY);
                if before != Some(problem) {
                    let error = AuditLogError::new(self.store.place(), problem);
                    tracing::error!(%error, "audit log is down, nothing may be disclosed");
                    self.progress.send_modify(|progress| progress.problem = Some(problem));
                }
                Err(AuditError::Unavailable)
            }
        }
    }

    fn publish(&self, head: Option<SignedCheckpoint>) {
        if let Some(head) = head {
            self.progress.send_modify(|progress| {
                progress.size = head.size;
                progress.checkpoint = head.text;
            });
        }
    }

    fn event(&mut self, reason: Reason) -> Event {
        // A clock that was set back does not set these back.
        self.last = self.last.max(EventTime::new(Timestamp::now()));
        own_event(self.last, reason)
    }
}

/// An event of the log itself.
pub(in crate::audit) fn own_event(time: EventTime, reason: Reason) -> Event {
    let mut event = Event::new(EventId::generate(time), time, Action::Execute, Outcome::Success);
    event.reason = Some(reason);
    event
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Takes a while for each batch, as a disk does, and notes how many hand-overs it was of.
    #[derive(Debug)]
    struct Slow(Arc<Mutex<Vec<usize>>>);

    impl Store for Slow {
        fn place(&self) -> Place {
            Place::File("made-up.db".into())
        }

        async fn write(&mut self, batch: &[&[Vec<u8>]]) -> Result<Written, AuditLogProblem> {
            for _ in 0..3 {
                yield_now().await;
            }
            self.0.lock().unwrap().push(batch.len());
            Ok(Written { results: vec![Ok(()); batch.len()], head: None })
        }

        async fn close(self) {}
    }

    #[tokio::test]
    async fn who_was_told_of_one_commit_is_in_time_for_the_next() {
        let batches = Arc::new(Mutex::new(Vec::new()));
        let log = Writer::start(Slow(Arc::clone(&batches)), 64, None).await.unwrap();
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let log = log.clone();
            tasks.push(tokio::spawn(async move {
                for _ in 0..10 {
                    let event = own_event(EventTime::new(Timestamp::now()), Reason::Heartbeat);
                    log.reserve().unwrap().append(vec![event]).await.unwrap();
                }
            }));
            yield_now().await; // they do not begin together
        }
        for task in tasks {
            task.await.unwrap();
        }
        log.close().await.unwrap();
        // Else the eight fall into two parts, each of which waits for the other's commits as well.
        let batches = batches.lock().unwrap();
        assert!(batches.len() < 15, "{batches:?}");
        assert_eq!(batches.iter().sum::<usize>(), 80 + 2);
    }
}
