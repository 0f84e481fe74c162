use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::{OpenError, SealError, SearchError};
use crate::Id;
use crate::crypto::{Derived, Random};
use crate::fast::FastMap;
use crate::index::{Index, Search, make_token};
use crate::keys::{KeyError, KeyFile, KeyVersion, Ring, Scope};
use crate::known::{KnownValues, keeping};
use crate::record::{
    FieldOpener, FieldSealer, KeyScope, PhiRecord, Place, RecordSchema, SealedRecord,
};
use crate::refusals::{Refusal, count};
use crate::sealed::Envelope;

/// Ciphers that readers keep, by nonce prefix; a few hundred bytes each.
const READERS: usize = 256;
/// An unknown key makes the store be read again, at most this often while it seems to be the same.
const RELOAD_EVERY: Duration = Duration::from_secs(1);

/// Keys in use, shared by vaults and grants.
pub(crate) struct Engine {
    keys: KeyFile,
    rings: RwLock<Rings>,
    readers: Box<[RwLock<Option<Reader>>]>,
    reloaded: Mutex<Option<Instant>>,
    random: Random,
}

/// Unwrapped rings of one generation of the keyring.
#[derive(Default)]
struct Rings {
    generation: u64,
    rings: FastMap<Scope, Arc<Ring>>,
}

/// The cipher of one nonce prefix under one key version.
#[derive(Clone)]
pub(crate) struct Reader {
    key: u64,
    derived: Arc<Derived>,
}

impl Reader {
    fn reads(&self, key: &KeyVersion, envelope: &Envelope) -> bool {
        self.key == key.serial && self.derived.prefix() == envelope.prefix
    }

    fn open(&self, envelope: &Envelope, aad: &[u8], text: &mut [u8]) -> Result<(), OpenError> {
        let opened = self.derived.open(envelope.nonce, aad, text, envelope.tag);
        opened.map_err(|_| OpenError::Refused)
    }
}

impl Engine {
    pub(crate) fn new(keys: KeyFile) -> Self {
        Self::with_random(keys, Random::default())
    }

    pub(crate) fn with_random(keys: KeyFile, random: Random) -> Self {
        Self {
            keys,
            rings: RwLock::default(),
            readers: (0..READERS).map(|_| RwLock::new(None)).collect(),
            reloaded: Mutex::default(),
            random,
        }
    }

    pub(crate) fn keys(&self) -> &KeyFile {
        &self.keys
    }

    pub(crate) fn random(&self) -> &Random {
        &self.random
    }

    /// Seals a record. Its values become known to the request's log scrubber.
    pub(crate) fn seal<R: PhiRecord>(
        &self,
        record: &R,
        known: Option<&KnownValues>,
    ) -> Result<R::Sealed, SealError> {
        let (schema, place) = (R::schema(), record.place());
        let scope = scope_of(schema, place.tenant.as_ref()).ok_or(SealError::NoKey)?;
        let ring = self.ring(&scope).map_err(|_| SealError::Keys)?.ok_or(SealError::NoKey)?;
        let key = ring.primary().ok_or(SealError::NoKey)?;
        key.begin(&self.random).ok_or(SealError::Random)?;
        record.seal_fields(&mut FieldSealer::new(self, &ring, key, schema, &place, keeping(known)))
    }

    pub(crate) fn open<S: SealedRecord>(&self, row: S) -> Result<S::Open, OpenError> {
        let place = row.place();
        self.open_in(row, &place, None)
    }

    /// Opens a row whose place is known.
    pub(crate) fn open_in<S: SealedRecord>(
        &self,
        row: S,
        place: &Place,
        known: Option<&KnownValues>,
    ) -> Result<S::Open, OpenError> {
        let schema = <S::Open as PhiRecord>::schema();
        let scope = scope_of(schema, place.tenant.as_ref()).ok_or(OpenError::Refused)?;
        let Ok(Some(ring)) = self.ring(&scope) else {
            count(Refusal::Scope, None);
            return Err(OpenError::Refused);
        };
        row.open_fields(&mut FieldOpener::new(self, ring, schema, place, keeping(known)))
    }

