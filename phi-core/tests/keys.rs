//! Bad key files, by DESIGN 17: refuse to start, say which file and what to do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops where it goes wrong"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use phi_core::audit::RecordingLog;
use phi_core::keys::{KeyErrorKind, KeyFile, RootKey};
use phi_core::policy::{Action, Policy, Purpose};
use phi_core::{Membership, Principal, Safeguards, Vault};
use proptest::prelude::*;
use support::{HERE, THERE, ada};
use tempfile::TempDir;

struct Files {
    dir: TempDir,
}

impl Files {
    /// A root, a keyring under it, and a tenant in it.
    fn new() -> Self {
        let files = Self { dir: tempfile::tempdir().unwrap() };
        let vault = Vault::new(files.open().unwrap()).unwrap();
        vault.add_tenant(HERE).unwrap();
        files
    }

    fn open(&self) -> Result<KeyFile, phi_core::keys::KeyError> {
        KeyFile::open_or_create(self.root(), self.ring())
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root.key")
    }

    fn ring(&self) -> PathBuf {
        self.dir.path().join("keyring")
    }

    fn kind(&self) -> KeyErrorKind {
        self.open().unwrap_err().kind()
    }
}

fn edit(path: &Path, edit: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, edit(text)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn keys_are_made_once_and_open_again() {
    let files = Files::new();
    let first = Vault::new(files.open().unwrap()).unwrap();
    let row = first.seal(&ada()).unwrap();
    let second = Vault::new(files.open().unwrap()).unwrap();
    assert!(second.open(row).is_ok());
}

#[test]
#[cfg(unix)]
fn a_file_that_others_may_read_is_refused() {
    let files = Files::new();
    for path in [files.root(), files.ring()] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for open_to_others in [0o640, 0o604, 0o620] {
            mode(&path, open_to_others);
            assert_eq!(files.kind(), KeyErrorKind::ReadableByOthers);
        }
        mode(&path, 0o600);
        assert!(files.open().is_ok());
    }
}

#[test]
#[cfg(unix)]
fn a_lock_that_others_may_take_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let files = Files::new();
    let lock = files.dir.path().join("keyring.lock");
    assert_eq!(fs::metadata(&lock).unwrap().permissions().mode() & 0o777, 0o600);
    let vault = Vault::new(files.open().unwrap()).unwrap();
    for open_to_others in [0o644, 0o640, 0o602] {
        mode(&lock, open_to_others);
        let refused = vault.add_tenant(THERE).unwrap_err();
        assert_eq!((refused.kind(), refused.path()), (KeyErrorKind::ReadableByOthers, &*lock));
    }
    mode(&lock, 0o600);
    assert!(vault.add_tenant(THERE).is_ok());
}

#[test]
#[cfg(unix)]
fn a_named_pipe_in_the_place_of_a_file_does_not_keep_the_process_waiting() {
    let files = Files::new();
    let pipe = |path: &Path| {
        fs::remove_file(path).unwrap();
        let made = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(path).status();
        assert!(made.unwrap().success());
    };
    let vault = Vault::new(files.open().unwrap()).unwrap();
    pipe(&files.dir.path().join("keyring.lock"));
    assert_eq!(vault.add_tenant(THERE).unwrap_err().kind(), KeyErrorKind::NotAFile);
    for path in [files.ring(), files.root()] {
        pipe(&path);
        assert_eq!(files.kind(), KeyErrorKind::NotAFile);
        let read = phi_core::keys::read_owner_only(&path).unwrap_err();
        assert_eq!((read.kind(), read.path()), (KeyErrorKind::NotAFile, &*path));
    }
    // A folder is no key either.
    fs::remove_file(files.root()).unwrap();
    fs::create_dir(files.root()).unwrap();
    assert_eq!(files.kind(), KeyErrorKind::NotAFile);
}

#[test]
fn one_file_without_the_other_is_not_made_anew() {
    let files = Files::new();
    fs::rename(files.root(), files.dir.path().join("away")).unwrap();
    assert_eq!(files.kind(), KeyErrorKind::RootMissing);
    fs::rename(files.dir.path().join("away"), files.root()).unwrap();
    fs::remove_file(files.ring()).unwrap();
    assert_eq!(files.kind(), KeyErrorKind::KeyringMissing);
    // A first start that was cut off between the two looks the same: the text says what to do.
    assert!(files.open().unwrap_err().to_string().contains("if nothing was sealed yet"));
}

