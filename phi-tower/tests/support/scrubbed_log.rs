//! The log of the whole test binary: every level and every span, behind phi-log.

use std::io::{self, Write};
use std::sync::{LazyLock, Mutex, PoisonError};

use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::prelude::*;

static SINK: Mutex<Vec<u8>> = Mutex::new(Vec::new());

static LISTENING: LazyLock<()> = LazyLock::new(|| {
    let format = layer().with_ansi(false).with_span_events(FmtSpan::FULL).with_writer(Sink);
    let stack = phi_log::wrap(tracing_subscriber::registry().with(format));
    tracing::subscriber::set_global_default(stack).unwrap();
});

/// Makes it the log of this process.
pub(crate) fn listen() {
    LazyLock::force(&LISTENING);
}

/// What was written so far, by every test of this binary.
pub(crate) fn text() -> String {
    let bytes = SINK.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        SINK.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Sink {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