    pub(crate) fn search<R: PhiRecord>(
        &self,
        index: Index<R>,
        tenant: Option<&Id>,
        value: &str,
    ) -> Result<Search<R>, SearchError> {
        let schema = R::schema();
        let field = schema.fields.get(index.field()).and_then(|f| f.index);
        let declared = field.ok_or(SearchError::NoKey)?;
        let normal = declared.normaliser.normalise(value).map_err(SearchError::Value)?;
        let scope = scope_of(schema, tenant).ok_or(SearchError::NoKey)?;
        let ring = self.ring(&scope).map_err(|_| SearchError::Keys)?.ok_or(SearchError::NoKey)?;
        let columns = ring.columns(schema);
        let keys = columns.indexes.get(index.field()).ok_or(SearchError::NoKey)?;
        let mut live = keys.iter().take(2);
        let (id, key) = live.next().ok_or(SearchError::NoKey)?;
        let mut tokens = [make_token(*id, key, &normal, declared.bits); 2];
        if let (Some((id, key)), [_, second]) = (live.next(), &mut tokens) {
            *second = make_token(*id, key, &normal, declared.bits);
        }
        Ok(Search::new(index, tokens, normal))
    }

    /// Decrypts padded text in place with the cipher of its nonce prefix: the `last` one, since a
    /// record's values were mostly sealed together, or one from the cache.
    pub(crate) fn decrypt(
        &self,
        key: &KeyVersion,
        envelope: &Envelope,
        aad: &[u8],
        text: &mut [u8],
        last: &mut Option<Reader>,
    ) -> Result<(), OpenError> {
        if let Some(last) = last.as_ref().filter(|last| last.reads(key, envelope)) {
            return last.open(envelope, aad, text);
        }
        let at = envelope.prefix.first().map_or(0, |&byte| usize::from(byte));
        let slot = self.readers.get(at).ok_or(OpenError::Refused)?;
        let cached = slot.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(cached) = cached.filter(|cached| cached.reads(key, envelope)) {
            cached.open(envelope, aad, text)?;
            *last = Some(cached);
            return Ok(());
        }
        let derived = Arc::new(key.derive(envelope.prefix));
        let reader = Reader { key: key.serial, derived };
        reader.open(envelope, aad, text)?;
        // Only a prefix that opened something is kept: forged ones cannot empty the cache.
        *slot.write().unwrap_or_else(PoisonError::into_inner) = Some(reader.clone());
        *last = Some(reader);
        Ok(())
    }

    fn ring(&self, scope: &Scope) -> Result<Option<Arc<Ring>>, KeyError> {
        if let Some(ring) = self.known(scope)? {
            return Ok(Some(ring));
        }
        // Another process may have added the scope.
        self.reload();
        self.known(scope)
    }

    /// The ring as far as this process knows, unwrapped once for each generation of the keyring.
    fn known(&self, scope: &Scope) -> Result<Option<Arc<Ring>>, KeyError> {
        let generation = self.keys.generation();
        let cached = self.rings.read().unwrap_or_else(PoisonError::into_inner);
        if cached.generation == generation
            && let Some(ring) = cached.rings.get(scope)
        {
            return Ok(Some(Arc::clone(ring)));
        }
        drop(cached);
        let Some(ring) = self.keys.ring(scope)? else { return Ok(None) };
        let ring = Arc::new(ring);
        let mut cached = self.rings.write().unwrap_or_else(PoisonError::into_inner);
        if cached.generation < generation {
            *cached = Rings { generation, rings: FastMap::default() };
        }
        if cached.generation == generation {
            cached.rings.insert(scope.clone(), Arc::clone(&ring));
        }
        Ok(Some(ring))
    }

    /// The ring after the store was read again, if that was allowed just now.
    pub(crate) fn reloaded(&self, scope: &Scope) -> Option<Arc<Ring>> {
        self.reload();
        self.known(scope).ok().flatten()
    }

    /// Reads the key file again, rate-limited. Who comes meanwhile waits and finds it read.
    fn reload(&self) {
        let mut reloaded = self.reloaded.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let due = reloaded.is_none_or(|last| now.duration_since(last) >= RELOAD_EVERY);
        // One that was replaced is read at once: a tenant that another process has just added is no stranger.
        if due || self.keys.has_changed() {
            // A file that cannot be read leaves what is known in use.
            let _ = self.keys.reload();
            *reloaded = Some(Instant::now());
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// Whose key seals a record; `None` if a record of tenants has none.
fn scope_of(schema: &RecordSchema, tenant: Option<&Id>) -> Option<Scope> {
    match schema.key {
        KeyScope::All => Some(Scope::All),
        KeyScope::Tenant => match tenant? {
            Id::Opaque(_) => None,
            tenant => Some(Scope::Tenant(tenant.clone())),
        },
    }
}
