//! The log of a whole test binary, behind phi-log with every level on: whatever a test does, no planted value may be in
//! it. Each line is searched when it is written.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::prelude::*;

/// Parts of the values that the tests plant.
const PLANTED: [&str; 5] = ["Ada ", "Sample", "900-00-00", "sample finding", "itching"];

/// What was written: how many times, and the first with a planted value in it.
#[derive(Clone, Default)]
struct Watch {
    heard: Arc<AtomicUsize>,
    leak: Arc<Mutex<Option<String>>>,
}

impl Write for Watch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.heard.fetch_add(1, Ordering::Relaxed);
        let line = String::from_utf8_lossy(bytes);
        if PLANTED.iter().any(|value| line.contains(value)) {
            self.leak.lock().unwrap().get_or_insert_with(|| line.into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Watch {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Of the process; nothing where the test has set a log of its own.
static LOG: LazyLock<Option<Watch>> = LazyLock::new(|| {
    let stack = |watch: &Watch| {
        let format = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_span_events(FmtSpan::FULL)
            .with_writer(watch.clone());
        tracing_subscriber::registry().with(format)
    };
    let say = || tracing::info!(patient_name = "Ada Sample", "the tests begin");
    let watch = Watch::default();
    tracing::subscriber::set_global_default(phi_log::wrap(stack(&watch))).ok()?;
    say();
    assert_eq!(watch.heard.load(Ordering::Relaxed), 1, "the log is not heard");

    // The control: the same line without phi-log is seen to leak.
    let plain = Watch::default();
    tracing::subscriber::with_default(stack(&plain), say);
    assert!(plain.leak.lock().unwrap().is_some(), "the watch sees nothing");
    Some(watch)
});

/// Makes it the log of this process.
pub fn begin() {
    LazyLock::force(&LOG);
}

/// Fails if a planted value was written by now, by any test of the binary.
pub fn end() {
    if let Some(watch) = LOG.as_ref().filter(|_| !std::thread::panicking()) {
        let leak = watch.leak.lock().unwrap();
        assert!(leak.is_none(), "in the log: {leak:?}");
    }
}
