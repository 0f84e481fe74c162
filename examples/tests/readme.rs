//! The project's README shows the smallest application and the tour as they are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

use std::fs;
use std::path::Path;

use anstream::StripStream;
use examples::clinic::args::Args;
use examples::clinic::folder::Folder;
use examples::clinic::run;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    fs::read_to_string(path).expect("the project has a README")
}

/// The code block that begins with this line.
fn block<'r>(readme: &'r str, first: &str) -> &'r str {
    let blocks = readme.split("```").skip(1).step_by(2);
    let mut texts = blocks.filter_map(|block| Some(block.split_once('\n')?.1));
    texts.find(|text| text.starts_with(first)).expect("the README has the block")
}

/// A page without what differs from run to run: ids, ciphertexts, folder, port, time.
fn lasting(page: &str) -> Vec<String> {
    let line = |line: &str| {
        if line.trim_start().starts_with("folder ") || line.starts_with("Everything is in ") {
            return line.split('/').next().unwrap_or_default().to_owned();
        }
        let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c) || c == '-';
        let words = line.split_inclusive(|c: char| !is_hex(c)).map(|word| {
            let run = word.trim_end_matches(|c: char| !is_hex(c));
            let end = word.get(run.len()..).unwrap_or_default();
            let long = run.len() >= 20;
            if long { format!("ID{end}") } else { word.to_owned() }
        });
        let line: String = words.collect();
        let line = after(&line, "http://127.0.0.1:");
        after(&line, "created_at: ")
    };
    page.lines().map(line).collect()
}

/// Takes the number behind a mark out.
fn after(line: &str, mark: &str) -> String {
    match line.split_once(mark) {
        None => line.to_owned(),
        Some((before, number)) => {
            let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}{mark}{rest}")
        }
    }
}

#[test]
fn the_readme_has_the_smallest_application_word_for_word() {
    let source = include_str!("../src/bin/minimal.rs");
    let shown = block(&readme(), source.lines().next().unwrap()).to_owned();
    assert!(shown == source, "copy examples/src/bin/minimal.rs into README.md");
}

#[tokio::test]
async fn the_readme_has_the_tour_as_it_is_printed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::chosen(Some(dir.path())).unwrap();
    let mut out = StripStream::new(Vec::new());
    run(&Args::default(), folder, &mut out, std::future::ready(())).await.unwrap();
    let page = String::from_utf8(out.into_inner()).unwrap();
    let readme = readme();
    let shown = block(&readme, page.lines().next().unwrap());
    assert_eq!(lasting(shown), lasting(&page), "copy the output of: cargo run -p examples");
}

#[test]
fn only_what_differs_from_run_to_run_is_left_out() {
    let line = "   ssn        018e4183ca09a66aaf85481ddb83… (61 bytes)  999-74-2481";
    let again = "   ssn        01b1cf6cee0f3d9c0f7d48ef2889… (61 bytes)  999-74-2481";
    assert_eq!(lasting(line), lasting(again));
    assert_ne!(lasting(line), lasting(&again.replace("2481", "2482")));
    assert_eq!(lasting("x http://127.0.0.1:40123, y"), ["x http://127.0.0.1:, y"]);
    assert_ne!(lasting("GET 200"), lasting("GET 403"));
}
