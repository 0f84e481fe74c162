use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::digits::digits;
use super::fold::fold;

/// Longest text that is normalised, and longest form, in bytes; identifiers and names are far shorter.
const MAX_LEN: usize = 4096;

/// The rule that brings a written value and a question to one form. One rule, both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Normaliser {
    /// Unicode NFKC with case, accents and repeated white space folded: `Weiß` is `WEISS`, `José` is
    /// `JOSE`, and `Yılmaz` is `YILMAZ` and so `Yilmaz`. Accents are the marks of Latin, Greek and
    /// Cyrillic letters; those of other scripts make another word and stay.
    Text,
    /// The decimal digits of any script, in order; all else is left out. Other numerals, as `½` and
    /// `²`, are refused.
    Digits,
    /// A social security number: exactly nine digits.
    Ssn,
    /// The last four digits.
    Last4,
    /// A phone number in E.164; ten digits are taken as North American.
    Phone,
    /// A calendar date: `2001-02-03` or `02/03/2001`.
    Date,
}

impl Normaliser {
    /// The stable label: part of the index key's derivation.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Digits => "digits",
            Self::Ssn => "ssn",
            Self::Last4 => "last4",
            Self::Phone => "phone",
            Self::Date => "date",
        }
    }

    /// The normal form of a text.
    ///
    /// # Errors
    ///
    /// [`NormalError`] if the text has none: no digits, or numerals that are none, where digits are
    /// wanted, or nothing at all; or if the text or its form is longer than 4096 bytes.
    /// An empty form is never a match, on either side.
    pub fn normalise(self, text: &str) -> Result<Normal, NormalError> {
        let refused = NormalError { normaliser: self };
        if text.len() > MAX_LEN {
            return Err(refused);
        }
        // Folding can lengthen text that is not ASCII (at most 18 times, for one character of
        // Unicode 17), a phone number and a date get two characters; the room is there from the
        // start, so that no shorter copy stays behind.
        let longest = if text.is_ascii() { 1 } else { 18 };
        let room = text.len().saturating_mul(longest).saturating_add(2);
        let mut out = Zeroizing::new(String::with_capacity(room));
        let has_form = match self {
            Self::Text => {
                fold(text, &mut out);
                true
            }
            Self::Digits => digits(text, &mut out).is_some(),
            Self::Ssn => digits(text, &mut out).is_some() && out.len() == 9,
            Self::Last4 => last4(text, &mut out).is_some(),
            Self::Phone => phone(text, &mut out).is_some(),
            Self::Date => date(text, &mut out).is_some(),
        };
        // A form is bounded like a text, so that it is its own form.
        let fits = (1..=MAX_LEN).contains(&out.len());
        if has_form && fits { Ok(Normal(out)) } else { Err(refused) }
    }
}

/// A normal form: PHI like the value it came from, wiped when dropped.
pub struct Normal(Zeroizing<String>);

impl Normal {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Calls `f` with the normal form, which is as much PHI as the value.
    pub fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
        f(&self.0)
    }

    /// Whether both are the same, in time that depends on their lengths only.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        crate::crypto::constant_time_eq(self.as_bytes(), other.as_bytes())
    }
}

impl fmt::Debug for Normal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Normal(redacted)")
    }
}

/// A value that has no normal form of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NormalError {
    normaliser: Normaliser,
}

impl NormalError {
    /// The rule that refused.
    #[must_use]
    pub fn normaliser(&self) -> Normaliser {
        self.normaliser
    }
}

impl fmt::Display for NormalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.normaliser {
            Normaliser::Text => "search text is empty or longer than 4096 bytes",
            Normaliser::Digits => "search value must have decimal digits, and no other numerals",
            Normaliser::Ssn => "social security number must have nine digits",
            Normaliser::Last4 => "search value must have at least four digits",
            Normaliser::Phone => "phone number must have 10 digits, or 8 to 15 behind a +",
            Normaliser::Date => "date must read 2001-02-03 or 02/03/2001",
        })
    }
}

impl std::error::Error for NormalError {}

fn last4(text: &str, out: &mut String) -> Option<()> {
    digits(text, out)?;
    let from = out.len().checked_sub(4)?;
    out.drain(..from);
    Some(())
}

