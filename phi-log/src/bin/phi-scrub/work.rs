//! What is done with each line.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use phi_log::{ConfigError, Kind, Records, Scrubber, ScrubberBuilder, Span};

use crate::args::{Args, Output};
use crate::lines::{LineError, Lines};

/// Why it stopped. Paths are those of the command line; of lines nothing is told.
#[derive(Debug)]
pub(crate) enum Failure {
    Open(String, io::ErrorKind),
    Config(ConfigError),
    Read(io::ErrorKind),
    Write(io::ErrorKind),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(path, kind) => write!(f, "cannot open {path}: {kind}"),
            Self::Config(error) => write!(f, "{error}"),
            Self::Read(kind) => write!(f, "cannot read on: {kind}"),
            Self::Write(kind) => write!(f, "cannot write on: {kind}"),
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let out = io::BufWriter::with_capacity(256 * 1024, io::stdout().lock());
    let scrubber = match &args.config {
        Some(path) => configured(path)?,
        None if args.output == Output::Spans => identifiers()?,
        None => Scrubber::new(),
    };
    let mut work = Work {
        output: args.output,
        scrubber,
        out,
        total: Total::default(),
        records: Records::new(),
        open: Vec::new(),
    };
    if args.files.is_empty() {
        work.source(io::stdin().lock())?;
    }
    for path in &args.files {
        work.file(path)?;
    }
    work.end()
}

/// What is no identifier itself has no span: what stands inside it has.
const NO_SPAN: [Kind; 3] = [Kind::Clinical, Kind::Diagnosis, Kind::Literal];

fn identifiers() -> Result<Scrubber, Failure> {
    let builder = NO_SPAN.into_iter().fold(Scrubber::builder(), ScrubberBuilder::without);
    builder.build().map_err(Failure::Config)
}

fn configured(path: &Path) -> Result<Scrubber, Failure> {
    let failed = |error: io::Error| Failure::Open(path.display().to_string(), error.kind());
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Scrubber::from_toml(&text).map_err(Failure::Config)
}

struct Work<W> {
    output: Output,
    scrubber: Scrubber,
    out: W,
    total: Total,
    records: Records,
    /// The lines of a record that goes on.
    open: Vec<u8>,
}

/// A record of more bytes is taken for none.
const MAX_RECORD: usize = 64 * 1024;

#[derive(Default)]
struct Total {
    lines: u64,
    touched: u64,
    kinds: [u64; Kind::ALL.len()],
}

