//! From TOML to a draft. Spans come from the parser, words and messages are ours.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::draft::{ListDraft, PolicyDraft, RoleDraft, RuleDraft, Slot};
use super::error::{Faults, PolicyError, PolicyFaultKind as Kind, Position};
use super::lines::Lines;
use super::model::UnknownWord;
use super::rules::{MAX_TEXT, Placed, Policy};

const KNOWN_IN_POLICY: &str = "`version`, `roles`";
const KNOWN_IN_ROLE: &str = "`title`, `inherits`, `allow`, `deny`";
const KNOWN_IN_ALLOW: &str = "`actions`, `resources`, `classes`, `scope`, `purposes`";
const KNOWN_IN_DENY: &str = "`actions`, `resources`, `classes`, `purposes`";

impl Policy {
    /// Reads a policy and checks that it is consistent in itself.
    ///
    /// Each role has the keys `title`, `inherits`, `allow` and `deny`, all optional. A rule lists
    /// its `actions`, `resources` (record labels), `classes` (of fields) and `purposes` (HL7 v3
    /// codes); an allow rule has a `scope` of rows, a deny rule holds for every row. Where an
    /// allow rule says `classes = "all"`, or a deny rule `"all"` for any of its lists, it means
    /// all there are.
    ///
    /// ```
    /// use phi_core::policy::Policy;
    ///
    /// let policy = Policy::from_toml(
    ///     r#"
    ///     version = 1
    ///
    ///     [roles.clinician]
    ///     title = "Clinician"
    ///     allow = [
    ///       { actions = ["read", "search"], resources = ["patient"], classes = ["contact"], scope = "tenant", purposes = ["TREAT"] },
    ///     ]
    ///     "#,
    /// );
    /// assert!(policy.is_ok());
    ///
    /// // What is not understood is refused, all of it at once and each with its place.
    /// let refused = Policy::from_toml("version = 1\n[roles.clinician]\ninherit = [\"staff\"]\n");
    /// let error = refused.expect_err("the key is `inherits`");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "policy refused: line 3, column 1: unknown key; known here: `title`, `inherits`, `allow`, `deny`",
    /// );
    /// ```
    ///
    /// # Errors
    /// [`PolicyError`] if the text is over 1 MiB, is not TOML, or says what a policy cannot say.
    /// At most 256 roles and 4096 rules are read.
    ///
    /// # Security
    /// Total on any text: it ends in a value or an error, in memory in proportion to the text.
    /// Names of records and classes are checked later, when the policy meets the records.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        // An editor's byte order mark is no column.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MAX_TEXT {
            let max = MAX_TEXT;
            return Err(Faults::default().refuse(None, Kind::TextTooLong { max }));
        }
        let lines = Lines::new(text);
        match DeTable::parse(text) {
            Ok(root) => {
                let faults = Faults::default();
                let mut reader = Reader { lines, faults };
                let roles = reader.policy(root.get_ref());
                let faults = reader.faults;
                PolicyDraft { roles, faults }.check()
            }
            // The parser's message quotes the text: only its place is taken.
            Err(error) => {
                let at = error.span().map(|span| lines.position(span.start));
                Err(Faults::default().refuse(at, Kind::Syntax))
            }
        }
    }
}

struct Reader<'t> {
    lines: Lines<'t>,
    faults: Faults,
}

