//! Panic messages: they go past every subscriber.

use core::fmt;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io;
use std::panic::{Location, PanicHookInfo};

use crate::Scrubber;

/// What stands for a message that was put together at run time.
const WITHHELD: &str = "[message withheld: formatted at run time]";
/// What stands for a payload that is no text.
const NO_TEXT: &str = "[payload withheld: not text]";

/// Installs a panic hook that does not print what a panic carries, but for messages fixed in the source.
///
/// The same as `PanicHook::new().install()`; see [`PanicHook`]. [`init`](crate::init) does it too.
///
/// ```
/// phi_log::install_panic_hook();
/// let mrn = "A-77193";
/// // Prints `thread panicked at src/...: [message withheld: formatted at run time]`.
/// let panic = std::panic::catch_unwind(|| panic!("no chart for {mrn}"));
/// assert!(panic.is_err());
/// ```
pub fn install_panic_hook() {
    PanicHook::new().install();
}

/// How panics are reported on standard error: the place, and of the message what may be seen.
///
/// A message that is a constant of the source (`panic!("queue is closed")`) is
/// printed through the scrubber. A message that was formatted at run time (`panic!("no chart for {name}")`,
/// `unwrap` on an `Err`, `expect`) may hold free text that no detector knows, so it is
/// withheld. Payloads of other types are never printed. A backtrace follows if `RUST_BACKTRACE` asks for
/// it: it names functions and lines, no values.
///
/// ```
/// use phi_log::PanicHook;
///
/// // In tests with synthetic data one may want to see more.
/// PanicHook::new().danger_print_formatted_messages().install();
/// ```
///
/// # Security
///
/// The hook that was installed before is dropped and never called, because it would print the payload. A hook
/// installed later replaces this one. Whoever catches the unwinding (`catch_unwind`, `JoinHandle::join`) still
/// has the payload. With `panic = "abort"` the hook runs as well.
#[derive(Debug, Clone, Copy, Default)]
pub struct PanicHook {
    print_formatted: bool,
}

impl PanicHook {
    /// Withholds messages formatted at run time.
    pub const fn new() -> Self {
        Self { print_formatted: false }
    }

    /// Prints messages formatted at run time too, scrubbed.
    ///
    /// # Security
    ///
    /// The scrubber does not find names and free text; with this they reach standard error.
    #[must_use]
    pub const fn danger_print_formatted_messages(self) -> Self {
        Self { print_formatted: true }
    }

    /// Makes this the hook of the process. From a thread that is panicking it does nothing.
    pub fn install(self) {
        // `set_hook` panics on a panicking thread.
        if !std::thread::panicking() {
            std::panic::set_hook(Box::new(move |info| self.report(info)));
        }
    }

    fn report(self, info: &PanicHookInfo<'_>) {
        let message = self.message(info);
        // A closed standard error must not become a second panic, which would abort.
        let _ = write(&mut io::stderr().lock(), info.location(), &message);
    }

    fn message(self, info: &PanicHookInfo<'_>) -> String {
        let payload = info.payload();
        if let Some(constant) = payload.downcast_ref::<&'static str>() {
            return Scrubber::new().scrub(constant).into_string();
        }
        match payload.downcast_ref::<String>() {
            Some(text) if self.print_formatted => Scrubber::new().scrub(text).into_string(),
            Some(_) => WITHHELD.to_owned(),
            None => NO_TEXT.to_owned(),
        }
    }
}

fn write(
    out: &mut dyn io::Write,
    place: Option<&Location<'_>>,
    message: &dyn fmt::Display,
) -> io::Result<()> {
    match place {
        Some(place) => writeln!(out, "thread panicked at {place}: {message}")?,
        None => writeln!(out, "thread panicked: {message}")?,
    }
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        writeln!(out, "{backtrace}")?;
    }
    Ok(())
}
