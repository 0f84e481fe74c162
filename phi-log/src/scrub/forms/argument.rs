//! Arguments of programs in a list, `["import", "--mrn", "77193551"]`, and of jobs, `args=('Ada Sample', 7)`.

use super::enclosed;
use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::pair::quote_at;
use crate::scrub::text::Text;
use crate::scrub::{person, value};

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

/// What stands in front of the arguments of a job.
const JOBS: [&[u8]; 3] = [b"args", b"argument", b"arguments"];
/// Bytes of such a list that are looked at.
const MAX_LIST: usize = 512;

/// Adds the strings that look like names of people, if the list at the bracket at `at` is of the arguments of a job.
pub(super) fn people(text: Text<'_>, at: usize, hits: &mut Vec<Hit>) {
    let is_sign = |byte: u8| matches!(byte, b' ' | b'"' | b'\'' | b'\\');
    let mut sign = at;
    while at - sign < 2 && text.before(sign, 0) == b' ' {
        sign -= 1;
    }
    if !matches!(text.before(sign, 0), b'=' | b':') {
        return;
    }
    let mut end = sign - 1;
    while sign - end < 4 && is_sign(text.before(end, 0)) {
        end -= 1;
    }
    let mut start = end;
    while end - start < 10 && text.before(start, 0).is_ascii_alphabetic() {
        start -= 1;
    }
    if !JOBS.iter().any(|word| word.eq_ignore_ascii_case(text.slice(start, end))) {
        return;
    }
    let near = text.until(at + MAX_LIST);
    let mut next = at + 1;
    while !matches!(near.at(next), 0 | b')' | b']' | b'\n') {
        let Some(open) = quote_at(near, next) else {
            next += 1;
            continue;
        };
        let start = next + open.length();
        let end = value::quoted_end(near, start, open);
        // Of a string that is cut here only a part would be seen.
        if text.at(end + open.length() - 1) == open.mark && person::is_name(near, start, end) {
            hits.push(Hit { start, end, kind: Kind::Name, quote: None });
        }
        next = (end + open.length()).max(start);
    }
}

#[cfg(test)]
mod tests {
    use super::MAX_LIST;
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
    fn people_among_the_arguments_of_jobs_are_found() {
        becomes(&[
            (
                "received args=('Ada Sample', '7', 'daily') kwargs={}",
                "received args=('[PHI:name]', '7', 'daily') kwargs={}",
            ),
            (
                r#"{"class":"ReminderJob","args":["Bo Wu Example","x@b.example"],"jid":"x"}"#,
                r#"{"class":"ReminderJob","args":["[PHI:name]","[PHI:email]"],"jid":"x"}"#,
            ),
        ]);
        // Pairs among them are pairs, and of a name at the end of the look nothing is left half.
        becomes(&[(r#"args: ["mrn", "A-77"]"#, r#"args: ["mrn", "[PHI:mrn]"]"#)]);
        let filler = format!("args=({}", "7, ".repeat((MAX_LIST - 8) / 3));
        stays(&[&format!("{filler}'Ada Sample')")]);
        stays(&["args=('Weekly', 'run')", "args: [a, b]", r#"["Ada"]"#]);
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
