//! The file a private note key is kept in.

use std::error::Error;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{NoteError, SigningKey};

/// More than any key file has.
const MAX_BYTES: usize = 1024;

impl SigningKey {
    /// Writes the key to a new file that only its owner may read and write (mode 0600 on Unix).
    ///
    /// The file holds one line, `PRIVATE+KEY+name+hash+base64`, as Go's `sumdb/note` writes keys. File and folder are
    /// synced; if writing fails, what was written is removed.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`] if there is a file of that name already, or it cannot be written.
    ///
    /// # Security
    ///
    /// Outside Unix the file gets the folder's own rights: choose one that only the service may read.
    pub fn create_file(&self, path: impl AsRef<Path>) -> Result<(), KeyFileError> {
        let path = path.as_ref();
        let refuse = |error: std::io::Error| match error.kind() {
            ErrorKind::AlreadyExists => KeyFileError::new(path, KeyFileProblem::Exists),
            kind => KeyFileError::new(path, KeyFileProblem::Io(kind)),
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(refuse)?;
        self.write_to(&mut file).and_then(|()| sync_folder(path)).map_err(|error| {
            // The first error is the one to tell; a half-written key file would only block the next try.
            let _ = fs::remove_file(path);
            refuse(error)
        })
    }

    fn write_to(&self, file: &mut File) -> std::io::Result<()> {
        file.write_all(self.to_text().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    }

    /// Reads a key from its file.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`] if the file is missing, is not a plain file, may be read or written by group or others
    /// (Unix), or does not hold exactly one key.
    ///
    /// ```
    /// use phi_core::audit::note::{KeyFileProblem, SigningKey};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = std::env::temp_dir().join(format!("phi-core-doc-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// let path = folder.join("log.key");
    /// SigningKey::generate("log.example/clinic")?.create_file(&path)?;
    /// assert_eq!(SigningKey::from_file(&path)?.verifier().name(), "log.example/clinic");
    ///
    /// # #[cfg(unix)] {
    /// use std::os::unix::fs::PermissionsExt as _;
    /// std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))?; // everybody may read it
    /// assert_eq!(SigningKey::from_file(&path).unwrap_err().problem(), KeyFileProblem::Exposed);
    /// # }
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        let path = path.as_ref();
        let fail = |problem| KeyFileError::new(path, problem);
        let io = |error: std::io::Error| fail(KeyFileProblem::Io(error.kind()));
        // Before opening: a named pipe would keep the process waiting.
        if !fs::metadata(path).map_err(io)?.is_file() {
            return Err(fail(KeyFileProblem::NotAFile));
        }
        let mut file = File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(fail(KeyFileProblem::NotAFile));
        }
        if is_exposed(&metadata) {
            return Err(fail(KeyFileProblem::Exposed));
        }
        let mut buffer = Zeroizing::new([0; MAX_BYTES]);
        let filled = read_up_to(&mut file, &mut *buffer).map_err(io)?;
        let text = buffer.get(..filled).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let line = text.map(|text| text.strip_suffix('\n').unwrap_or(text));
        line.ok_or(NoteError::Key)
            .and_then(Self::from_text)
            .map_err(|_| fail(KeyFileProblem::NotAKey))
    }
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(unix)]
fn is_exposed(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_exposed(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Why a key file was not written or read, and which one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFileError {
    path: PathBuf,
    problem: KeyFileProblem,
}

impl KeyFileError {
    fn new(path: &Path, problem: KeyFileProblem) -> Self {
        Self { path: path.to_owned(), problem }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with it.
    pub fn problem(&self) -> KeyFileProblem {
        self.problem
    }
}

/// What is wrong with a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFileProblem {
    /// There is one already, and it is never overwritten.
    Exists,
    /// Not a plain file.
    NotAFile,
    /// Group or others may read or write it.
    Exposed,
    /// It does not hold exactly one key.
    NotAKey,
    /// The operating system refused.
    Io(ErrorKind),
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log key file {} ", self.path.display())?;
        match self.problem {
            KeyFileProblem::Exists => {
                f.write_str("exists already; choose another name or move it away")
            }
            KeyFileProblem::NotAFile => f.write_str("is not a plain file"),
            KeyFileProblem::Exposed => f.write_str("may be used by others; give it mode 0600"),
            KeyFileProblem::NotAKey => f.write_str("does not hold one ed25519 note key"),
            KeyFileProblem::Io(kind) => write!(f, "could not be used: {kind}"),
        }
    }
}

impl Error for KeyFileError {}
