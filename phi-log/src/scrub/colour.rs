//! Text that was coloured before: control sequences stand between a name and its sign, and hide both.

use super::text::Text;

/// How a sequence begins (ECMA-48, 5.4): as a byte, or as `Debug`, JSON and formatters write it.
const OPENINGS: [&[u8]; 6] =
    [b"\x1b[", b"\\u{1b}[", b"\\u001b[", b"\\u001B[", b"\\x1b[", b"\\x1B["];
/// Bytes between the opening and the letter that ends it; what is longer is none.
const MAX_BODY: usize = 32;

/// A text without its control sequences, and where its pieces stood.
pub(super) struct Plain {
    pub(super) text: String,
    /// Where pieces begin: in the plain text, and in the one with colours.
    pieces: Vec<(usize, usize)>,
}

/// The text without control sequences, if it has any.
pub(super) fn without(text: &str) -> Option<Plain> {
    let view = Text::new(text);
    if !view.has_either(0x1b, b'\\') {
        return None;
    }
    let mut plain = Plain { text: String::new(), pieces: Vec::new() };
    let (mut from, mut at) = (0, 0);
    while let Some(next) = view.find_either(0x1b, b'\\', at) {
        let Some(end) = sequence_end(view, next) else {
            at = next + 1;
            continue;
        };
        plain.push(text, from, next);
        (from, at) = (end, end);
    }
    if from == 0 {
        return None;
    }
    plain.push(text, from, text.len());
    Some(plain)
}

/// The end of the sequence at `at`, if one begins there.
fn sequence_end(text: Text<'_>, at: usize) -> Option<usize> {
    // `\\u001b[`, inside another string.
    let mut start = at;
    while start < at + MAX_BODY && text.at(start) == b'\\' && text.at(start + 1) == b'\\' {
        start += 1;
    }
    let Some(opening) = OPENINGS.iter().find(|opening| text.has_word(start, opening)) else {
        // A terminal does not show it alone either.
        return (text.at(at) == 0x1b).then_some(at + 1);
    };
    let body = start + opening.len();
    // What a sequence may hold, but for quotes: those are of the string that it stands in.
    let inside = |byte: u8| matches!(byte, 0x20..=0x3f) && !matches!(byte, b'"' | b'\'');
    let last = (body..body + MAX_BODY).find(|at| !inside(text.at(*at)))?;
    // Nor those that end what it stands in.
    let ends = text.at(last).is_ascii_alphabetic() || matches!(text.at(last), b'@' | b'~');
    ends.then_some(last + 1)
}

impl Plain {
    fn push(&mut self, text: &str, start: usize, end: usize) {
        self.pieces.push((self.text.len(), start));
        self.text.push_str(text.get(start..end).unwrap_or_default());
    }

    /// Where a span of the plain text stands in the one with colours.
    pub(super) fn place(&self, start: usize, end: usize) -> (usize, usize) {
        let of = |at: usize| {
            let piece = self.pieces.partition_point(|(plain, _)| *plain <= at);
            let (plain, own) =
                self.pieces.get(piece.saturating_sub(1)).copied().unwrap_or_default();
            own + (at - plain)
        };
        (of(start), end.checked_sub(1).map_or(0, |last| of(last) + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::without;
    use crate::{Kind, Scrubber, Span};

    /// `{"ssn":"x\u001b["}` lost the quote and the brace, which a sequence would hold or end with.
    #[test]
    fn a_sequence_does_not_reach_out_of_its_string() {
        crate::scrub::tests::becomes(&[
            (r#"{"ssn":"x\u001b["}"#, r#"{"ssn":"[PHI:ssn]"}"#),
            (
                r#"{"body":"{\"ssn\":\"x\\u001b[\",\"n\":1}"}"#,
                r#"{"body":"{\"ssn\":\"[PHI:ssn]\",\"n\":1}"}"#,
            ),
            (r#"{"a":"\u001b[","mrn":"A-77"}"#, r#"{"a":"\u001b[","mrn":"[PHI:mrn]"}"#),
        ]);
    }

    #[test]
    fn colours_hide_nothing_however_they_are_written() {
        for escape in ["\x1b", "\\u{1b}", "\\u001b", "\\\\u001B", "\\x1b"] {
            let text = format!("{escape}[3mmrn{escape}[0m{escape}[2m={escape}[0mA77193 ok");
            let scrubbed = Scrubber::new().scrub(&text);
            assert_eq!(scrubbed.as_str(), "mrn=[PHI:mrn] ok");
            let start = text.find("A77193").unwrap();
            let want = Span { start, end: start + 6, kind: Kind::Mrn };
            assert_eq!(Scrubber::new().spans(&text), [want], "{text}");
        }
    }

    #[test]
    fn sequences_inside_sequences_hide_nothing() {
        for text in ["mrn\x1b\x1b[0m=A77193", "mrn\\x1\\x1b[0mb[0m=A77193, ssn=1", "mrn\x1b=A77193"]
        {
            let scrubbed = Scrubber::new().scrub(text);
            assert!(!scrubbed.as_str().contains("77193"), "{scrubbed}");
            assert_eq!(Scrubber::new().scrub(scrubbed.as_str()).as_str(), scrubbed.as_str());
        }
    }

    #[test]
    fn what_a_marker_sets_free_goes_too() {
        let scrubbed = Scrubber::new().scrub("of 92-year-old\x1b[3mmrn\x1b[0m=A77193");
        assert_eq!(scrubbed.as_str(), "of [PHI:age]mrn=[PHI:mrn]");
    }

    #[test]
    fn what_is_clean_keeps_its_colours() {
        for text in ["\x1b[32mok\x1b[0m room=4", "C:\\x1b\\u001", "\x1b", "\x1b[", "a\\"] {
            assert!(Scrubber::new().scrub(text).is_borrowed(), "{text}");
        }
        assert!(without("C:\\users").is_none());
    }
}
