//! Ring 2: a writer that scrubs lines, for what reaches the output past the subscriber.

use std::io::{self, Write};

use tracing_core::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use crate::{Records, Scrubber};

/// Bytes of a line that are kept before it is written in pieces.
const MAX_LINE: usize = 64 * 1024;
/// Bytes that stay back then, so that a value across the cut is seen whole.
const OVERLAP: usize = 1024;

/// Scrubs what is written through it, line by line.
///
/// For names of threads, formatters of one's own, pipes of child programs, and anything else that prints without
/// `tracing`. Colours (ANSI sequences) do not hide a value. A line goes on when it ends, or when the [record](Records)
/// ends that it belongs to; `flush` sends the lines of an open record, and not half a line, which dropping does. A line
/// or record of more than 64 KiB goes on in pieces.
///
/// ```
/// use std::io::Write as _;
///
/// use phi_log::{ScrubWriter, Scrubber};
///
/// let mut out = ScrubWriter::new(Vec::new(), Scrubber::new());
/// out.write_all(b"SSN 123-45")?;
/// out.write_all(b"-6789\nroom 4\n")?;
/// assert_eq!(out.into_inner()?, b"SSN [PHI:ssn]\nroom 4\n");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Security
///
/// It sees lines, not values: what a field's name says is read from the text, and times of a formatter
/// are looked at like any text. Use it around the outside of [`wrap`](crate::wrap), not in its place.
#[derive(Debug)]
pub struct ScrubWriter<W: Write> {
    /// Nothing after `into_inner`.
    out: Option<W>,
    scrubber: Scrubber,
    line: Vec<u8>,
    /// What of it are whole lines, of a record that goes on.
    whole: usize,
    records: Records,
    /// The line that names the columns of the rows which `line` begins with, and was sent before.
    head: Option<String>,
}

impl<W: Write> ScrubWriter<W> {
    /// Puts the scrubber around a writer.
    pub const fn new(out: W, scrubber: Scrubber) -> Self {
        Self {
            out: Some(out),
            scrubber,
            line: Vec::new(),
            whole: 0,
            records: Records::new(),
            head: None,
        }
    }

    /// Writes what is left and gives the writer back.
    ///
    /// # Errors
    ///
    /// That of the writer; it is lost then.
    pub fn into_inner(mut self) -> io::Result<W> {
        self.finish()?;
        self.out.take().ok_or_else(|| io::ErrorKind::WriteZero.into())
    }

    /// Sends the first `end` bytes on, as one text, or line by line if they hold a record that was not closed.
    fn send(&mut self, end: usize, whole: bool) -> io::Result<()> {
        let Some(out) = &mut self.out else { return Ok(()) };
        let piece = self.line.get(..end).unwrap_or_default();
        let result = if whole {
            write_scrubbed(&self.scrubber, self.head.as_deref(), piece, out)
        } else {
            let mut lines = piece.split_inclusive(|byte| *byte == b'\n');
            lines.try_for_each(|line| write_scrubbed(&self.scrubber, None, line, out))
        };
        self.head = self.records.head().map(str::to_owned);
        // Also what could not be written is gone: it must not come twice.
        self.line.drain(..end);
        self.whole = self.whole.saturating_sub(end);
        result
    }

    /// Sends the lines of a record that has not ended.
    fn send_whole(&mut self) -> io::Result<()> {
        self.records.close();
        self.send(self.whole, false)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.send(self.line.len(), !self.records.is_open())?;
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl<W: Write> Write for ScrubWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        let (mut ready, mut closed) = (0, true);
        loop {
            let rest = self.line.get(self.whole..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'\n', rest) else { break };
            let line = rest.get(..end).unwrap_or_default();
            self.whole += end + 1;
            if !self.records.goes_on(line) {
                ready = self.whole;
                closed &= !self.records.is_open();
            }
        }
        if ready > 0 {
            self.send(ready, closed)?;
        }
        if self.line.len() > MAX_LINE && self.whole > 0 {
            self.send_whole()?;
        }
        while self.line.len() > MAX_LINE {
            let end = cut(self.line.get(..MAX_LINE).unwrap_or_default());
            self.send(end, true)?;
        }
        Ok(bytes.len())
    }

    /// Sends on what was sent, and whole lines that wait for others; a line that has not ended stays.
    fn flush(&mut self) -> io::Result<()> {
        self.send_whole()?;
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl<W: Write> Drop for ScrubWriter<W> {
    fn drop(&mut self) {
        // Nobody is left to tell of a failure.
        let _ = self.finish();
    }
}

/// Where to cut a line that is too long: at white space, so far back that a value behind it stays whole.
fn cut(line: &[u8]) -> usize {
    let back = line.len().saturating_sub(OVERLAP);
    let head = line.get(..back).unwrap_or_default();
    let space = memchr::memrchr2(b' ', b'\t', head).filter(|at| *at > back / 2);
    space.map_or(back, |at| at + 1)
}

/// Writes what is left of some lines; `head` names the columns of the first of them.
fn write_scrubbed(
    scrubber: &Scrubber,
    head: Option<&str>,
    lines: &[u8],
    out: &mut impl Write,
) -> io::Result<()> {
    let text = String::from_utf8_lossy(lines);
    let Some(head) = head else {
        return out.write_all(scrubber.scrub(&text).as_str().as_bytes());
    };
    let scrubbed = scrubber.scrub(&format!("{head}\n{text}")).into_string();
    let lines = head.split('\n').count();
    let rows = scrubbed.splitn(lines + 1, '\n').nth(lines).unwrap_or(&scrubbed);
    out.write_all(rows.as_bytes())
}

/// Makes a [`ScrubWriter`] for each event, for the `with_writer` of a formatter.
///
/// ```
/// use phi_log::{MakeScrubWriter, Scrubber};
///
/// # fn main() -> Result<(), phi_log::InitError> {
/// phi_log::builder().with_writer(MakeScrubWriter::new(std::io::stderr, Scrubber::new())).init()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MakeScrubWriter<M> {
    make: M,
    scrubber: Scrubber,
}

impl<M> MakeScrubWriter<M> {
    /// Scrubs what is written to the writers that `make` makes.
    pub const fn new(make: M, scrubber: Scrubber) -> Self {
        Self { make, scrubber }
    }
}

impl<'w, M: MakeWriter<'w>> MakeWriter<'w> for MakeScrubWriter<M> {
    type Writer = ScrubWriter<M::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        ScrubWriter::new(self.make.make_writer(), self.scrubber.clone())
    }

    fn make_writer_for(&'w self, metadata: &Metadata<'_>) -> Self::Writer {
        ScrubWriter::new(self.make.make_writer_for(metadata), self.scrubber.clone())
    }
}
