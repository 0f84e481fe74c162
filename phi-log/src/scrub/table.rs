//! Rows under a line that names their columns: CSV, tabs, and the tables that `psql`, `mysql`, Markdown and data frames
//! print.

use super::engine::Hit;
use super::forms::{enclosed, names_field};
use super::text::Text;
use super::{keys, soft};

/// Bytes of a line that names columns, and columns of which it may have.
const MAX_HEAD: usize = 4096;
const MAX_CELLS: usize = 128;
/// Bytes of a column's name.
const MAX_LABEL: usize = 48;
/// What stands between cells. Of those in a line the first one of these counts.
const SIGNS: [&str; 8] = ["\u{2506}", "\u{2502}", "\u{2503}", "\u{2551}", "|", "\t", ";", ","];
/// Those of them that stand on both sides of a line as well.
const FRAMES: [&str; 4] = ["|", "\u{2502}", "\u{2503}", "\u{2551}"];

/// The start and the end of a cell, without white space and quotes around it.
type Cell = (usize, usize);

/// A line that names columns.
pub(crate) struct Head {
    sign: &'static str,
    cells: Vec<Cell>,
    /// Whether a drawn line must stand below: `mrn | name` may be a row of two cells as well.
    ruled: bool,
    /// Whether white space stands behind the signs: sentences have it behind their commas.
    spaced: bool,
}

impl Head {
    /// The columns that the line from `start` to `end` names, if it does nothing else and one of them holds PHI.
    fn of(text: Text<'_>, start: usize, end: usize) -> Option<Self> {
        if end - start > MAX_HEAD || !may_begin(text.at(start)) {
            return None;
        }
        let line = text.slice(start, end);
        if !line.iter().all(|byte| is_in_head(*byte)) {
            return None;
        }
        let sign = SIGNS.into_iter().find(|sign| next_sign(text.until(end), start, sign) < end)?;
        let cells = cells(text.until(end), start, sign);
        let known = |(start, end): &Cell| {
            keys::judge_label(text.slice(*start, *end)).is_some()
                || soft::is_soft(text, *end, *start)
        };
        let short = sign != "," || cells.len() > 2;
        let names = |(start, end): &Cell| {
            let name = text.slice(*start, *end);
            let words = name.split(|byte| *byte == b' ').count();
            name.first().is_some_and(u8::is_ascii_alphabetic)
                && name.len() <= MAX_LABEL
                && words <= if short { 3 } else { 1 }
        };
        let named = (2..=MAX_CELLS).contains(&cells.len()) && cells.iter().all(names);
        let ruled = sign == "|" && line.contains(&b' ') && line.first() != Some(&b'|');
        let spaced = is_spaced(text, &cells);
        (named && cells.iter().any(known)).then_some(Self { sign, cells, ruled, spaced })
    }

    /// The columns of another table, which a line names where a row of this one may stand: names of people, too, are
    /// names of columns, but not such as `last_name` or `DOB`.
    fn of_next(text: Text<'_>, start: usize, end: usize) -> Option<Self> {
        let surely = |(start, end): &Cell| names_field(text.slice(*start, *end));
        Self::of(text, start, end).filter(|head| head.cells.iter().any(surely))
    }

    /// The columns that a line names.
    pub(crate) fn of_line(line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.iter().all(|byte| is_in_head(*byte)) {
            return None;
        }
        Self::of(Text::new(std::str::from_utf8(line).ok()?), 0, line.len())
    }

    /// Whether a line has so many cells, or is drawn between rows. `first` is the one below the head.
    pub(crate) fn fits(&self, line: &[u8], first: bool) -> bool {
        let line = String::from_utf8_lossy(line);
        let text = Text::new(&line);
        is_rule(text, 0, text.len())
            || (!(first && self.ruled) && self.row(text, 0, text.len()).is_some())
    }

    /// Whether a line is drawn below a head or between rows.
    pub(crate) fn is_rule(line: &[u8]) -> bool {
        let line = String::from_utf8_lossy(line);
        is_rule(Text::new(&line), 0, line.len())
    }

    /// The cells of a row, if the line is one and does not name the columns of another table.
    fn row(&self, text: Text<'_>, start: usize, end: usize) -> Option<Vec<Cell>> {
        if Self::of_next(text, start, end).is_some() {
            return None;
        }
        let row = cells(text.until(end), start, self.sign);
        let sentence = self.sign == "," && !self.spaced && is_spaced(text, &row);
        (row.len() == self.cells.len() && !sentence).then_some(row)
    }
}

fn is_spaced(text: Text<'_>, cells: &[Cell]) -> bool {
    cells.iter().skip(1).any(|(start, _)| text.before(*start, 0) == b' ')
}

/// Adds the values of each row.
pub(super) fn scan(text: &str, hits: &mut Vec<Hit>) {
    let view = Text::new(text);
    let (mut head, mut first): (Option<Head>, bool) = (None, true);
    let mut start = 0;
    while start < view.len() {
        let stop = view.find_byte(b'\n', start).unwrap_or(view.len());
        let end = stop - usize::from(view.before(stop, start) == b'\r');
        let drawn = is_rule(view, start, end);
        let rows = head.as_ref().filter(|head| !(drawn || first && head.ruled));
        first = false;
        if let Some((head, row)) = rows.and_then(|head| Some((head, head.row(view, start, end)?))) {
            let named = head.cells.iter().zip(row);
            hits.extend(named.filter_map(|(name, cell)| enclosed(view, *name, cell)));
        } else if !drawn {
            head = Head::of(view, start, end);
            first = true;
        }
        start = stop + 1;
    }
}

const fn may_begin(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'|' | b'"' | b' ' | LEAD)
}

