//! Which lines belong together: a document or a value of `Debug` that is printed over several lines names its fields in
//! one line and has the values in another, and so has a table; and a card says only in its first line that it is one.

use crate::scrub::Head;

/// Lines that one record has at most; then it is taken for none.
const MAX_LINES: usize = 256;

/// Says where a record ends that takes several lines, for those who scrub line by line; and which line named the
/// columns of a row.
///
/// A record begins with a line that ends with an opening bracket, or `BEGIN:VCARD` (RFC 6350), and goes on to the line that
/// closes it, 256 lines at most. All of its lines are to be scrubbed as one text, but those of one that was not closed each by itself: a value that
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
///
/// // A row is a record of its own, and is to be scrubbed behind the line that names its columns.
/// let _ = (records.goes_on(b"id,last_name"), records.goes_on(b"7,sample"));
/// assert_eq!(records.head(), Some("id,last_name"));
/// assert_eq!(Scrubber::new().scrub("id,last_name\n7,sample").as_str(), "id,last_name\n7,[PHI:name]");
/// ```
#[derive(Debug, Default)]
pub struct Records {
    depth: usize,
    /// Whether a card is open.
    card: bool,
    lines: usize,
    broken: bool,
    /// The line that names columns, if the last one was that or a row.
    head: String,
    /// Whether the last line was that.
    named: bool,
}

impl Records {
    /// In front of the first line.
    #[must_use]
    pub const fn new() -> Self {
        Self { depth: 0, card: false, lines: 0, broken: false, head: String::new(), named: false }
    }

    /// Whether the record that this line, the next one, belongs to goes on behind it.
    pub fn goes_on(&mut self, line: &[u8]) -> bool {
        self.broken = false;
        if self.depth == 0 && (self.card || line.trim_ascii().eq_ignore_ascii_case(b"BEGIN:VCARD"))
        {
            return self.card_goes_on(line);
        }
        // What a row ends with opens nothing: its columns are named above.
        if self.follow(line) && self.depth == 0 {
            return false;
        }
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
            (self.broken, self.depth, self.lines) = (self.depth > 0, 0, 0);
        }
        self.depth > 0
    }

    fn card_goes_on(&mut self, line: &[u8]) -> bool {
        self.head.clear();
        self.lines += 1;
        self.card = !line.trim_ascii().eq_ignore_ascii_case(b"END:VCARD");
        if !self.card || self.lines == MAX_LINES {
            (self.broken, self.card, self.lines) = (self.card, false, 0);
        }
        self.card
    }

    /// The line that names the columns of the rows that follow, if the last line was that or a row; with the line that
    /// is drawn below it, if there is one.
    pub fn head(&self) -> Option<&str> {
        Some(self.head.as_str()).filter(|head| !head.is_empty())
    }

    /// Takes the record that is open for ended.
    pub(crate) fn close(&mut self) {
        (self.broken, self.depth, self.card, self.lines) = (false, 0, false, 0);
    }

    /// Whether the line is a row of the table in hand; if not, it may name the columns of another.
    fn follow(&mut self, line: &[u8]) -> bool {
        let named = self.head.split('\n').next().unwrap_or_default();
        let head = Head::of_line(named.as_bytes());
        if head.is_some_and(|head| head.fits(line, self.named)) {
            if self.named && Head::is_rule(line) {
                // Some are no tables without it.
                self.head.push('\n');
                self.head.push_str(&String::from_utf8_lossy(line));
            }
            self.named = false;
            return true;
        }
        self.head.clear();
        self.named = true;
        if self.depth == 0 && Head::of_line(line).is_some() {
            self.head.push_str(&String::from_utf8_lossy(line));
        }
        false
    }

    /// Whether the last line belongs to a record whose bracket is not closed, or was not closed in 256 lines.
    pub const fn is_open(&self) -> bool {
        self.depth > 0 || self.card || self.broken
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
    fn a_card_ends_where_it_says_so() {
        let lines = ["a", "BEGIN:VCARD", "N:Sample;Ada", "END:VCARD\r", "N:b", "BEGIN:VCARD"];
        assert_eq!(ends(&lines), [true, false, false, true, true, false]);
        let endless = ["BEGIN:VCARD"; MAX_LINES];
        assert_eq!(ends(&endless).iter().position(|ended| *ended), Some(MAX_LINES - 1));
    }

    #[test]
    fn rows_know_what_names_their_columns() {
        let heads = |lines: &[&str]| {
            let mut records = Records::new();
            let head = |line: &&str| {
                records.goes_on(line.as_bytes());
                records.head().map(str::to_owned)
            };
            lines.iter().map(head).collect::<Vec<_>>()
        };
        let named = Some("id,last_name".to_owned());
        assert_eq!(
            heads(&["started", "id,last_name", "1,a", "2,b", "done", "3,c"]),
            [None, named.clone(), named.clone(), named, None, None]
        );
        let ruled = " id | ssn \n----+-----".to_owned();
        assert_eq!(
            heads(&[" id | ssn ", "----+-----", "  1 | 2"])[1..],
            [Some(ruled.clone()), Some(ruled)]
        );
        assert_eq!(heads(&["ssn | a", "room | b"])[1], None);
        // The columns of the next table are no row of the last one.
        let next = heads(&["id,last_name", "1,a", "room,dob", "7,19800105"]);
        assert_eq!(next[3], Some("room,dob".to_owned()));
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
