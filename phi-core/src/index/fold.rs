//! The form in which texts are compared: without case, accents and repeated white space.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// NFKD, case folded, NFKD, accents dropped, NFKC; white space collapsed.
pub(super) fn fold(text: &str, out: &mut String) {
    if text.is_ascii() {
        // The normal forms leave ASCII as it is, and it has no marks.
        return collapse(text.chars().map(|c| c.to_ascii_lowercase()), out);
    }
    let folded = text.nfkd().flat_map(without_case).nfkd();
    collapse(without_accents(folded).nfkc(), out);
}

/// The lower case of the upper case: `ß` and `ẞ` as `ss`, all three sigmas as one, and `ı`, whose
/// upper case is that of `i`, as `i`. First to lower case, since `ẞ` is its own upper case.
fn without_case(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// Drops the marks behind Latin, Greek and Cyrillic letters, where people leave them out; elsewhere
/// they are vowels and consonants. What only chooses a glyph goes everywhere.
fn without_accents(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let mut accented = false;
    text.filter(move |&c| {
        if is_variation(c) {
            return false;
        }
        if is_combining_mark(c) {
            return !accented;
        }
        accented = takes_accents(c);
        true
    })
}

fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The blocks that hold Latin, Greek and Cyrillic letters; FORMAT.md has the same list.
fn takes_accents(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z'
        | '\u{c0}'..='\u{2af}'
        | '\u{370}'..='\u{52f}'
        | '\u{1c80}'..='\u{1c8f}'
        | '\u{1d00}'..='\u{1dbf}'
        | '\u{1e00}'..='\u{1fff}'
        | '\u{2c60}'..='\u{2c7f}'
        | '\u{a640}'..='\u{a69f}'
        | '\u{a720}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}'
    )
}

/// Writes the characters with each run of white space as one space, and none at the ends.
fn collapse(text: impl Iterator<Item = char>, out: &mut String) {
    let mut gap = false;
    for c in text {
        if c.is_whitespace() {
            gap = !out.is_empty();
        } else {
            if std::mem::take(&mut gap) {
                out.push(' ');
            }
            out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(text: &str) -> String {
        let mut out = String::new();
        fold(text, &mut out);
        out
    }

    #[test]
    fn a_name_in_capitals_is_the_same_name() {
        for (name, other) in [
            ("Weiß", "WEISS"),
            ("Weiß", "WEIẞ"),
            ("Σίσυφος", "ΣΙΣΥΦΟΣ"),
            ("ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
            ("ᾳ", "ΑΙ"),
            ("Yılmaz", "YILMAZ"),
            ("İstanbul", "istanbul"),
            ("Łukasz", "ŁUKASZ"),
            ("Šimůnek", "simunek"),
            ("Алёна", "АЛЕНА"),
            ("ﬁ", "FI"),
            ("ŉ", "ʼN"),
        ] {
            assert_eq!(form(name), form(other), "{name} {other}");
        }
    }

    #[test]
    fn a_vowel_sign_is_no_accent() {
        for (name, other) in
            [("राम", "रीमा"), ("かき", "がぎ"), ("กา", "กี"), ("שׁ", "שׂ"), ("Łukasz", "Lukasz")]
        {
            assert_ne!(form(name), form(other), "{name} {other}");
        }
        // The same letter, whole and in parts.
        assert_eq!(form("か\u{3099}"), form("が"));
        assert_eq!(form("ｶﾞ"), form("ガ"));
        // A sign that only says which glyph is drawn.
        assert_eq!(form("葛\u{e0100}城"), form("葛城"));
    }

    #[test]
    fn every_character_is_folded_once_and_for_all_within_the_room() {
        // All that have a case, a mark or a compatible form: left out are ideographs and private use.
        let planes = ('\0'..='\u{1ffff}').chain('\u{2f800}'..='\u{2fa1f}');
        for c in planes.chain('\u{e0000}'..='\u{e01ff}') {
            let once = form(&format!("{c}"));
            assert_eq!(form(&once), once, "{c:?}");
            let behind = form(&format!("e{c}\u{301}"));
            assert_eq!(form(&behind), behind, "{c:?}");
            let cases = [c.to_lowercase().to_string(), c.to_uppercase().to_string()];
            assert!(cases.iter().all(|case| form(case) == once), "{c:?}");
            assert!(once.len() <= 18 * c.len_utf8(), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn marks_in_any_order_are_folded_once_and_for_all(
            text in "[aαиकか\u{345}\u{301}\u{323}\u{3099}\u{94d}\u{fe0f}\u{e0100}ßıİςﬁΐŉ¨ 1]{0,12}",
        ) {
            let once = form(&text);
            prop_assert_eq!(form(&once), once);
        }
    }
}