const fn is_in_head(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'.' | b' ' | b'#' | b'/' | b'"')
        || matches!(byte, b'|' | b'\t' | b';' | b',')
        || is_of_box(byte)
}

/// The first byte of all lines and corners that boxes are drawn with (U+2500 to U+257F).
const LEAD: u8 = 0xE2;

/// Whether it is one of the bytes of such a line or corner.
const fn is_of_box(byte: u8) -> bool {
    matches!(byte, LEAD | 0x80..=0xBF)
}

/// Whether nothing but a drawn line stands there: `----+----`, `|---|---|`.
fn is_rule(text: Text<'_>, start: usize, end: usize) -> bool {
    let line = text.slice(start, end);
    let drawn =
        |byte: &u8| matches!(byte, b'-' | b'+' | b'|' | b'=' | b':' | b' ') || is_of_box(*byte);
    (line.contains(&b'-') || line.contains(&LEAD)) && line.iter().all(drawn)
}

/// The cells of the line from `start` to the end of the text; of one in a frame those inside.
fn cells(line: Text<'_>, start: usize, sign: &str) -> Vec<Cell> {
    let mut cells = Vec::new();
    let (mut next, line) = unframed(line, start);
    loop {
        let mut from = next;
        while from < line.len() && line.at(from) == b' ' {
            from += 1;
        }
        let quoted = line.at(from) == b'"';
        let close = quoted.then(|| closing(line, from + 1));
        let stop = next_sign(line, close.unwrap_or(from), sign);
        cells.push(match close {
            Some(close) => (from + 1, close),
            None => trimmed(line, from, stop),
        });
        if stop >= line.len() || cells.len() > MAX_CELLS {
            break;
        }
        next = stop + sign.len();
    }
    cells
}

/// Where the line begins and ends inside its frame, if it has one on both sides.
fn unframed(line: Text<'_>, start: usize) -> (usize, Text<'_>) {
    let (_, mut end) = trimmed(line, start, line.len());
    for frame in FRAMES {
        let inside = start + frame.len();
        let last = end.saturating_sub(frame.len());
        if inside <= last
            && line.has_word(start, frame.as_bytes())
            && line.has_word(last, frame.as_bytes())
        {
            end = last;
            return (inside, line.until(end));
        }
    }
    (start, line)
}

/// Where the next sign stands, or the end of the line.
fn next_sign(line: Text<'_>, from: usize, sign: &str) -> usize {
    let found = match sign.as_bytes() {
        [one] => line.find_byte(*one, from),
        several => line.find_bytes(several, from),
    };
    found.unwrap_or(line.len())
}

/// Where the quote stands that closes the cell at `from`: two of them are one of the content.
fn closing(line: Text<'_>, from: usize) -> usize {
    let mut next = from;
    while let Some(at) = line.find_byte(b'"', next) {
        if line.at(at + 1) != b'"' {
            return at;
        }
        next = at + 2;
    }
    line.len()
}

fn trimmed(line: Text<'_>, start: usize, mut end: usize) -> Cell {
    while end > start && matches!(line.at(end - 1), b' ' | b'\r') {
        end -= 1;
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    #[test]
    fn values_under_a_header_are_what_it_says() {
        becomes(&[
            (
                "id,first_name,dob,mrn\n1,Ada,19610304,A-7\r\n2,\"O\"\"Neil, J\",,8\ndone",
                "id,first_name,dob,mrn\n1,[PHI:name],[PHI:dob],[PHI:mrn]\r\n2,\"[PHI:name]\",,[PHI:mrn]\ndone",
            ),
            ("last_name\tssn\nSample\t123456789", "last_name\tssn\n[PHI:name]\t[PHI:ssn]"),
            ("id;zip;phone\n7;02139;5550104477", "id;zip;phone\n7;[PHI:zip];[PHI:phone]"),
            (
                " id | first_name | n \n----+------------+---\n  1 | Ada        | 2 \n(1 row)",
                " id | first_name | n \n----+------------+---\n  1 | [PHI:name]        | 2 \n(1 row)",
            ),
            (
                "+----+------+\n| id | lname | mrn |\n+----+------+\n| 1 | Sample | 77 |\n+----+",
                "+----+------+\n| id | lname | mrn |\n+----+------+\n| 1 | [PHI:name] | [PHI:mrn] |\n+----+",
            ),
            ("first_name,last_name\nada,sample", "first_name,last_name\n[PHI:name],[PHI:name]"),
            (
                "│ id ┆ lname  ┆ dob │\n╞════╪════════╪═════╡\n│ 1  ┆ Sample ┆ 19610304 │\n└────┘",
                "│ id ┆ lname  ┆ dob │\n╞════╪════════╪═════╡\n│ 1  ┆ [PHI:name] ┆ [PHI:dob] │\n└────┘",
            ),
            ("│ mrn │ n │\n├───┼───┤\n│ A-7 │ 2 │", "│ mrn │ n │\n├───┼───┤\n│ [PHI:mrn] │ 2 │"),
            (
                "first_name,last_name\nAda,Street\nid,mrn\n7,A-77",
                "first_name,last_name\n[PHI:name],[PHI:name]\nid,mrn\n7,[PHI:mrn]",
            ),
        ]);
    }

    #[test]
    fn sentences_and_other_tables_are_left_alone() {
        stays(&[
            "the patient, her address\nwas read, and saved",
            "id,state,count\n1,open,7\n2,closed,9",
            "name,size,kind\nmain.rs,120,file",
            "first_name,last_name\n",
            "first_name,last_name\n\nloaded, both",
            "PID|1||\nOBX|2||",
        ]);
    }
}
