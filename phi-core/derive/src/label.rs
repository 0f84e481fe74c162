//! The grammar of the labels that are stored for decades.

use syn::LitStr;

use crate::ctxt::Ctxt;

/// Longest label, in bytes.
const MAX_LABEL: usize = 64;

/// Whether a text may be a record, field or class label: it stands in schemas, policies, audit
/// events and errors, so it must print plainly. `all` is a word of the policy language.
pub(crate) fn is_label(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    text.len() <= MAX_LABEL
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(plain)
        && text != "all"
}

/// What a label must look like, for messages.
pub(crate) const LABEL_RULE: &str =
    "1 to 64 of `a-z`, `0-9`, `-` and `_`, a letter first, not `all`";

/// The text of a label, with a mistake noted if it may not be one.
pub(crate) fn label(lit: &LitStr, what: &str, ctxt: &mut Ctxt) -> String {
    let text = lit.value();
    if !is_label(&text) {
        ctxt.error(lit, format_args!("a {what} label has {LABEL_RULE}"));
    }
    text
}

/// Whether a text may be a stored code: code systems use capitals and punctuation.
pub(crate) fn is_code(text: &str) -> bool {
    (1..=MAX_LABEL).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        && text.trim() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_print_plainly_or_are_refused() {
        for good in ["patient", "care-plan", "ssn_last4", "a", &"a".repeat(64)] {
            assert!(is_label(good), "{good}");
        }
        for bad in
            ["", "all", "Patient", "1st", "-a", "_a", "a b", "a.b", "é", "a\n", &"a".repeat(65)]
        {
            assert!(!is_label(bad), "{bad}");
        }
    }

    #[test]
    fn codes_print_plainly_or_are_refused() {
        for good in ["M", "active", "1.2.840", "in progress", "<=", &"x".repeat(64)] {
            assert!(is_code(good), "{good}");
        }
        for bad in ["", " ", " a", "a ", "a\tb", "é", &"x".repeat(65)] {
            assert!(!is_code(bad), "{bad}");
        }
    }
}
