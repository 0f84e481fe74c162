//! The columns: what stands inside the stack, and what it was given to see.

use std::fmt::Write as _;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use phi_log::{MakeScrubWriter, Scrubber};
use tracing::{Event, Subscriber};
use tracing_log::NormalizeEvent as _;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Layer, Registry};

use crate::common::{Hostile, Sink};

/// How much of phi-log is in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rings {
    /// Nothing: the control.
    None,
    /// `wrap` around the stack.
    Wrap,
    /// `install`, which adds the panic hook, and the writer.
    All,
}

impl Rings {
    pub const EACH: [Self; 3] = [Self::None, Self::Wrap, Self::All];
}

/// What writes or keeps values inside the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    Plain,
    Pretty,
    Compact,
    Json,
    Ansi,
    OpenTelemetry,
    TracingError,
    TracingLog,
}

impl Inside {
    pub const EACH: [Self; 8] = [
        Self::Plain,
        Self::Pretty,
        Self::Compact,
        Self::Json,
        Self::Ansi,
        Self::OpenTelemetry,
        Self::TracingError,
        Self::TracingLog,
    ];
}

type AnyLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// A stack with one sink, the hostile layer beside it, and what both were told so far.
pub struct Stack {
    rings: Rings,
    inside: Inside,
    sink: Sink,
    hostile: Hostile,
    exporter: InMemorySpanExporter,
}

impl Stack {
    /// Makes it the process's log, as an application would.
    pub fn install(inside: Inside, rings: Rings) -> Self {
        let exporter = InMemorySpanExporter::default();
        let this =
            Self { rings, inside, sink: Sink::default(), hostile: Hostile::default(), exporter };
        let stack = Registry::default().with(vec![this.layer(), this.hostile.clone().boxed()]);
        match rings {
            Rings::None => tracing::subscriber::set_global_default(stack).unwrap(),
            Rings::Wrap => {
                tracing::subscriber::set_global_default(phi_log::wrap(stack)).unwrap();
            }
            Rings::All => phi_log::install(stack).unwrap(),
        }
        if rings != Rings::All {
            tracing_log::LogTracer::init().unwrap();
        }
        this
    }

    fn layer(&self) -> AnyLayer {
        match self.inside {
            Inside::OpenTelemetry => {
                let provider = SdkTracerProvider::builder()
                    .with_simple_exporter(self.exporter.clone())
                    .build();
                tracing_opentelemetry::layer()
                    .with_tracer(provider.tracer("tests"))
                    // The digits of a duration could be those of a planted value.
                    .with_tracked_inactivity(false)
                    // The name of the thread would be an attribute.
                    .with_threads(self.rings != Rings::All)
                    .boxed()
            }
            Inside::TracingError => vec![
                tracing_error::ErrorLayer::default().boxed(),
                Traces(self.sink.clone()).boxed(),
            ]
            .boxed(),
            Inside::TracingLog => Origins(self.sink.clone()).boxed(),
            _ if self.rings == Rings::All => {
                self.format(MakeScrubWriter::new(self.sink.clone(), Scrubber::new()))
            }
            _ => self.format(self.sink.clone()),
        }
    }

    fn format<W>(&self, writer: W) -> AnyLayer
    where
        W: for<'w> tracing_subscriber::fmt::MakeWriter<'w> + Send + Sync + 'static,
    {
        let layer = tracing_subscriber::fmt::layer()
            // The digits of a time could be those of a planted value.
            .without_time()
            .with_thread_names(true)
            .with_ansi(self.inside == Inside::Ansi)
            .with_writer(writer);
        match self.inside {
            Inside::Pretty => layer.pretty().boxed(),
            Inside::Compact => layer.compact().boxed(),
            Inside::Json => layer.json().with_span_list(true).boxed(),
            _ => layer.boxed(),
        }
    }

    /// What the sink and the hostile layer were told since the last call.
    pub fn take(&self) -> (String, String) {
        let spans = self.exporter.get_finished_spans().unwrap();
        self.exporter.reset();
        let mut sink = self.sink.take();
        // All but ids and times, which are random digits.
        for span in spans {
            let _ = write!(sink, "{} {:?} {:?}", span.name, span.attributes, span.status);
            for event in span.events.events {
                let _ = write!(sink, " {} {:?}", event.name, event.attributes);
            }
        }
        (sink, self.hostile.0.take())
    }
}

/// Keeps the trace of spans at each event, as errors do: its own way, and ours.
struct Traces(Sink);

impl<S: Subscriber> Layer<S> for Traces {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.0.push(&tracing_error::SpanTrace::capture().to_string());
        #[cfg(feature = "tracing-error")]
        self.0.push(&phi_log::span_trace().to_string());
    }
}

/// Tells where a record of the `log` crate says that it comes from.
struct Origins(Sink);

impl<S: Subscriber> Layer<S> for Origins {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if let Some(metadata) = event.normalized_metadata() {
            self.0.push(&format!("{metadata:?}"));
        }
    }
}
