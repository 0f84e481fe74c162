//! Lines of any bytes, in bounded memory.

use std::io::{self, Read};

/// A longer line is taken in pieces.
const MAX_LINE: usize = 8 * 1024 * 1024;
const CHUNK: usize = 256 * 1024;
/// How far back from there a place between two words is looked for.
const MAX_BACK: usize = 4 * 1024;

/// Reads a source piece by piece and hands out lines with their ends.
pub(crate) struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    /// What of the buffer is handed out already.
    done: usize,
    ended: bool,
}

impl<R: Read> Lines<R> {
    pub(crate) const fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), done: 0, ended: false }
    }

    /// Calls `line` with each line and whether a line feed followed it. Stops at its first error.
    pub(crate) fn each<E>(
        mut self,
        mut line: impl FnMut(&[u8], bool) -> Result<(), E>,
    ) -> Result<(), LineError<E>> {
        loop {
            let rest = self.buffer.get(self.done..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', rest) {
                line(rest.get(..end).unwrap_or_default(), true).map_err(LineError::Line)?;
                self.done += end + 1;
            } else if rest.len() >= MAX_LINE {
                let end = cut(rest);
                line(rest.get(..end).unwrap_or_default(), false).map_err(LineError::Line)?;
                self.done += end;
            } else if self.ended {
                if !rest.is_empty() {
                    line(rest, false).map_err(LineError::Line)?;
                }
                return Ok(());
            } else {
                self.fill().map_err(|error| LineError::Read(error.kind()))?;
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.done);
        self.done = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + CHUNK, 0);
        let read = loop {
            match self.source.read(self.buffer.get_mut(old..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(old + read.as_ref().copied().unwrap_or(0));
        self.ended = read? == 0;
        Ok(())
    }
}

/// A place between two words near the end.
fn cut(line: &[u8]) -> usize {
    let tail = line.get(line.len().saturating_sub(MAX_BACK)..).unwrap_or_default();
    match tail.iter().rposition(u8::is_ascii_whitespace) {
        Some(at) => line.len() - tail.len() + at + 1,
        None => line.len(),
    }
}

#[derive(Debug)]
pub(crate) enum LineError<E> {
    Read(io::ErrorKind),
    Line(E),
}
