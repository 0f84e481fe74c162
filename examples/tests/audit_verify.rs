//! The auditor's program, on a log of its own: whole, without a kept checkpoint, and with a byte changed.
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use std::fs;
use std::path::Path;
use std::process::Command;

use phi_core::audit::note::SigningKey;
use phi_sqlx::audit::SqliteAuditLog;

/// The program's code, and what it said.
fn verify(folder: &Path, files: &[&str]) -> (i32, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_audit_verify"));
    let output = program.current_dir(folder).args(files).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn a_log_is_checked_by_its_file_its_key_and_what_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let key = SigningKey::generate("clinic.example/audit").unwrap();
    fs::write(at("log.vkey"), format!("{}\n", key.verifier())).unwrap();
    let log = SqliteAuditLog::open(at("audit.db"), key).await.unwrap();
    log.close().await.unwrap();
    fs::write(at("kept"), &*log.checkpoint().text).unwrap();

    let (code, text) = verify(folder.path(), &["audit.db", "log.vkey", "kept"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("2 entries") && text.contains("intact"), "{text}");
    let (code, text) = verify(folder.path(), &["audit.db", "log.vkey"]);
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("intact:"), "{text}");

    let other = SigningKey::generate("clinic.example/audit").unwrap();
    fs::write(at("other.vkey"), other.verifier().to_string()).unwrap();
    assert_eq!(verify(folder.path(), &["audit.db", "other.vkey", "kept"]).0, 1);
    let whole = fs::read(at("audit.db")).unwrap();
    let place = memchr::memmem::rfind(&whole, b"writer-closed").unwrap();
    let changed: Vec<u8> = (0..).zip(&whole).map(|(n, byte)| byte ^ u8::from(n == place)).collect();
    fs::write(at("audit.db"), changed).unwrap();
    let (code, text) = verify(folder.path(), &["audit.db", "log.vkey", "kept"]);
    assert!(code == 1 && text.contains("broken"), "{code} {text}");
    assert_eq!(verify(folder.path(), &["audit.db"]).0, 2);
}
