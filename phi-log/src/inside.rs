//! What third parties ask of the current dispatcher, asked of the stack inside the wrapper.
//!
//! They look for a layer by `Dispatch::downcast_ref`, which the wrapper cannot forward without `unsafe`. The inner
//! dispatcher itself is never given out: values sent to it would not be scrubbed.

use tracing_core::dispatcher::{self, Dispatch};

use crate::PhiSubscriber;

/// Runs `work` with the inner stack of the current wrapper, or as it is without one.
fn inside<R>(work: impl FnOnce() -> R) -> R {
    let inner = dispatcher::get_default(|current: &Dispatch| {
        current.downcast_ref::<PhiSubscriber>().map(|wrapper| wrapper.inner().clone())
    });
    match inner {
        Some(inner) => dispatcher::with_default(&inner, work),
        None => work(),
    }
}

/// The spans entered now, with their scrubbed fields, to be kept with an error.
///
/// Takes the place of `SpanTrace::capture()`, which finds nothing under [`wrap`](crate::wrap).
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let stack = tracing_subscriber::registry().with(tracing_error::ErrorLayer::default());
/// tracing::subscriber::with_default(phi_log::wrap(stack), || {
///     tracing::info_span!("visit", room = 4, patient_name = "Ada Example").in_scope(|| {
///         let trace = phi_log::span_trace().to_string();
///         assert!(trace.contains("room=4") && trace.contains("[PHI:name]"));
///         assert!(!trace.contains("Ada"));
///     });
/// });
/// ```
#[cfg(feature = "tracing-error")]
pub fn span_trace() -> tracing_error::SpanTrace {
    inside(tracing_error::SpanTrace::capture)
}

/// The OpenTelemetry context of the span entered now, to be sent along with a request.
///
/// Takes the place of `Span::current().context()`, which is empty under [`wrap`](crate::wrap); empty here too if no
/// span is entered, or the OpenTelemetry layer is not inside.
///
/// `Span::set_parent` has no effect under the wrapper either. A remote parent is given by OpenTelemetry's own means,
/// before the span is made: `let _guard = remote.attach(); let span = info_span!("visit");`.
///
/// ```
/// use opentelemetry::trace::TraceContextExt as _;
///
/// // Without the layer inside there is no trace.
/// assert!(!phi_log::context().span().span_context().is_valid());
/// ```
#[cfg(feature = "opentelemetry")]
pub fn context() -> opentelemetry::Context {
    inside(|| {
        let id = tracing::Span::current().id()?;
        dispatcher::get_default(|inner| tracing_opentelemetry::get_otel_context(&id, inner))
    })
    .unwrap_or_default()
}
