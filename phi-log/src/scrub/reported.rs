//! Values that an error repeats without the name of a field: what a parser refused, and the row that a database did
//! not take. Asked after the walk, so that what was found in them keeps its kind.

use super::blocks::{Places, Signs};
use super::engine::{Hit, Quote};
use super::kind::Kind;
use super::text::Text;
use super::value;

/// What stands in front of such a value: words, the name of a type where they end with a space, and what ends in front
/// of the quote.
const FRONTS: [(&[u8], &[u8]); 14] = [
    // serde: `invalid type: string "Ada", expected u32`
    (b"invalid type: ", b" "),
    (b"invalid value: ", b" "),
    (b"unknown variant", b" "),
    // PostgreSQL
    (b"invalid input syntax for type ", b": "),
    (b"invalid input value for enum ", b": "),
    (b"value out of range", b": "),
    // MySQL
    (b"incorrect ", b" value: "),
    // Python
    (b"invalid literal for int() with base 10", b": "),
    (b"could not convert string to float", b": "),
    (b"time data", b" "),
    (b"input_value", b"="),
    // Java
    (b"for input string", b": "),
    (b"from string", b" "),
    (b"from string value", b" ("),
];
/// Bytes in front of a quote that are looked at, and that the shortest of those words have.
const MAX_FRONT: usize = 96;
const MIN_FRONT: usize = 10;
const ROW: &[u8] = b"Failing row contains ";

/// Makes hits of such values, as far as they are none already.
pub(super) fn fill(text: &str, signs: Signs, hits: &mut Vec<Hit>, takes: impl Fn(&Hit) -> bool) {
    let view = Text::new(text);
    let mut values = Vec::new();
    if signs.quotes() {
        quoted(text.as_bytes(), view, &mut values);
    }
    if signs.brackets() {
        rows(view, &mut values);
    }
    if values.is_empty() {
        return;
    }
    values.sort_unstable();
    let mut found = std::mem::take(hits).into_iter().peekable();
    let mut floor = 0;
    for (start, mut end) in values {
        // A row may hold what is in quotes.
        let mut start = start.max(floor);
        floor = end.max(floor);
        while let Some(hit) = found.next_if(|hit| hit.end <= start) {
            hits.push(hit);
        }
        let mut inside = Vec::new();
        while let Some(hit) = found.next_if(|hit| hit.start < end && hit.end < end) {
            if hit.start <= start {
                start = hit.end;
                hits.push(hit);
            } else {
                inside.push(hit);
            }
        }
        // One that reaches beyond the value keeps its part, and is looked at again for the next value.
        end = found.peek().map_or(end, |hit| hit.start.min(end));
        let hit = Hit { start, end, kind: Kind::Literal, quote: None };
        let marked = value::marker_end(view, start) == Some(end);
        if start < end && !marked && takes(&hit) {
            hits.push(hit);
        } else {
            hits.append(&mut inside);
        }
    }
    hits.extend(found);
}

/// The values in quotes.
fn quoted(bytes: &[u8], text: Text<'_>, values: &mut Vec<(usize, usize)>) {
    // Most quotes are keys, or end a text.
    let opens = |byte: u8, front: u8| {
        let quote = byte == b'"' || byte == b'\'' || byte == b'`';
        quote && (front == b' ' || front == b'=' || front == b'(' || front == b'\\')
    };
    let mut places = Places::new(bytes);
    let mut from = 0;
    while let Some(quote) = places.next(from, opens) {
        from = quote + 1;
        let escapes = (0..quote).take_while(|back| text.at(quote - back - 1) == b'\\').count();
        let start = quote - escapes;
        if matches!(text.before(start, 0), b' ' | b'=' | b'(') && is_refused(text, start) {
            let open = Quote { mark: text.at(quote), escapes };
            let end = value::quoted_end(text, from, open);
            values.push((from, end));
            from = end + open.length();
        }
    }
}

/// Whether the words in front of a quote at `at` say that what it opens was refused.
fn is_refused(text: Text<'_>, at: usize) -> bool {
    let ends = |byte| matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'{' | b'[' | b'\n');
    let mut start = at;
    while at - start < MAX_FRONT && start > 0 && !ends(text.before(start, 0)) {
        start -= 1;
    }
    // Most names of fields are shorter.
    if at - start < MIN_FRONT {
        return false;
    }
    let clause = text.slice(start, at);
    FRONTS.into_iter().any(|(words, sign)| {
        let front =
            clause.len().checked_sub(sign.len()).and_then(|end| clause.split_at_checked(end));
        let Some((front, last)) = front else { return false };
        let named = words.ends_with(b" ");
        let mut places = front.windows(words.len());
        let is = |place: &[u8]| place.eq_ignore_ascii_case(words);
        last.eq_ignore_ascii_case(sign)
            && if named { places.any(is) } else { places.next_back().is_some_and(is) }
    })
}

