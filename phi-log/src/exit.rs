//! Ring 3: how a program ends.

use std::error::Error;
use std::fmt;
use std::io::{self, Write as _};
use std::process::{ExitCode, Termination};

use crate::Scrubber;

/// Messages of a chain that are told.
const MAX_DEPTH: usize = 16;

/// What `main` gives back, in place of a `Result`, whose error would be printed as it is.
///
/// ```
/// use phi_log::Exit;
///
/// fn main() -> Exit {
///     Exit::of(run())
/// }
///
/// fn run() -> Result<(), Box<dyn std::error::Error>> {
///     // With an error, `main` prints its messages and those of its sources, scrubbed, and fails.
///     Ok(())
/// }
/// ```
///
/// # Security
///
/// Names and free text in the messages are not found by the scrubber; `Debug` of the error is never printed.
#[derive(Debug)]
#[must_use = "`main` gives it back"]
pub struct Exit {
    failure: Option<Failure>,
}

impl Exit {
    /// How a program ends that has come to this.
    pub fn of<E: Into<Box<dyn Error>>>(result: Result<(), E>) -> Self {
        let failure = result.err().map(|error| Failure::of(error.into().as_ref()));
        Self { failure }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        let Some(failure) = self.failure else { return ExitCode::SUCCESS };
        // With standard error closed, the code has to do.
        let _ = writeln!(io::stderr().lock(), "error: {failure:?}");
        ExitCode::FAILURE
    }
}

/// Any error, for a `main` that uses `?`: its `Debug`, which the runtime prints, is the error's messages and those of its
/// sources, scrubbed.
///
/// ```
/// use phi_log::Failure;
///
/// fn main() -> Result<(), Failure> {
///     # return Ok(());
///     # #[allow(unreachable_code)]
///     let _ = std::fs::read("settings.toml")?; // `Error: No such file or directory ..`
///     Ok(())
/// }
///
/// let error: Failure = std::io::Error::other("no patient of SSN 123-45-6789").into();
/// assert_eq!(format!("{error:?}"), "no patient of SSN [PHI:ssn]");
/// ```
///
/// # Security
///
/// As of [`Exit`]. It is no [`Error`] itself.
pub struct Failure {
    messages: Vec<String>,
}

impl Failure {
    fn of(error: &dyn Error) -> Self {
        let mut messages = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next.filter(|_| messages.len() < MAX_DEPTH) {
            messages.push(Scrubber::new().scrub(&error.to_string()).into_string());
            next = error.source();
        }
        Self { messages }
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::of(&error)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.messages.join(": "))
    }
}

/// Tells the system to write no core dumps of this process: they would hold all that is in memory.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// phi_log::forbid_core_dumps()?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// That of the system; a lower limit is always allowed, so that none is expected.
///
/// # Security
///
/// Sets `RLIMIT_CORE` to nothing, for children too. A debugger, swap space and a crash handler that the system
/// pipes dumps to regardless (`core_pattern` with `|`) are not stopped.
#[cfg(all(unix, feature = "core-dumps"))]
pub fn forbid_core_dumps() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(())
}
