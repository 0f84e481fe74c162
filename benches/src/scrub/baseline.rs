//! One `regex-automata` engine over all rules of `rules/scrub.rules`: the fastest way we know to look for many
//! patterns without writing matchers by hand.

use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;

/// The rules, one kind and one pattern a line.
pub const RULES: &str = include_str!("../../rules/scrub.rules");

/// All rules in one engine, and the kind of each.
#[derive(Debug)]
pub struct Baseline {
    regex: Regex,
    /// Where the parts of a match are, kept from text to text.
    groups: Captures,
    kinds: Vec<&'static str>,
}

impl Baseline {
    /// Reads the rules.
    ///
    /// # Panics
    ///
    /// If a rule does not compile.
    #[must_use]
    #[allow(clippy::expect_used, reason = "the rules are a part of this crate")]
    pub fn new() -> Self {
        let rules: Vec<_> = RULES.lines().filter_map(|line| line.split_once('\t')).collect();
        let patterns: Vec<_> = rules.iter().map(|(_, pattern)| *pattern).collect();
        let syntax = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
        // Room for every state it meets. With the two megabytes it has by itself it gives its automaton up on some
        // logs, and then takes ten times as long.
        let config = Regex::config().hybrid_cache_capacity(256 << 20);
        let regex = Regex::builder()
            .configure(config)
            .syntax(syntax)
            .build_many(&patterns)
            .expect("rules that compile");
        Self {
            groups: regex.create_captures(),
            regex,
            kinds: rules.iter().map(|(kind, _)| *kind).collect(),
        }
    }

    /// How often a rule matches, without asking where its value is.
    pub fn matches(&self, text: &str) -> usize {
        self.regex.find_iter(Input::new(text)).count()
    }

    /// What it finds, in order: start, end, kind.
    pub fn find(&mut self, text: &str) -> Vec<(usize, usize, &'static str)> {
        let mut found = Vec::new();
        let groups = &mut self.groups;
        for hit in self.regex.find_iter(Input::new(text)) {
            let kind = self.kinds.get(hit.pattern().as_usize()).copied().unwrap_or_default();
            self.regex.captures(Input::new(text).range(hit.range()), groups);
            let value = groups.get_group_by_name("v").map_or(hit.range(), |span| span.range());
            if checks(kind, text.get(value.clone()).unwrap_or_default()) {
                found.push((value.start, value.end, kind));
            }
        }
        found
    }
}

impl Default for Baseline {
    fn default() -> Self {
        Self::new()
    }
}

/// The check digit of a kind that has one.
fn checks(kind: &str, value: &str) -> bool {
    match kind {
        "CREDIT_CARD" => {
            let digits =
                value.bytes().rev().filter(u8::is_ascii_digit).map(|byte| u32::from(byte - b'0'));
            let doubled = |(place, digit)| {
                let digit = if place % 2 == 1 { digit * 2 } else { digit };
                digit / 10 + digit % 10
            };
            digits.enumerate().map(doubled).sum::<u32>() % 10 == 0
        }
        "DEA" => {
            let digits: Vec<_> =
                value.bytes().skip(2).map(|byte| u32::from(byte.wrapping_sub(b'0'))).collect();
            let Some((check, digits)) = digits.split_last() else { return false };
            let weights = [1, 2].into_iter().cycle();
            let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
            digits.len() == 6 && sum % 10 == *check
        }
        "VIN" => vin(value),
        _ => true,
    }
}

fn vin(value: &str) -> bool {
    const VALUES: &[u8] = b"0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ";
    const WEIGHTS: [usize; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let place = |byte: u8| VALUES.iter().position(|each| *each == byte).unwrap_or(0) % 10;
    let sum: usize = value.bytes().zip(WEIGHTS).map(|(byte, weight)| place(byte) * weight).sum();
    let letters = value.bytes().filter(u8::is_ascii_uppercase).count();
    let hexadecimal = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let check = b"0123456789X".get(sum % 11).copied();
    value.as_bytes().get(8).copied() == check && letters >= 2 && !hexadecimal
}