/// The columns of rows: `Failing row contains (17, Ada, null).`, as `PostgreSQL` says it.
fn rows(text: Text<'_>, values: &mut Vec<(usize, usize)>) {
    let mut from = 0;
    while let Some(bracket) = text.find_byte(b'(', from) {
        let start = bracket + 1;
        if text.slice(bracket.saturating_sub(ROW.len()), bracket) != ROW {
            from = start;
            continue;
        }
        let end = row_end(text, start);
        from = end;
        let mut column = start;
        while column < end {
            let next = text.until(end).find_bytes(b", ", column).unwrap_or(end);
            if !matches!(text.slice(column, next), b"null" | b"t" | b"f") {
                values.push((column, next));
            }
            column = next + 2;
        }
    }
}

/// Where a row ends: at the bracket that ends the sentence, or else with the line. Values are not quoted there, and
/// may have brackets of their own.
fn row_end(text: Text<'_>, start: usize) -> usize {
    let mut from = start;
    let mut last = None;
    while let Some(at) = text.find_either(b')', b'\n', from) {
        if text.at(at) == b'\n' {
            return last.unwrap_or(at);
        }
        let ends = match text.at(at + 1) {
            b'.' => !text.at(at + 2).is_ascii_alphanumeric(),
            after => matches!(after, 0 | b'"' | b'\\' | b'\n' | b'\r'),
        };
        if ends {
            return at;
        }
        last = Some(at);
        from = at + 1;
    }
    last.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::scrubs_to;

    #[test]
    fn what_a_parser_refused_is_removed() {
        for (front, behind) in [
            ("invalid type: string \"", "\", expected u32 at line 1 column 12"),
            ("notes[0]: invalid value: string \"", "\", expected a date"),
            ("{\"error\":\"invalid type: string \\\"", "\\\", expected i64\"}"),
            ("unknown variant `", "`, expected one of `male`, `female`"),
            ("invalid type: integer `", "`, expected a string"),
            ("error returned from database: invalid input syntax for type date: \"", "\""),
            ("invalid input syntax for type timestamp with time zone: \"", "\""),
            ("invalid input value for enum sex: \"", "\""),
            ("date/time field value out of range: \"", "\""),
            ("Incorrect date value: '", "' for column 'x' at row 1"),
            ("ValueError: invalid literal for int() with base 10: '", "'"),
            ("ValueError: could not convert string to float: '", "'"),
            ("time data '", "' does not match format '%Y-%m-%d'"),
            ("[type=int_parsing, input_value='", "', input_type=str]"),
            ("java.lang.NumberFormatException: For input string: \"", "\""),
            ("Cannot deserialize value of type `int` from String \"", "\": not a valid value"),
            ("Cannot construct instance of `Patient` from String value ('", "')"),
        ] {
            for value in ["Ada Sample", "A-77", "7", "lives alone, see 12 Elm"] {
                scrubs_to(
                    &format!("{front}{value}{behind}"),
                    &format!("{front}[PHI:literal]{behind}"),
                );
            }
            // What is known keeps its kind, and nothing is left beside it.
            scrubs_to(&format!("{front}123-45-6789{behind}"), &format!("{front}[PHI:ssn]{behind}"));
            scrubs_to(
                &format!("{front}Ada 123-45-6789 Sample{behind}"),
                &format!("{front}[PHI:literal]{behind}"),
            );
            scrubs_to(&format!("{front}{behind}"), &format!("{front}{behind}"));
        }
    }

    #[test]
    fn the_row_that_a_database_did_not_take_is_removed_column_by_column() {
        scrubs_to(
            "DETAIL:  Failing row contains (17, Ada, 1980-01-05, 123-45-6789, null, t).",
            "DETAIL:  Failing row contains ([PHI:literal], [PHI:literal], [PHI:date], [PHI:ssn], null, t).",
        );
        scrubs_to(
            "detail: Some(\"Failing row contains (Ada (Sr.) Sample, a \\\"b\\\").\"), hint: None (x)",
            "detail: Some(\"Failing row contains ([PHI:literal], [PHI:literal]).\"), hint: None (x)",
        );
        scrubs_to(
            "Failing row contains (Ada, Sample",
            "Failing row contains ([PHI:literal], [PHI:literal]",
        );
        scrubs_to("Failing row contains (Ada\nnext", "Failing row contains ([PHI:literal]\nnext");
        scrubs_to(
            "Failing row contains (Ada) of\nnext",
            "Failing row contains ([PHI:literal]) of\nnext",
        );
        scrubs_to(
            "Failing row contains (unknown variant `Ada, Bo`, 7).",
            "Failing row contains ([PHI:literal], [PHI:literal]).",
        );
    }

    #[test]
    fn quotes_of_programs_stay() {
        for text in [
            "unknown field `colour`, expected one of `a`, `b`",
            "missing field `name` at line 1 column 2",
            "loaded \"config.toml\" in 3 ms",
            "mode: \"fast\"",
            "time data does not match format '%Y'",
            "the row contains (hidden) columns",
            "invalid type: map, expected a string at \"x\"",
        ] {
            scrubs_to(text, text);
        }
    }
}
