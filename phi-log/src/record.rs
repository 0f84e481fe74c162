//! Which lines belong together: a document or a value of `Debug` that is printed over several lines names its fields in
//! one line and has the values in another.

/// Lines that one record has at most; then it is taken for none.
const MAX_LINES: usize = 256;

/// Says where a record ends that takes several lines, for those who scrub line by line.
///
/// A record begins with a line that ends with an opening bracket and goes on to the line that closes it, 256 lines at
/// most. All of its lines are to be scrubbed as one text, but those of one that was not closed each by itself: a value that
/// never ends would take all of them.
///
/// ```
/// use phi_log::{Records, Scrubber};
///
/// let printed = ["Patient {", "    ssn: Some(", "        \"078051120\",", "    ),", "}", "done"];
/// let mut records = Records::new();
/// let goes_on: Vec<bool> = printed.iter().map(|line| records.goes_on(line.as_bytes())).collect();
/// assert_eq!(goes_on, [true, true, true, true, false, false]);
/// assert!(!records.is_open());
///
/// let whole = Scrubber::new().scrub(&printed.join("\n")).into_string();
/// assert!(!whole.contains("078051120"));
/// ```
#[derive(Debug, Default)]
pub struct Records {
    depth: usize,
    lines: usize,
    broken: bool,
}

impl Records {
    /// In front of the first line.
    #[must_use]
    pub const fn new() -> Self {
        Self { depth: 0, lines: 0, broken: false }
    }

    /// Whether the record that this line, the next one, belongs to goes on behind it.
    pub fn goes_on(&mut self, line: &[u8]) -> bool {
        self.broken = false;
        if self.depth == 0 && !matches!(line.trim_ascii_end().last(), Some(b'{' | b'[' | b'(')) {
            return false;
        }
        self.lines += 1;
        let (mut quoted, mut escaped) = (false, false);
        for byte in line {
            match byte {
                b'\\' if !escaped => {
                    escaped = true;
                    continue;
                }
                b'"' if !escaped => quoted = !quoted,
                b'{' | b'[' | b'(' if !quoted => self.depth += 1,
                b'}' | b']' | b')' if !quoted => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            escaped = false;
        }
        if self.depth == 0 || self.lines == MAX_LINES {
            *self = Self { broken: self.depth > 0, ..Self::new() };
        }
        self.depth > 0
    }

    /// Whether the last line belongs to a record whose bracket is not closed, or was not closed in 256 lines.
    pub const fn is_open(&self) -> bool {
        self.depth > 0 || self.broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(lines: &[&str]) -> Vec<bool> {
        let mut records = Records::new();
        lines.iter().map(|line| !records.goes_on(line.as_bytes())).collect()
    }

    #[test]
    fn a_record_ends_with_the_bracket_that_its_first_line_opened() {
        assert_eq!(
            ends(&["a", "{", "\"x\": [", "1", "]", "}", "b"]),
            [true, false, false, false, false, true, true]
        );
        assert_eq!(ends(&["f() { x", "Some( ", ") done (", "b)"]), [true, false, false, true]);
        // Brackets in strings are none.
        assert_eq!(ends(&["{", "\"a\": \":) } \\\" }\",", "}"]), [false, false, true]);
    }

    #[test]
    fn a_bracket_that_is_never_closed_keeps_nothing_back_for_ever() {
        let lines = vec!["sum ("; 3 * MAX_LINES];
        let ended = ends(&lines).into_iter().filter(|ended| *ended).count();
        assert_eq!(ended, 3);
        let mut records = Records::new();
        let open = lines.iter().filter(|line| {
            let ended = !records.goes_on(line.as_bytes());
            ended && records.is_open()
        });
        assert_eq!(open.count(), 3);
    }
}