fn phone(text: &str, out: &mut String) -> Option<()> {
    let international = text.nfkc().find(|c| !c.is_whitespace() && *c != '(') == Some('+');
    out.push('+');
    let mut number = Zeroizing::new(String::with_capacity(out.capacity()));
    digits(text, &mut number)?;
    match (international, number.len()) {
        (true, 8..=15) => {}
        (false, 10) => out.push('1'),
        (false, 11) if number.starts_with('1') => {}
        _ => return None,
    }
    out.push_str(&number);
    Some(())
}

fn date(text: &str, out: &mut String) -> Option<()> {
    use fmt::Write as _;
    let text = text.trim();
    let date: jiff::civil::Date = match text.split_once('/') {
        None => text.parse().ok()?,
        Some((month, rest)) => {
            let (day, year) = rest.split_once('/')?;
            let number = |s: &str, len| (s.len() <= len).then(|| s.parse::<u16>().ok()).flatten();
            if year.len() != 4 {
                return None;
            }
            jiff::civil::Date::new(
                i16::try_from(number(year, 4)?).ok()?,
                i8::try_from(number(month, 2)?).ok()?,
                i8::try_from(number(day, 2)?).ok()?,
            )
            .ok()?
        }
    };
    write!(out, "{date}").ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Normaliser; 6] = [
        Normaliser::Text,
        Normaliser::Digits,
        Normaliser::Ssn,
        Normaliser::Last4,
        Normaliser::Phone,
        Normaliser::Date,
    ];

    fn normal(normaliser: Normaliser, text: &str) -> Option<String> {
        normaliser.normalise(text).ok().map(|n| n.0.to_string())
    }

    #[test]
    fn known_forms() {
        for (normaliser, text, want) in [
            (Normaliser::Text, "  José\u{a0} ÁLVAREZ ", Some("jose alvarez")),
            (Normaliser::Text, "Ｊｏｓｅ\u{301}", Some("jose")),
            (Normaliser::Text, " \t", None),
            (Normaliser::Digits, "MRN 00-12", Some("0012")),
            (Normaliser::Digits, "none", None),
            (Normaliser::Digits, "A-٣٢١-4", Some("3214")),
            (Normaliser::Digits, "１２३", Some("123")),
            (Normaliser::Digits, "12½", None),
            (Normaliser::Digits, "12²", None),
            (Normaliser::Digits, "Ⅳ-12", None),
            (Normaliser::Ssn, "123-45-6789", Some("123456789")),
            (Normaliser::Ssn, "１２３ 45 6789", Some("123456789")),
            (Normaliser::Ssn, "123-45-678", None),
            (Normaliser::Ssn, "123-45-6789²", None),
            (Normaliser::Last4, "123-45-6789", Some("6789")),
            (Normaliser::Last4, "789", None),
            (Normaliser::Last4, "12345①", None),
            (Normaliser::Phone, "٠٢٠ ٧٩٤٦ ٠٩٥", Some("+10207946095")),
            (Normaliser::Phone, "(555) 475-6178", Some("+15554756178")),
            (Normaliser::Phone, "1 555 475 6178", Some("+15554756178")),
            (Normaliser::Phone, "+44 20 7946 0958", Some("+442079460958")),
            (Normaliser::Phone, "475-6178", None),
            (Normaliser::Date, "1982-04-16", Some("1982-04-16")),
            (Normaliser::Date, "4/16/1982", Some("1982-04-16")),
            (Normaliser::Date, "13/40/1982", None),
        ] {
            assert_eq!(normal(normaliser, text).as_deref(), want, "{normaliser:?}");
        }
    }

    /// Found by the fuzzer: one character that folds to eighteen.
    #[test]
    fn a_form_that_would_be_too_long_a_text_is_refused() {
        let ligatures = |count: usize| "\u{fdfa}".repeat(count);
        let form = normal(Normaliser::Text, &ligatures(100)).unwrap();
        assert!(form.len() > 2048 && normal(Normaliser::Text, &form).is_some());
        assert_eq!(normal(Normaliser::Text, &ligatures(200)), None);
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own_normal_form(text in "\\PC{0,40}", at in 0usize..6) {
            if let Some(once) = normal(ALL[at], &text) {
                prop_assert!(!once.is_empty());
                prop_assert_eq!(normal(ALL[at], &once), Some(once));
            }
        }

        #[test]
        fn case_and_accents_never_hide_a_name(name in "[a-zA-ZáéíóúñüÁÉÍÓÚÑÜ]{1,20}") {
            prop_assert_eq!(
                normal(Normaliser::Text, &name.to_uppercase()),
                normal(Normaliser::Text, &name.to_lowercase())
            );
        }
    }
}
