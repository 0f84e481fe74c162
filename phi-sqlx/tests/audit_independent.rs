//! P9: a verifier that shares no code with ours, Go's `sumdb`, comes to the same verdicts.
//!
//! Needs Go and the sources of `golang.org/x/mod` in `GOPATH`: Debian's packages `golang-go` and
//! `golang-golang-x-mod-dev`. Without them it is skipped, and under `CI=true` it fails.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it goes wrong"
)]
#![allow(clippy::print_stderr, clippy::panic, reason = "a skip is seen, and is none in CI")]

mod support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use phi_core::audit::note::SigningKey;
use support::*;

/// Where Debian puts sources of Go packages.
const GOPATH: &str = "/usr/share/gocode";

/// The verifier, built; `None` if that cannot be done here.
fn built(folder: &Folder) -> Option<PathBuf> {
    let program = folder.file("verify");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/verify.go");
    let built = Command::new("go")
        .args(["build", "-o"])
        .args([&program, &source])
        .env("GO111MODULE", "off")
        .env("GOPATH", env::var_os("GOPATH").unwrap_or(GOPATH.into()))
        .env("GOCACHE", folder.file("cache"))
        .output();
    match built {
        Ok(output) if output.status.success() => return Some(program),
        Ok(output) => eprintln!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("go: {error}"),
    }
    assert_ne!(env::var("CI").as_deref(), Ok("true"), "the independent verifier was not built");
    eprintln!("skipped: no Go, or no golang.org/x/mod");
    None
}

/// What the verifier says of these files: how it ends, and what it prints.
fn verdict(
    (folder, program): (&Folder, &Path),
    key: &str,
    head: &str,
    entries: &[Vec<u8>],
    kept: &str,
) -> (i32, String) {
    let files =
        [("head", head.as_bytes()), ("entries", &entries.join(&b'\n')), ("kept", kept.as_bytes())];
    let files = files.map(|(name, bytes)| {
        let file = folder.file(name);
        fs::write(&file, bytes).unwrap();
        file
    });
    let output = Command::new(program).arg(key).args(files).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// A refusal must come with the sentence that says why.
fn refused(says: &str, (code, said): (i32, String)) {
    assert_eq!(code, 1, "{says}");
    assert!(said.contains(says), "{said}");
}

/// The log's entries, one a line: format 1 has no line feed in an entry.
async fn exported(log: &Log) -> Vec<Vec<u8>> {
    let entries = log.reader().await.entries(0, usize::MAX).await.unwrap();
    entries.into_iter().map(|entry| entry.leaf).collect()
}

#[tokio::test]
async fn gos_sumdb_agrees_on_logs_that_are_intact_and_on_those_that_are_not() {
    let log = Log::new();
    let Some(program) = built(&log.folder) else { return };
    let writer = log.open().await;
    for n in 0..5 {
        append(&writer, &format!("r{n}")).await.unwrap();
    }
    let kept = writer.checkpoint().text.as_ref().to_owned();
    for n in 5..300 {
        append(&writer, &format!("r{n}")).await.unwrap();
    }
    writer.close().await.unwrap();
    let head = writer.checkpoint().text.as_ref().to_owned();
    let entries = exported(&log).await;
    assert_eq!(entries.len(), 302);

    let key = log.key().verifier().to_string();
    let place = (&log.folder, program.as_path());
    let verdict = |key: &str, head: &str, entries: &[Vec<u8>], kept: &str| {
        verdict(place, key, head, entries, kept)
    };
    assert_eq!(verdict(&key, &head, &entries, &kept), (0, String::new()));

    // What it must refuse, each with the sentence that says why.
    let mut changed = entries.clone();
    let byte = changed[7].last_mut().unwrap();
    *byte ^= 1;
    refused("not those of the checkpoint", verdict(&key, &head, &changed, &kept));
    let mut swapped = entries.clone();
    swapped.swap(7, 8);
    refused("not those of the checkpoint", verdict(&key, &head, &swapped, &kept));
    let mut removed = entries.clone();
    removed.remove(7);
    refused("301 entries", verdict(&key, &head, &removed, &kept));
    refused("5 entries", verdict(&key, &head, &entries[..5], &kept));

    // A log that was written anew and signed with the same key is intact in itself, and does not
    // continue the checkpoint that was kept.
    let (other, another_key) = (Log::new(), SigningKey::generate(ORIGIN).unwrap());
    fs::copy(&log.key, &other.key).unwrap();
    let writer = other.open().await;
    for n in 0..300 {
        append(&writer, &format!("other{n}")).await.unwrap();
    }
    writer.close().await.unwrap();
    let rewritten = writer.checkpoint().text.as_ref().to_owned();
    let others = exported(&other).await;
    assert_eq!(verdict(&key, &rewritten, &others, &rewritten).0, 0);
    refused("does not continue", verdict(&key, &rewritten, &others, &kept));
    // Neither is one with another key.
    let (code, _) = verdict(&another_key.verifier().to_string(), &head, &entries, &kept);
    assert_eq!(code, 1);
}

/// Of several processes, sealed meanwhile and after a change of sealers.
#[cfg(feature = "postgres")]
#[tokio::test]
async fn gos_sumdb_agrees_on_a_log_on_postgres() {
    use support::pg_log::{PgLog, append_to};

    let Some(log) = PgLog::new().await else { return };
    let Some(program) = built(&log.folder) else { return };
    let writers = [log.open().await, log.open().await];
    for n in 0..40 {
        append_to(&writers[n % 2], &format!("r{n}")).await.unwrap();
    }
    let kept = log.sealed().await.text;
    for n in 40..300 {
        append_to(&writers[n % 2], &format!("r{n}")).await.unwrap();
    }
    for writer in &writers {
        writer.close().await.unwrap();
    }
    let head = log.sealed().await.text;
    let entries = log.reader().await.entries(0, usize::MAX).await.unwrap();
    let entries: Vec<_> = entries.into_iter().map(|entry| entry.leaf).collect();
    assert_eq!(entries.len(), 300 + 2 * 2 + 2 * 2); // what writers and sealers say of themselves
    let key = log.key().verifier().to_string();
    let place = (&log.folder, program.as_path());
    assert_eq!(verdict(place, &key, &head, &entries, &kept), (0, String::new()));
    let mut changed = entries.clone();
    *changed[7].last_mut().unwrap() ^= 1;
    refused("not those of the checkpoint", verdict(place, &key, &head, &changed, &kept));
    refused("5 entries", verdict(place, &key, &head, &entries[..5], &kept));
    let other = SigningKey::generate(ORIGIN).unwrap().verifier().to_string();
    assert_eq!(verdict(place, &other, &head, &entries, &kept).0, 1);
}
