//! From byte offsets to lines and columns.

use super::error::Position;

/// Bytes between two marks.
const STRIDE: usize = 256;

/// The line starts of a text, and how many characters stand before each mark, so that a place in
/// a line of any length is found in constant work.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    starts: Vec<usize>,
    marks: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let text = text.as_bytes();
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(end, _)| end + 1));
        let mut count = 0;
        let marks = text.chunks(STRIDE).map(|chunk| {
            let before = count;
            count += characters(chunk);
            before
        });
        Self { text, starts: starts.collect(), marks: marks.collect() }
    }

    /// The place of a byte; the end of the text if there is no such byte.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied();
        let column = self.before(offset) - self.before(start.unwrap_or(0)) + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position::in_text(number(line), number(column))
    }

    fn before(&self, offset: usize) -> usize {
        let mark = offset / STRIDE;
        let rest = self.text.get(mark * STRIDE..offset).unwrap_or_default();
        // An offset at the very end of the text may lie beyond the last mark.
        let all = || characters(self.text);
        self.marks.get(mark).copied().unwrap_or_else(all) + characters(rest)
    }
}

/// How many characters begin in these bytes of a text.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}
