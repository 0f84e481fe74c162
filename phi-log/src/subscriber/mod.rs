//! The outer subscriber: it stands around the whole stack, so that nothing inside sees an original.

mod callsite;
mod error;
mod forward;
mod nested;
mod report;
mod visit;

pub use report::{Place, Report};
use tracing_core::span::{Attributes, Current, Id, Record};
use tracing_core::subscriber::Interest;
use tracing_core::{Dispatch, Event, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::registry::{LookupSpan, SpanData as _};

use crate::{Hits, Scrubber};

/// Puts the scrubber around a finished stack of layers.
///
/// Call it last, on everything: `phi_log::wrap(registry.with(fmt).with(otel))`. Values of spans, events and
/// the `log` bridge are scrubbed once, before any layer, filter, formatter or exporter in the stack gets
/// them.
///
/// - A field whose *name* says PHI (`ssn`, `patientName`, `user.email`) is removed whole, whatever its
///   type.
/// - Text, `Debug`, `Display`, error messages with their sources, and bytes that are UTF-8 are scanned by
///   the [`Scrubber`](crate::Scrubber). Other bytes become `[n bytes]`.
/// - Numbers stay numbers; those of six digits and more are scanned as text first.
/// - A value is cut at 8 KiB with the mark ` [cut]`. A `Debug` that fails or panics gives a note, and
///   nothing that it had written.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// # #[derive(Clone, Default)]
/// # struct Sink(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
/// # impl std::io::Write for Sink {
/// #     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
/// #         self.0.lock().unwrap().extend_from_slice(bytes);
/// #         Ok(bytes.len())
/// #     }
/// #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
/// # }
/// # let sink = Sink::default();
/// # let writer = { let sink = sink.clone(); move || sink.clone() };
/// let layer = tracing_subscriber::fmt::layer()
///     .without_time()
///     .with_ansi(false)
///     .with_writer(writer);
/// let stack = tracing_subscriber::registry().with(layer);
/// tracing::subscriber::with_default(phi_log::wrap(stack), || {
///     tracing::info!(ssn = "123-45-6789", visits = 3, "called (555) 010-4477");
/// });
///
/// let line = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
/// assert!(line.contains("called [PHI:phone]"));
/// assert!(line.contains(r#"ssn="[PHI:ssn]" visits=3"#));
/// assert!(!line.contains("6789"));
/// ```
///
/// # Security
///
/// - Only the stack inside is protected. A layer added *around* the result would see originals; the result
///   does not implement `LookupSpan`, so that the usual layers do not compile there:
///
/// ```compile_fail
/// use tracing_subscriber::prelude::*;
/// let stack = phi_log::wrap(tracing_subscriber::registry());
/// let leaky = stack.with(tracing_subscriber::fmt::layer());
/// tracing::subscriber::with_default(leaky, || {});
/// ```
///
/// - Another dispatcher set for a scope (`with_default`, `WithSubscriber`) replaces this one there.
/// - Names of threads, `println!` and panic messages do not pass through here; for panics see
///   [`install_panic_hook`](crate::install_panic_hook).
/// - Filters inside that look at values (`EnvFilter` with `[{field=value}]`) see the scrubbed ones.
/// - `Dispatch::downcast_ref` finds this type, not the layers inside: it would take an `unsafe` method to
///   forward it, and this crate has none. `tracing_error::SpanTrace::capture()` finds no spans therefore, and
///   what the OpenTelemetry layer offers on `Span` has no effect. Call `phi_log::span_trace` (feature
///   `tracing-error`) and `phi_log::context` (feature `opentelemetry`) instead.
pub fn wrap<S>(subscriber: S) -> PhiSubscriber
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    wrap_with(subscriber, Scrubber::new())
}

/// The same as [`wrap`], with a scrubber of one's own choices.
///
/// ```
/// use phi_log::{ConfigError, Kind, Scrubber};
///
/// # fn main() -> Result<(), ConfigError> {
/// let scrubber = Scrubber::builder().allow(Kind::Ip, "10.0.0.0/8").build()?;
/// let stack = phi_log::wrap_with(tracing_subscriber::registry(), scrubber);
/// # tracing::subscriber::with_default(stack, || {});
/// # Ok(())
/// # }
/// ```
pub fn wrap_with<S>(subscriber: S, scrubber: Scrubber) -> PhiSubscriber
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    // From now on phi-core keeps what requests open, so that it is found in their lines.
    #[cfg(feature = "phi-core")]
    phi_core::known::collect();
    PhiSubscriber {
        inner: Dispatch::new(subscriber),
        metadata_of: metadata_of::<S>,
        max_level_of: |inner| inner.downcast_ref::<S>()?.max_level_hint(),
        scrubber,
        observer: None,
        report: None,
    }
}

/// A [`Subscriber`] that scrubs all values on their way to the one inside. Made by [`wrap`].
///
/// Nothing is told of the inner one, not even by `Debug`: a layer may print what it keeps.
pub struct PhiSubscriber {
    /// A dispatcher of its own, so that what asks a dispatcher for a layer can be asked here, inside.
    inner: Dispatch,
    metadata_of: fn(&Dispatch, &Id) -> Option<&'static Metadata<'static>>,
    max_level_of: fn(&Dispatch) -> Option<LevelFilter>,
    scrubber: Scrubber,
    observer: Option<Box<Observer>>,
    report: Option<Report>,
}

/// Is told what was removed, and where.
type Observer = dyn Fn(&'static Metadata<'static>, &Hits) + Send + Sync;

/// The metadata of an open span of a stack of this type.
fn metadata_of<S>(inner: &Dispatch, id: &Id) -> Option<&'static Metadata<'static>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    inner.downcast_ref::<S>()?.span_data(id).map(|data| data.metadata())
}

