//! Counters that tell an operator why sealed values were refused. The caller sees one opaque error.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Why a sealed value was refused, for operators only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    ClearText,
    Version,
    KeyId,
    Tag,
    Form,
}

static CLEAR_TEXT: AtomicU64 = AtomicU64::new(0);
static VERSION: AtomicU64 = AtomicU64::new(0);
static KEY_ID: AtomicU64 = AtomicU64::new(0);
static TAG: AtomicU64 = AtomicU64::new(0);
static FORM: AtomicU64 = AtomicU64::new(0);

pub(crate) fn count(refusal: Refusal) {
    let counter = match refusal {
        Refusal::ClearText => &CLEAR_TEXT,
        Refusal::Version => &VERSION,
        Refusal::KeyId => &KEY_ID,
        Refusal::Tag => &TAG,
        Refusal::Form => &FORM,
    };
    counter.fetch_add(1, Relaxed);
}

/// How many sealed values this process has refused since it started, by cause.
///
/// For metrics and alerts: a rise of `tag` means that something moves or changes ciphertexts, a
/// rise of `clear_text` that something writes past the library.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusals {
    /// Bytes that were no sealed value at all.
    pub clear_text: u64,
    /// Sealed values of a version this release does not know.
    pub version: u64,
    /// Values under a key that the store does not hold.
    pub key_id: u64,
    /// Values that did not verify in their place: moved, changed, cut, or of another type.
    pub tag: u64,
    /// Values that verified, but are not of the form their type has in this release.
    pub form: u64,
}

/// Reads the counters.
#[must_use]
pub fn refusals() -> Refusals {
    Refusals {
        clear_text: CLEAR_TEXT.load(Relaxed),
        version: VERSION.load(Relaxed),
        key_id: KEY_ID.load(Relaxed),
        tag: TAG.load(Relaxed),
        form: FORM.load(Relaxed),
    }
}
