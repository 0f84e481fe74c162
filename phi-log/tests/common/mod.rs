//! Sinks to write to and a layer that prints all it sees.

#![allow(dead_code, unreachable_pub, reason = "each test file uses the parts it needs")]

use std::fmt::{self, Write as _};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// Shared text that can be written to.
#[derive(Clone, Default)]
pub struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The text so far, which is gone then.
    pub fn take(&self) -> String {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&std::mem::take(&mut *bytes)).into_owned()
    }

    pub fn push(&self, text: &str) {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
    }
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Sink {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// How the sink formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Plain,
    Compact,
    Pretty,
    Json,
    Ansi,
}

impl Format {
    pub const ALL: [Self; 5] = [Self::Plain, Self::Compact, Self::Pretty, Self::Json, Self::Ansi];

    pub fn layer<S>(self, sink: &Sink) -> Box<dyn Layer<S> + Send + Sync>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let layer = tracing_subscriber::fmt::layer()
            // The digits of a time could be those of a canary.
            .without_time()
            .with_writer(sink.clone())
            .with_ansi(self == Self::Ansi);
        match self {
            Self::Plain | Self::Ansi => layer.boxed(),
            Self::Compact => layer.compact().boxed(),
            Self::Pretty => layer.pretty().boxed(),
            Self::Json => layer.json().with_span_list(true).boxed(),
        }
    }
}

/// A sibling that prints everything it is given, wherever it is given it.
#[derive(Clone, Default)]
pub struct Hostile(pub Sink);

impl Hostile {
    fn visit(&self, record: impl FnOnce(&mut dyn Visit)) {
        record(&mut Printer(&self.0));
    }
}

impl<S: Subscriber> Layer<S> for Hostile {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.0.push(metadata.target());
        self.0.push(metadata.file().unwrap_or_default());
        self.0.push(metadata.module_path().unwrap_or_default());
        true
    }

    fn register_callsite(&self, _: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::sometimes()
    }

    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.0.push(span.metadata().name());
        self.visit(|visitor| span.record(visitor));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.visit(|visitor| values.record(visitor));
    }

    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        self.visit(|visitor| event.record(visitor));
        true
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.visit(|visitor| event.record(visitor));
    }
}

struct Printer<'s>(&'s Sink);

impl Visit for Printer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        let _ = write!(text, "{field}={value:?}");
        self.0.push(&text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push(&format!("{field}={value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut next = Some(value);
        while let Some(error) = next {
            self.0.push(&format!("{field}={error} {error:?}"));
            next = error.source();
        }
    }
}

/// A whole stack: a formatter, span traces, and the hostile sibling.
pub fn stack(
    format: Format,
    sink: &Sink,
    hostile: &Hostile,
) -> impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync + use<> {
    Registry::default()
        .with(format.layer(sink))
        .with(tracing_error::ErrorLayer::default())
        .with(hostile.clone())
}
