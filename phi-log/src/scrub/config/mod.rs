//! Choices for a scrubber.

pub(crate) mod action;
mod allow;
#[cfg(feature = "config")]
mod file;
mod rule;
pub(crate) mod token;

use core::fmt;
use std::error::Error;
use std::sync::Arc;

pub use action::Action;
use allow::Allowed;
pub use rule::Rule;

use super::Scrubber;
use super::engine::Hit;
use super::kind::Kind;

/// Rules and allowed values that are taken.
const MAX_ENTRIES: usize = 1_000;

#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    off: u32,
    actions: [Action; Kind::ALL.len()],
    allowed: Vec<Allowed>,
    rules: Vec<Rule>,
    year: Option<u16>,
    token: Option<token::TokenKey>,
}

impl Config {
    pub(crate) const fn is_off(&self, kind: Kind) -> bool {
        self.off & (1 << kind as u32) != 0
    }

    /// Whether a hit is one to remove.
    pub(super) fn takes(&self, text: &str, hit: &Hit) -> bool {
        if self.is_off(hit.kind) {
            return false;
        }
        let value = text.get(hit.start..hit.end).unwrap_or_default();
        !self.allowed.iter().any(|allowed| allowed.lets(hit.kind, value))
    }

    /// Adds what the rules find. Hits may overlap.
    pub(super) fn find(&self, text: &str, hits: &mut Vec<Hit>) {
        for rule in &self.rules {
            let mut from = 0;
            while let Some((start, end)) = rule.find(text.as_bytes(), from) {
                hits.push(Hit { start, end, kind: rule.kind(), quote: None });
                from = end;
            }
        }
    }

    pub(super) fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    pub(crate) fn action(&self, kind: Kind) -> Action {
        self.actions.get(kind as usize).copied().unwrap_or_default()
    }

    /// Writes the marker, with what may stay of the value.
    pub(crate) fn write(&self, kind: Kind, value: &str, out: &mut String) {
        let year = self.year.unwrap_or_else(this_year);
        let rest = self.action(kind).rest(kind, value, year, self.token.as_ref());
        match rest.filter(|rest| action::is_rest(kind, rest.as_bytes())) {
            Some(rest) => {
                out.push_str(kind.marker().trim_end_matches(']'));
                out.push(' ');
                out.push_str(&rest);
                out.push(']');
            }
            None => out.push_str(kind.marker()),
        }
    }
}

/// The year by the clock of the system, in UTC. A wrong clock only makes people older.
fn this_year() -> u16 {
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    // The mean year of the calendar; a day off at new year does no harm.
    u16::try_from(1970 + seconds / 31_556_952).unwrap_or(u16::MAX)
}

/// Choices for a [`Scrubber`]. Made by [`Scrubber::builder`].
///
/// ```
/// use phi_log::{Action, ConfigError, Kind, Scrubber};
///
/// let scrubber = Scrubber::builder()
///     .action(Kind::Birth, Action::Year)
///     .action(Kind::Zip, Action::Zip3)
///     .allow(Kind::Ip, "10.0.0.0/8")
///     .without(Kind::Url)
///     .as_of_year(2026)
///     .build()?;
/// assert_eq!(
///     scrubber.scrub("dob: 1980-01-05, zip 02139, from 10.1.2.3").as_str(),
///     "dob: [PHI:dob 1980], zip [PHI:zip 021], from 10.1.2.3",
/// );
/// // Born in 1930: over 89, so that not even the year may stay. And a postal code where few people live.
/// assert_eq!(
///     scrubber.scrub("dob: 1930-01-05, zip 03601").as_str(),
///     "dob: [PHI:dob 90+], zip [PHI:zip 000]",
/// );
///
/// // Refused: it would let a whole kind through, or keep what cannot be kept.
/// assert!(Scrubber::builder().allow(Kind::Email, "*").build().is_err());
/// assert!(Scrubber::builder().action(Kind::Ssn, Action::LastFour).build().is_err());
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is chosen before `build`"]
pub struct ScrubberBuilder {
    config: Config,
    failed: Option<ConfigError>,
}

impl ScrubberBuilder {
    /// Leaves values of this kind as they are.
    ///
    /// # Security
    ///
    /// They reach the log then.
    pub const fn without(mut self, kind: Kind) -> Self {
        self.config.off |= 1 << kind as u32;
        self
    }

