//! Keys plus sealing: the first of the two tiers of use.

mod engine;
mod error;

pub(crate) use engine::{Engine, Reader};
pub use error::{OpenError, SealError, SearchError};

use std::fmt;
use std::sync::Arc;

use crate::Id;
use crate::index::{Index, Search};
use crate::keys::{KeyError, KeyErrorKind, KeyFile, Scope};
use crate::record::{PhiRecord, SealedRecord};

/// Seals, opens and searches records, without policy and without an audit log.
///
/// For teams that want encrypted columns and redaction. Whoever holds a vault reads everything:
/// where requests are answered, use [`Safeguards`](crate::Safeguards) and its grants.
///
/// ```
/// use phi_core::keys::KeyFile;
/// use phi_core::{Phi, PhiRecord, Vault};
/// use uuid::Uuid;
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "patient")]
/// struct Patient {
///     #[phi(id)]
///     id: Uuid,
///     #[phi(tenant)]
///     clinic_id: Uuid,
///     #[phi(class = "contact")]
///     name: Phi<String>,
/// }
///
/// # let dir = std::env::temp_dir().join(format!("phi-vault-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let (root_path, keyring_path) = (dir.join("root.key"), dir.join("keyring"));
/// let vault = Vault::new(KeyFile::open_or_create(&root_path, &keyring_path)?)?;
/// let clinic_id = Uuid::from_u128(1);
/// vault.add_tenant(clinic_id)?;
///
/// let ada = Patient { id: Uuid::from_u128(2), clinic_id, name: "Ada Sample".into() };
/// let row = vault.seal(&ada)?;
/// assert_eq!(vault.open(row.clone())?.name.expose(), "Ada Sample"); // allowed: its own place
///
/// // Refused: the same ciphertext in another row.
/// let moved = SealedPatient { id: Uuid::from_u128(3), ..row };
/// assert!(vault.open(moved).is_err());
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Vault(Arc<Engine>);

impl Vault {
    /// Takes a keyring file into use.
    ///
    /// # Errors
    ///
    /// [`KeyError`] of kind `Governed` if the keyring belongs to `Safeguards`.
    pub fn new(keys: KeyFile) -> Result<Self, KeyError> {
        if keys.governed() {
            return Err(KeyError::new(KeyErrorKind::Governed, keys.path()));
        }
        Ok(Self(Arc::new(Engine::new(keys))))
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn from_engine(engine: Engine) -> Self {
        Self(Arc::new(engine))
    }

    /// Gives a tenant a keyring of its own, unless it has one.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the keyring file cannot be changed.
    pub fn add_tenant(&self, tenant: impl Into<Id>) -> Result<(), KeyError> {
        self.0.keys().add_scope(&Scope::Tenant(tenant.into()))
    }

    /// Seals every PHI field of a record and makes its search tokens.
    ///
    /// # Errors
    ///
    /// [`SealError`] if a field cannot be sealed or indexed, or the tenant has no keyring.
    pub fn seal<R: PhiRecord>(&self, record: &R) -> Result<R::Sealed, SealError> {
        self.0.seal(record, None)
    }

    /// Opens every PHI field of a row.
    ///
    /// # Errors
    ///
    /// [`OpenError::Refused`] if a field does not open in its place.
    pub fn open<S: SealedRecord>(&self, row: S) -> Result<S::Open, OpenError> {
        self.0.open(row)
    }

    /// Makes the tokens to search an index with, in one tenant.
    ///
    /// # Errors
    ///
    /// [`SearchError`] if the value has no normal form or the tenant has no keyring.
    pub fn search<R: PhiRecord>(
        &self,
        index: Index<R>,
        tenant: impl Into<Option<Id>>,
        value: &str,
    ) -> Result<Search<R>, SearchError> {
        self.0.search(index, tenant.into().as_ref(), value)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.0).finish()
    }
}
