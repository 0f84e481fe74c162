use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use zeroize::Zeroizing;

use super::lock::{self, Lock};
use super::ring::{RingBody, RingEntry};
use super::stored::{Stored, parse};
#[cfg(any(test, feature = "testing"))]
use super::text::hex;
use super::version::KeyState;
use super::{KeyError, KeyErrorKind, KeyId, Ring, RootKey, Scope, owner_only};
use crate::crypto::{NONCE_LEN, PREFIX_LEN, Random, Secret, TAG_LEN, encode_parts};

/// A keyring file: every scope's keys, wrapped by the root (FORMAT.md section 6).
///
/// Several processes may use one file: changes are made under a lock, replace the file in one
/// step, and are found by the others when they meet a key they do not know.
pub struct KeyFile {
    path: PathBuf,
    root: RootKey,
    stored: Mutex<Stored>,
    /// Of the file when it was read last.
    stamp: Mutex<Option<owner_only::Stamp>>,
    /// Of `stored`, to be read without its lock.
    generation: AtomicU64,
    random: Random,
}

impl KeyFile {
    /// Makes a new keyring file that holds one key for records without a tenant.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the file exists or cannot be written.
    pub fn create(path: impl AsRef<Path>, root: RootKey) -> Result<Self, KeyError> {
        let path = path.as_ref();
        Self::create_under(&lock::wait(path)?, path, root)
    }

    fn create_under(lock: &Lock, path: &Path, root: RootKey) -> Result<Self, KeyError> {
        let file = Self::with(path.to_owned(), root, Random::default());
        let mut stored = Stored { generation: 1, ..Stored::default() };
        stored.rings.insert(Scope::All, file.new_ring(&Scope::All)?);
        owner_only::create(path, stored.encode(&file.root).as_bytes())?;
        lock.note(stored.generation);
        file.keep(stored);
        Ok(Self { path: resolved(path), ..file })
    }