impl Reader<'_> {
    fn at<T>(&self, spanned: &Spanned<T>) -> Position {
        self.lines.position(spanned.span().start)
    }

    fn wrong_type(&mut self, at: Position, key: &'static str, expected: &'static str) {
        self.faults.push(at, Kind::WrongType { key, expected });
    }

    fn policy(&mut self, root: &DeTable<'_>) -> Vec<RoleDraft> {
        let top = self.lines.position(0);
        let mut roles = Vec::new();
        for key in ["version", "roles"] {
            if !root.contains_key(key) {
                self.faults.push(top, Kind::MissingKey { key });
            }
        }
        for (key, value) in root {
            match key.get_ref().as_ref() {
                "version" => {
                    // The parser takes the base from the text, so `0x1` would pass without it.
                    let is_one = |n: &toml::de::DeInteger<'_>| n.radix() == 10 && n.as_str() == "1";
                    if !value.get_ref().as_integer().is_some_and(is_one) {
                        self.faults.push(self.at(value), Kind::Version);
                    }
                }
                "roles" => match value.get_ref().as_table() {
                    Some(table) => roles = self.roles(table),
                    None => self.wrong_type(self.at(value), "roles", "a table of roles"),
                },
                _ => {
                    let known = KNOWN_IN_POLICY;
                    self.faults.push(self.at(key), Kind::UnknownKey { known });
                }
            }
        }
        roles
    }

    fn roles(&mut self, table: &DeTable<'_>) -> Vec<RoleDraft> {
        let mut roles: Vec<_> = table.iter().collect();
        // The parser sorts by name; readers expect the order of the file.
        roles.sort_by_key(|(name, _)| name.span().start);
        roles
            .into_iter()
            .filter_map(|(name, value)| {
                let at = self.at(name);
                let Some(table) = value.get_ref().as_table() else {
                    self.wrong_type(at, "roles", "each role as a table");
                    return None;
                };
                let mut role = RoleDraft::new(name.get_ref().as_ref().to_owned(), at);
                self.role(table, &mut role);
                Some(role)
            })
            .collect()
    }

    fn role(&mut self, table: &DeTable<'_>, role: &mut RoleDraft) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "title" => match value.get_ref().as_str() {
                    Some(title) => role.title = Some(Placed::new(title.into(), self.at(value))),
                    None => self.wrong_type(self.at(value), "title", "a text"),
                },
                "inherits" => role.inherits = self.inherits(value),
                "allow" => self.rules(value, "allow", &mut role.rules),
                "deny" => self.rules(value, "deny", &mut role.rules),
                _ => {
                    let known = KNOWN_IN_ROLE;
                    self.faults.push(self.at(key), Kind::UnknownKey { known });
                }
            }
        }
    }

    fn inherits(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Placed<String>> {
        const EXPECTED: &str = "a list of role names";
        let Some(entries) = value.get_ref().as_array() else {
            self.wrong_type(self.at(value), "inherits", EXPECTED);
            return Vec::new();
        };
        let mut names = Vec::with_capacity(entries.len());
        for entry in entries {
            let at = self.at(entry);
            match entry.get_ref().as_str() {
                Some(name) => names.push(Placed::new(name.to_owned(), at)),
                None => self.wrong_type(at, "inherits", EXPECTED),
            }
        }
        names
    }

    fn rules(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key: &'static str,
        rules: &mut Vec<RuleDraft>,
    ) {
        let Some(entries) = value.get_ref().as_array() else {
            self.wrong_type(self.at(value), key, "a list of rules");
            return;
        };
        for entry in entries {
            let at = self.at(entry);
            match entry.get_ref().as_table() {
                Some(table) => rules.push(self.rule(table, RuleDraft::new(key == "deny", at))),
                None => self.wrong_type(at, key, "each rule as a table"),
            }
        }
    }

    fn rule(&mut self, table: &DeTable<'_>, mut rule: RuleDraft) -> RuleDraft {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "actions" => rule.actions = self.list(value, "actions", word),
                "resources" => {
                    rule.resources = self.list(value, "resources", |text| Ok(text.to_owned()));
                }
                "classes" => rule.classes = self.list(value, "classes", |text| Ok(text.to_owned())),
                "purposes" => rule.purposes = self.list(value, "purposes", word),
                "scope" if rule.denies => self.faults.push(self.at(key), Kind::ScopeInDeny),
                "scope" => {
                    let at = self.at(value);
                    let scope = value.get_ref().as_str().map(str::parse);
                    rule.scope = Slot::Faulty;
                    match scope {
                        Some(Ok(scope)) => rule.scope = Slot::Is(Placed::new(scope, at)),
                        Some(Err(word)) => self.faults.push(at, Kind::UnknownWord(word)),
                        None => self.wrong_type(at, "scope", "a text"),
                    }
                }
                _ => {
                    let known = if rule.denies { KNOWN_IN_DENY } else { KNOWN_IN_ALLOW };
                    self.faults.push(self.at(key), Kind::UnknownKey { known });
                }
            }
        }
        rule
    }

    fn list<T>(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key: &'static str,
        read: fn(&str) -> Result<T, Kind>,
    ) -> Slot<ListDraft<T>> {
        const EXPECTED: &str = "a list of texts";
        let at = self.at(value);
        let items = match value.get_ref() {
            DeValue::Array(items) => items,
            DeValue::String(text) if text == "all" => {
                return Slot::Is(ListDraft { at, entries: None });
            }
            _ => {
                self.wrong_type(at, key, EXPECTED);
                return Slot::Faulty;
            }
        };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            let at = self.at(item);
            match item.get_ref().as_str() {
                Some("all") => self.faults.push(at, Kind::AllInList { key }),
                Some(text) => match read(text) {
                    Ok(entry) => entries.push(Placed::new(entry, at)),
                    Err(kind) => self.faults.push(at, kind),
                },
                None => self.wrong_type(at, key, EXPECTED),
            }
        }
        if entries.len() < items.len() {
            return Slot::Faulty;
        }
        let entries = Some(entries);
        Slot::Is(ListDraft { at, entries })
    }
}

fn word<T: std::str::FromStr<Err = UnknownWord>>(text: &str) -> Result<T, Kind> {
    text.parse().map_err(Kind::UnknownWord)
}
