//! Where in the program values are removed, and how many.

use core::fmt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing_core::Metadata;
use tracing_core::callsite::Identifier;

use crate::Hits;

/// Counts what is removed, by callsite and kind: for metrics, and for finding the lines to mend.
///
/// Give it to [`PhiSubscriber::with_report`](crate::PhiSubscriber::with_report); clones count together. It is never
/// given a value, and printing it shows none.
///
/// ```
/// use phi_log::{Kind, Report};
///
/// let report = Report::new();
/// let stack = phi_log::wrap(tracing_subscriber::registry()).with_report(&report);
/// tracing::subscriber::with_default(stack, || {
///     for _ in 0..3 {
///         tracing::info!(target: "desk", mrn = 77_193, "called (555) 010-4477");
///     }
///     tracing::info!(target: "desk", room = 4, "clean");
/// });
///
/// assert_eq!(report.hits().count(Kind::Mrn), 3);
/// let [place] = &report.places()[..] else { panic!("one line of the program") };
/// assert_eq!((place.metadata.target(), place.hits.total()), ("desk", 6));
/// // desk src/subscriber/report.rs:12: 3 [PHI:mrn], 3 [PHI:phone]
/// assert!(report.to_string().contains("3 [PHI:mrn], 3 [PHI:phone]"));
/// ```
///
/// # Security
///
/// There is no mode that counts and lets the values through: what stands in a log stays there. To see *what* would be
/// removed from a text that one has anyway, ask [`Scrubber::spans`](crate::Scrubber::spans) or `phi-scrub --spans`.
#[derive(Clone, Default)]
pub struct Report {
    places: Arc<Mutex<HashMap<Identifier, Place>>>,
}

/// A line of the program from which values were removed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Place {
    /// The span or event; of a record of the `log` crate, only its level.
    pub metadata: &'static Metadata<'static>,
    /// What was removed there.
    pub hits: Hits,
}

impl Report {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was removed in all.
    pub fn hits(&self) -> Hits {
        let mut all = Hits::default();
        for place in self.lock().values() {
            all.merge(&place.hits);
        }
        all
    }

    /// Where it was removed, the busiest line of the program first.
    pub fn places(&self) -> Vec<Place> {
        let mut places: Vec<_> = self.lock().values().cloned().collect();
        places.sort_by_key(|place| {
            let metadata = place.metadata;
            let order = u32::MAX - place.hits.total();
            (order, metadata.target(), metadata.file(), metadata.line(), metadata.name())
        });
        places
    }

    pub(super) fn add(&self, metadata: &'static Metadata<'static>, hits: &Hits) {
        let mut places = self.lock();
        let place = places
            .entry(metadata.callsite())
            .or_insert_with(|| Place { metadata, hits: Hits::default() });
        place.hits.merge(hits);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Identifier, Place>> {
        // Counts are whole after each statement.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Report {
    /// Writes a line for each place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Place { metadata, hits } in self.places() {
            write!(f, "{}", metadata.target())?;
            if let (Some(file), Some(line)) = (metadata.file(), metadata.line()) {
                write!(f, " {file}:{line}")?;
            }
            for (at, (kind, count)) in hits.iter().enumerate() {
                write!(f, "{} {count} {kind}", if at == 0 { ":" } else { "," })?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("hits", &self.hits().total()).finish_non_exhaustive()
    }
}
