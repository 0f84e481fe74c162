use crate::policy::{Action, Purpose};

/// What a route or a job declares that it will do: an action on one or more kinds of records, for
/// a purpose of use.
///
/// ```
/// use phi_core::Needs;
/// use phi_core::policy::Purpose;
///
/// let chart = Needs::read("patient").and("visit"); // for treatment, unless it says otherwise
/// let bill = Needs::read("visit").purpose(Purpose::Payment);
/// # let _ = (chart, bill);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    action: Action,
    resources: Vec<Box<str>>,
    purpose: Purpose,
    mode: Mode,
}

/// When the audit event of a request must be durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// The outcome is durable before the answer leaves.
    Blocking,
    /// The intent is durable before anything happens, the outcome before the answer leaves: for
    /// writes to another database than the log's, and for exports.
    Strict,
}

impl Needs {
    /// An action on one kind of record, for treatment.
    #[must_use]
    pub fn new(action: Action, resource: &str) -> Self {
        let mode = match action {
            Action::Read | Action::Search => Mode::Blocking,
            Action::Create | Action::Update | Action::Delete | Action::Execute => Mode::Strict,
        };
        Self { action, resources: vec![resource.into()], purpose: Purpose::Treatment, mode }
    }

    /// Opens records.
    #[must_use]
    pub fn read(resource: &str) -> Self {
        Self::new(Action::Read, resource)
    }

    /// Writes records for the first time.
    #[must_use]
    pub fn create(resource: &str) -> Self {
        Self::new(Action::Create, resource)
    }

    /// Writes records that exist.
    #[must_use]
    pub fn update(resource: &str) -> Self {
        Self::new(Action::Update, resource)
    }

    /// Removes records.
    #[must_use]
    pub fn delete(resource: &str) -> Self {
        Self::new(Action::Delete, resource)
    }

    /// Looks records up by the value of a sealed field.
    #[must_use]
    pub fn search(resource: &str) -> Self {
        Self::new(Action::Search, resource)
    }

    /// The same action on another kind of record too.
    #[must_use]
    pub fn and(mut self, resource: &str) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// For another purpose of use than treatment.
    #[must_use]
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// With a durable intent before anything happens.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.mode = Mode::Strict;
        self
    }

    /// The action.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// The record labels.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().map(|resource| &**resource)
    }

    /// The purpose of use.
    #[must_use]
    pub fn purpose_of_use(&self) -> Purpose {
        self.purpose
    }

    /// When the audit event must be durable.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }
}

/// What is known of a request besides who and what, for its audit event.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// Method and route template, never the path itself.
    pub route: Option<String>,
    /// The request's id; one is made if there is none.
    pub request: Option<String>,
    /// The client's network address.
    pub address: Option<String>,
    /// The client's user agent, in its own words.
    pub agent: Option<String>,
}

impl Circumstances {
    /// Work that no request asked for, under the name of a job.
    #[must_use]
    pub fn job(name: &str) -> Self {
        Self { route: Some(format!("job {name}")), ..Self::default() }
    }
}
