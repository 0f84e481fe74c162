//! False hits: log bodies of other people's software without PHI, in which nothing should be found. Addresses of the
//! internet, of mail and of hardware really are in such lines and are not counted.
//!
//! `cargo test -p phi-log --test false_hits -- --nocapture` prints the counts; with `PHI_LOG_MISSES` also the lines.

#![allow(clippy::print_stdout, reason = "prints the counts and what was skipped")]

mod templates;

use std::collections::BTreeMap;

use fake::rand::rngs::StdRng;
use fake::rand::{RngExt as _, SeedableRng as _};
use phi_log::{Kind, Scrubber};
use templates::TEMPLATES;

/// The bodies made here.
const BODIES: usize = 24_000;
/// What is found in clean bodies at most, of the kinds that are bare numbers elsewhere: README states it.
const MOST: u32 = 10;
/// The same of all other kinds.
const MOST_OF_THE_REST: u32 = 10;

/// Kinds that are digits, and so are most numbers of a log.
const NUMBERS: [Kind; 9] = [
    Kind::Ssn,
    Kind::Card,
    Kind::Phone,
    Kind::Npi,
    Kind::Zip,
    Kind::Licence,
    Kind::Vin,
    Kind::Mrn,
    Kind::Dea,
];
/// What really stands in such lines.
const REALLY_THERE: [Kind; 4] = [Kind::Ip, Kind::Mac, Kind::Email, Kind::Url];

const WORDS: [&str; 24] = [
    "orders", "billing", "search", "ledger", "mailer", "session", "metrics", "gateway", "worker",
    "storage", "catalog", "events", "replica", "index", "cache", "audit", "queue", "config",
    "router", "backup", "stream", "proxy", "kernel", "agent",
];

fn filled(template: &str, rng: &mut StdRng) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut next = from.chars();
        let (first, second) = (next.next(), next.next());
        if second == first {
            out.extend(first);
            rest = from.get(2..).unwrap_or_default();
        } else {
            out.push_str(&value(second.unwrap_or_default(), rng));
            rest = from.get(3..).unwrap_or_default();
        }
    }
    out + rest
}

fn value(place: char, rng: &mut StdRng) -> String {
    let mut of = |from: u64, to: u64| rng.random_range(from..to);
    match place {
        'n' => {
            let most = 10_u64.pow(u32::try_from(of(1, 11)).unwrap_or(1));
            of(0, most).to_string()
        }
        's' => of(0, 999).to_string(),
        'p' => of(1_024, 65_536).to_string(),
        'e' => of(1_500_000_000, 1_900_000_000).to_string(),
        'm' => of(1_500_000_000_000, 1_900_000_000_000).to_string(),
        'h' => format!("{:08x}", of(0, 1 << 32)),
        'H' => format!("{:020x}{:020x}", of(1 << 60, u64::MAX), of(1 << 60, u64::MAX)),
        'u' => {
            let (a, b, c, d) = (of(0, 1 << 32), of(0, 1 << 16), of(0, 1 << 12), of(0, 1 << 48));
            format!("{a:08x}-{b:04x}-4{c:03x}-9{:03x}-{d:012x}", c ^ 0x5a5)
        }
        'v' => format!("{}.{}.{}", of(0, 30), of(0, 100), of(0, 500)),
        'i' => format!("10.{}.{}.{}", of(0, 256), of(0, 256), of(1, 255)),
        'd' => format!(
            "2026-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            of(1, 13),
            of(1, 29),
            of(0, 24),
            of(0, 60),
            of(0, 60),
            of(0, 1_000)
        ),
        'b' => of(1, 1 << 40).to_string(),
        'x' => format!("{}.{}", of(0, 500), of(0, 1_000)),
        'w' => word(of(0, 24)).to_owned(),
        'k' => {
            let join = if of(0, 2) == 0 { "_" } else { "-" };
            [word(of(0, 24)), join, word(of(0, 24))].concat()
        }
        'f' => format!("{}/{}/{}{}", word(of(0, 24)), word(of(0, 24)), word(of(0, 24)), of(0, 99)),
        other => other.to_string(),
    }
}

fn word(at: u64) -> &'static str {
    usize::try_from(at).ok().and_then(|at| WORDS.get(at)).copied().unwrap_or("x")
}

/// Counts by kind; the sum of the kinds that are numbers, and of the rest.
fn count(lines: &[&str]) -> (BTreeMap<&'static str, u32>, u32, u32) {
    let scrubber = Scrubber::new();
    let show = std::env::var_os("PHI_LOG_MISSES").is_some();
    let (mut counts, mut numbers, mut rest) = (BTreeMap::new(), 0, 0);
    for line in lines {
        for span in scrubber.spans(line) {
            *counts.entry(span.kind.label()).or_default() += 1;
            let counted = !REALLY_THERE.contains(&span.kind);
            numbers += u32::from(NUMBERS.contains(&span.kind));
            rest += u32::from(counted && !NUMBERS.contains(&span.kind));
            if counted && show {
                println!("{}: {:?} in {line:?}", span.kind, line.get(span.start..span.end));
            }
        }
    }
    (counts, numbers, rest)
}

#[test]
fn bodies_in_the_forms_of_common_software_are_left_alone() {
    let mut rng = StdRng::seed_from_u64(20_000);
    let bodies: Vec<_> =
        TEMPLATES.iter().cycle().take(BODIES).map(|each| filled(each, &mut rng)).collect();
    assert!(TEMPLATES.len() > 100 && bodies.iter().all(|body| !body.contains("{n}")));
    let (counts, numbers, rest) = count(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
    println!("{BODIES} bodies: {numbers} of numbers, {rest} of other kinds; {counts:?}");
    assert!(numbers <= MOST, "{counts:?}");
    assert!(rest <= MOST_OF_THE_REST, "{counts:?}");
}

/// The control: the same bodies with a value in each are hit.
#[test]
fn the_count_sees_a_hit() {
    let mut rng = StdRng::seed_from_u64(1);
    for template in TEMPLATES {
        let body = filled(template, &mut rng) + " SSN 123-45-6789";
        assert!(count(&[body.as_str()]).1 >= 1, "{body}");
    }
}

/// Logs of the machine, where it has some.
#[test]
fn the_logs_of_this_machine_are_left_alone() {
    for path in [
        "/var/log/dpkg.log",
        "/var/log/alternatives.log",
        "/var/log/apt/history.log",
        "/var/log/apt/term.log",
        "/var/log/fontconfig.log",
        "/var/log/pacman.log",
        "/var/log/dnf.log",
        "/var/log/kern.log",
    ] {
        let Ok(bytes) = std::fs::read(path) else {
            println!("skipped: no {path} here");
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let (counts, numbers, _) = count(&text.lines().collect::<Vec<_>>());
        println!("{path}: {} lines, {numbers} of numbers; {counts:?}", text.lines().count());
        assert!(numbers <= MOST, "{path}: {counts:?}");
    }
}
