use std::io::{self, BufRead, ErrorKind};

use super::MAX_LINE;

/// The lines of a reader, one at a time in one bounded buffer.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    number: u64,
}

/// One line, without its end.
pub(super) enum Line<'l> {
    Blank,
    TooLong,
    Text(&'l [u8]),
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), number: 0 }
    }

    /// The next line and its number, counted from 1.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Line<'_>)>> {
        self.buffer.clear();
        let (mut any, mut too_long, mut ended) = (false, false, false);
        while !ended {
            let chunk = match self.reader.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            ended = end.is_some();
            let text = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            too_long |= self.buffer.len() + text.len() > MAX_LINE;
            if !too_long {
                self.buffer.extend_from_slice(text);
            }
            let taken = text.len() + usize::from(ended);
            self.reader.consume(taken);
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        let line = match self.buffer.trim_ascii() {
            _ if too_long => Line::TooLong,
            [] => Line::Blank,
            text => Line::Text(text),
        };
        Ok(Some((self.number, line)))
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }
}