    /// What becomes of values of this kind; without it they are removed.
    pub fn action(mut self, kind: Kind, action: Action) -> Self {
        if !action.fits(kind) {
            self.fail(ConfigError::ActionKind(kind));
        } else if let Some(slot) = self.config.actions.get_mut(kind as usize) {
            *slot = action;
        }
        self
    }

    /// Lets one value of a kind through: the number of the front desk, an address of the house.
    ///
    /// For [`Kind::Ip`] also a network such as `10.0.0.0/8`, for [`Kind::Url`] a host, for [`Kind::Email`] a domain
    /// (`@clinic.example`). An entry that would let nearly all through is refused by
    /// [`build`](Self::build).
    pub fn allow(mut self, kind: Kind, value: &str) -> Self {
        match Allowed::new(kind, value) {
            Ok(allowed) => self.config.allowed.push(allowed),
            Err(error) => self.fail(error),
        }
        self
    }

    /// Adds a rule of one's own.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.config.rules.push(rule);
        self
    }

    /// The year against which ages are counted; without it, the clock's.
    pub const fn as_of_year(mut self, year: u16) -> Self {
        self.config.year = Some(year);
        self
    }

    /// The key for [`Action::Token`], with the number that names it in each token.
    ///
    /// # Security
    ///
    /// Who has the key can try all nine-digit numbers. Keep it where the keys of the data are, apart from the
    /// logs, and change it from time to time: tokens of different keys cannot be told to be of one value. The
    /// tokens are pseudonyms, not de-identified data (45 CFR 164.514(c)).
    #[cfg(feature = "token")]
    pub fn token_key(mut self, id: u32, key: &[u8; 32]) -> Self {
        self.config.token = Some(token::TokenKey::new(id, key));
        self
    }

    /// The scrubber.
    ///
    /// # Errors
    ///
    /// The first [`ConfigError`] of what was chosen.
    pub fn build(self) -> Result<Scrubber, ConfigError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.config.actions.contains(&Action::Token) && self.config.token.is_none() {
            return Err(ConfigError::NoTokenKey);
        }
        if self.config.allowed.len() > MAX_ENTRIES || self.config.rules.len() > MAX_ENTRIES {
            return Err(ConfigError::TooMany);
        }
        Ok(Scrubber { config: Some(Arc::new(self.config)) })
    }

    fn fail(&mut self, error: ConfigError) {
        self.failed.get_or_insert(error);
    }
}

/// Why a scrubber was not made. No entry is quoted: an allow-list may hold what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The action cannot be done to values of this kind.
    ActionKind(Kind),
    /// The entry of an allow-list would let nearly all values of this kind through.
    AllowTooWide(Kind),
    /// The entry of an allow-list cannot be read.
    AllowForm(Kind),
    /// The pattern of a rule cannot be read, is too long or too short, or has no bound.
    RulePattern,
    /// A test of a rule failed, or it has none.
    RuleTest,
    /// Tokens were chosen without a key.
    NoTokenKey,
    /// More than 1,000 rules or allowed values.
    TooMany,
    /// The file is not TOML of the expected form, at this line.
    File {
        /// The line, from 1; 0 if it is not known.
        line: usize,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ActionKind(kind) => {
                write!(f, "this action does not fit {}, choose remove or token", kind.label())
            }
            Self::AllowTooWide(kind) => write!(
                f,
                "an allowed {} would let nearly all through, name whole values, hosts or networks",
                kind.label()
            ),
            Self::AllowForm(kind) => write!(f, "an allowed {} cannot be read", kind.label()),
            Self::RulePattern => f.write_str(
                "the pattern of a rule cannot be read or has no bound, write counts as {4,8}",
            ),
            Self::RuleTest => f.write_str(
                "a rule fails its own tests or has none, give texts it finds and ignores",
            ),
            Self::NoTokenKey => f.write_str("tokens need a key, call token_key"),
            Self::TooMany => write!(f, "more than {MAX_ENTRIES} rules or allowed values"),
            Self::File { line } => {
                write!(f, "the scrubber's file has an unknown key or value, see line {line}")
            }
        }
    }
}

impl Error for ConfigError {}
