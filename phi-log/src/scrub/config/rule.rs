//! Rules of one's own: a pattern of bounded length, with its tests beside it.

use super::ConfigError;
use crate::scrub::kind::Kind;

/// Characters that a pattern may match at most.
const MAX_LENGTH: usize = 120;

/// A pattern for identifiers that only this house knows, such as `V-[0-9]{6,10}`.
///
/// A pattern is a row of characters and classes, each with a bounded count: `[A-Z]{2}`, `[0-9]{4,8}`, `-?`, `.`
/// stands for itself, and `\` in front of a sign for the sign. There is no `*`, `+` or `|`, so that no pattern is
/// slow. It matches whole words only: not inside a longer run of letters and digits.
///
/// A rule brings its own tests, which run when it is made.
///
/// ```
/// use phi_log::{ConfigError, Kind, Rule, Scrubber};
///
/// let rule = Rule::new(Kind::Account, "V-[0-9]{6,10}", &["V-123456"], &["V-12", "AV-123456"])?;
/// let scrubber = Scrubber::builder().rule(rule).build()?;
/// assert_eq!(scrubber.scrub("visit V-20231 or V-2023107").as_str(), "visit V-20231 or [PHI:account]");
///
/// // Unbounded, and a test that fails: both are refused.
/// assert!(Rule::new(Kind::Account, "V-[0-9]+", &["V-1"], &[]).is_err());
/// assert!(Rule::new(Kind::Account, "V-[0-9]{6}", &["V-12"], &[]).is_err());
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rule {
    kind: Kind,
    /// For each position of the longest match, the bytes that may stand there.
    classes: Vec<Class>,
    /// A bit for each position that may be left out.
    optional: u128,
}

/// A set of ASCII characters.
#[derive(Debug, Clone, Copy, Default)]
struct Class(u128);

impl Class {
    const fn has(self, byte: u8) -> bool {
        byte < 128 && self.0 & (1 << byte) != 0
    }

    const fn with(self, first: u8, last: u8) -> Self {
        let (mut bits, mut byte) = (self.0, first);
        while byte <= last && byte < 128 {
            bits |= 1 << byte;
            byte += 1;
        }
        Self(bits)
    }
}

impl Rule {
    /// A rule from its pattern. It must match each of `finds` whole, and nothing in any of `ignores`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::RulePattern`] for a pattern that cannot be read or has no bound,
    /// [`ConfigError::RuleTest`] if a test fails or `finds` is empty.
    pub fn new(
        kind: Kind,
        pattern: &str,
        finds: &[&str],
        ignores: &[&str],
    ) -> Result<Self, ConfigError> {
        let rule = Self::parse(kind, pattern.as_bytes()).ok_or(ConfigError::RulePattern)?;
        let whole = |text: &&str| rule.find(text.as_bytes(), 0) == Some((0, text.len()));
        let nothing = |text: &&str| rule.find(text.as_bytes(), 0).is_none();
        if finds.is_empty() || !finds.iter().all(whole) || !ignores.iter().all(nothing) {
            return Err(ConfigError::RuleTest);
        }
        Ok(rule)
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    fn parse(kind: Kind, pattern: &[u8]) -> Option<Self> {
        let mut rule = Self { kind, classes: Vec::new(), optional: 0 };
        let mut rest = pattern;
        while !rest.is_empty() {
            let (class, after) = class(rest)?;
            let (least, most, after) = count(after)?;
            for place in 0..most {
                if place >= least {
                    rule.optional |= 1_u128.checked_shl(u32::try_from(rule.classes.len()).ok()?)?;
                }
                rule.classes.push(class);
                if rule.classes.len() > MAX_LENGTH {
                    return None;
                }
            }
            rest = after;
        }
        let least = rule.classes.len() - usize::try_from(rule.optional.count_ones()).ok()?;
        // Shorter ones would match everywhere.
        (least >= 3).then_some(rule)
    }

    /// The first match at or behind `from`.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        (from..text.len()).find_map(|start| {
            let inside = start > 0 && text.get(start - 1).is_some_and(u8::is_ascii_alphanumeric);
            if inside {
                return None;
            }
            self.end(text, start).map(|end| (start, end))
        })
    }

    /// The end of the longest match at `start`. A bit of `at` says that so many positions are matched.
    fn end(&self, text: &[u8], start: usize) -> Option<usize> {
        let whole = 1_u128 << self.classes.len();
        let mut at = self.skip(1);
        let mut end = None;
        for (offset, byte) in text.get(start..)?.iter().enumerate() {
            let mut next = 0;
            let mut left = at;
            while left != 0 {
                let place = left.trailing_zeros();
                left &= left - 1;
                if self.classes.get(place as usize).is_some_and(|class| class.has(*byte)) {
                    next |= 1 << (place + 1);
                }
            }
            at = self.skip(next);
            if at == 0 {
                break;
            }
            let after = text.get(start + offset + 1);
            let word_ends =
                !byte.is_ascii_alphanumeric() || !after.is_some_and(u8::is_ascii_alphanumeric);
            if at & whole != 0 && word_ends {
                end = Some(start + offset + 1);
            }
        }
        end
    }

    /// Also behind the positions that may be left out.
    fn skip(&self, mut at: u128) -> u128 {
        loop {
            let more = at | (at & self.optional) << 1;
            if more == at {
                return at;
            }
            at = more;
        }
    }
}

/// One character or class.
fn class(pattern: &[u8]) -> Option<(Class, &[u8])> {
    match pattern {
        [b'\\', byte, rest @ ..] if byte.is_ascii_punctuation() => {
            Some((Class::default().with(*byte, *byte), rest))
        }
        [b'[', rest @ ..] => {
            let end = rest.iter().position(|byte| *byte == b']')?;
            let (inside, after) = (rest.get(..end)?, rest.get(end + 1..)?);
            let mut set = Class::default();
            let mut inside = inside;
            while let Some((first, more)) = inside.split_first() {
                inside = more;
                let mut last = *first;
                if let [b'-', bound, more @ ..] = inside {
                    (last, inside) = (*bound, more);
                }
                if !first.is_ascii_graphic() || last < *first {
                    return None;
                }
                set = set.with(*first, last);
            }
            (set.0 != 0).then_some((set, after))
        }
        [b'*' | b'+' | b'|' | b'(' | b')' | b'{' | b'}' | b'?' | b'^' | b'$' | b']', ..] => None,
        [byte, rest @ ..] if byte.is_ascii_graphic() || *byte == b' ' => {
            Some((Class::default().with(*byte, *byte), rest))
        }
        _ => None,
    }
}

/// `{4}`, `{4,8}`, `?` or nothing.
fn count(pattern: &[u8]) -> Option<(usize, usize, &[u8])> {
    match pattern {
        [b'?', rest @ ..] => Some((0, 1, rest)),
        [b'{', rest @ ..] => {
            let end = rest.iter().position(|byte| *byte == b'}')?;
            let inside = core::str::from_utf8(rest.get(..end)?).ok()?;
            let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
            let (least, most) = (least.parse().ok()?, most.parse().ok()?);
            (least <= most && most > 0 && most <= MAX_LENGTH).then_some((
                least,
                most,
                rest.get(end + 1..)?,
            ))
        }
        _ => Some((1, 1, pattern)),
    }
}
