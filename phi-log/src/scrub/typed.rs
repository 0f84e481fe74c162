//! What programs print between a field's name and its value: its type, its length, its address, who may see it.

use super::pair::quote_at;
use super::text::Text;

/// Bytes of such a note, and how many may stand behind each other.
const MAX_NOTE: usize = 24;
const MAX_NOTES: usize = 3;

/// Where the value itself begins behind notes at `at`; `at` if there are none, or no quote behind them.
///
/// `(string) (len=8) "Ada"` (Go), `string(7) "Ada"` (PHP), `0x55 "Ada"` (gdb), `<<"Ada">>` (Erlang),
/// `[]string{"Ada"}` (Go).
pub(super) fn skip(text: Text<'_>, at: usize) -> usize {
    let mut next = at;
    for _ in 0..MAX_NOTES {
        let Some(end) = note_end(text, next) else { break };
        next = end;
    }
    if next > at && quote_at(text, next).is_some() { next } else { at }
}

fn note_end(text: Text<'_>, at: usize) -> Option<usize> {
    let first = text.at(at);
    let open = match first {
        b'(' => at,
        b'<' if text.at(at + 1) == b'<' => return Some(at + 2),
        b'0' if text.at(at + 1) == b'x' => {
            return word_end(text, at + 2).filter(|end| text.at(*end) == b' ').map(|end| end + 1);
        }
        b'[' if text.at(at + 1) == b']' => {
            return word_end(text, at + 2).filter(|end| text.at(*end) == b'{').map(|end| end + 1);
        }
        byte if byte.is_ascii_lowercase() => word_end(text, at)?,
        _ => return None,
    };
    if text.at(open) != b'(' {
        return None;
    }
    let close = text.until(open + MAX_NOTE).find_byte(b')', open)?;
    let noted = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b'_' | b'.' | b'*' | b' ' | b':')
    };
    (text.slice(open + 1, close).iter().all(noted) && text.at(close + 1) == b' ')
        .then_some(close + 2)
}

fn word_end(text: Text<'_>, at: usize) -> Option<usize> {
    let end = (at..at + MAX_NOTE).find(|at| !text.at(*at).is_ascii_alphanumeric())?;
    (end > at).then_some(end)
}

/// Where the value begins if the `:` at `at` says who may see the field: `[lastName:Patient:private] => Ada`,
/// `["lastName":protected]=>`.
pub(super) fn behind_visibility(text: Text<'_>, at: usize) -> Option<usize> {
    const MAX_CLASS: usize = 80;
    let close = text.until(at + MAX_CLASS).find_byte(b']', at)?;
    let inside = text.slice(at, close);
    let hidden = inside.ends_with(b"private") || inside.ends_with(b"protected");
    let mut next = close + 1;
    next += usize::from(text.at(next) == b' ');
    let arrow = text.slice(next, next + 2) == b"=>";
    (hidden && arrow).then_some(next + 1)
}

/// The end of the value that has taken this one's place, where the quote at `at` closes the old one:
/// `'Ada' -> 'Bea'`, `"Ada" to "Bea"`.
pub(super) fn replaced_by(text: Text<'_>, at: usize, length: usize) -> Option<usize> {
    let from = at + length;
    let arrow = [&b" -> "[..], b" => ", b" to "]
        .into_iter()
        .find(|arrow| text.slice(from, from + arrow.len()) == *arrow)?;
    let open = quote_at(text, from + arrow.len())?;
    let start = from + arrow.len() + open.length();
    Some(super::value::quoted_end(text, start, open))
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    /// `FirstName: [PHI:name] "Ada"`: the type was taken for the value.
    #[test]
    fn the_type_of_a_value_is_not_the_value() {
        becomes(&[
            ("FirstName: (string) (len=3) \"Ada\",", "FirstName: (string) (len=3) \"[PHI:name]\","),
            (
                "[\"first_name\"]=>\n  string(3) \"Ada\"",
                "[\"first_name\"]=>\n  string(3) \"[PHI:name]\"",
            ),
            ("(first_name=0x55d0 \"Ada\")", "(first_name=0x55d0 \"[PHI:name]\")"),
            ("#{first_name => <<\"Ada\">>}", "#{first_name => <<\"[PHI:name]\">>}"),
            ("{\"lname\":[]string{\"Sample\"}}", "{\"lname\":[]string{\"[PHI:name]\"}}"),
            ("dob=datetime.date(1961, 3, 4), n=2", "dob=[PHI:dob], n=2"),
            ("phone=Optional[5550104477]", "phone=[PHI:phone]"),
        ]);
        // What is no note is the value, or in front of it.
        becomes(&[
            ("ssn: (none) 123456789", "ssn: [PHI:ssn]"),
            ("first_name=string(3)", "first_name=[PHI:name]"),
        ]);
    }

    #[test]
    fn who_may_see_a_field_is_not_its_value() {
        becomes(&[
            ("[lastName:Patient:private] => Sample", "[lastName:Patient:private] => [PHI:name]"),
            (
                "[\"lastName\":protected]=>\n  string(6) \"Sample\"",
                "[\"lastName\":protected]=>\n  string(6) \"[PHI:name]\"",
            ),
        ]);
    }

    #[test]
    fn the_new_value_goes_with_the_old_one() {
        becomes(&[
            ("first_name: 'Ada' -> 'Bea', by 7", "first_name: '[PHI:name]', by 7"),
            ("first_name: '[PHI:name]' -> 'Bea'", "first_name: '[PHI:name]'"),
            ("ssn=\"x\" to \"123456789\" done", "ssn=\"[PHI:ssn]\" done"),
        ]);
    }

    /// `"Email:"[PHI:email]"answer"`: the quote behind the label was taken for one in front of a value.
    #[test]
    fn a_label_at_the_end_of_a_string_has_no_value_there() {
        stays(&[
            r#"{"question":"Email:","answer":null}"#,
            r#"{"a":{"b":"Date of birth:"},"c":"x"}"#,
            r#"{"k":["Lon= "]}"#,
            r#""{\"k\":[\"ssn=\"]}""#,
        ]);
        becomes(&[(r#"{"a":1} ssn="],x""#, r#"{"a":1} ssn="[PHI:ssn]""#)]);
    }

    #[test]
    fn a_schema_says_what_values_are_and_holds_none() {
        stays(&[
            r#"{"properties":{"firstName":{"type":"string"},"dob":{"type":"string","format":"date"}}}"#,
            r#"{"ssn": {"type": "keyword"}, "mrn_count": 12}"#,
            r#"{"lat":673.781,"unit":"ms"}"#,
        ]);
        becomes(&[(r#"{"phone":{"type":"home","number":"x 1"}}"#, r#"{"phone":"[PHI:phone]"}"#)]);
    }
}
