//! The names of a callsite's fields, judged once a thread.

use core::cell::RefCell;
use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;
use std::rc::Rc;

use tracing_core::Metadata;
use tracing_core::callsite::Identifier;

use crate::scrub::{Kind, judge};

/// For each field, in order, what its name says.
pub(super) type Judged = Rc<[Option<Kind>]>;

/// Callsites kept a thread. They are static, so that only generated code has more; then the cache
/// starts over.
const MAX_CALLSITES: usize = 4_096;

type Cache = HashMap<Identifier, Judged, BuildHasherDefault<PointerHasher>>;

std::thread_local! {
    static CACHE: RefCell<Cache> = RefCell::new(Cache::default());
}

/// What the names of the fields of this callsite say.
pub(super) fn judged(metadata: &'static Metadata<'static>) -> Judged {
    CACHE
        .try_with(|cache| {
            let Ok(mut cache) = cache.try_borrow_mut() else {
                return look(metadata);
            };
            if let Some(judged) = cache.get(&metadata.callsite()) {
                // Two sets of fields under one callsite do not occur, but a short answer would leak.
                if judged.len() == metadata.fields().len() {
                    return Rc::clone(judged);
                }
            }
            if cache.len() >= MAX_CALLSITES {
                cache.clear();
            }
            let judged = look(metadata);
            cache.insert(metadata.callsite(), Rc::clone(&judged));
            judged
        })
        // The thread is ending and its storage is gone.
        .unwrap_or_else(|_| look(metadata))
}

fn look(metadata: &'static Metadata<'static>) -> Judged {
    metadata.fields().iter().map(|field| judge(field.name().as_bytes())).collect()
}

/// A callsite's identity is an address, which one multiplication spreads well enough.
#[derive(Default)]
struct PointerHasher(u64);

impl Hasher for PointerHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(26) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}
