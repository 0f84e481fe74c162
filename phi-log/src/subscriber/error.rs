//! An error chain of scrubbed messages.

use core::fmt;
use std::error::Error;

use super::visit::format_scrubbed;
use crate::{Hits, Scrubber};

/// Messages kept of a chain: one that is longer, or a ring, ends here.
const MAX_DEPTH: usize = 16;

/// One scrubbed message, with the one behind it.
pub(super) struct Chain {
    message: String,
    source: Option<Box<Chain>>,
}

impl Chain {
    /// Copies the messages of `error` and its sources, scrubbed.
    pub(super) fn of(error: &(dyn Error + 'static), scrubber: &Scrubber, hits: &mut Hits) -> Self {
        let mut messages = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next.filter(|_| messages.len() < MAX_DEPTH) {
            let mut message = String::new();
            format_scrubbed(scrubber, &mut message, hits, format_args!("{error}"));
            messages.push(message);
            next = error.source();
        }
        let mut source = None;
        while messages.len() > 1 {
            source = messages.pop().map(|message| Box::new(Self { message, source }));
        }
        Self { message: messages.pop().unwrap_or_default(), source }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Chain {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
