//! The hand-over, and the log that tests use.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::event;
use crate::audit::{
    AuditError, AuditLog, Event, Item, Outcome, Printable, Receipt, RecordingLog, Slot,
};

fn poll(receipt: &mut Receipt) -> Poll<Result<(), AuditError>> {
    Pin::new(receipt).poll(&mut Context::from_waker(Waker::noop()))
}

fn of_request(outcome: Outcome) -> Event {
    let mut event = event(1, Some("a"));
    event.outcome = outcome;
    event.request = Some(Printable::clean("r-1"));
    event
}

#[test]
fn what_is_handed_over_is_kept_and_the_receipt_says_so() {
    let log: Arc<dyn AuditLog> = Arc::new(RecordingLog::new());
    let mut receipt = log.reserve().unwrap().append(vec![event(1, None)]);
    assert_eq!(poll(&mut receipt), Poll::Ready(Ok(())));
}

#[test]
fn a_strict_operation_takes_two_slots_and_has_one_outcome() {
    let log = RecordingLog::new();
    let (intent, outcome) = (log.reserve().unwrap(), log.reserve().unwrap());
    assert_eq!(log.open_slots(), 2);
    drop(intent.append(vec![of_request(Outcome::Intent)]));
    assert_eq!(log.outcomes_of("r-1"), []);
    drop(outcome.append(vec![of_request(Outcome::Success)]));
    assert_eq!(log.outcomes_of("r-1"), [Outcome::Success]);
    assert_eq!((log.open_slots(), log.events().len()), (0, 2));
}

#[test]
fn a_long_event_is_handed_over_in_parts_and_stays_one_outcome() {
    let log = RecordingLog::new();
    let mut wide = of_request(Outcome::Success);
    wide.items = (0..2000_i64).map(|n| Item::new("patient", n)).collect();
    let mut receipt = log.reserve().unwrap().append(vec![wide]);
    assert_eq!(poll(&mut receipt), Poll::Ready(Ok(())));
    assert!(log.events().len() > 1);
    assert!(log.events().iter().all(|part| part.encode().len() <= Event::MAX_BYTES));
    assert_eq!(log.outcomes_of("r-1"), [Outcome::Success]);
}

#[test]
fn a_slot_dropped_unused_is_free_again() {
    let log = RecordingLog::with_capacity(1);
    let slot = log.reserve().unwrap();
    assert_eq!(log.reserve().unwrap_err(), AuditError::Full);
    drop(slot);
    assert!(log.reserve().is_ok());
}

#[test]
fn a_log_that_is_down_or_loses_its_store_keeps_nothing() {
    let log = RecordingLog::new();
    let slot = log.reserve().unwrap();
    log.refuse();
    assert_eq!(log.reserve().unwrap_err(), AuditError::Unavailable);
    log.lose();
    assert_eq!(
        poll(&mut slot.append(vec![event(1, None)])),
        Poll::Ready(Err(AuditError::Unavailable))
    );
    assert!(log.events().is_empty());
    log.accept();
    let mut receipt = log.reserve().unwrap().append(vec![event(1, None)]); // control
    assert_eq!(poll(&mut receipt), Poll::Ready(Ok(())));
    assert_eq!(log.events().len(), 1);
}

#[test]
fn a_held_receipt_waits_for_release_and_wakes_its_task() {
    #[derive(Default)]
    struct Count(AtomicU32);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (log, count) = (RecordingLog::new(), Arc::new(Count::default()));
    let waker = Waker::from(Arc::clone(&count));
    log.hold();
    let mut receipt = log.reserve().unwrap().append(vec![event(1, None)]);
    let mut poll = || Pin::new(&mut receipt).poll(&mut Context::from_waker(&waker));
    assert_eq!(poll(), Poll::Pending);
    assert_eq!(count.0.load(Ordering::Relaxed), 0);
    log.release();
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
    assert_eq!(poll(), Poll::Ready(Ok(())));
}

#[test]
fn a_receipt_dropped_while_waiting_does_not_undo_the_append() {
    let log = RecordingLog::new();
    log.hold();
    drop(log.reserve().unwrap().append(vec![event(1, None)]));
    assert_eq!((log.events().len(), log.open_slots()), (1, 0));
}

#[test]
fn an_event_that_would_not_read_back_is_refused() {
    let log = RecordingLog::new();
    let mut bad = event(1, None);
    bad.part = Some(crate::audit::Part { n: 2, of: 1 });
    let mut receipt = log.reserve().unwrap().append(vec![bad]);
    assert_eq!(poll(&mut receipt), Poll::Ready(Err(AuditError::Rejected)));
    assert!(log.events().is_empty());
}

#[test]
fn a_closure_is_a_slot() {
    let slot = Slot::new(|events: Vec<Event>| {
        Receipt::ready(if events.len() == 1 { Ok(()) } else { Err(AuditError::TooLarge) })
    });
    assert_eq!(poll(&mut slot.append(vec![event(1, None)])), Poll::Ready(Ok(())));
}

#[test]
fn the_seam_can_cross_threads_and_be_awaited_anywhere() {
    fn send<T: Send>() {}
    fn shared<T: Send + Sync + 'static>() {}
    fn unpin<T: Unpin>() {}
    send::<Slot>();
    send::<Receipt>();
    unpin::<Receipt>();
    shared::<RecordingLog>();
    shared::<Arc<dyn AuditLog>>();
}
