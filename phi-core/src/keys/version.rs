use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock};

use super::KeyId;
use crate::crypto::{Derived, Mac, PREFIX_LEN, Prk, Random, Secret, TAG_LEN, XaesKey};

/// Messages under one nonce prefix before a new one is drawn; GCM's own limit is 2^32.
const MESSAGES_PER_PREFIX: u32 = 1 << 24;

/// Where a key version stands in its life (FORMAT.md section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyState {
    Prepared,
    Primary,
    Active,
    Retired,
    Destroyed,
}

impl KeyState {
    pub(crate) fn to_byte(self) -> u8 {
        match self {
            Self::Prepared => 1,
            Self::Primary => 2,
            Self::Active => 3,
            Self::Retired => 4,
            Self::Destroyed => 5,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Prepared,
            2 => Self::Primary,
            3 => Self::Active,
            4 => Self::Retired,
            5 => Self::Destroyed,
            _ => return None,
        })
    }
}

/// One version of a keyring's key, with the keys derived from it (FORMAT.md section 5).
pub(crate) struct KeyVersion {
    pub(crate) id: KeyId,
    /// Tells this version from any other in this process, for the readers' cache.
    pub(crate) serial: u64,
    seal: XaesKey,
    hedge: Mac,
    index: Prk,
    session: RwLock<Option<Session>>,
}

impl std::fmt::Debug for KeyVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyVersion({})", self.id)
    }
}

/// A nonce prefix of this process, and the cipher that belongs to it.
struct Session {
    derived: Derived,
    left: AtomicU32,
    /// The process that drew it: a fork must draw its own.
    process: u32,
}

/// What sealing adds around the ciphertext.
pub(crate) struct SealedParts {
    pub(crate) prefix: [u8; PREFIX_LEN],
    pub(crate) nonce: [u8; 12],
    pub(crate) tag: [u8; TAG_LEN],
}

impl KeyVersion {
    pub(crate) fn new(id: KeyId, material: &Secret) -> Self {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let prk = Prk::extract("phi/1 key", material);
        Self {
            id,
            serial: SERIAL.fetch_add(1, Relaxed),
            seal: XaesKey::new(&prk.expand(&[b"seal"])),
            hedge: Mac::new(&prk.expand(&[b"hedge"])),
            index: prk,
            session: RwLock::new(None),
        }
    }

    /// Encrypts padded text in place.
    ///
    /// The message half of the nonce is an HMAC over fresh random bytes, the associated data and
    /// the text: a cloned machine or a forked process that repeats its random bytes repeats a
    /// nonce only for an equal text in an equal place.
    pub(crate) fn seal(&self, random: &Random, aad: &[u8], text: &mut [u8]) -> Option<SealedParts> {
        let mut fresh = [0; 16];
        random.generator(&mut fresh);
        let len = u64::try_from(aad.len()).ok()?.to_be_bytes();
        let nonce = *self.hedge.tag(&[&fresh, &len, aad, text]).first_chunk::<12>()?;
        self.with_session(random, |derived| {
            let tag = derived.seal(nonce, aad, text).ok()?;
            Some(SealedParts { prefix: derived.prefix(), nonce, tag })
        })?
    }

    /// Draws a prefix of its own for a process that has none yet: the first one, and each fork.
    ///
    /// Asked once for each record: a fork continues no other thread, and this one is not inside a
    /// seal when it forks.
    pub(crate) fn begin(&self, random: &Random) -> Option<()> {
        let process = std::process::id();
        let session = self.session.read().unwrap_or_else(PoisonError::into_inner);
        if session.as_ref().is_some_and(|session| session.process == process) {
            return Some(());
        }
        drop(session);
        let mut session = self.session.write().unwrap_or_else(PoisonError::into_inner);
        self.renew(&mut session, random, process).map(|_| ())
    }

    fn with_session<R>(&self, random: &Random, f: impl FnOnce(&Derived) -> R) -> Option<R> {
        {
            let session = self.session.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(session) = session.as_ref()
                && session.left.fetch_update(Relaxed, Relaxed, |n| n.checked_sub(1)).is_ok()
            {
                return Some(f(&session.derived));
            }
        }
        let mut session = self.session.write().unwrap_or_else(PoisonError::into_inner);
        Some(f(&self.renew(&mut session, random, std::process::id())?.derived))
    }

    fn renew<'s>(
        &self,
        session: &'s mut Option<Session>,
        random: &Random,
        process: u32,
    ) -> Option<&'s Session> {
        let mut prefix = [0; PREFIX_LEN];
        random.system(&mut prefix).ok()?;
        let left = AtomicU32::new(MESSAGES_PER_PREFIX - 1);
        Some(session.insert(Session { derived: self.derive(prefix), left, process }))
    }

    pub(crate) fn derive(&self, prefix: [u8; PREFIX_LEN]) -> Derived {
        self.seal.derive(prefix)
    }

    /// The key of one search index: its place is part of the label.
    pub(crate) fn index_key(&self, place: &[&[u8]]) -> Mac {
        let mut label: Vec<&[u8]> = vec![b"index"];
        label.extend_from_slice(place);
        Mac::new(&self.index.expand(&label))
    }
}
