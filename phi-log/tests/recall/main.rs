//! Recall and precision by kind, on texts whose values the crate `fake` makes and whose sentences do not come from
//! the detectors' tables. README states the figures; this test fails below them.
//!
//! `cargo test -p phi-log --test recall -- --nocapture` prints the table. All people are synthetic.

mod texts;
mod values;

use std::collections::BTreeMap;

use fake::rand::SeedableRng as _;
use fake::rand::rngs::StdRng;
use phi_log::Scrubber;

/// A text, and where in it what stands.
#[derive(Default)]
struct Labelled {
    text: String,
    labels: Vec<(usize, usize, &'static str)>,
}

impl Labelled {
    /// Fills the places in braces of a template: `{NAME}`. `{{` and `}}` are braces.
    #[expect(clippy::expect_used, reason = "templates are written by hand")]
    fn of(template: &str, rng: &mut StdRng) -> Self {
        let mut labelled = Self::default();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            labelled.text.push_str(before);
            if let Some(after) = from.strip_prefix("{{") {
                labelled.text.push('{');
                rest = after;
            } else if let Some(after) = from.strip_prefix("}}") {
                labelled.text.push('}');
                rest = after;
            } else {
                let (name, after) = from.split_once('}').expect("a closed place");
                let name = name.trim_start_matches('{');
                let (family, value) = values::value(name, rng);
                let start = labelled.text.len();
                labelled.text.push_str(&value);
                labelled.labels.push((start, labelled.text.len(), family));
                rest = after;
            }
        }
        labelled.text.push_str(rest);
        labelled
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Score {
    labels: u32,
    found: u32,
    hits: u32,
    right: u32,
}

impl Score {
    fn percent(part: u32, whole: u32) -> f64 {
        if whole == 0 { 100.0 } else { f64::from(part) * 100.0 / f64::from(whole) }
    }

    fn recall(self) -> f64 {
        Self::percent(self.found, self.labels)
    }

    fn precision(self) -> f64 {
        Self::percent(self.right, self.hits)
    }
}

/// Found is a value of which no letter and no digit stays; right is a hit that touches a value of its kind.
#[expect(clippy::print_stdout, reason = "shows what to work on, when asked to")]
fn score(rows: &[Labelled]) -> BTreeMap<&'static str, Score> {
    let scrubber = Scrubber::new();
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for row in rows {
        let spans = scrubber.spans(&row.text);
        let covered = |at: usize| spans.iter().any(|span| (span.start..span.end).contains(&at));
        for (start, end, family) in &row.labels {
            let score = scores.entry(family).or_default();
            score.labels += 1;
            let value = row.text.get(*start..*end).unwrap_or_default();
            let stays = value
                .char_indices()
                .any(|(at, char)| char.is_alphanumeric() && !covered(start + at));
            score.found += u32::from(!stays);
            if stays && std::env::var_os("PHI_LOG_MISSES").is_some() {
                println!("missed {family}: {value:?} in {:?}", row.text);
            }
        }
        for span in spans.iter().filter(|span| span.kind.family() != "CLINICAL") {
            let family = span.kind.family();
            let score = scores.entry(family).or_default();
            score.hits += 1;
            score.right += u32::from(row.labels.iter().any(|(start, end, label)| {
                *label == family && span.start < *end && *start < span.end
            }));
        }
    }
    scores
}

/// What README states: kind, recall, precision, in percent.
const STATED: &[(&str, f64, f64)] = &[
    ("ACCOUNT", 100.0, 100.0),
    ("ADDRESS", 92.2, 100.0),
    ("AGE", 100.0, 100.0),
    ("CREDIT_CARD", 94.9, 100.0),
    ("DATE", 100.0, 100.0),
    ("DEA", 100.0, 98.3),
    ("DEVICE", 100.0, 100.0),
    ("DRIVER_LICENSE", 100.0, 100.0),
    ("EMAIL", 100.0, 100.0),
    ("GEO", 100.0, 100.0),
    ("HEALTH_PLAN", 100.0, 100.0),
    ("IP", 100.0, 100.0),
    ("MAC", 100.0, 100.0),
    ("MBI", 100.0, 100.0),
    ("MRN", 79.9, 100.0),
    ("NAME", 95.7, 100.0),
    ("NPI", 100.0, 100.0),
    ("PASSPORT", 100.0, 100.0),
    ("PHONE", 100.0, 100.0),
    ("PLATE", 99.1, 100.0),
    ("SSN", 100.0, 100.0),
    ("URL", 100.0, 100.0),
    ("VIN", 100.0, 100.0),
    ("ZIP", 100.0, 100.0),
];

#[test]
fn recall_and_precision_are_as_stated() {
    let mut rng = StdRng::seed_from_u64(164_514);
    let rows: Vec<_> = (0..60)
        .flat_map(|_| texts::TEXTS)
        .map(|template| Labelled::of(template, &mut rng))
        .collect();
    let scores = score(&rows);
    println!("{} texts", rows.len());
    for (family, score) in &scores {
        let Score { labels, hits, .. } = score;
        let (recall, precision) = (score.recall(), score.precision());
        println!("| {family} | {labels} | {recall:.1} | {hits} | {precision:.1} |");
    }
    assert_eq!(scores.len(), STATED.len(), "a kind without a stated figure");
    for (family, recall, precision) in STATED {
        let score = scores.get(family).copied().unwrap_or_default();
        assert!(score.labels >= 60, "{family}: only {} values", score.labels);
        assert!(score.recall() >= *recall, "{family}: recall {:.1}", score.recall());
        assert!(score.precision() >= *precision, "{family}: precision {:.1}", score.precision());
    }
}

#[test]
fn the_score_sees_a_miss() {
    // The negative control: a name that nothing announces.
    let text = "then ada came".to_owned();
    let scores = score(&[Labelled { text, labels: vec![(5, 8, "NAME")] }]);
    assert!(scores.get("NAME").is_some_and(|score| score.labels == 1 && score.found == 0));
}
