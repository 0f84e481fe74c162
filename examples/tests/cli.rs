//! The program as it is called: exit codes, what it says, and the server that stays up.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

mod common;

use std::fs;
use std::process::{Command, Output, Stdio};

use common::serving::Serving;
use examples::clinic::client::Caller;
use examples::clinic::population::{ndjson, people};
use uuid::Uuid;

fn clinic(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clinic"));
    command.args(args).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_tour_is_plain_in_a_pipe_and_says_where_it_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("not yet there");
    let ran = clinic(&["--dir", dir.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let page = text(&ran.stdout);
    assert!(!page.contains('\u{1b}') && ran.stderr.is_empty());
    assert!(page.trim_end().ends_with(dir.to_str().unwrap()));
    for file in ["clinic.db", "audit.db", "policy.toml", "root.key", "keyring", "clinic.log"] {
        assert!(dir.join(file).exists(), "{file}");
    }
    // A second tour in the same folder continues its log.
    assert_eq!(clinic(&["--dir", dir.to_str().unwrap(), "--seed", "2"]).status.code(), Some(0));
}

#[test]
fn a_log_that_lost_its_end_is_not_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    assert_eq!(clinic(&["--dir", path]).status.code(), Some(0));
    fs::remove_file(dir.path().join("audit.db")).unwrap();
    let ran = clinic(&["--dir", path]);
    assert_eq!((ran.status.code(), ran.stdout.len()), (Some(1), 0));
    assert!(text(&ran.stderr).contains("audit.db"), "{}", text(&ran.stderr));
}

#[test]
fn a_command_line_that_is_not_understood_is_told_and_not_quoted() {
    let ran = clinic(&["--patient", "Zelda"]);
    assert_eq!((ran.status.code(), ran.stdout.len()), (Some(2), 0));
    assert_eq!(text(&ran.stderr), "clinic: unknown option; --help lists those there are\n");
    let help = clinic(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    for option in ["--dir", "--serve", "--import", "--clinic", "--seed", "--sample"] {
        assert!(text(&help.stdout).contains(option));
    }
}

#[test]
fn an_import_ends_well_or_tells_the_broken_lines() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clinic");
    let path = path.to_str().unwrap();
    let good = dir.path().join("good.ndjson");
    fs::write(&good, ndjson(&people(1, 3))).unwrap();
    let clinic_id = Uuid::now_v7().to_string();
    let args = ["--dir", path, "--import", good.to_str().unwrap(), "--clinic", &clinic_id];
    let ran = clinic(&args);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    assert!(
        text(&ran.stdout)
            .contains(&format!("3 patients, 6 visits, 3 conditions into clinic {clinic_id}"))
    );

    let bad = dir.path().join("bad.ndjson");
    fs::write(&bad, ndjson(&people(2, 3)) + "Zelda\n").unwrap();
    let ran = clinic(&["--dir", path, "--import", bad.to_str().unwrap()]);
    assert_eq!(ran.status.code(), Some(1));
    let told = text(&ran.stderr);
    assert!(
        told.contains("broken lines: 1; nothing was written\n   line 16: not a JSON object"),
        "{told}"
    );
    assert!(!told.contains("Zelda") && !text(&ran.stdout).contains("Zelda"));

    let ran = clinic(&["--dir", path, "--import", "/nowhere/at/all"]);
    assert_eq!(ran.status.code(), Some(1));
}

#[test]
fn the_sample_is_the_committed_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sample.ndjson");
    assert_eq!(clinic(&["--sample", path.to_str().unwrap()]).status.code(), Some(0));
    assert_eq!(fs::read(path).unwrap(), fs::read(common::sample()).unwrap());
}

#[tokio::test]
async fn the_server_stays_up_and_its_curl_lines_work_until_input_ends() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(dir.path());
    let Serving { client, clinician, page, patient, .. } = &serving;
    let nobody = Caller { name: String::new(), token: None };
    for (route, id) in [
        ("/patients/{id}", Some(*patient)),
        ("/patients/{id}/contact", Some(*patient)),
        ("/patients/{id}/visits", Some(*patient)),
        ("/patients/{id}/conditions", Some(*patient)),
        ("/health", None),
    ] {
        assert!(page.contains(&route.replace("{id}", &patient.to_string())));
        assert_eq!(client.get(clinician, route, id).await.unwrap().status, 200);
        let refused = client.get(&nobody, route, id).await.unwrap().status;
        assert_eq!(refused, if route == "/health" { 200 } else { 401 });
    }
    assert_eq!(serving.end_input().code(), Some(0));
    assert!(serving.page.trim_end().ends_with(dir.path().to_str().unwrap()));
    assert!(serving.client.get(&nobody, "/health", None).await.is_err());
}
