//! What the current request has opened, found literally: the one way to a name in free text.

use phi_core::known;

use super::engine::Hit;
use super::kind::Kind;

/// Whether no request is under way here, or it has opened nothing.
pub(super) fn is_nothing() -> bool {
    known::with_current(|current| current.is_none_or(known::KnownValues::is_empty))
}

/// Adds each value of the current request that stands in the text, in order. Of a request that has opened
/// more than is kept, all of the text.
pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    let hit = |start, end| Hit { start, end, kind: Kind::Known, quote: None };
    known::with_current(|current| {
        let Some(current) = current.filter(|current| !current.is_empty()) else { return };
        if current.is_overflowing() {
            if !text.is_empty() && text != Kind::Known.marker() {
                hits.push(hit(0, text.len()));
            }
            return;
        }
        current.find(text, |place| hits.push(hit(place.start, place.end)));
    });
}
