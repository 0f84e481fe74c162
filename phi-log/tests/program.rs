//! The program `phi-scrub`: text in, scrubbed text, spans or totals out.

#![cfg(feature = "cli")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn run(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_phi-scrub"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that refuses its arguments reads nothing.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn text(output: Output) -> String {
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_line_comes_out_scrubbed_with_its_end() {
    let got = text(run(&[], b"ssn 123-45-6789\r\n\nroom 4"));
    assert_eq!(got, "ssn [PHI:ssn]\r\n\nroom 4");
}

#[test]
fn spans_are_places_in_the_line_and_never_values() {
    let got = text(run(&["--spans"], "ok\né 123-45-6789, dob: 1/5/1980\n\n".as_bytes()));
    assert_eq!(
        got,
        "{\"spans\":[]}\n{\"spans\":[[3,14,\"SSN\"],[21,29,\"DATE\"]]}\n{\"spans\":[]}\n"
    );
}

/// Notes and literals of SQL go whole where text comes out, and hide no identifier here.
#[test]
fn what_is_no_identifier_has_no_span_but_what_is_inside_it() {
    let line =
        b"SET ssn = '123456789' WHERE kind = 'new'\n{\"clinical_note\":\"call 555-010-4477\"}\n";
    let line = [b"UPDATE p ", &line[..]].concat();
    let got = text(run(&["--spans"], &line));
    assert_eq!(got, "{\"spans\":[[20,29,\"SSN\"]]}\n{\"spans\":[[23,35,\"PHONE\"]]}\n");
    let got = text(run(&[], &line));
    assert!(got.contains("'[PHI:literal]'") && got.contains("[PHI:clinical]"), "{got}");
}

/// What `{:#?}` prints: the name of the field stands in one line, its value in the next.
const PRINTED: &str =
    "Patient {\n    ssn: Some(\n        \"078051120\",\n    ),\n    room: 4,\n}\nok\n";

#[test]
fn a_value_that_is_printed_over_several_lines_is_one_text() {
    assert_eq!(
        text(run(&[], PRINTED.as_bytes())),
        "Patient {\n    ssn: [PHI:ssn],\n    room: 4,\n}\nok\n"
    );
    let got = text(run(&["--spans"], PRINTED.as_bytes()));
    let want = ["[]", "[[9,14,\"SSN\"]]", "[[0,20,\"SSN\"]]", "[[0,5,\"SSN\"]]", "[]", "[]", "[]"];
    assert_eq!(got, want.map(|spans| format!("{{\"spans\":{spans}}}\n")).concat());
    // A line alone says nothing of the number: the test would see a leak.
    assert!(text(run(&[], b"        \"078051120\",")).contains("078051120"));
    // One that is never closed comes out with the file, and what it begins with does not take the rest.
    assert_eq!(text(run(&[], b"sum (\nmrn: 771935")), "sum (\nmrn: [PHI:mrn]");
    let broken = [&b"ssn: {\n"[..], &b"room 4\n".repeat(600)].concat();
    assert_eq!(text(run(&[], &broken)).matches("room 4\n").count(), 600);
}

#[test]
fn rows_under_a_header_are_what_it_says_however_many() {
    let rows = "7,Ada\n".repeat(1_000);
    let table = format!("import begins\nid,first_name\n{rows}import done, all well\n");
    let scrubbed = text(run(&[], table.as_bytes()));
    assert_eq!(scrubbed, table.replace("Ada", "[PHI:name]"));
    let spans = text(run(&["--spans"], b"mrn\tfirst_name\nA-7\tAda\n"));
    assert_eq!(spans, "{\"spans\":[]}\n{\"spans\":[[0,3,\"MRN\"],[4,7,\"NAME\"]]}\n");
    let open = "id,last_name,note\n7,sample,see (\n8,wu,x\n";
    let scrubbed = text(run(&[], open.as_bytes()));
    assert_eq!(scrubbed, open.replace("sample", "[PHI:name]").replace("wu", "[PHI:name]"));
    let ruled = "  id | last_name \n-----+-----------\n   7 | Sample\n   8 | Wu\n(2 rows)\n";
    let scrubbed = text(run(&[], ruled.as_bytes()));
    assert_eq!(scrubbed, ruled.replace("Sample", "[PHI:name]").replace("Wu", "[PHI:name]"));
    let report = text(run(&["--report"], table.as_bytes()));
    assert!(report.contains("1003 lines") && report.contains("1000 name"), "{report}");
}

#[test]
fn bytes_that_are_no_text_keep_their_places() {
    let got = text(run(&["--spans"], b"\xff\xfe 123-45-6789 \x80"));
    assert_eq!(got, "{\"spans\":[[3,14,\"SSN\"]]}\n");
}

#[test]
fn a_report_counts_and_shows_nothing() {
    let got = text(run(&["--report"], b"ssn 123-45-6789\nclean\nada@example.com\n"));
    assert!(got.contains("3 lines") && got.contains("2 with a value"), "{got}");
    assert!(got.contains("1 ssn") && got.contains("1 email") && !got.contains("6789"), "{got}");
}

#[test]
fn a_very_long_line_is_scrubbed_in_bounded_memory() {
    let mut line = "word ".repeat(2_000_000).into_bytes();
    line.extend_from_slice(b"123-45-6789 end");
    let got = text(run(&[], &line));
    assert!(got.ends_with("[PHI:ssn] end"));
    assert_eq!(got.len(), line.len() - 2);
}

#[test]
fn mistakes_are_told_and_nothing_is_read() {
    for args in [&["--spam"][..], &["--spans", "--report"], &["--config"]] {
        let output = run(args, b"123-45-6789\n");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && output.stderr.starts_with(b"phi-scrub: "));
    }
    let output = run(&["/there/is/no/such/file"], b"");
    assert_eq!(output.status.code(), Some(1));
}