impl PhiSubscriber {
    /// Tells `observer` of each span and event from which something was removed: its callsite, and how much of
    /// which kind. For metrics and for finding the lines to mend; it is never given a value.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// let removed = Arc::new(AtomicU32::new(0));
    /// let count = Arc::clone(&removed);
    /// let stack = phi_log::wrap(tracing_subscriber::registry()).with_observer(move |callsite, hits| {
    ///     assert!(callsite.target().len() > 0);
    ///     count.fetch_add(hits.total(), Ordering::Relaxed);
    /// });
    /// tracing::subscriber::with_default(stack, || {
    ///     tracing::info!(mrn = 77_193, "called (555) 010-4477");
    ///     tracing::info!(room = 4, "clean");
    /// });
    /// assert_eq!(removed.load(Ordering::Relaxed), 2);
    /// ```
    #[must_use]
    pub fn with_observer(
        mut self,
        observer: impl Fn(&'static Metadata<'static>, &Hits) + Send + Sync + 'static,
    ) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Counts what is removed in `report`, by callsite and kind.
    #[must_use]
    pub fn with_report(mut self, report: &Report) -> Self {
        self.report = Some(report.clone());
        self
    }

    /// The dispatcher of the stack inside. Never given out: what is sent to it is not scrubbed.
    #[cfg(any(feature = "tracing-error", feature = "opentelemetry"))]
    pub(crate) const fn inner(&self) -> &Dispatch {
        &self.inner
    }

    fn observe(&self, metadata: &'static Metadata<'static>, hits: &Hits) {
        let told = self.observer.is_some() || self.report.is_some();
        if !told || hits.total() == 0 {
            return;
        }
        if let Some(report) = &self.report {
            report.add(metadata, hits);
        }
        if let Some(observer) = &self.observer {
            observer(metadata, hits);
        }
    }
}

impl core::fmt::Debug for PhiSubscriber {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PhiSubscriber").finish_non_exhaustive()
    }
}

/// The name of the metadata that `tracing-log` makes for each record.
const LOG_RECORD: &str = "log record";
/// The fields of such metadata.
static LOG_FIELDS: &[&str] = &["message", "log.target", "log.module_path", "log.file", "log.line"];

impl PhiSubscriber {
    /// Metadata is made of constants, but for records of the `log` crate: their target, module and file
    /// are text of run time, and filters see them here.
    fn log_enabled(&self, metadata: &Metadata<'_>) -> bool {
        let scrubber = &self.scrubber;
        let target = scrubber.scrub(metadata.target());
        let file = metadata.file().map(|file| scrubber.scrub(file));
        let module = metadata.module_path().map(|module| scrubber.scrub(module));
        let clean = Metadata::new(
            LOG_RECORD,
            target.as_str(),
            *metadata.level(),
            file.as_ref().map(AsRef::as_ref),
            metadata.line(),
            module.as_ref().map(AsRef::as_ref),
            tracing_core::field::FieldSet::new(LOG_FIELDS, metadata.callsite()),
            tracing_core::metadata::Kind::EVENT,
        );
        self.inner.enabled(&clean)
    }
}

impl Subscriber for PhiSubscriber {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.inner.register_callsite(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        nested::note();
        if metadata.name() == LOG_RECORD {
            self.log_enabled(metadata)
        } else {
            self.inner.enabled(metadata)
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        (self.max_level_of)(&self.inner)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let metadata = span.metadata();
        let mark = nested::note();
        forward::scrubbed(
            &self.scrubber,
            metadata,
            |visitor| span.record(visitor),
            |values, hits| {
                self.observe(metadata, hits);
                if nested::changed(mark) {
                    // A formatter logged: the filters of the layers hold its answer now, not ours. Whether
                    // the span is made was decided before.
                    let _ = self.inner.enabled(metadata);
                }
                let clean = match span.parent() {
                    Some(parent) => Attributes::child_of(parent.clone(), metadata, values),
                    None if span.is_root() => Attributes::new_root(metadata, values),
                    None => Attributes::new(metadata, values),
                };
                self.inner.new_span(&clean)
            },
        )
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        nested::note();
        // A record does not say to which set of fields it belongs; the span does. One that is closed has
        // nobody to tell.
        let metadata = (self.metadata_of)(&self.inner, span);
        if let Some(metadata) = metadata {
            forward::scrubbed(
                &self.scrubber,
                metadata,
                |visitor| values.record(visitor),
                |clean, hits| {
                    self.observe(metadata, hits);
                    self.inner.record(span, &Record::new(clean));
                },
            );
        }
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.inner.record_follows_from(span, follows);
    }

    /// Always true: the inner stack is asked in `event`, with the scrubbed values.
    fn event_enabled(&self, _event: &Event<'_>) -> bool {
        true
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mark = nested::note();
        forward::scrubbed(
            &self.scrubber,
            metadata,
            |visitor| event.record(visitor),
            |values, hits| {
                self.observe(metadata, hits);
                // As in `new_span`.
                if nested::changed(mark) && !self.inner.enabled(metadata) {
                    return;
                }
                let clean = match event.parent() {
                    Some(parent) => Event::new_child_of(parent.clone(), metadata, values),
                    None if event.is_root() => Event::new_child_of(None, metadata, values),
                    None => Event::new(metadata, values),
                };
                // Asks `event_enabled` of the layers first.
                self.inner.event(&clean);
            },
        );
    }

    fn enter(&self, span: &Id) {
        self.inner.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.inner.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.inner.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.inner.try_close(id)
    }

    fn drop_span(&self, id: Id) {
        self.inner.try_close(id);
    }

    fn current_span(&self) -> Current {
        self.inner.current_span()
    }
}
