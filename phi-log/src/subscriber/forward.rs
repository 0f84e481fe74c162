//! From collected values to a value set that the inner stack can read.

use core::cell::Cell;
use std::error::Error;

use tracing_core::Metadata;
use tracing_core::field::{self, DisplayValue, Value, ValueSet, Visit};

use super::callsite::judged;
use super::visit::{Collector, Slot};
use crate::{Hits, Scrubber};

/// Bytes of a buffer that a thread keeps between events.
const MAX_KEPT: usize = 64 * 1024;

std::thread_local! {
    /// Scrubbed text of the event in hand, and what formatters wrote. Taken out while in use: a formatter
    /// that logs finds empty ones.
    static BUFFERS: Cell<(String, String)> = const { Cell::new((String::new(), String::new())) };
}

/// Collects what `record` has to tell, and calls `then` with the values that may be seen.
pub(super) fn scrubbed<R>(
    scrubber: &Scrubber,
    metadata: &'static Metadata<'static>,
    record: impl FnOnce(&mut dyn Visit),
    then: impl FnOnce(&ValueSet<'_>, &Hits) -> R,
) -> R {
    match metadata.fields().len() {
        0..=8 => on_stack::<8, R>(scrubber, metadata, record, then),
        9..=32 => on_stack::<32, R>(scrubber, metadata, record, then),
        count => {
            let mut slots = Vec::new();
            slots.resize_with(count, Slot::default);
            with_buffers(scrubber, metadata, &mut slots, record, |slots, arena, hits| {
                let views: Vec<_> = slots.iter().map(|slot| View::new(slot, arena)).collect();
                let values: Vec<_> = views.iter().map(View::value).collect();
                then(&metadata.fields().value_set_all(&values), hits)
            })
        }
    }
}

fn on_stack<const N: usize, R>(
    scrubber: &Scrubber,
    metadata: &'static Metadata<'static>,
    record: impl FnOnce(&mut dyn Visit),
    then: impl FnOnce(&ValueSet<'_>, &Hits) -> R,
) -> R {
    let count = metadata.fields().len();
    let mut slots: [Slot; N] = core::array::from_fn(|_| Slot::Empty);
    let slots = slots.get_mut(..count).unwrap_or_default();
    with_buffers(scrubber, metadata, slots, record, |slots, arena, hits| {
        let mut views: [View<'_>; N] = core::array::from_fn(|_| View::Empty);
        for (view, slot) in views.iter_mut().zip(slots) {
            *view = View::new(slot, arena);
        }
        let mut values: [Option<&dyn Value>; N] = [None; N];
        for (value, view) in values.iter_mut().zip(&views) {
            *value = view.value();
        }
        let values = values.get(..count).unwrap_or_default();
        then(&metadata.fields().value_set_all(values), hits)
    })
}

fn with_buffers<R>(
    scrubber: &Scrubber,
    metadata: &'static Metadata<'static>,
    slots: &mut [Slot],
    record: impl FnOnce(&mut dyn Visit),
    then: impl FnOnce(&[Slot], &str, &Hits) -> R,
) -> R {
    let (mut arena, mut scratch) = BUFFERS.try_with(Cell::take).unwrap_or_default();
    arena.clear();
    let judged = judged(metadata);
    let mut hits = Hits::default();
    record(&mut Collector {
        scrubber,
        judged: &judged,
        slots: &mut *slots,
        arena: &mut arena,
        scratch: &mut scratch,
        hits: &mut hits,
    });
    let result = then(slots, &arena, &hits);
    if arena.capacity() <= MAX_KEPT && scratch.capacity() <= MAX_KEPT {
        // Without storage, at the end of a thread, they are simply dropped.
        let _ = BUFFERS.try_with(|buffers| buffers.set((arena, scratch)));
    }
    result
}

/// A slot with its text, in the types that `tracing` can record.
enum View<'a> {
    Empty,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Str(&'a str),
    Text(DisplayValue<&'a str>),
    Error(&'a (dyn Error + 'static)),
}

impl<'a> View<'a> {
    fn new(slot: &'a Slot, arena: &'a str) -> Self {
        let text = |start: usize, end: usize| arena.get(start..end).unwrap_or_default();
        match slot {
            Slot::Empty => Self::Empty,
            Slot::Bool(value) => Self::Bool(*value),
            Slot::I64(value) => Self::I64(*value),
            Slot::U64(value) => Self::U64(*value),
            Slot::I128(value) => Self::I128(*value),
            Slot::U128(value) => Self::U128(*value),
            Slot::F64(value) => Self::F64(*value),
            Slot::Str(start, end) => Self::Str(text(*start, *end)),
            Slot::Text(start, end) => Self::Text(field::display(text(*start, *end))),
            Slot::Error(error) => Self::Error(error.as_ref()),
        }
    }

    fn value(&self) -> Option<&dyn Value> {
        match self {
            Self::Empty => None,
            Self::Bool(value) => Some(value),
            Self::I64(value) => Some(value),
            Self::U64(value) => Some(value),
            Self::I128(value) => Some(value),
            Self::U128(value) => Some(value),
            Self::F64(value) => Some(value),
            Self::Str(value) => Some(value),
            Self::Text(value) => Some(value),
            Self::Error(value) => Some(value),
        }
    }
}
