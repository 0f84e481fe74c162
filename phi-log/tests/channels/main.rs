//! Every way in which values get out of a process that logs by `tracing`, against everything that may stand in the
//! stack: with nothing of ours, which must leak or the row proves nothing; with `wrap`; and with all rings.
//!
//! Each column runs in a process of its own, since a log is the process's: dispatcher, `log` logger, panic hook and
//! standard streams. All names and numbers are synthetic.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "what is tested panics and prints; helpers of tests are not tests to the lint"
)]

#[path = "../common/mod.rs"]
mod common;
mod rows;
mod sinks;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use rows::{Emit, ROWS, TEXTS};
use sinks::{Inside, Rings, Stack};

/// Which column of [`Inside::EACH`] and [`Rings::EACH`] the process is for.
const CHILD: &str = "PHI_LOG_CHANNELS";
/// In front of what a sink was told, on standard output of the child.
const TOLD: &str = "\u{1}";
/// Between the runs, on both streams of the child.
const NEXT: &str = "\u{2}";

/// Where a value was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Sink(usize),
    Hostile,
    /// Standard output and error, which no layer wrote.
    Process,
}

/// Letters of the columns: `fmt` plain, pretty, compact, JSON, ANSI, OpenTelemetry, tracing-error, tracing-log, the
/// hostile layer, the standard streams of the process.
const LETTERS: [char; 10] = ['f', 'p', 'c', 'j', 'a', 'o', 'e', 'l', 'h', 's'];

impl Column {
    const fn letter(self) -> char {
        match self {
            Self::Sink(at) => LETTERS[at],
            Self::Hostile => 'h',
            Self::Process => 's',
        }
    }
}

/// What `wrap` alone does not hold, as README says.
const PAST_WRAP: [(&str, &str); 3] =
    [("thread name", "fpcjao"), ("panic message", "s"), ("println! / eprintln!", "s")];
/// What nothing of ours holds.
const PAST_ALL: [(&str, &str); 1] = [("println! / eprintln!", "s")];

/// Runs every row in the stack of this process; the parent reads the streams.
#[test]
fn case_of_one_column() {
    let Ok(child) = std::env::var(CHILD) else { return };
    let (inside, rings) = child.split_once(' ').unwrap();
    let inside = Inside::EACH[inside.parse::<usize>().unwrap()];
    let rings = Rings::EACH[rings.parse::<usize>().unwrap()];
    let stack = Stack::install(inside, rings);
    for (_, emit, _) in runs() {
        // OpenTelemetry keeps events in spans only.
        tracing::info_span!("run").in_scope(|| match emit {
            Run::Text(emit, text) => emit(text),
            Run::Own(emit) => emit(),
        });
        let (sink, hostile) = stack.take();
        for (mark, text) in [('s', sink), ('h', hostile)] {
            for line in text.lines() {
                println!("{TOLD}{mark}{line}");
            }
        }
        print!("{NEXT}");
        eprint!("{NEXT}");
    }
}

enum Run {
    Text(fn(&'static str), &'static str),
    Own(fn()),
}

/// Each row with each text: the row's place, what to do, and what must not be seen.
fn runs() -> impl Iterator<Item = (usize, Run, &'static [&'static str])> {
    ROWS.iter().enumerate().flat_map(|(at, row)| match row.emit {
        Emit::Own(emit, values) => vec![(at, Run::Own(emit), values)],
        Emit::Text(emit) => {
            TEXTS.iter().map(|each| (at, Run::Text(emit, each.text), each.values)).collect()
        }
    })
}

/// What a child saw in one run.
struct Seen {
    sink: String,
    hostile: String,
    process: String,
}

fn child(inside: usize, rings: usize) -> Vec<Seen> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "case_of_one_column", "--nocapture"])
        .env(CHILD, format!("{inside} {rings}"))
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    let (out, err) = (out.unwrap(), err.unwrap());
    assert!(output.status.success(), "{inside} {rings}: {err}");
    let told = |out: &str, mark: &str| {
        out.split_inclusive('\n')
            .filter_map(|line| line.split_once(mark))
            .map(|(_, line)| line)
            .collect()
    };
    out.split(NEXT)
        .zip(err.split(NEXT))
        .map(|(out, err)| Seen {
            sink: told(out, "\u{1}s"),
            hostile: told(out, "\u{1}h"),
            process: out.lines().filter(|line| !line.contains(TOLD)).collect::<String>() + err,
        })
        .collect()
}

/// For each row and column, whether a value was seen, for each of [`Rings::EACH`].
type Table = BTreeMap<(usize, Column), [bool; 3]>;

fn table() -> Table {
    let mut table = Table::new();
    for inside in 0..Inside::EACH.len() {
        for rings in 0..3 {
            let all = child(inside, rings);
            let mut kept = [false; ROWS.len()];
            for ((row, _, values), seen) in runs().zip(&all) {
                let columns = [
                    (Column::Sink(inside), &seen.sink),
                    (Column::Hostile, &seen.hostile),
                    (Column::Process, &seen.process),
                ];
                for (column, text) in columns {
                    let leaks = values.iter().any(|value| text.contains(value));
                    table.entry((row, column)).or_default()[rings] |= leaks;
                    kept[row] |= text.contains(ROWS[row].kept);
                }
            }
            assert_eq!(all.len(), runs().count() + 1, "{inside} {rings}: a run ended it");
            if rings > 0 {
                for (row, kept) in ROWS.iter().zip(kept) {
                    assert!(kept, "{}: lost in {inside} {rings}", row.name);
                }
            }
        }
    }
    table
}

#[test]
fn no_way_out_of_26_leaks_anywhere_but_where_readme_says() {
    let table = table();
    let leaks = |row: usize, rings: usize| -> String {
        let cells = table.iter().filter(|((at, _), leaks)| *at == row && leaks[rings]);
        cells.map(|((_, column), _)| column.letter()).collect()
    };
    let mut text = String::new();
    for (at, row) in ROWS.iter().enumerate() {
        let [raw, wrap, all] = [0, 1, 2].map(|rings| leaks(at, rings));
        let _ = writeln!(text, "{:>2} {:<28} {raw:<12} {wrap:<8} {all}", at + 1, row.name);
    }
    println!("{:31} {:<12} {:<8} all rings\n{text}", "leaks", "without", "wrap");

    for (at, row) in ROWS.iter().enumerate() {
        let past = |known: &[(&str, &str)]| {
            let known = known.iter().find(|(name, _)| *name == row.name);
            known.map_or("", |(_, columns)| columns).to_owned()
        };
        assert_eq!(leaks(at, 0), row.leaks, "{}: the control has changed", row.name);
        assert_eq!(leaks(at, 1), past(&PAST_WRAP), "{}, behind `wrap`", row.name);
        assert_eq!(leaks(at, 2), past(&PAST_ALL), "{}, with all rings", row.name);
    }

    let count = |rings: usize, hostile: bool| {
        let leaks = (0..ROWS.len()).map(|row| leaks(row, rings));
        leaks.filter(|columns| columns.chars().any(|column| (column == 'h') == hostile)).count()
    };
    for (what, hostile) in [("a sink or a standard stream", false), ("another layer", true)] {
        let [raw, wrap, all] = [0, 1, 2].map(|rings| count(rings, hostile));
        let row = format!("| {what} | {raw} | {wrap} | {all} |");
        assert!(include_str!("../../README.md").contains(&row), "README should say: {row}");
    }
}
