//! The same choices as TOML.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Action, ConfigError, Rule, ScrubberBuilder};
use crate::scrub::Scrubber;
use crate::scrub::kind::Kind;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    off: Vec<String>,
    #[serde(default)]
    actions: BTreeMap<String, String>,
    #[serde(default)]
    allow: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    rule: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    kind: String,
    pattern: String,
    finds: Vec<String>,
    #[serde(default)]
    ignores: Vec<String>,
}

impl ScrubberBuilder {
    /// Reads choices from TOML and adds them.
    ///
    /// ```
    /// use phi_log::{ConfigError, Scrubber};
    ///
    /// let scrubber = Scrubber::builder().toml(r#"
    ///     off = ["url"]
    ///
    ///     [actions]
    ///     dob = "year"
    ///     zip = "zip3"
    ///
    ///     [allow]
    ///     phone = ["555-010-0000"]
    ///
    ///     [[rule]]
    ///     kind = "account"
    ///     pattern = "V-[0-9]{6,10}"
    ///     finds = ["V-123456"]
    ///     ignores = ["V-12"]
    /// "#)?.build()?;
    /// let scrubbed = scrubber.scrub("V-2023107, born 1/5/1980, desk 555-010-0000");
    /// assert_eq!(scrubbed.as_str(), "[PHI:account], born [PHI:dob 1980], desk 555-010-0000");
    ///
    /// // A name that does not exist is refused, not passed over.
    /// assert!(Scrubber::builder().toml(r#"off = ["everything"]"#).is_err());
    /// # Ok::<(), ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError::File`] for what cannot be read, and what [`Rule::new`] refuses. What was chosen and does
    /// not fit is told by [`build`](Self::build).
    pub fn toml(mut self, text: &str) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).map_or(0, |before| before.matches('\n').count() + 1);
            ConfigError::File { line }
        })?;
        let kind = |label: &str| {
            Kind::from_label(label).ok_or_else(|| ConfigError::File { line: line_of(text, label) })
        };
        for label in &file.off {
            self = self.without(kind(label)?);
        }
        for (label, word) in &file.actions {
            let line = ConfigError::File { line: line_of(text, word) };
            self = self.action(kind(label)?, Action::from_label(word).ok_or(line)?);
        }
        for (label, entries) in &file.allow {
            let kind = kind(label)?;
            for entry in entries {
                self = self.allow(kind, entry);
            }
        }
        for rule in &file.rule {
            let finds: Vec<_> = rule.finds.iter().map(String::as_str).collect();
            let ignores: Vec<_> = rule.ignores.iter().map(String::as_str).collect();
            self = self.rule(Rule::new(kind(&rule.kind)?, &rule.pattern, &finds, &ignores)?);
        }
        Ok(self)
    }
}

impl Scrubber {
    /// A scrubber with the choices of a TOML text; see [`ScrubberBuilder::toml`].
    ///
    /// # Errors
    ///
    /// Those of [`ScrubberBuilder::toml`] and [`ScrubberBuilder::build`].
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        Self::builder().toml(text)?.build()
    }
}

fn line_of(text: &str, word: &str) -> usize {
    text.lines().position(|line| line.contains(word)).map_or(0, |line| line + 1)
}
