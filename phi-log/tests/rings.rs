//! What stands around the subscriber, and what asks for the stack inside it.

mod common;

use std::fmt;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use common::{Format, Hostile, Sink, stack};
use phi_log::{Kind, ScrubWriter, Scrubber};
use tracing::{info, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

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

#[test]
fn the_writer_keeps_values_whole_across_writes_and_cuts() {
    for step in [1, 3, 7, 64] {
        let mut out = ScrubWriter::new(Vec::new(), Scrubber::new());
        let text = b"a 123-45-6789 b\nmrn: 771935\nhalf 555-010-4477";
        for piece in text.chunks(step) {
            out.write_all(piece).unwrap();
            out.flush().unwrap();
        }
        let got = out.into_inner().unwrap();
        assert_eq!(got, b"a [PHI:ssn] b\nmrn: [PHI:mrn]\nhalf [PHI:phone]", "{step}");
    }
    for pad in 63_000..63_040 {
        let mut out = ScrubWriter::new(Vec::new(), Scrubber::new());
        write!(out, "{} 123-45-6789 {}", "x ".repeat(pad / 2), "y ".repeat(4_000)).unwrap();
        let got = String::from_utf8(out.into_inner().unwrap()).unwrap();
        assert!(got.contains("[PHI:ssn]") && !got.contains("6789"));
    }
}

#[test]
fn the_writer_keeps_lines_together_until_their_bracket_is_closed() {
    let printed = "ssn: Some(\n    \"078051120\",\n),\nok\n";
    for cut in 0..printed.len() {
        let mut out = ScrubWriter::new(Vec::new(), Scrubber::new());
        let (front, behind) = printed.split_at(cut);
        out.write_all(front.as_bytes()).unwrap();
        out.write_all(behind.as_bytes()).unwrap();
        assert_eq!(out.into_inner().unwrap(), b"ssn: [PHI:ssn],\nok\n");
    }
    // Who flushes wants what there is.
    let sink = Sink::default();
    let mut out = ScrubWriter::new(sink.clone(), Scrubber::new());
    out.write_all(b"sum (\nroom 4\nhalf").unwrap();
    assert_eq!(sink.text(), "");
    out.flush().unwrap();
    assert_eq!(sink.text(), "sum (\nroom 4\n");
    // What is never closed does not wait for ever, and does not take the rest.
    out.write_all(b"ssn: {\n").unwrap();
    for _ in 0..600 {
        out.write_all(b"room 4\n").unwrap();
    }
    drop(out);
    assert_eq!(sink.text().matches("room 4\n").count(), 601);
}

#[test]
fn rows_know_their_columns_across_writes_and_flushes() {
    let mut out = ScrubWriter::new(Vec::new(), Scrubber::new());
    for line in ["id,last_name\n", "7,sample\n", "8,\"wu\"\n", "loaded, both of them\n"] {
        out.write_all(line.as_bytes()).unwrap();
        out.flush().unwrap();
    }
    let got = String::from_utf8(out.into_inner().unwrap()).unwrap();
    assert_eq!(got, "id,last_name\n7,[PHI:name]\n8,\"[PHI:name]\"\nloaded, both of them\n");
}

#[test]
fn colours_hide_nothing_from_the_writer() {
    let mut out = ScrubWriter::new(Vec::new(), Scrubber::new());
    out.write_all(b"\x1b[3mssn\x1b[0m\x1b[2m=\x1b[0m77193\n\x1b[32mok\x1b[0m room=4\n").unwrap();
    let got = String::from_utf8(out.into_inner().unwrap()).unwrap();
    assert!(got.contains("ssn=[PHI:ssn]") && !got.contains("77193"), "{got}");
}

#[test]
fn filters_of_layers_inside_see_every_callsite() {
    let (all, warnings) = (Sink::default(), Sink::default());
    let stack = tracing_subscriber::registry()
        .with(Format::Plain.layer(&all).with_filter(LevelFilter::DEBUG))
        .with(Format::Json.layer(&warnings).with_filter(LevelFilter::WARN));
    tracing::subscriber::with_default(phi_log::wrap(stack), || {
        info_span!("visit", first_name = "Ada").in_scope(|| {
            tracing::debug!(room = 1, "fine");
            tracing::trace!(room = 2, "finer");
            tracing::warn!(mrn = 77_193, "careful");
        });
    });
    let (all, warnings) = (all.text(), warnings.text());
    assert!(all.contains("fine") && !all.contains("finer") && all.contains("careful"), "{all}");
    assert!(!warnings.contains("fine") && warnings.contains("careful"), "{warnings}");
    assert!(!(all + &warnings).contains("Ada"));
}

#[test]
fn the_observer_is_told_callsites_and_counts() {
    let seen: Arc<Mutex<Vec<(String, u32, u32)>>> = Arc::default();
    let out = Arc::clone(&seen);
    let (sink, hostile) = (Sink::default(), Hostile::default());
    let wrapped = phi_log::wrap(stack(Format::Plain, &sink, &hostile));
    let wrapped = wrapped.with_observer(move |callsite, hits| {
        let row = (callsite.target().to_owned(), hits.count(Kind::Mrn), hits.total());
        out.lock().unwrap().push(row);
    });
    tracing::subscriber::with_default(wrapped, || {
        info!(target: "desk", mrn = 77_193, "called (555) 010-4477");
        info!(target: "desk", room = 4, "clean");
    });
    assert_eq!(*seen.lock().unwrap(), [("desk".to_owned(), 1, 2)]);
}

#[test]
fn an_age_goes_from_ninety_on() {
    let (sink, hostile) = (Sink::default(), Hostile::default());
    tracing::subscriber::with_default(phi_log::wrap(stack(Format::Plain, &sink, &hostile)), || {
        info!(age = 34, "young");
        info!(age = 93, "old");
        info!(age = "94", "old too");
    });
    let text = sink.text();
    assert!(text.contains("age=34"), "{text}");
    assert!(!text.contains("93") && !text.contains("94"), "{text}");
}

#[cfg(feature = "tracing-error")]
#[test]
fn a_span_trace_of_ours_is_scrubbed_and_a_foreign_one_empty() {
    let (sink, hostile) = (Sink::default(), Hostile::default());
    let traces = || {
        info_span!("visit", patient_name = "Ada Canary", room = 4).in_scope(|| {
            (phi_log::span_trace().to_string(), tracing_error::SpanTrace::capture().to_string())
        })
    };
    let plain = stack(Format::Plain, &sink, &hostile);
    let (ours, foreign) = tracing::subscriber::with_default(plain, traces);
    assert!(
        ours.contains("Ada Canary") && foreign.contains("Ada Canary"),
        "the control does not leak"
    );

    let wrapped = phi_log::wrap(stack(Format::Plain, &sink, &hostile));
    let (ours, foreign) = tracing::subscriber::with_default(wrapped, traces);
    assert!(ours.contains("room=4") && ours.contains("[PHI:name]"), "{ours}");
    assert!(!ours.contains("Ada") && !ours.contains("Canary"), "{ours}");
    // README says so.
    assert_eq!(foreign, "");
}

#[cfg(feature = "opentelemetry")]
mod otel {
    use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;

    use super::*;

    #[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests")]
    fn exported(scrubbed: bool) -> (String, bool) {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("tests"));
        let stack = tracing_subscriber::registry().with(layer);
        let parent = opentelemetry::trace::SpanContext::new(
            opentelemetry::TraceId::from(7),
            opentelemetry::SpanId::from(9),
            opentelemetry::TraceFlags::SAMPLED,
            true,
            opentelemetry::trace::TraceState::default(),
        );
        let parent = opentelemetry::Context::new().with_remote_span_context(parent);
        let emit = || {
            let _remote = parent.clone().attach();
            let span =
                info_span!("visit", patient_name = "Ada Canary", note = tracing::field::Empty);
            span.record("note", "has 123-45-6789");
            span.in_scope(|| {
                info!(email = "ada@canary.example", "called {}", "555-010-4477");
                phi_log::context().span().span_context().trace_id()
                    == opentelemetry::TraceId::from(7)
            })
        };
        let joined = if scrubbed {
            tracing::subscriber::with_default(phi_log::wrap(stack), emit)
        } else {
            tracing::subscriber::with_default(stack, emit)
        };
        let spans = exporter.get_finished_spans().unwrap();
        assert_eq!(spans.len(), 1);
        let joined = joined && spans[0].span_context.trace_id() == opentelemetry::TraceId::from(7);
        (format!("{spans:?}"), joined)
    }

    #[test]
    fn exported_spans_and_their_events_are_scrubbed_and_join_the_remote_trace() {
        let canaries = ["Ada Canary", "123-45-6789", "ada@canary.example", "555-010-4477"];
        let (plain, _) = exported(false);
        for canary in canaries {
            assert!(plain.contains(canary), "the control does not leak {canary}");
        }
        let (spans, joined) = exported(true);
        for canary in canaries {
            assert!(!spans.contains(canary), "{canary}: {spans}");
        }
        assert!(spans.contains("[PHI:name]") && spans.contains("[PHI:email]"), "{spans}");
        assert!(joined, "a remote parent and the own context reach through the wrapper");
    }

    #[test]
    fn the_layers_own_extension_has_no_effect_under_the_wrapper() {
        // README says so.
        let stack = phi_log::wrap(tracing_subscriber::registry());
        tracing::subscriber::with_default(stack, || {
            let span = info_span!("visit");
            assert!(!span.context().span().span_context().is_valid());
        });
    }
}

#[cfg(all(unix, feature = "core-dumps"))]
#[test]
fn core_dumps_are_off_after_the_call() {
    phi_log::forbid_core_dumps().unwrap();
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let row = limits.lines().find(|line| line.starts_with("Max core file size"));
    if let Some(row) = row {
        let fields: Vec<_> = row.split_whitespace().collect();
        assert_eq!(fields.get(4..6), Some(&["0", "0"][..]), "{row}");
    }
}
