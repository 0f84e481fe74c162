//! The folder that holds everything the application writes.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use phi_core::audit::note::SigningKey;
use phi_core::keys::KeyFile;
use phi_core::policy::Policy;
use uuid::Uuid;

use super::Failure;

/// The origin of the clinic's audit log: what its checkpoints are signed for.
pub const ORIGIN: &str = "clinic.example/audit";

const POLICY: &str = include_str!("policy.toml");

/// A folder, and the names of the files in it.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder that was asked for, else a fresh one.
    ///
    /// # Errors
    ///
    /// [`Failure::File`] if it cannot be made.
    pub fn chosen(dir: Option<&Path>) -> Result<Self, Failure> {
        dir.map_or_else(Self::temporary, Self::take)
    }

    /// Takes a folder, making it if there is none. Only its owner may look into a new one.
    ///
    /// # Errors
    ///
    /// [`Failure::File`] if it cannot be made.
    pub fn take(path: &Path) -> Result<Self, Failure> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(Failure::file(path))?;
        let path = path.canonicalize().map_err(Failure::file(path))?;
        Ok(Self { path })
    }

    /// A fresh folder among the system's temporary files. It stays when the program ends.
    ///
    /// # Errors
    ///
    /// [`Failure::File`] if it cannot be made.
    pub fn temporary() -> Result<Self, Failure> {
        let (name, _) = Uuid::new_v4().as_u64_pair();
        Self::take(&std::env::temp_dir().join(format!("phi-clinic-{:08x}", name >> 32)))
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The patients, sealed.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path.join("clinic.db")
    }

    /// The audit log.
    #[must_use]
    pub fn audit(&self) -> PathBuf {
        self.path.join("audit.db")
    }

    /// The log lines of the server.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.path.join("clinic.log")
    }

    /// A signed head of the audit log, kept to compare with. It belongs where the server cannot
    /// write; a tour has no such place.
    #[must_use]
    pub fn checkpoint(&self) -> PathBuf {
        self.path.join("kept.checkpoint")
    }

    /// The keys of the records. In a real clinic the root is mounted from elsewhere.
    ///
    /// # Errors
    ///
    /// [`Failure::Keys`] if others may read them, or one of the two files is missing.
    pub fn keys(&self) -> Result<KeyFile, Failure> {
        Ok(KeyFile::open_or_create(self.path.join("root.key"), self.path.join("keyring"))?)
    }

    /// The key that signs the audit log.
    ///
    /// # Errors
    ///
    /// [`Failure::LogKey`] if others may read it, or it cannot be made.
    pub fn log_key(&self) -> Result<SigningKey, Failure> {
        let path = self.path.join("log.key");
        if !path.exists() {
            SigningKey::generate(ORIGIN)?.create_file(&path)?;
        }
        Ok(SigningKey::from_file(&path)?)
    }

    /// The key of the tokens that people sign in with, 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`Failure::File`] if it cannot be read or made, [`Failure::TokenKey`] if it is no key.
    pub fn token_key(&self) -> Result<[u8; 32], Failure> {
        let [a, b] = self.secret("token.key")?;
        let mut key = [0; 32];
        key.iter_mut()
            .zip(a.into_bytes().into_iter().chain(b.into_bytes()))
            .for_each(|(k, b)| *k = b);
        Ok(key)
    }

    /// The password of the application's own role on a database server.
    ///
    /// # Errors
    ///
    /// As [`token_key`](Self::token_key).
    #[cfg(feature = "postgres")]
    pub fn database_password(&self) -> Result<String, Failure> {
        self.password("database.key")
    }

    /// The password of the audit log's sealer there. In a real clinic it has a folder of its own.
    ///
    /// # Errors
    ///
    /// As [`token_key`](Self::token_key).
    #[cfg(feature = "postgres")]
    pub fn sealer_password(&self) -> Result<String, Failure> {
        self.password("sealer.key")
    }

    #[cfg(feature = "postgres")]
    fn password(&self, name: &str) -> Result<String, Failure> {
        let [a, b] = self.secret(name)?;
        Ok(format!("{}{}", a.simple(), b.simple()))
    }

    /// What a file of this name holds: two random UUIDs, with 244 random bits between them.
    fn secret(&self, name: &str) -> Result<[Uuid; 2], Failure> {
        let path = self.path.join(name);
        if !path.exists() {
            let text = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
            self.write_owner_only(name, &text)?;
        }
        let file = fs::metadata(&path).map_err(Failure::file(&path))?;
        if mode(&file).is_some_and(|mode| mode & 0o077 != 0) {
            return Err(Failure::TokenKey(path)); // others may read it, and sign in as anybody
        }
        let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
        let halves = text
            .trim()
            .split_at_checked(32)
            .and_then(|(a, b)| Some([Uuid::try_parse(a).ok()?, Uuid::try_parse(b).ok()?]));
        halves.ok_or(Failure::TokenKey(path))
    }

    /// The key files, and who may read them.
    #[must_use]
    pub fn keys_and_modes(&self) -> String {
        let told = ["root.key", "keyring", "log.key", "token.key"].map(|name| {
            let mode = fs::metadata(self.path.join(name)).ok().and_then(|file| mode(&file));
            mode.map_or_else(|| name.to_owned(), |mode| format!("{name} ({mode:03o})"))
        });
        told.join(", ")
    }

    /// The policy. The file is written once and is the operator's to change.
    ///
    /// # Errors
    ///
    /// [`Failure::Policy`] with the line and column of each fault.
    pub fn policy(&self) -> Result<Policy, Failure> {
        let path = self.path.join("policy.toml");
        if !path.exists() {
            fs::write(&path, POLICY).map_err(Failure::file(&path))?;
        }
        let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
        Ok(Policy::from_toml(&text)?)
    }

    /// Writes a file that only its owner may read, in the place of an older one.
    ///
    /// # Errors
    ///
    /// [`Failure::File`] if it cannot be written.
    pub fn write_owner_only(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(Failure::file(&path))?;
        file.write_all(text.as_bytes()).map_err(Failure::file(&path))?;
        Ok(path)
    }
}

/// The rights of owner, group and others, where the system has them.
#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems have none")]
fn mode(file: &fs::Metadata) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::mode(file) & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}