    /// Opens a keyring file.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the file cannot be read, is not a plain file, may be read by others, is not of
    /// format 1, was not written under this root, or is older than the lock beside it says.
    pub fn open(path: impl AsRef<Path>, root: RootKey) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let file = Self::with(resolved(path), root, Random::default());
        // First the lock: it is written last.
        let noted = lock::noted(&file.path);
        let stored = file.read()?;
        if noted.is_some_and(|noted| stored.generation < noted) {
            return Err(KeyError::new(KeyErrorKind::Older, path));
        }
        file.keep(stored);
        Ok(file)
    }

    /// Opens a root and its keyring, or makes both where neither exists.
    ///
    /// One without the other is refused: a new key beside old data would hide that the old key is
    /// lost.
    ///
    /// # Errors
    ///
    /// As [`RootKey::create`], [`RootKey::open`], [`create`](Self::create) and [`open`](Self::open).
    pub fn open_or_create(
        root: impl AsRef<Path>,
        keyring: impl AsRef<Path>,
    ) -> Result<Self, KeyError> {
        let (root, keyring) = (root.as_ref(), keyring.as_ref());
        if root.exists() && keyring.exists() {
            return Self::open(keyring, RootKey::open(root)?);
        }
        // Processes that start together for the first time: one makes both, the others find them.
        let lock = lock::wait(keyring);
        match (root.exists(), keyring.exists()) {
            (true, true) => Self::open(keyring, RootKey::open(root)?),
            (true, false) => Err(KeyError::new(KeyErrorKind::KeyringMissing, keyring)),
            (false, true) => Err(KeyError::new(KeyErrorKind::RootMissing, root)),
            (false, false) => {
                let lock = lock?;
                RootKey::create(root)?;
                Self::create_under(&lock, keyring, RootKey::open(root)?)
            }
        }
    }

    fn with(path: PathBuf, root: RootKey, random: Random) -> Self {
        let (stored, stamp) = (Mutex::default(), Mutex::default());
        Self { path, root, stored, stamp, generation: AtomicU64::new(0), random }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn governed(&self) -> bool {
        self.lock_stored().governed
    }

    /// Marks the keyring as one that only `Safeguards` may use.
    pub(crate) fn govern(&self) -> Result<(), KeyError> {
        // Most starts find it marked, and may be unable to write where secrets are mounted.
        if self.governed() {
            return Ok(());
        }
        self.change(|_, stored| {
            let changed = !stored.governed;
            stored.governed = true;
            Ok(changed)
        })
    }

    /// Gives a scope a key, unless it has one.
    pub(crate) fn add_scope(&self, scope: &Scope) -> Result<(), KeyError> {
        // What does not read back as itself would make the whole file unreadable.
        if Scope::parse(&scope.to_string()).as_ref() != Some(scope) {
            return Err(KeyError::new(KeyErrorKind::TenantId, &self.path));
        }
        if self.lock_stored().rings.contains_key(scope) {
            return Ok(());
        }
        self.change(|file, stored| {
            if stored.rings.contains_key(scope) {
                return Ok(false);
            }
            stored.rings.insert(scope.clone(), file.new_ring(scope)?);
            Ok(true)
        })
    }

    /// Unwraps one scope's ring; `None` if there is none.
    pub(crate) fn ring(&self, scope: &Scope) -> Result<Option<Ring>, KeyError> {
        let Some(wrapped) = self.lock_stored().rings.get(scope).cloned() else { return Ok(None) };
        let body = self.unwrap_ring(scope, &wrapped);
        let body = body.ok_or_else(|| KeyError::new(KeyErrorKind::NotAuthentic, &self.path))?;
        Ok(Some(Ring::new(scope.clone(), &body)))
    }

    /// Reads the file again; tells whether it has changed.
    pub(crate) fn reload(&self) -> Result<bool, KeyError> {
        if self.path.as_os_str().is_empty() {
            return Ok(false); // kept in memory, for tests
        }
        let read = self.read()?;
        // Never backwards: an older file put in place would bring destroyed keys back.
        let newer = read.generation > self.generation();
        if newer {
            self.check_known(&read)?;
            self.keep(read);
        }
        Ok(newer)
    }

    /// Whether the file is another one than the one read last.
    pub(crate) fn has_changed(&self) -> bool {
        !self.path.as_os_str().is_empty() && owner_only::Stamp::of(&self.path) != *self.lock_stamp()
    }

    fn read(&self) -> Result<Stored, KeyError> {
        // Before it is read: what comes in between is read again.
        *self.lock_stamp() = owner_only::Stamp::of(&self.path);
        parse(&self.path, &self.root, &owner_only::read(&self.path)?)
    }

    /// Refuses a file that lacks a key which this process uses, whatever its number: an older copy was put back, and
    /// went on from there.
    fn check_known(&self, read: &Stored) -> Result<(), KeyError> {
        let known = self.lock_stored();
        let held = known.rings.iter().all(|(scope, wrapped)| match read.rings.get(scope) {
            None => false,
            Some(same) if same == wrapped => true,
            Some(other) => {
                let bodies = self.unwrap_ring(scope, wrapped).zip(self.unwrap_ring(scope, other));
                bodies.is_some_and(|(known, read)| read.has_all_of(&known))
            }
        });
        if held { Ok(()) } else { Err(KeyError::new(KeyErrorKind::Forked, &self.path)) }
    }

    /// Changes the file under the lock that all processes share.
    fn change(
        &self,
        f: impl FnOnce(&Self, &mut Stored) -> Result<bool, KeyError>,
    ) -> Result<(), KeyError> {
        if self.path.as_os_str().is_empty() {
            let mut stored = self.lock_stored().clone(); // kept in memory, for tests
            if f(self, &mut stored)? {
                stored.generation = stored.generation.saturating_add(1);
            }
            self.keep(stored);
            return Ok(());
        }
        let lock = lock::wait(&self.path)?;
        let mut stored = self.read()?;
        if stored.generation < self.generation() {
            return Err(KeyError::new(KeyErrorKind::Older, &self.path));
        }
        self.check_known(&stored)?;
        if f(self, &mut stored)? {
            stored.generation = stored.generation.saturating_add(1);
            owner_only::replace(&self.path, stored.encode(&self.root).as_bytes())?;
            *self.lock_stamp() = owner_only::Stamp::of(&self.path);
            lock.note(stored.generation);
        }
        self.keep(stored);
        Ok(())
    }

    /// How often the keyring has changed, as far as this process knows.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn keep(&self, stored: Stored) {
        let mut kept = self.lock_stored();
        self.generation.store(stored.generation, Ordering::Release);
        *kept = stored;
    }

    fn lock_stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_stamp(&self) -> MutexGuard<'_, Option<owner_only::Stamp>> {
        self.stamp.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ring with one fresh primary key, wrapped.
    fn new_ring(&self, scope: &Scope) -> Result<Box<[u8]>, KeyError> {
        let random = |out: &mut [u8]| {
            let filled = self.random.system(out);
            filled.map_err(|_| KeyError::new(KeyErrorKind::Random, &self.path))
        };
        let mut id = [0; 4];
        random(&mut id)?;
        let mut material = Secret::default();
        random(material.as_mut_slice())?;
        let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let entry = RingEntry {
            id: KeyId::from(id),
            state: KeyState::Primary,
            indexed: true,
            created,
            material,
        };
        let mut nonce = [0; NONCE_LEN];
        random(&mut nonce)?;
        self.wrap_ring(scope, &RingBody { entries: vec![entry] }, &nonce)
    }

    fn wrap_ring(
        &self,
        scope: &Scope,
        body: &RingBody,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<Box<[u8]>, KeyError> {
        let sealed = (|| {
            let (&prefix, rest) = nonce.split_first_chunk::<PREFIX_LEN>()?;
            let mut text = body.encode();
            let derived = self.root.wrap().derive(prefix);
            let tag = derived.seal(rest.try_into().ok()?, &ring_aad(scope), &mut text).ok()?;
            let mut out = Vec::with_capacity(NONCE_LEN + text.len() + TAG_LEN);
            out.extend_from_slice(nonce);
            out.extend_from_slice(&text);
            out.extend_from_slice(&tag);
            Some(out.into_boxed_slice())
        })();
        sealed.ok_or_else(|| KeyError::new(KeyErrorKind::NotAuthentic, &self.path))
    }

    fn unwrap_ring(&self, scope: &Scope, wrapped: &[u8]) -> Option<RingBody> {
        let (&prefix, rest) = wrapped.split_first_chunk::<PREFIX_LEN>()?;
        let (&nonce, rest) = rest.split_first_chunk::<12>()?;
        let (text, &tag) = rest.split_last_chunk::<TAG_LEN>()?;
        let mut text = Zeroizing::new(text.to_vec());
        let derived = self.root.wrap().derive(prefix);
        derived.open(nonce, &ring_aad(scope), &mut text, tag).ok()?;
        RingBody::parse(&text)
    }
}