#[test]
fn another_root_is_told_apart_from_a_changed_file() {
    let (files, other) = (Files::new(), Files::new());
    let root = RootKey::open(other.root()).unwrap();
    let error = KeyFile::open(files.ring(), root).unwrap_err();
    assert_eq!(error.kind(), KeyErrorKind::WrongRoot);
    assert_eq!(error.path(), files.ring());

    edit(&files.ring(), |text| text.replace("governed no", "governed yes"));
    assert_eq!(files.kind(), KeyErrorKind::NotAuthentic);
    edit(&files.ring(), |text| text.replace("governed yes", "governed no"));
    assert!(files.open().is_ok());
    edit(&files.ring(), |text| text.replace("generation 2", "generation 3"));
    assert_eq!(files.kind(), KeyErrorKind::NotAuthentic);
}

#[test]
fn a_mistyped_root_is_refused_when_it_is_read() {
    let files = Files::new();
    edit(&files.root(), |text| {
        let mut text = text.trim_end().to_owned();
        let last = if text.pop() == Some('0') { '1' } else { '0' };
        text.push(last);
        text
    });
    assert_eq!(files.kind(), KeyErrorKind::Malformed { line: 1 });
}

#[test]
fn errors_name_the_file_and_never_what_is_in_it() {
    let files = Files::new();
    let root = fs::read_to_string(files.root()).unwrap();
    let secret = root.trim().rsplit(':').next().unwrap().to_owned();
    edit(&files.root(), |text| text.replace("phi-root-1", "phi-root-2"));
    let error = files.open().unwrap_err();
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(text.contains("root.key") && !text.contains(&secret[..8]), "{text}");
    }
    assert!(root.contains(&secret[..8]), "negative control: the file does hold it");
}

#[test]
fn a_process_finds_a_tenant_that_another_process_added() {
    let files = Files::new();
    let (one, other) =
        (Vault::new(files.open().unwrap()).unwrap(), Vault::new(files.open().unwrap()).unwrap());
    let there = support::Patient { clinic_id: THERE, ..ada() };
    one.add_tenant(THERE).unwrap();
    let row = one.seal(&there).unwrap();
    assert_eq!(other.open(row).unwrap().name.expose(), "Ada Sample");
}

#[test]
fn two_processes_that_add_tenants_at_once_lose_none() {
    let files = Files::new();
    let vaults: Vec<_> = (0..4).map(|_| Vault::new(files.open().unwrap()).unwrap()).collect();
    std::thread::scope(|scope| {
        for (at, vault) in vaults.iter().enumerate() {
            scope.spawn(move || {
                for n in 0..8i64 {
                    vault.add_tenant(n * 4 + i64::try_from(at).unwrap()).unwrap();
                }
            });
        }
    });
    let text = fs::read_to_string(files.ring()).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("ring tenant:")).count(), 33);
    assert!(text.contains("generation 34\n"));
}

#[test]
fn a_tenant_with_a_text_id_is_refused_before_it_breaks_the_file() {
    let files = Files::new();
    let vault = Vault::new(files.open().unwrap()).unwrap();
    for text in ["feed-1", "7", "a\nring all", ""] {
        let refused = vault.add_tenant(phi_core::Id::opaque(text)).unwrap_err();
        assert_eq!(refused.kind(), KeyErrorKind::TenantId);
    }
    assert!(files.open().is_ok());
}

#[test]
fn an_older_keyring_put_back_is_not_written_on() {
    let files = Files::new();
    let vault = Vault::new(files.open().unwrap()).unwrap();
    let older = fs::read(files.ring()).unwrap();
    vault.add_tenant(THERE).unwrap();
    let newest = fs::read(files.ring()).unwrap();
    fs::write(files.ring(), &older).unwrap();
    assert_eq!(vault.add_tenant(99i64).unwrap_err().kind(), KeyErrorKind::Older);
    fs::write(files.ring(), &newest).unwrap();
    assert!(vault.add_tenant(99i64).is_ok());
}

/// The next start made a second key for a tenant that had one, and no file opened all rows any more.
#[test]
fn an_older_keyring_put_back_before_a_start_is_refused() {
    let files = Files::new();
    let older = fs::read(files.ring()).unwrap();
    Vault::new(files.open().unwrap()).unwrap().add_tenant(THERE).unwrap();
    let newest = fs::read(files.ring()).unwrap();
    fs::write(files.ring(), &older).unwrap();
    assert_eq!(files.kind(), KeyErrorKind::Older);
    assert!(files.open().unwrap_err().to_string().contains("put the newest copy back"));
    fs::write(files.ring(), &newest).unwrap();
    assert!(files.open().is_ok());
    // Who has no newer one any more says so.
    fs::write(files.ring(), &older).unwrap();
    fs::remove_file(files.dir.path().join("keyring.lock")).unwrap();
    assert!(files.open().is_ok());
}

