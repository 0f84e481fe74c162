//! Arguments of programs in a list: `["import", "--mrn", "77193551"]`.

use super::enclosed;
use crate::scrub::engine::Hit;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::value;

const FLAG: &[u8] = b"--";
/// Bytes of a flag that are looked at, and white space behind its comma.
const MAX_FLAG: usize = 64;
const MAX_SPACE: usize = 16;

/// Adds the string behind each string that is a flag.
pub(super) fn scan(text: Text<'_>, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(at) = text.find_bytes(FLAG, from) {
        from = at + FLAG.len();
        hits.extend(find(text, at));
    }
}

fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    let mark = text.before(at, 0);
    if !matches!(mark, b'"' | b'\'') {
        return None;
    }
    let label = at + FLAG.len();
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut label_end = label;
    while label_end - label < MAX_FLAG && is_label(text.at(label_end)) {
        label_end += 1;
    }
    let close = quote_at(text, label_end).filter(|close| close.mark == mark)?;
    let mut next = label_end + close.length();
    if text.at(next) != b',' {
        return None;
    }
    next += 1;
    let most = next + MAX_SPACE;
    while next < most && matches!(text.at(next), b' ' | b'\n' | b'\r' | b'\t') {
        next += 1;
    }
    let open = quote_at(text, next).filter(|open| *open == close)?;
    let start = next + open.length();
    // Another flag says that this one has no value.
    if text.slice(start, start + FLAG.len()) == FLAG {
        return None;
    }
    enclosed(text, (label, label_end), (start, value::quoted_end(text, start, open)))
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    #[test]
    fn flags_say_what_the_next_argument_is() {
        becomes(&[
            (
                r#"argv=["import", "--mrn", "77193551", "--last-name", "Sample", "-v"]"#,
                r#"argv=["import", "--mrn", "[PHI:mrn]", "--last-name", "[PHI:name]", "-v"]"#,
            ),
            (
                "args: ['--first-name', 'Ada', '--city', 'Springfield']",
                "args: ['--first-name', '[PHI:name]', '--city', '[PHI:address]']",
            ),
            (r#"{"cmd":"[\"--dob\", \"1980-01-05\"]"}"#, r#"{"cmd":"[\"--dob\", \"[PHI:dob]\"]"}"#),
        ]);
    }

    #[test]
    fn flags_without_a_value_and_others_are_left_alone() {
        stays(&[
            r#"["run", "--mrn", "--verbose", "--port", "8080"]"#,
            r#"["--config", "/etc/app.toml", "--mrn"]"#,
            "use '--mrn', not '--id'",
        ]);
    }
}
