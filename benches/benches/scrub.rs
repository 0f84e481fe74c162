//! The scrubber over log bodies, against one pass of `regex-automata` over the same rules.
//!
//! `cargo bench -p benches --bench scrub`; with `PHI_LOG_CORPUS=file` over the lines of a file.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench stops where it goes wrong"
)]

use benches::scrub::baseline::Baseline;
use benches::scrub::corpus;
use benches::{Compare, is_test, print_machine};
use phi_log::Scrubber;

fn main() {
    print_machine();
    let (mut baseline, matching) = (Baseline::new(), Baseline::new());
    let scrubber = Scrubber::new();
    let lines = if is_test() { 64 } else { 4_096 };
    for (name, lines) in
        [("clean bodies", corpus::clean(lines)), ("bodies with PHI", corpus::phi(lines))]
    {
        let bytes: usize = lines.iter().map(String::len).sum();
        println!("{name}: {} lines, {bytes} bytes; time for 1,000 bytes", lines.len());
        Compare::new(name)
            .way("floor: one pass of regex-automata, find", || {
                lines.iter().map(|line| baseline.find(line).len()).sum::<usize>()
            })
            .way("regex-automata, matches without their values", || {
                lines.iter().map(|line| matching.matches(line)).sum::<usize>()
            })
            .way("Scrubber::spans", || {
                lines.iter().map(|line| scrubber.spans(line).len()).sum::<usize>()
            })
            .way("Scrubber::scrub", || {
                lines.iter().map(|line| scrubber.scrub(line).as_str().len()).sum::<usize>()
            })
            .per(u64::try_from(bytes / 1_000).unwrap())
            .run();
    }
    slow_shapes(&scrubber);
}

/// Lines made to be slow: four times the length must not take more than five times the time.
fn slow_shapes(scrubber: &Scrubber) {
    let shapes = ["a.a.", "a@a@", "1 1 ", "1-1-", "a:a:", "http://", " ", "aaaa"];
    for shape in shapes {
        let line = |bytes: usize| shape.repeat(bytes / shape.len()) + "@";
        let (short, long) = (line(10_000), line(40_000));
        Compare::new(shape)
            .way("floor: 10 KB", || scrubber.scrub(&short).as_str().len())
            .way("40 KB", || scrubber.scrub(&long).as_str().len())
            .run();
    }
}