/// Only the numbers were compared, and the key in use was thrown away for another of the same tenant.
#[test]
fn a_keyring_that_lacks_a_key_in_use_is_not_taken_over() {
    let files = Files::new();
    let older = fs::read(files.ring()).unwrap();
    let one = Vault::new(files.open().unwrap()).unwrap();
    one.add_tenant(THERE).unwrap();
    let there = || support::Patient { clinic_id: THERE, ..ada() };
    let row = one.seal(&there()).unwrap();
    fs::write(files.ring(), &older).unwrap();
    fs::remove_file(files.dir.path().join("keyring.lock")).unwrap();
    let other = Vault::new(files.open().unwrap()).unwrap();
    other.add_tenant(THERE).unwrap();
    other.add_tenant(98i64).unwrap();
    assert_eq!(one.add_tenant(99i64).unwrap_err().kind(), KeyErrorKind::Forked);
    // An unknown key makes it look again; it keeps what it has.
    assert!(one.open(other.seal(&there()).unwrap()).is_err());
    assert_eq!(one.open(row).unwrap().name.expose(), "Ada Sample");
}

/// All but one were told to remove the root.
#[test]
fn processes_that_start_together_for_the_first_time_find_one_keyring() {
    for _ in 0..8 {
        let files = Files { dir: tempfile::tempdir().unwrap() };
        let all_at_once = std::sync::Barrier::new(6);
        let opened: Vec<_> = std::thread::scope(|scope| {
            let start = || {
                all_at_once.wait();
                files.open().map(|keys| Vault::new(keys).unwrap())
            };
            let started: Vec<_> = (0..6).map(|_| scope.spawn(start)).collect();
            started.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        let (one, other) = (&opened[0], &opened[5]);
        one.add_tenant(HERE).unwrap();
        assert!(other.open(one.seal(&ada()).unwrap()).is_ok());
    }
}

/// For up to a second after a stranger, a tenant that another process had just added was one too.
#[test]
fn a_stranger_does_not_hide_a_tenant_that_was_just_added() {
    let files = Files::new();
    let (one, other) =
        (Vault::new(files.open().unwrap()).unwrap(), Vault::new(files.open().unwrap()).unwrap());
    let of = |clinic_id| support::Patient { clinic_id, ..ada() };
    assert!(one.seal(&of(uuid::Uuid::from_u128(77))).is_err());
    other.add_tenant(THERE).unwrap();
    let row = other.seal(&of(THERE)).unwrap();
    assert!(one.open(row).is_ok() && one.seal(&of(THERE)).is_ok());
}

const POLICY: &str = r#"
version = 1

[[roles.reader.allow]]
actions = ["create", "read"]
resources = ["patient"]
classes = ["contact", "identifier", "clinical"]
scope = "all"
purposes = ["TREAT"]
"#;

/// A secrets mount can be read only, and nothing has to be written.
#[test]
fn a_start_that_changes_nothing_writes_nothing() {
    let files = Files::new();
    let start = || {
        let policy = Policy::from_toml(POLICY).unwrap();
        let builder = Safeguards::builder(files.open().unwrap(), policy, RecordingLog::new());
        builder.record::<support::Patient>().build()
    };
    start().unwrap();
    // No file can be opened there, not even by root, who passes file modes by.
    let lock = files.dir.path().join("keyring.lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    #[cfg(unix)]
    mode(files.dir.path(), 0o500);
    let safeguards = start().unwrap();
    safeguards.add_tenant(HERE).unwrap();
    let service = Principal::service("mounted", Membership::global(1, "reader"));
    let begin = |action| {
        pollster::block_on(safeguards.begin(&service, action, "patient", Purpose::Treatment))
    };
    let row = begin(Action::Create).unwrap().seal(&ada()).unwrap();
    assert_eq!(begin(Action::Read).unwrap().open(row).unwrap().name.expose(), "Ada Sample");
    assert!(safeguards.add_tenant(THERE).is_err(), "the control: a change cannot be made");
    #[cfg(unix)]
    mode(files.dir.path(), 0o700);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_byte_of_a_keyring_is_refused(at: prop::sample::Index, flip in 1u8..=255) {
        let files = Files::new();
        let mut bytes = fs::read(files.ring()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        fs::write(files.ring(), bytes).unwrap();
        prop_assert!(files.open().is_err());
    }

    #[test]
    fn any_bytes_are_an_error_and_never_a_panic(bytes: Vec<u8>) {
        let files = Files::new();
        fs::write(files.ring(), &bytes).unwrap();
        prop_assert!(files.open().is_err());
        fs::write(files.root(), &bytes).unwrap();
        prop_assert!(files.open().is_err());
    }
}
