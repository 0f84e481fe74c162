//! Replays the corpora of `fuzz` through the bodies of its targets: what a fuzzer has found once
//! stays found, without a nightly compiler.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it goes wrong")]

use std::fs;
use std::path::Path;

#[allow(clippy::expect_used, missing_docs, unreachable_pub, reason = "the fuzz crate's own file")]
#[path = "../../fuzz/src/targets.rs"]
mod targets;

/// Runs every file of one corpus and returns how many there were.
fn replay(target: &str, run: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in &files {
        run(&fs::read(file).unwrap());
    }
    files.len()
}

macro_rules! corpora {
    ($($target:ident at least $count:literal)+) => {$(
        #[test]
        fn $target() {
            assert!(replay(stringify!($target), targets::$target) >= $count);
        }
    )+};
}

corpora! {
    envelope at least 60
    key_file at least 6
    policy at least 6
    audit_entry at least 7
    normal at least 11
    scrub at least 21
    ndjson at least 8
}
