//! Counters that tell an operator why sealed values were refused. The caller sees one opaque error.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::keys::KeyId;

/// Why a sealed value was refused, for operators only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    ClearText,
    Version(u8),
    KeyId(KeyId),
    /// The keyring of the value's scope is missing altogether.
    Scope,
    Tag,
    Form,
}

static CLEAR_TEXT: AtomicU64 = AtomicU64::new(0);
static VERSION: AtomicU64 = AtomicU64::new(0);
static KEY_ID: AtomicU64 = AtomicU64::new(0);
static TAG: AtomicU64 = AtomicU64::new(0);
static FORM: AtomicU64 = AtomicU64::new(0);

/// Where a refused value stands, if that is known: the labels of its record and its field.
pub(crate) type Column = Option<(&'static str, &'static str)>;

/// Counts a refusal, and says in the operator's log what to look for: never what was read.
pub(crate) fn count(refusal: Refusal, column: Column) {
    let (record, field) = column.unzip();
    macro_rules! say {
        ($counter:ident, $($what:tt)+) => {{
            $counter.fetch_add(1, Relaxed);
            tracing::warn!(target: "phi_core::refusals", record, field, $($what)+);
        }};
    }
    match refusal {
        Refusal::ClearText => say!(CLEAR_TEXT, "column holds something that is not sealed"),
        Refusal::Version(version) => {
            say!(VERSION, version, "sealed value has a version this release does not know");
        }
        Refusal::KeyId(key) => {
            say!(KEY_ID, %key, "sealed value is under a key that the keyring does not hold");
        }
        Refusal::Scope => say!(KEY_ID, "sealed value is under a keyring that is not there"),
        Refusal::Tag => say!(TAG, "sealed value does not verify in its place"),
        Refusal::Form => say!(FORM, "sealed value is not of the form its type has"),
    }
}

/// How many sealed values this process has refused since it started, by cause.
///
/// For metrics and alerts: a rise of `tag` means that something moves or changes ciphertexts, a
/// rise of `clear_text` that something writes past the library. Each refusal is also a `tracing`
/// warning with target `phi_core::refusals`: cause, labels of the column, key id or version.
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
