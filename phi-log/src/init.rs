//! Taking over the process's logging in one call.

use core::fmt;
use std::error::Error;

use tracing_core::dispatcher::{self, Dispatch};
use tracing_core::{LevelFilter, Subscriber};
use tracing_log::LogTracer;
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

use crate::{PhiSubscriber, Scrubber, install_panic_hook, wrap, wrap_with};

/// Starts scrubbed logging: text lines on standard output, from `INFO` on.
///
/// It takes the place of `tracing_subscriber::fmt::init()`. The process's dispatcher, the `log` crate's
/// logger and the panic hook become ours, so that events, records and panics all pass the scrubber.
///
/// ```
/// # fn main() -> Result<(), phi_log::InitError> {
/// phi_log::init()?;
/// tracing::info!(mrn = "A-77193", "chart opened"); // ... mrn="[PHI:mrn]"
///
/// // A second logger is refused: it would print what this one removes.
/// assert!(phi_log::init().is_err());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`InitError`] if a dispatcher or a logger is there already. Stop the program then: what they print is not
/// scrubbed.
pub fn init() -> Result<(), InitError> {
    builder().init()
}

/// Choices for [`init`].
pub fn builder() -> Builder {
    Builder::new()
}

/// Starts scrubbed logging on a stack of your own: wraps it, and takes over dispatcher, `log` and panic hook.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// # fn main() -> Result<(), phi_log::InitError> {
/// let stack = tracing_subscriber::registry().with(tracing_subscriber::fmt::layer());
/// phi_log::install(stack)?;
///
/// // A second one is refused, and so is whatever else wants to be the global dispatcher.
/// assert!(phi_log::install(tracing_subscriber::registry()).is_err());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`InitError`] if a dispatcher or a logger is there already.
pub fn install<S>(subscriber: S) -> Result<(), InitError>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    install_wrapped(|| wrap(subscriber))
}

/// The same for a stack that is wrapped already, with a scrubber or an observer of its own.
///
/// The wrapper is made inside, so that nothing is told of it if a dispatcher or logger is there already.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use phi_log::{Kind, Scrubber};
///
/// let scrubber = Scrubber::builder().allow(Kind::Ip, "10.0.0.0/8").build()?;
/// phi_log::install_wrapped(|| phi_log::wrap_with(tracing_subscriber::registry(), scrubber))?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`InitError`] if a dispatcher or a logger is there already.
pub fn install_wrapped(wrapped: impl FnOnce() -> PhiSubscriber) -> Result<(), InitError> {
    // Also true after a dispatcher was set for a scope only; that one is not scrubbed either.
    if dispatcher::has_been_set() {
        return Err(InitError::DispatcherSet);
    }
    // First the logger: if it is refused, nothing has changed yet.
    LogTracer::init().map_err(|_| InitError::LoggerSet)?;
    dispatcher::set_global_default(Dispatch::new(wrapped()))
        .map_err(|_| InitError::DispatcherSet)?;
    install_panic_hook();
    Ok(())
}

/// Choices for scrubbed logging. Made by [`builder`].
///
/// ```
/// # fn main() -> Result<(), phi_log::InitError> {
/// phi_log::builder()
///     .with_max_level(tracing::Level::DEBUG)
///     .with_writer(std::io::stderr)
///     .init()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is logged before `init`"]
pub struct Builder {
    max_level: LevelFilter,
    writer: BoxMakeWriter,
    scrubber: Scrubber,
    #[cfg(feature = "env-filter")]
    env_filter: Option<tracing_subscriber::EnvFilter>,
    #[cfg(feature = "json")]
    json: bool,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("max_level", &self.max_level).finish_non_exhaustive()
    }
}

impl Builder {
    fn new() -> Self {
        Self {
            max_level: LevelFilter::INFO,
            writer: BoxMakeWriter::new(std::io::stdout),
            scrubber: Scrubber::new(),
            #[cfg(feature = "env-filter")]
            env_filter: None,
            #[cfg(feature = "json")]
            json: false,
        }
    }

    /// Logs events of this level and more severe ones.
    pub fn with_max_level(mut self, level: impl Into<LevelFilter>) -> Self {
        self.max_level = level.into();
        self
    }

    /// Writes elsewhere than to standard output.
    pub fn with_writer<W>(mut self, writer: W) -> Self
    where
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        self.writer = BoxMakeWriter::new(writer);
        self
    }

    /// Scrubs with choices of one's own.
    pub fn with_scrubber(mut self, scrubber: Scrubber) -> Self {
        self.scrubber = scrubber;
        self
    }

    /// Chooses events by directives such as `info,sqlx=warn`, instead of by level alone.
    ///
    /// ```
    /// use tracing_subscriber::EnvFilter;
    ///
    /// # fn main() -> Result<(), phi_log::InitError> {
    /// phi_log::builder().with_env_filter(EnvFilter::new("info,sqlx=warn")).init()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Security
    ///
    /// With `debug` and `trace` other crates log more, and more of it is free text.
    #[cfg(feature = "env-filter")]
    pub fn with_env_filter(mut self, filter: tracing_subscriber::EnvFilter) -> Self {
        self.env_filter = Some(filter);
        self
    }

    /// Writes one JSON object a line.
    #[cfg(feature = "json")]
    pub fn json(mut self) -> Self {
        self.json = true;
        self
    }

    /// Starts logging; see [`init`].
    ///
    /// # Errors
    ///
    /// [`InitError`] if a dispatcher or a logger is there already.
    pub fn init(self) -> Result<(), InitError> {
        let registry = tracing_subscriber::registry();
        let scrubber = self.scrubber.clone();
        #[cfg(feature = "env-filter")]
        let mut this = self;
        #[cfg(feature = "env-filter")]
        if let Some(filter) = this.env_filter.take() {
            let stack = registry.with(filter).with(this.layer());
            return install_wrapped(|| wrap_with(stack, scrubber));
        }
        #[cfg(not(feature = "env-filter"))]
        let this = self;
        let stack = registry.with(this.max_level).with(this.layer());
        install_wrapped(|| wrap_with(stack, scrubber))
    }

    fn layer<S>(self) -> Box<dyn Layer<S> + Send + Sync>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let layer = tracing_subscriber::fmt::layer().with_writer(self.writer);
        #[cfg(feature = "json")]
        if self.json {
            return layer.json().boxed();
        }
        layer.boxed()
    }
}

/// Why scrubbed logging was not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InitError {
    /// A `tracing` dispatcher was set before.
    DispatcherSet,
    /// A logger of the `log` crate was set before.
    LoggerSet,
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DispatcherSet => {
                "a tracing dispatcher is already set and does not scrub, call phi-log first and remove the other"
            }
            Self::LoggerSet => {
                "a logger of the log crate is already set and does not scrub, call phi-log first and remove the other"
            }
        })
    }
}

impl Error for InitError {}
