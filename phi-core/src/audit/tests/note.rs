//! Signed notes, checkpoints and key files.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;

use super::{ORIGIN, key};
use crate::audit::merkle::Hash;
use crate::audit::note::{KeyFileProblem, NoteError, SignedNote, SigningKey, VerifierKey};
use crate::audit::{Checkpoint, CheckpointError};

// The example of the documentation of golang.org/x/mod/sumdb/note.
const GO_SIGNER: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn the_example_of_gos_note_package_is_signed_and_verified() {
    let signer = SigningKey::from_text(GO_SIGNER).unwrap();
    let verifier: VerifierKey = GO_VERIFIER.parse().unwrap();
    assert_eq!(signer.verifier(), verifier);
    assert_eq!(signer.to_text().as_str(), GO_SIGNER);
    assert_eq!(verifier.to_string(), GO_VERIFIER);
    let note = signer.sign(GO_TEXT).unwrap();
    assert_eq!(note, format!("{GO_TEXT}\n{GO_LINE}"));
    assert_eq!(SignedNote::parse(&note).unwrap().verify(&verifier), Ok(GO_TEXT));
}

#[test]
fn only_this_keys_signature_over_this_text_counts() {
    let go: VerifierKey = GO_VERIFIER.parse().unwrap();
    let verify =
        |note: &str| SignedNote::parse(note).and_then(|note| note.verify(&go).map(str::len));
    let other = key().sign(GO_TEXT).unwrap();
    let other_line = other.strip_prefix(GO_TEXT).unwrap().trim_start().to_owned();
    let short = "— PeterNeumann x08go/ZJkuA=\n"; // the key's id, and five bytes
    let stranger = "— PeterNeumann AAAAAAAA\n"; // the key's name, another id
    assert!(verify(&format!("{GO_TEXT}\n{GO_LINE}")).is_ok()); // control
    assert!(verify(&format!("{GO_TEXT}\n{other_line}{stranger}{GO_LINE}{GO_LINE}")).is_ok());
    assert_eq!(verify(&other), Err(NoteError::Unsigned));
    assert_eq!(verify(&format!("{GO_TEXT}\n{stranger}")), Err(NoteError::Unsigned));
    assert_eq!(verify(&format!("{GO_TEXT}\n{GO_LINE}{short}")), Err(NoteError::BadSignature));
    assert_eq!(verify(&format!("{GO_TEXT}\n\n{GO_LINE}")), Err(NoteError::BadSignature));
    assert_eq!(verify(&format!(" {GO_TEXT}\n{GO_LINE}")), Err(NoteError::BadSignature));
    // A blank line belongs to the text, unless it is the last one.
    let key = SigningKey::from_text(GO_SIGNER).unwrap();
    assert_eq!(verify(&key.sign("a\n\n\nb\n").unwrap()), Ok(6));
}

#[test]
fn what_is_not_a_note_is_refused() {
    let note = format!("{GO_TEXT}\n{GO_LINE}");
    assert!(SignedNote::parse(&note).is_ok()); // control
    let full = format!("{GO_TEXT}\n{}", GO_LINE.repeat(100));
    assert!(SignedNote::parse(&full).is_ok());
    for bad in [
        String::new(),
        "\n".to_owned(),
        "\n\n".to_owned(),
        GO_TEXT.to_owned(),
        format!("{GO_TEXT}{GO_LINE}"),
        format!("{GO_TEXT}\n"),
        format!("{GO_TEXT}\n\n"),
        note.trim_end().to_owned(),
        format!("{note}\n"),
        format!("{note} \n"),
        note.replace('\n', "\r\n"),
        note.replacen("If", "\u{1}f", 1),
        note.replacen("— ", "- ", 1),
        note.replacen("— PeterNeumann", "—  PeterNeumann", 1),
        note.replacen("— PeterNeumann", "— Peter+Neumann", 1),
        note.replacen("— PeterNeumann", "— Peter\u{a0}Neumann", 1),
        note.replacen("AM=\n", "AM\n", 1),
        note.replacen("AM=\n", "AN=\n", 1), // bits behind the last byte
        note.replacen("x08go/", "x08go_", 1),
        format!("{GO_TEXT}\n— PeterNeumann x08gow==\n"), // an id and no signature
        format!("{full}{GO_LINE}"),
        format!("{}{note}", "x\n".repeat(1 << 19)),
    ] {
        assert_eq!(SignedNote::parse(&bad).unwrap_err(), NoteError::Malformed, "{bad:.80}");
    }
}