#[cfg(any(test, feature = "testing"))]
impl KeyFile {
    /// A keyring that is in no file and the same for the same seed.
    pub(crate) fn in_memory(seed: u64) -> Self {
        let random = Random::seeded(seed);
        let mut material = [0; 32];
        random.generator(&mut material);
        let file = Self::with(PathBuf::new(), RootKey::from_material(&material), random);
        let ring = file.new_ring(&Scope::All);
        file.lock_stored().rings.extend(ring.map(|ring| (Scope::All, ring)));
        file
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The file behind links: the lock and the replacement must stand beside it, not beside the link.
fn resolved(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn ring_aad(scope: &Scope) -> Vec<u8> {
    encode_parts(&[b"phi/1 ring", scope.to_string().as_bytes()])
}

/// Runs every parser of this folder over the bytes; see [`crate::testing`].
#[cfg(any(test, feature = "testing"))]
pub(crate) fn parse_as_key_files(bytes: &[u8]) {
    let path = Path::new("fuzzed");
    let root = RootKey::from_material(&[0; 32]);
    let _ = RootKey::parse(bytes);
    let _ = RingBody::parse(bytes).map(|body| Ring::new(Scope::All, &body));
    let _ = parse(path, &root, bytes);
    let fingerprint = root.fingerprint();
    let mut signed = format!("phi-keyring-1\nroot {fingerprint}\n").into_bytes();
    signed.extend_from_slice(bytes);
    let mac = hex(&root.check(&signed));
    signed.extend_from_slice(format!("mac {mac}\n").as_bytes());
    let _ = parse(path, &root, &signed);
}
