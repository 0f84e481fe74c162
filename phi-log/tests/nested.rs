//! A value that logs while it is printed. It needs the global dispatcher: a scoped one does not enter
//! itself again.

mod common;

use std::fmt;

use common::{Format, Hostile, Sink};
use tracing::{info, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

/// Logs while it is printed.
struct Chatty;

impl fmt::Display for Chatty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tracing::warn!(note = "123-45-6789", ssn = "x-1", "from the formatter");
        f.write_str("321-54-9876")
    }
}

#[test]
fn what_is_logged_in_between_is_scrubbed_and_confuses_no_filter() {
    let (warnings, all, hostile) = (Sink::default(), Sink::default(), Hostile::default());
    let stack = tracing_subscriber::registry()
        .with(Format::Plain.layer(&warnings).with_filter(LevelFilter::WARN))
        .with(Format::Plain.layer(&all).with_filter(LevelFilter::INFO))
        .with(hostile.clone());
    tracing::subscriber::set_global_default(phi_log::wrap(stack)).unwrap();

    info!(before = "555-010-4477", who = %Chatty, after = "a@b.example", "outer");
    info_span!("visit", who = %Chatty).in_scope(|| info!("inside"));

    for text in [all.text(), hostile.0.text()] {
        for canary in ["6789", "9876", "4477", "a@b", "x-1"] {
            assert!(!text.contains(canary), "{canary}: {text}");
        }
        for kept in ["from the formatter", "outer", "inside", "[PHI:phone]", "[PHI:email]"] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
    }
    // The first layer wants warnings only, and gets both of them.
    let warnings = warnings.text();
    assert_eq!(warnings.matches("from the formatter").count(), 2, "{warnings}");
    assert!(!warnings.contains("outer") && !warnings.contains("inside"), "{warnings}");
}