#[test]
fn what_is_not_a_key_is_refused() {
    for bad in [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peterneumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert_eq!(bad.parse::<VerifierKey>().unwrap_err(), NoteError::Key, "{bad}");
        let private = format!("PRIVATE+KEY+{bad}");
        assert_eq!(SigningKey::from_text(&private).unwrap_err(), NoteError::Key, "{bad}");
    }
    assert_eq!("a b+00000000+AQ==".parse::<VerifierKey>().unwrap_err(), NoteError::Name);
    assert_eq!(SigningKey::from_text(GO_VERIFIER).unwrap_err(), NoteError::Key);
    for name in ["", " ", "a b", "a+b", "a\u{2003}b", "a\nb", "a\0b"] {
        assert_eq!(SigningKey::generate(name).unwrap_err(), NoteError::Name);
    }
    for text in ["", "x", "a\r\n", "a\0\n"] {
        assert_eq!(key().sign(text).unwrap_err(), NoteError::Text);
    }
}

#[test]
fn debug_of_a_signing_key_shows_its_name_and_id_only() {
    let key = SigningKey::from_text(GO_SIGNER).unwrap();
    let shown = format!("{key:?} {key:#?}");
    assert!(shown.contains("PeterNeumann") && shown.contains("c74f20a3"));
    assert!(key.to_text().contains("AYEKFALV")); // control
    assert!(!shown.contains("AYEKFALV") && !shown.contains("129, 10, 20")); // the seed, as text or bytes
}

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("phi-audit-{}-{n}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_key_file_reads_back_and_is_never_overwritten() {
    let folder = Folder::new();
    let path = folder.0.join("log.key");
    let key = SigningKey::from_text(GO_SIGNER).unwrap();
    key.create_file(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{GO_SIGNER}\n"));
    assert_eq!(SigningKey::from_file(&path).unwrap().verifier(), key.verifier());
    let again = super::key().create_file(&path).unwrap_err();
    assert_eq!((again.problem(), again.path()), (KeyFileProblem::Exists, path.as_path()));
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{GO_SIGNER}\n"));
    assert!(again.to_string().contains("log.key"));
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_use_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let path = folder.0.join("log.key");
    key().create_file(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = SigningKey::from_file(&path).unwrap_err();
        assert_eq!(refused.problem(), KeyFileProblem::Exposed, "{mode:o}");
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(SigningKey::from_file(&path).is_ok()); // control
    }
}

#[test]
fn a_file_that_is_not_one_key_is_refused_without_its_text() {
    let folder = Folder::new();
    let problem = |path: &PathBuf| SigningKey::from_file(path).unwrap_err().problem();
    assert!(matches!(problem(&folder.0.join("none")), KeyFileProblem::Io(_)));
    assert_eq!(problem(&folder.0), KeyFileProblem::NotAFile);
    let path = folder.0.join("log.key");
    key().create_file(&path).unwrap();
    for text in [
        String::new(),
        format!("{GO_SIGNER}\n\n"),
        format!("{GO_SIGNER}\n{GO_SIGNER}\n"),
        format!("{GO_SIGNER} "),
        GO_VERIFIER.to_owned(),
        "x".repeat(5000),
    ] {
        fs::write(&path, &text).unwrap();
        let refused = SigningKey::from_file(&path).unwrap_err();
        assert_eq!(refused.problem(), KeyFileProblem::NotAKey);
        assert!(!refused.to_string().contains("AYEK"));
    }
    fs::write(&path, GO_SIGNER).unwrap(); // without the last line break
    assert!(SigningKey::from_file(&path).is_ok());
}

/// The worked example of FORMAT.md: the empty log's head under the key of 32 bytes 0x01.
const CHECKPOINT: &str = "log.example/clinic\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— log.example/clinic L1S7lAaGJiahOOvcuyHG+e19YfzEcJCRIzbMlA5nE7JYPXt+2osyMFE+JpIvpxU7HlEObtcR7hFZSv9YknSpROCJdgE=\n";

#[test]
fn the_worked_checkpoint_has_these_bytes() {
    let signed = Checkpoint::new(ORIGIN, 0, Hash::EMPTY).sign(&key()).unwrap();
    assert_eq!(signed, CHECKPOINT);
    assert_eq!(
        key().verifier().to_string(),
        "log.example/clinic+2f54bb94+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
    );
    let read = Checkpoint::open(CHECKPOINT, ORIGIN, &[key().verifier()]).unwrap();
    assert_eq!(read, Checkpoint::new(ORIGIN, 0, Hash::EMPTY));
}

#[test]
fn a_signed_text_that_is_not_a_checkpoint_is_refused() {
    let open =
        |text: &str| Checkpoint::open(&key().sign(text).unwrap(), ORIGIN, &[key().verifier()]);
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert!(open(&format!("{ORIGIN}\n7\n{root}\n")).is_ok()); // control
    for bad in [
        format!("{ORIGIN}\n7\n{root}\nextension\n"),
        format!("{ORIGIN}\n7\n{root}\n\n"),
        format!("{ORIGIN}\n7\n"),
        format!("{ORIGIN}\n07\n{root}\n"),
        format!("{ORIGIN}\n-7\n{root}\n"),
        format!("{ORIGIN}\n+7\n{root}\n"),
        format!("{ORIGIN}\n 7\n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("{ORIGIN}\n\n{root}\n"),
        format!("\n7\n{root}\n"),
        format!("{ORIGIN}\n7\n{}\n", root.trim_end_matches('=')),
        format!("{ORIGIN}\n7\n47DE\n"),
        format!("{ORIGIN}\n7\n{}V=\n", root.get(..42).unwrap()),
        "\n".to_owned(),
    ] {
        assert_eq!(open(&bad).unwrap_err(), CheckpointError::Malformed, "{bad}");
    }
    assert_eq!(open(&format!("{ORIGIN}/2\n7\n{root}\n")).unwrap_err(), CheckpointError::Origin);
    for origin in ["", "a\nb", "a\0b"] {
        let unsigned = Checkpoint::new(origin, 0, Hash::EMPTY).sign(&key());
        assert_eq!(unsigned.unwrap_err(), NoteError::Text);
    }
}

#[test]
fn a_checkpoint_opens_with_the_old_or_the_new_key_and_no_third() {
    let (old, new) = (key(), SigningKey::from_seed(ORIGIN, &[2; 32]).unwrap());
    let third = SigningKey::from_seed(ORIGIN, &[3; 32]).unwrap();
    let head = Checkpoint::new(ORIGIN, 0, Hash::EMPTY);
    let keys = [old.verifier(), new.verifier()];
    for signer in [&old, &new] {
        assert!(Checkpoint::open(&head.sign(signer).unwrap(), ORIGIN, &keys).is_ok());
    }
    let refused = Checkpoint::open(&head.sign(&third).unwrap(), ORIGIN, &keys);
    assert_eq!(refused.unwrap_err(), CheckpointError::Note(NoteError::Unsigned));
    let none = Checkpoint::open(&head.sign(&old).unwrap(), ORIGIN, &[]);
    assert_eq!(none.unwrap_err(), CheckpointError::Note(NoteError::Unsigned));
}

proptest! {
    #[test]
    fn any_text_that_may_be_signed_verifies_and_any_flip_is_refused(
        lines in "[^\\p{Cc}]{0,60}(\n[^\\p{Cc}]{0,20}){0,4}", at in any::<prop::sample::Index>(),
    ) {
        let text = format!("{lines}\n");
        let note = key().sign(&text).unwrap();
        prop_assert_eq!(SignedNote::parse(&note).unwrap().verify(&key().verifier()), Ok(text.as_str()));
        let mut bytes = note.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1;
        if let Ok(flipped) = String::from_utf8(bytes) {
            let verified = SignedNote::parse(&flipped).and_then(|note| note.verify(&key().verifier()).map(str::len));
            prop_assert!(verified.is_err());
        }
    }

    #[test]
    fn any_text_is_a_note_and_a_key_or_an_error(text in any::<String>(), tail in "\n\n— [a-z+ ]{0,8} [A-Za-z0-9+/=]{0,20}\n") {
        let _ = SignedNote::parse(&text);
        let _ = SignedNote::parse(&format!("{text}{tail}"));
        let _ = text.parse::<VerifierKey>();
        let _ = SigningKey::from_text(&format!("PRIVATE+KEY+{text}"));
    }
}
