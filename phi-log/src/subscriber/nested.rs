//! Whether a formatter logged while its value was taken.
//!
//! Filters of layers keep their answer for the event in hand in storage of the thread. Taking values runs
//! formatters between that answer and its use, and one that logs would overwrite it.

use core::cell::Cell;

std::thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

/// Counts a call of the subscriber; gives the number to compare later.
pub(super) fn note() -> u64 {
    CALLS
        .try_with(|calls| {
            let next = calls.get().wrapping_add(1);
            calls.set(next);
            next
        })
        .unwrap_or(0)
}

/// Whether there were calls since.
pub(super) fn changed(mark: u64) -> bool {
    CALLS.try_with(Cell::get).is_ok_and(|now| now != mark)
}