impl<W: Write> Work<W> {
    fn file(&mut self, path: &Path) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::Open(path.display().to_string(), error.kind());
        let file = File::open(path).map_err(failed)?;
        let bar = progress(&file);
        let result = self.source(bar.wrap_read(file));
        bar.finish_and_clear();
        result
    }

    fn source(&mut self, source: impl io::Read) -> Result<(), Failure> {
        let lines = Lines::new(source).each(|line, ended| self.line(line, ended));
        lines.map_err(|error| match error {
            LineError::Read(kind) => Failure::Read(kind),
            LineError::Line(error) => Failure::Write(error.kind()),
        })?;
        // A record ends with its file.
        self.records = Records::new();
        self.lines_of_open().map_err(|error| Failure::Write(error.kind()))
    }

    fn line(&mut self, line: &[u8], ended: bool) -> io::Result<()> {
        let head = self.records.head().map(str::to_owned);
        let goes_on = self.records.goes_on(line) && self.open.len() < MAX_RECORD;
        if self.open.is_empty() && !goes_on {
            return self.text(
                head.filter(|_| self.records.head().is_some()).as_deref(),
                line,
                ended,
            );
        }
        self.open.extend_from_slice(line);
        if !goes_on && !self.records.is_open() {
            let open = std::mem::take(&mut self.open);
            return self.text(None, &open, ended);
        }
        self.open.extend(ended.then_some(b'\n'));
        if goes_on {
            return Ok(());
        }
        self.records = Records::new();
        self.lines_of_open()
    }

    /// The lines of a record that was not closed, each by itself: a value that never ends would take all of them.
    fn lines_of_open(&mut self) -> io::Result<()> {
        let open = std::mem::take(&mut self.open);
        open.split_inclusive(|byte| *byte == b'\n').try_for_each(|line| {
            let ended = line.strip_suffix(b"\n");
            self.text(None, ended.unwrap_or(line), ended.is_some())
        })
    }

    /// One line, or those of a record; a row with the line that names its columns, which was written before.
    fn text(&mut self, head: Option<&str>, text: &[u8], ended: bool) -> io::Result<()> {
        let mut text = as_text(text);
        if let Some(head) = head {
            text = Cow::Owned(format!("{head}\n{text}"));
        }
        let skipped = head.map_or(0, |head| head.len() + 1);
        match self.output {
            Output::Text => {
                let scrubbed = self.scrubber.scrub(&text);
                let lines = head.map_or(0, |head| head.split('\n').count());
                let row = scrubbed.as_str().splitn(lines + 1, '\n').nth(lines);
                let row = row.unwrap_or(scrubbed.as_str());
                self.out.write_all(row.as_bytes())?;
                if ended { self.out.write_all(b"\n") } else { Ok(()) }
            }
            Output::Spans => self.spans(&text, skipped),
            Output::Report => {
                self.count(&text, skipped);
                Ok(())
            }
        }
    }

    fn spans(&mut self, text: &str, skipped: usize) -> io::Result<()> {
        let mut spans = self.scrubber.spans(text);
        spans.retain(|span| !NO_SPAN.contains(&span.kind));
        let mut start = skipped;
        for line in text.get(skipped..).unwrap_or_default().split('\n') {
            self.spans_of_line(&spans, start, start + line.len())?;
            start += line.len() + 1;
        }
        Ok(())
    }

    /// What of the spans lies in a line.
    fn spans_of_line(&mut self, spans: &[Span], start: usize, end: usize) -> io::Result<()> {
        self.out.write_all(b"{\"spans\":[")?;
        let inside = spans.iter().filter(|span| span.start < end && span.end > start);
        for (count, span) in inside.enumerate() {
            let comma = if count > 0 { "," } else { "" };
            let (from, to) = (span.start.max(start) - start, span.end.min(end) - start);
            write!(self.out, "{comma}[{from},{to},\"{}\"]", span.kind.family())?;
        }
        self.out.write_all(b"]}\n")
    }

    fn count(&mut self, text: &str, skipped: usize) {
        let scrubbed = self.scrubber.scrub(text);
        self.total.lines += text.get(skipped..).unwrap_or_default().split('\n').count() as u64;
        self.total.touched += u64::from(scrubbed.hits().total() > 0);
        for (kind, total) in Kind::ALL.into_iter().zip(&mut self.total.kinds) {
            *total += u64::from(scrubbed.hits().count(kind));
        }
    }

    fn end(mut self) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::Write(error.kind());
        if self.output == Output::Report {
            let Total { lines, touched, kinds } = self.total;
            writeln!(self.out, "{lines:>10} lines").map_err(failed)?;
            writeln!(self.out, "{touched:>10} with a value to remove").map_err(failed)?;
            for (kind, count) in Kind::ALL.into_iter().zip(kinds).filter(|(_, count)| *count > 0) {
                writeln!(self.out, "{count:>10} {}", kind.label()).map_err(failed)?;
            }
        }
        self.out.flush().map_err(failed)
    }
}

/// The line as text of the same length: what is not UTF-8 becomes question marks, so that places stay.
fn as_text(line: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(line) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

/// A bar on a terminal, for a file whose length is known; elsewhere nothing.
fn progress(file: &File) -> ProgressBar {
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    if length == 0 || !io::stderr().is_terminal() || io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    ProgressBar::new(length).with_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}
