//! One function for each target. None may panic on any bytes; some assert a property too.

use std::sync::LazyLock;

use phi_core::audit::merkle::Edge;
use phi_core::audit::note::SignedNote;
use phi_core::audit::{Checkpoint, Entry, Event};
use phi_core::index::Normaliser;
use phi_core::policy::Policy;
use phi_core::{Phi, PhiRecord, PhiValue, Sealed, Vault, testing};
use uuid::Uuid;

const HERE: Uuid = Uuid::from_u128(1);

#[derive(Debug, PhiRecord)]
#[phi(record = "fuzzed")]
struct Fuzzed {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "a")]
    text: Phi<String>,
}

static VAULT: LazyLock<Vault> = LazyLock::new(|| {
    let vault = testing::vault(1);
    vault.add_tenant(HERE).expect("a tenant in memory");
    vault
});

/// Sealed values that nobody sealed, and the canonical bytes behind the tag, which a fuzzer cannot
/// reach through it.
pub fn envelope(bytes: &[u8]) {
    if let Ok(text) = Sealed::from_bytes(bytes) {
        let row = SealedFuzzed { id: Uuid::nil(), clinic_id: HERE, text };
        assert!(VAULT.open(row).is_err(), "opened what nobody sealed");
    }
    canonical::<String>(bytes);
    canonical::<Vec<u8>>(bytes);
    canonical::<i64>(bytes);
    canonical::<u8>(bytes);
    canonical::<u64>(bytes);
    canonical::<f64>(bytes);
    canonical::<bool>(bytes);
    canonical::<Uuid>(bytes);
    canonical::<jiff::civil::Date>(bytes);
    canonical::<jiff::civil::Time>(bytes);
    canonical::<jiff::civil::DateTime>(bytes);
    canonical::<jiff::Timestamp>(bytes);
}

/// What reads as a value is its canonical form, and seals and opens.
fn canonical<T: PhiValue>(bytes: &[u8]) {
    if let Ok(value) = T::read(bytes) {
        assert_eq!(value.encoded_len(), bytes.len(), "read bytes that are not canonical");
    }
}

/// Root files, keyring files and unwrapped rings.
pub fn key_file(bytes: &[u8]) {
    testing::parse_as_key_files(bytes);
}

/// Policies.
pub fn policy(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Policy::from_toml(text);
    }
}

/// Leaves, events, edges, notes and checkpoints of the audit log.
pub fn audit_entry(bytes: &[u8]) {
    let _ = Event::decode(bytes);
    let _ = Edge::from_bytes(bytes);
    if let Ok(entry) = Entry::parse(bytes) {
        let _ = entry.decode_event();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = SignedNote::parse(text);
        let _ = Checkpoint::open(text, "log.example/fuzz", &[]);
    }
}

/// Normal forms: each is its own normal form.
pub fn normal(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for rule in [
        Normaliser::Text,
        Normaliser::Digits,
        Normaliser::Ssn,
        Normaliser::Last4,
        Normaliser::Phone,
        Normaliser::Date,
    ] {
        if let Ok(once) = rule.normalise(text) {
            let again = once.with_text(|form| rule.normalise(form));
            assert!(again.is_ok_and(|again| again.same_as(&once)), "normalised twice differs");
        }
    }
}

/// Log text: scrubbed twice is scrubbed once, and the fast engine finds what the slow one finds.
pub fn scrub(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let scrubber = phi_log::Scrubber::default();
    let once = scrubber.scrub(&text).to_string();
    assert_eq!(scrubber.scrub(&once).to_string(), once, "scrubbed twice differs");
    assert_eq!(scrubber.spans(&text), scrubber.spans_of_reference(&text), "fast and slow differ");
}

/// FHIR resources, one a line.
pub fn ndjson(bytes: &[u8]) {
    let _ = examples::clinic::import::parse(bytes);
}
