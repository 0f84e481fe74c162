use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::version::{KeyState, KeyVersion};
use super::{KeyId, Scope};
use crate::crypto::{Mac, Secret, constant_time_eq, encode_parts, sha256};
use crate::fast::FastMap;
use crate::record::RecordSchema;

/// First byte of a ring's body.
const FORMAT: u8 = 1;
const ENTRY_LEN: usize = 4 + 1 + 1 + 8 + 32;

/// The versions of one scope's key, in the form that is wrapped and stored.
#[derive(Clone)]
pub(crate) struct RingBody {
    pub(crate) entries: Vec<RingEntry>,
}

#[derive(Clone)]
pub(crate) struct RingEntry {
    pub(crate) id: KeyId,
    pub(crate) state: KeyState,
    /// Whether queries ask for this version's tokens.
    pub(crate) indexed: bool,
    /// Seconds since 1970.
    pub(crate) created: u64,
    pub(crate) material: Secret,
}

impl RingBody {
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let len = self.entries.len();
        let mut out = Zeroizing::new(Vec::with_capacity(3 + len * ENTRY_LEN));
        out.push(FORMAT);
        out.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
        for entry in &self.entries {
            out.extend_from_slice(&entry.id.to_bytes());
            out.push(entry.state.to_byte());
            out.push(u8::from(entry.indexed));
            out.extend_from_slice(&entry.created.to_be_bytes());
            out.extend_from_slice(entry.material.as_slice());
        }
        out
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (&[FORMAT, count_high, count_low], rest) = bytes.split_first_chunk::<3>()? else {
            return None;
        };
        let count = usize::from(u16::from_be_bytes([count_high, count_low]));
        if rest.len() != count.checked_mul(ENTRY_LEN)? {
            return None;
        }
        let entries: Option<Vec<_>> = rest.chunks_exact(ENTRY_LEN).map(RingEntry::parse).collect();
        let entries = entries?;
        let primaries = entries.iter().filter(|e| e.state == KeyState::Primary).count();
        let mut ids: Vec<_> = entries.iter().map(|e| e.id).collect();
        ids.sort_unstable();
        ids.dedup();
        (primaries <= 1 && ids.len() == entries.len()).then_some(Self { entries })
    }
}

impl RingBody {
    /// Whether every key of another body is here too, whatever became of it.
    pub(crate) fn has_all_of(&self, other: &Self) -> bool {
        let gone = |entry: &RingEntry| entry.state == KeyState::Destroyed;
        other.entries.iter().all(|entry| {
            self.entries.iter().filter(|own| own.id == entry.id).any(|own| {
                let same = constant_time_eq(own.material.as_slice(), entry.material.as_slice());
                gone(own) || gone(entry) || same
            })
        })
    }
}

impl RingEntry {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (&id, rest) = bytes.split_first_chunk::<4>()?;
        let (&[state, indexed], rest) = rest.split_first_chunk::<2>()?;
        let (&created, rest) = rest.split_first_chunk::<8>()?;
        let mut material = Secret::default();
        material.copy_from_slice(rest.first_chunk::<32>()?);
        Some(Self {
            id: KeyId::from(id),
            state: KeyState::from_byte(state)?,
            indexed: match indexed {
                0 => false,
                1 => true,
                _ => return None,
            },
            created: u64::from_be_bytes(created),
            material,
        })
    }
}

/// A keyring ready for use.
pub(crate) struct Ring {
    pub(crate) scope: Scope,
    versions: Vec<Arc<KeyVersion>>,
    primary: Option<Arc<KeyVersion>>,
    indexed: Vec<Arc<KeyVersion>>,
    /// What every seal and open of a record kind needs, computed once.
    columns: RwLock<FastMap<usize, Arc<Columns>>>,
}

/// The bound tags and index keys of one record kind under one ring.
pub(crate) struct Columns {
    pub(crate) tags: Vec<[u8; 16]>,
    /// For each field with an index: the live keys, the primary's first.
    pub(crate) indexes: Vec<Vec<(KeyId, Mac)>>,
}

impl Ring {
    pub(crate) fn new(scope: Scope, body: &RingBody) -> Self {
        let mut ring = Self {
            scope,
            versions: Vec::new(),
            primary: None,
            indexed: Vec::new(),
            columns: RwLock::default(),
        };
        for entry in body.entries.iter().filter(|e| e.state != KeyState::Destroyed) {
            let version = Arc::new(KeyVersion::new(entry.id, &entry.material));
            if entry.state == KeyState::Primary {
                ring.primary = Some(Arc::clone(&version));
            }
            if entry.indexed {
                let at = if entry.state == KeyState::Primary { 0 } else { ring.indexed.len() };
                ring.indexed.insert(at, Arc::clone(&version));
            }
            ring.versions.push(version);
        }
        ring
    }

    /// The version that seals.
    pub(crate) fn primary(&self) -> Option<&Arc<KeyVersion>> {
        self.primary.as_ref()
    }

    /// The version with this id; keys are never tried in turn.
    pub(crate) fn version(&self, id: KeyId) -> Option<&Arc<KeyVersion>> {
        self.versions.iter().find(|version| version.id == id)
    }

    pub(crate) fn columns(&self, schema: &'static RecordSchema) -> Arc<Columns> {
        let key = std::ptr::from_ref(schema).addr();
        let columns = self.columns.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = columns.get(&key) {
            return Arc::clone(known);
        }
        drop(columns);
        let made = Arc::new(Columns::new(self, schema));
        let mut columns = self.columns.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(columns.entry(key).or_insert(made))
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.versions.iter().map(|v| v.id).collect();
        f.debug_struct("Ring")
            .field("scope", &self.scope)
            .field("ids", &ids)
            .finish_non_exhaustive()
    }
}

impl Columns {
    fn new(ring: &Ring, schema: &RecordSchema) -> Self {
        let scope = ring.scope.to_string();
        let tenant = ring.scope.tenant().map(crate::Id::encode).unwrap_or_default();
        let tags = schema.fields.iter().map(|field| {
            let parts = encode_parts(&[
                b"phi/1 column",
                scope.as_bytes(),
                &tenant,
                schema.record.as_bytes(),
                field.field.as_bytes(),
                field.value.label().as_bytes(),
            ]);
            let hash = sha256(&[&parts]);
            hash.first_chunk::<16>().copied().unwrap_or_default()
        });
        let indexes = schema.fields.iter().map(|field| {
            let Some(index) = field.index else { return Vec::new() };
            let label: [&[u8]; 4] = [
                &tenant,
                schema.record.as_bytes(),
                field.field.as_bytes(),
                index.normaliser.label().as_bytes(),
            ];
            ring.indexed.iter().map(|version| (version.id, version.index_key(&label))).collect()
        });
        Self { tags: tags.collect(), indexes: indexes.collect() }
    }
}
