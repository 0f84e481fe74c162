#![doc = include_str!("../README.md")]

mod exit;
mod init;
#[cfg(any(feature = "tracing-error", feature = "opentelemetry"))]
mod inside;
mod panic;
mod record;
mod scrub;
mod subscriber;
mod writer;

#[cfg(all(unix, feature = "core-dumps"))]
pub use exit::forbid_core_dumps;
pub use exit::{Exit, Failure};
pub use init::{Builder, InitError, builder, init, install, install_wrapped};
#[cfg(feature = "opentelemetry")]
pub use inside::context;
#[cfg(feature = "tracing-error")]
pub use inside::span_trace;
pub use panic::{PanicHook, install_panic_hook};
pub use record::Records;
pub use scrub::{Action, ConfigError, Hits, Kind, Rule, Scrubbed, Scrubber, ScrubberBuilder, Span};
pub use subscriber::{PhiSubscriber, Place, Report, wrap, wrap_with};
pub use writer::{MakeScrubWriter, ScrubWriter};
