//! Measures several ways to do one piece of work in one run, interleaved, and prints each as a
//! ratio to the first.
//!
//! Criterion measures one way after the other; on a shared machine the second may meet a busy
//! neighbour. Here every round runs every way, and the best round of each counts.
#![allow(
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a bench reports to the terminal"
)]

pub mod scrub;

use std::hint::black_box;
use std::time::{Duration, Instant};

use phi_core::audit::{
    Action, AuditError, AuditLog, Event, EventId, EventTime, Item, Outcome, Principal,
    PrincipalKind, Receipt, Slot,
};
use uuid::Uuid;

/// One way to do the work: its name, and the work for `n` times.
type Way<'a> = (&'a str, Box<dyn FnMut(u64) -> Duration + 'a>);

/// A comparison whose first way is the floor that the others are measured against.
#[derive(Default)]
pub struct Compare<'a> {
    title: &'a str,
    ways: Vec<Way<'a>>,
    /// Pieces of work in one call.
    per_call: u64,
}

impl<'a> Compare<'a> {
    /// A comparison of calls that each do one piece of work.
    #[must_use]
    pub fn new(title: &'a str) -> Self {
        Self { title, ways: Vec::new(), per_call: 1 }
    }

    /// A comparison of calls that each do `pieces` of work.
    #[must_use]
    pub fn per(mut self, pieces: u64) -> Self {
        self.per_call = pieces;
        self
    }

    /// Adds a way to do the work.
    #[must_use]
    pub fn way<R>(mut self, name: &'a str, mut work: impl FnMut() -> R + 'a) -> Self {
        let times = move |n| {
            let start = Instant::now();
            for _ in 0..n {
                black_box(work());
            }
            start.elapsed()
        };
        self.ways.push((name, Box::new(times)));
        self
    }

    /// Adds a way to do the work on something that is made before the clock starts: for work that
    /// takes microseconds, since each call is timed by itself.
    #[must_use]
    pub fn way_with<T, R>(
        mut self,
        name: &'a str,
        mut make: impl FnMut() -> T + 'a,
        mut work: impl FnMut(T) -> R + 'a,
    ) -> Self {
        let times = move |n| {
            let mut sum = Duration::ZERO;
            for _ in 0..n {
                let made = make();
                let start = Instant::now();
                black_box(work(made));
                sum += start.elapsed();
            }
            sum
        };
        self.ways.push((name, Box::new(times)));
        self
    }

    /// Runs and prints it; with `cargo test`, each way once.
    pub fn run(mut self) {
        if is_test() {
            for (_, work) in &mut self.ways {
                work(1);
            }
            println!("{}: {} ways, each run once", self.title, self.ways.len());
            return;
        }
        let counts: Vec<_> = self.ways.iter_mut().map(|(_, work)| calls_in_a_round(work)).collect();
        let mut best = vec![f64::INFINITY; self.ways.len()];
        for _ in 0..ROUNDS {
            for (((_, work), &count), best) in self.ways.iter_mut().zip(&counts).zip(&mut best) {
                let nanos = work(count).as_secs_f64() * 1e9;
                *best = best.min(nanos / to_f64(count) / to_f64(self.per_call));
            }
        }
        println!("\n{}", self.title);
        let floor = best.first().copied().unwrap_or(f64::NAN);
        for ((name, _), nanos) in self.ways.iter().zip(best) {
            println!("  {name:<58} {nanos:>10.0} ns  {:>6.2}x", nanos / floor);
        }
    }
}

/// Rounds; with the best of them a busy neighbour needs to be busy in all.
const ROUNDS: u32 = 40;
/// How long one way runs in a round.
const ROUND: Duration = Duration::from_millis(10);

/// Whether this is `cargo test`, which wants each bench run once and nothing measured.
#[must_use]
pub fn is_test() -> bool {
    !std::env::args().any(|arg| arg == "--bench")
}

fn calls_in_a_round(work: &mut Box<dyn FnMut(u64) -> Duration + '_>) -> u64 {
    let mut count = 1;
    loop {
        let took = work(count);
        if took * 4 >= ROUND {
            return (to_u64(to_f64(count) * ROUND.as_secs_f64() / took.as_secs_f64())).max(1);
        }
        count *= 2;
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn to_f64(count: u64) -> f64 {
    count as f64
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are small and positive"
)]
fn to_u64(count: f64) -> u64 {
    count as u64
}

/// Prints the machine's part of a figure: what a reader needs to judge it.
pub fn print_machine() {
    if is_test() {
        return;
    }
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = model.trim_start_matches(['\t', ' ', ':']);
    println!("{cores} cores, {model}; best of {ROUNDS} interleaved rounds");
}

/// A log that encodes each event and keeps none: building an event counts, the disk does not.
#[derive(Debug)]
pub struct EncodingLog;

impl AuditLog for EncodingLog {
    fn reserve(&self) -> Result<Slot, AuditError> {
        Ok(Slot::new(|events: Vec<Event>| {
            for event in &events {
                black_box(event.encode());
            }
            Receipt::ready(Ok(()))
        }))
    }
}

/// An audit event of usual size: who read which fields of whose record.
///
/// # Panics
///
/// Never: its time is one.
#[must_use]
pub fn audit_event(number: u64) -> Event {
    let time = EventTime::new("2026-11-22T08:15:00Z".parse().unwrap());
    let mut random = [7; 10];
    random.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    let mut event = Event::new(EventId::new(time, random), time, Action::Read, Outcome::Success);
    let id = Uuid::from_u128(number.into());
    event.principal = Some(Principal { id: id.into(), kind: PrincipalKind::Person });
    event.role = Some("clinician".into());
    event.tenant = Some(Uuid::from_u128(1).into());
    event.route = Some("GET /patients/{id}".into());
    let fields = ["name", "ssn", "born", "phone", "diagnosis"];
    event.items.push(Item::new("patient", id).with_subject(id).with_fields(fields));
    event
}
