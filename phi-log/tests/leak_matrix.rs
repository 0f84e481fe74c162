//! The ways in which values get out of `tracing`, each through every format and a hostile sibling layer.
//!
//! Each runs twice: without `phi_log::wrap`, where the canary must show, or the test would prove nothing;
//! and with it, where it must not. All names and numbers are synthetic.

mod common;

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::sync::Once;

use common::{Format, Hostile, Sink, stack};
use tracing::{info, info_span, instrument};
use tracing_subscriber::prelude::*;

/// One way out.
struct Channel {
    name: &'static str,
    /// Emits; gives what it could read back by other ways than the sinks.
    emit: fn() -> String,
    /// What must show without the scrubber, in the sink or the sibling.
    control: &'static str,
    /// What must not show with it.
    canaries: &'static [&'static str],
    /// What must show with it, so that nothing is lost but the value.
    kept: &'static str,
}

struct Raw(&'static str);

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[derive(Debug)]
struct Visit {
    #[expect(dead_code, reason = "read by Debug")]
    ssn: &'static str,
    #[expect(dead_code, reason = "read by Debug")]
    patient_name: Option<&'static str>,
    #[expect(dead_code, reason = "read by Debug")]
    room: u8,
}

#[derive(Debug)]
struct Outer(Inner);
#[derive(Debug)]
struct Inner;

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("save failed for ada@canary.example")
    }
}
impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("duplicate key (ssn)=(123-45-6789)")
    }
}
impl Error for Inner {}

/// Clean when printed first, not so afterwards.
struct Fickle(Cell<bool>);

impl fmt::Debug for Fickle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.replace(true) { "123-45-6789" } else { "clean" })
    }
}

#[instrument]
fn look_up(patient_name: &str, room: u8) {
    info!("looked up");
}

#[instrument(ret)]
fn contact() -> String {
    "ada@canary.example".to_owned()
}

fn log_crate() {
    static LOGGER: Once = Once::new();
    LOGGER.call_once(|| {
        let set = tracing_log::LogTracer::init();
        assert!(set.is_ok());
    });
}

fn nothing_else(emit: impl FnOnce()) -> String {
    emit();
    String::new()
}

macro_rules! channel {
    ($name:literal, $control:literal, [$($canary:literal),+], $kept:literal, $emit:expr) => {
        Channel {
            name: $name,
            emit: || $emit,
            control: $control,
            canaries: &[$($canary),+],
            kept: $kept,
        }
    };
}

