//! An event of five fields in a span, through plain `fmt` and through `phi_log::wrap`.
//!
//! `cargo bench -p benches --bench wrap`
#![allow(missing_docs, reason = "a bench")]

use std::io;

use benches::{Compare, print_machine};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

/// Takes what is written and keeps nothing.
struct Nowhere;

impl<'w> MakeWriter<'w> for Nowhere {
    type Writer = io::Sink;

    fn make_writer(&'w self) -> io::Sink {
        io::sink()
    }
}

fn event(number: u64) {
    tracing::info!(
        room = 4,
        visits = number,
        status = "open",
        took_ms = 12.5,
        ward = "east",
        "chart opened"
    );
}

/// The same with texts that have to be looked at: digits, capitals and signs.
fn busy_event(number: u64) {
    tracing::info!(
        room = 4,
        visits = number,
        path = "/rooms/4/beds",
        took_ms = 12.5,
        state = "Open: 3 of 4",
        "chart 12 opened in {} ms",
        7
    );
}

fn main() {
    print_machine();
    let stack = || {
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Nowhere);
        tracing_subscriber::registry().with(layer)
    };
    let plain = tracing::Dispatch::new(stack());
    let wrapped = tracing::Dispatch::new(phi_log::wrap(stack()));
    let work = |dispatch: &tracing::Dispatch, event: fn(u64)| {
        tracing::dispatcher::with_default(dispatch, || {
            let span = tracing::info_span!("visit", id = 17, kind = "home");
            span.in_scope(|| (0..1_000).for_each(event));
        });
    };
    for (title, event) in [
        ("an event of five fields in a span", event as fn(u64)),
        ("the same with digits, capitals and signs in its texts", busy_event),
    ] {
        Compare::new(title)
            .way("floor: plain fmt", || work(&plain, event))
            .way("phi_log::wrap(fmt)", || work(&wrapped, event))
            .per(1_000)
            .run();
    }
}
