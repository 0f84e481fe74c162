use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::ring::{RingBody, RingEntry};
use super::text::{hex, unhex};
use super::version::KeyState;
use super::{KeyError, KeyErrorKind, KeyId, Ring, RootKey, Scope, lock, owner_only};
use crate::crypto::{
    NONCE_LEN, PREFIX_LEN, Random, Secret, TAG_LEN, constant_time_eq, encode_parts,
};

/// A keyring file: every scope's keys, wrapped by the root (FORMAT.md section 6).
///
/// Several processes may use one file: changes are made under a lock, replace the file in one
/// step, and are found by the others when they meet a key they do not know.
pub struct KeyFile {
    path: PathBuf,
    root: RootKey,
    stored: Mutex<Stored>,
    /// Of `stored`, to be read without its lock.
    generation: AtomicU64,
    random: Random,
}

/// The parsed file: its rings stay wrapped until somebody asks.
#[derive(Clone, Default)]
pub(crate) struct Stored {
    governed: bool,
    generation: u64,
    rings: BTreeMap<Scope, Box<[u8]>>,
}

impl KeyFile {
    /// Makes a new keyring file that holds one key for records without a tenant.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the file exists or cannot be written.
    pub fn create(path: impl AsRef<Path>, root: RootKey) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let file = Self::with(path.to_owned(), root, Random::default());
        let mut stored = Stored { generation: 1, ..Stored::default() };
        stored.rings.insert(Scope::All, file.new_ring(&Scope::All)?);
        owner_only::create(path, file.encode(&stored).as_bytes())?;
        file.keep(stored);
        Ok(Self { path: resolved(path), ..file })
    }

    /// Opens a keyring file.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the file cannot be read, is not a plain file, may be read by others, is not of
    /// format 1, or was not written under this root.
    pub fn open(path: impl AsRef<Path>, root: RootKey) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let stored = parse(path, &root, &owner_only::read(path)?)?;
        let file = Self::with(resolved(path), root, Random::default());
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
        match (root.exists(), keyring.exists()) {
            (true, true) => Self::open(keyring, RootKey::open(root)?),
            (true, false) => Err(KeyError::new(KeyErrorKind::KeyringMissing, keyring)),
            (false, true) => Err(KeyError::new(KeyErrorKind::RootMissing, root)),
            (false, false) => {
                RootKey::create(root)?;
                Self::create(keyring, RootKey::open(root)?)
            }
        }
    }

    fn with(path: PathBuf, root: RootKey, random: Random) -> Self {
        Self { path, root, stored: Mutex::default(), generation: AtomicU64::new(0), random }
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
        let read = parse(&self.path, &self.root, &owner_only::read(&self.path)?)?;
        // Never backwards: an older file put in place would bring destroyed keys back.
        let newer = read.generation > self.generation();
        if newer {
            self.keep(read);
        }
        Ok(newer)
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
        let mut lock_path = self.path.clone().into_os_string();
        lock_path.push(".lock");
        let _lock = lock::take(Path::new(&lock_path), || std::thread::sleep(lock::PAUSE))?;
        let mut stored = parse(&self.path, &self.root, &owner_only::read(&self.path)?)?;
        if stored.generation < self.generation() {
            return Err(KeyError::new(KeyErrorKind::Older, &self.path));
        }
        if f(self, &mut stored)? {
            stored.generation = stored.generation.saturating_add(1);
            owner_only::replace(&self.path, self.encode(&stored).as_bytes())?;
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

    fn lock_stored(&self) -> std::sync::MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn encode(&self, stored: &Stored) -> String {
        use fmt::Write as _;
        let mut out = format!(
            "phi-keyring-1\nroot {}\ngoverned {}\ngeneration {}\n",
            self.root.fingerprint(),
            if stored.governed { "yes" } else { "no" },
            stored.generation
        );
        for (scope, wrapped) in &stored.rings {
            let _ = writeln!(out, "ring {scope} {}", STANDARD.encode(wrapped));
        }
        let mac = hex(&self.root.check(out.as_bytes()));
        let _ = writeln!(out, "mac {mac}");
        out
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

/// Parses a keyring file, strictly, and checks that it was written under this root.
pub(crate) fn parse(path: &Path, root: &RootKey, bytes: &[u8]) -> Result<Stored, KeyError> {
    let at = |line| KeyError::new(KeyErrorKind::Malformed { line }, path);
    let text = std::str::from_utf8(bytes).map_err(|_| at(0))?;
    let (body, mac) = split_mac(text).ok_or_else(|| at(0))?;
    let mut lines = body.lines().enumerate().map(|(at, line)| (at + 1, line));
    let mut header = |want: &str| {
        let (number, line) = lines.next().ok_or_else(|| at(0))?;
        line.strip_prefix(want).ok_or_else(|| at(number))
    };
    if !header("phi-keyring-1")?.is_empty() {
        return Err(at(1));
    }
    if header("root ")? != root.fingerprint() {
        return Err(KeyError::new(KeyErrorKind::WrongRoot, path));
    }
    if !constant_time_eq(&root.check(body.as_bytes()), &mac) {
        return Err(KeyError::new(KeyErrorKind::NotAuthentic, path));
    }
    let governed = match header("governed ")? {
        "yes" => true,
        "no" => false,
        _ => return Err(at(3)),
    };
    let generation = header("generation ")?.parse().map_err(|_| at(4))?;
    let mut rings = BTreeMap::new();
    for (number, line) in lines {
        let (scope, wrapped) = parse_ring(line).ok_or_else(|| at(number))?;
        if rings.insert(scope, wrapped).is_some() {
            return Err(at(number));
        }
    }
    Ok(Stored { governed, generation, rings })
}

fn parse_ring(line: &str) -> Option<(Scope, Box<[u8]>)> {
    let (scope, wrapped) = line.strip_prefix("ring ")?.split_once(' ')?;
    Some((Scope::parse(scope)?, STANDARD.decode(wrapped).ok()?.into_boxed_slice()))
}

/// Splits off the last line, `mac` and 64 digits.
fn split_mac(text: &str) -> Option<(&str, [u8; 32])> {
    let line_start = text.strip_suffix('\n')?.rfind('\n')?.checked_add(1)?;
    let (body, line) = text.split_at_checked(line_start)?;
    let mut mac = [0; 32];
    unhex(line.strip_prefix("mac ")?.strip_suffix('\n')?, &mut mac)?;
    Some((body, mac))
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