#[expect(clippy::too_many_lines, reason = "a table, one row after the other")]
fn channels() -> Vec<Channel> {
    vec![
        channel!(
            "str field, pattern",
            "123-45-6789",
            ["6789"],
            "[PHI:ssn]",
            nothing_else(|| info!(note = "has 123-45-6789"))
        ),
        channel!(
            "field by key, str",
            "Ada Canary",
            ["Ada", "Canary"],
            "[PHI:name]",
            nothing_else(|| info!(patient_name = "Ada Canary"))
        ),
        channel!(
            "field by key, u64",
            "77193055",
            ["77193055"],
            "[PHI:mrn]",
            nothing_else(|| info!(mrn = 77_193_055_u64))
        ),
        channel!(
            "field by key, f64",
            "42.361145",
            ["42.36"],
            "[PHI:geo]",
            nothing_else(|| info!(lat = 42.361_145_f64))
        ),
        channel!(
            "%Display field",
            "ada@canary.example",
            ["ada@", "canary"],
            "[PHI:email]",
            nothing_else(|| info!(to = %Raw("ada@canary.example")))
        ),
        channel!(
            "?Debug struct, key inside",
            "Ada Canary",
            ["Ada", "x-1"],
            "room: 4",
            nothing_else(|| info!(
                visit = ?Visit { ssn: "x-1", patient_name: Some("Ada Canary"), room: 4 }
            ))
        ),
        channel!(
            "format args in message",
            "(555) 010-4477",
            ["4477"],
            "called [PHI:phone]",
            nothing_else(|| info!("called {}", "(555) 010-4477"))
        ),
        channel!(
            "key=value in message",
            "A77193",
            ["A77193"],
            "mrn=[PHI:mrn] ok",
            nothing_else(|| info!("opened mrn={} ok", "A77193"))
        ),
        channel!(
            "span field at creation",
            "123-45-6789",
            ["6789"],
            "[PHI:ssn]",
            nothing_else(|| info_span!("visit", note = "123-45-6789").in_scope(|| info!("in")))
        ),
        channel!(
            "span field by key",
            "Ada Canary",
            ["Ada", "Canary"],
            "[PHI:name]",
            nothing_else(|| info_span!("visit", first_name = "Ada Canary").in_scope(|| info!("in")))
        ),
        channel!(
            "Span::record later",
            "123-45-6789",
            ["6789", "Canary"],
            "[PHI:name]",
            nothing_else(|| {
                let span = info_span!(
                    "visit",
                    note = tracing::field::Empty,
                    last_name = tracing::field::Empty
                );
                span.record("note", "123-45-6789");
                span.record("last_name", "Canary");
                span.in_scope(|| info!("in"));
            })
        ),
        channel!(
            "#[instrument] argument",
            "Ada Canary",
            ["Ada", "Canary"],
            "room=7",
            nothing_else(|| look_up("Ada Canary", 7))
        ),
        channel!(
            "#[instrument(ret)]",
            "ada@canary.example",
            ["ada@", "canary"],
            "[PHI:email]",
            nothing_else(|| drop(contact()))
        ),
        channel!(
            "error field and its sources",
            "123-45-6789",
            ["6789", "ada@"],
            "[PHI:email]",
            nothing_else(|| {
                let error: &(dyn Error + 'static) = &Outer(Inner);
                info!(error);
            })
        ),
        channel!(
            "log crate message",
            "123-45-6789",
            ["6789"],
            "[PHI:ssn]",
            nothing_else(|| {
                log_crate();
                log::info!("has {}", "123-45-6789");
            })
        ),
        channel!(
            "log crate dynamic target",
            "ada@canary.example",
            ["ada@", "canary"],
            "[PHI:email]",
            nothing_else(|| {
                log_crate();
                log::info!(target: "ada@canary.example", "saved");
            })
        ),
        // Inside the wrapper the trace stays empty (README); what is stored for it is scrubbed all the same.
        channel!(
            "tracing-error SpanTrace",
            "Ada Canary",
            ["Ada", "Canary"],
            "saved",
            info_span!("visit", patient_name = "Ada Canary").in_scope(|| {
                info!("saved");
                tracing_error::SpanTrace::capture().to_string()
            })
        ),
        channel!(
            "bytes field (UTF-8)",
            "31 32 33 2d 34 35",
            ["6789", "36 37 38 39"],
            "[PHI:ssn]",
            nothing_else(|| info!(body = &b"123-45-6789"[..]))
        ),
        channel!(
            "non-deterministic Debug",
            "123-45-6789",
            ["6789"],
            "clean",
            nothing_else(|| info!(what = ?Fickle(Cell::new(false))))
        ),
        channel!(
            "JSON in a string",
            "Ada Canary",
            ["Ada", "Canary"],
            "visits",
            nothing_else(|| info!(body = r#"{"patientName":"Ada Canary","visits":3}"#))
        ),
        channel!(
            "number that is a card",
            "4111111111111111",
            ["411111"],
            "[PHI:card]",
            nothing_else(|| info!(code = 4_111_111_111_111_111_u64))
        ),
    ]
}

fn run(channel: &Channel, format: Format, wrapped: bool) -> (String, String) {
    let (sink, hostile) = (Sink::default(), Hostile::default());
    let plain = stack(format, &sink, &hostile);
    let extra = if wrapped {
        tracing::subscriber::with_default(phi_log::wrap(plain), channel.emit)
    } else {
        tracing::subscriber::with_default(plain, channel.emit)
    };
    (sink.text() + &extra, hostile.0.text())
}

#[test]
fn no_channel_leaks_in_any_format() {
    let channels = channels();
    assert_eq!(channels.len(), 21);
    for channel in &channels {
        for format in Format::ALL {
            let name = channel.name;
            let (sink, hostile) = run(channel, format, false);
            assert!(
                sink.contains(channel.control) || hostile.contains(channel.control),
                "{name}, {format:?}: the control does not leak:\n{sink}\n{hostile}"
            );

            let (sink, hostile) = run(channel, format, true);
            for canary in channel.canaries {
                assert!(!sink.contains(canary), "{name}, {format:?}: {sink}");
                assert!(!hostile.contains(canary), "{name}, {format:?}: {hostile}");
            }
            let kept = sink.contains(channel.kept) || hostile.contains(channel.kept);
            assert!(kept, "{name}, {format:?}: lost\n{sink}\n{hostile}");
        }
    }
}

#[test]
fn a_sibling_sees_originals_without_the_scrubber() {
    // The control of the hostile layer itself: it must see nearly every channel.
    let seen = channels()
        .iter()
        .filter(|channel| run(channel, Format::Plain, false).1.contains(channel.control))
        .count();
    assert!(seen >= 19, "{seen}");
}

/// Writes a number, then fails or panics.
struct Broken {
    panics: bool,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("123-45-6789")?;
        assert!(!self.panics, "formatter of the test");
        Err(fmt::Error)
    }
}

#[test]
fn a_formatter_that_fails_neither_leaks_nor_crashes() {
    let emit = |panics| {
        info_span!("visit", what = %Broken { panics })
            .in_scope(|| info!(what = %Broken { panics }, "after"));
    };
    // Without the scrubber the sibling gets at what was written before the failure; fmt would panic.
    let hostile = Hostile::default();
    let plain = tracing_subscriber::registry().with(hostile.clone());
    tracing::subscriber::with_default(plain, || emit(false));
    assert!(hostile.0.text().contains("123-45-6789"));

    for panics in [false, true] {
        for format in Format::ALL {
            let (sink, hostile) = (Sink::default(), Hostile::default());
            let wrapped = phi_log::wrap(stack(format, &sink, &hostile));
            tracing::subscriber::with_default(wrapped, || emit(panics));
            for text in [sink.text(), hostile.0.text()] {
                assert!(text.contains("after"), "{text}");
                assert!(text.contains("withheld"), "{text}");
                assert!(!text.contains("123"), "{text}");
            }
        }
    }
}

/// What README names as not covered must really not be, or README is wrong.
#[test]
fn the_name_of_a_thread_is_a_documented_residue() {
    let sink = Sink::default();
    let writer = sink.clone();
    let thread = std::thread::Builder::new().name("ada@canary.example".to_owned());
    let worker = thread.spawn(move || {
        let layer = tracing_subscriber::fmt::layer()
            .without_time()
            .with_thread_names(true)
            .with_ansi(false)
            .with_writer(writer);
        let stack = phi_log::wrap(tracing_subscriber::registry().with(layer));
        tracing::subscriber::with_default(stack, || info!(to = "ada@canary.example", "sent"));
    });
    worker.unwrap().join().unwrap();
    let text = sink.text();
    assert_eq!(text.matches("ada@canary.example").count(), 1, "{text}");
    assert!(text.contains("[PHI:email]"), "{text}");
}
