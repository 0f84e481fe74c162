//! What the baseline of the scrubber's bench finds, the scrubber finds too, on every corpus of the bench.

use benches::scrub::baseline::Baseline;
use benches::scrub::corpus;
use phi_log::Scrubber;

#[test]
fn our_findings_contain_the_baselines() {
    let (mut baseline, scrubber) = (Baseline::new(), Scrubber::new());
    let mut found = 0;
    for line in corpus::phi(4_096).iter().chain(&corpus::clean(4_096)) {
        let ours = scrubber.spans(line);
        for (start, end, kind) in baseline.find(line) {
            found += 1;
            let held = ours.iter().any(|span| span.start <= start && end <= span.end);
            assert!(held, "{kind} at {start} to {end} in {line:?}");
        }
    }
    // The control: the baseline finds something at all.
    assert!(found > 4_000, "{found}");
}
