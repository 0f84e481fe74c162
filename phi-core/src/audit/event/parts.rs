//! Splitting an event that is too long for one entry.

use std::mem;

use super::encode::{encoded_len, put_event, put_item, put_search, put_string};
use super::{ContentHash, Event, Id, Item, Part, Search};

/// What one part may hold beside its head: keys, brackets and one comma too many.
const LISTS: usize = r#","items":[],"searches":[]"#.len();

/// The keys of an item's lists and their brackets.
const ITEM_LISTS: usize = r#","fields":[],"hashes":{}"#.len();

impl Event {
    /// Splits the event by its items and searches into numbered parts of at most [`Event::MAX_BYTES`] each.
    ///
    /// An event that fits stays one, without a part number. Every part repeats the head; the first keeps the event's
    /// id and the others get ids of their own that follow from it. A record with too many fields for one part is
    /// continued in the next under the same record and id.
    ///
    /// ```
    /// use phi_core::audit::{Action, Event, EventId, EventTime, Item, Outcome, Part};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let time = EventTime::new("2026-11-22T08:15:00Z".parse()?);
    /// let mut export = Event::new(EventId::new(time, [7; 10]), time, Action::Read, Outcome::Success);
    /// export.items = (0..1000_i64).map(|id| Item::new("patient", id).with_fields(["name"])).collect();
    /// assert!(Event::decode(&export.encode()).is_err()); // too large for one entry: refused whole
    ///
    /// let parts = export.into_parts();
    /// assert_eq!(parts[0].part, Some(Part { n: 1, of: 2 }));
    /// assert_eq!(parts.iter().map(|part| part.items.len()).sum::<usize>(), 1000);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn into_parts(mut self) -> Vec<Self> {
        if self.fits_one_entry() {
            return vec![self];
        }
        let (items, searches) = (mem::take(&mut self.items), mem::take(&mut self.searches));
        self.part = Some(Part { n: u32::MAX, of: u32::MAX });
        let head = encoded_len(|out| put_event(out, &self)) + LISTS;
        let mut parts = Parts {
            room: Self::MAX_BYTES.saturating_sub(head),
            used: 0,
            head: self,
            done: Vec::new(),
        };
        parts.done.push(parts.head.clone());
        for item in items {
            parts.item(item);
        }
        for search in searches {
            parts.search(search);
        }
        parts.finish()
    }

    pub(in crate::audit) fn fits_one_entry(&self) -> bool {
        // A head fits by the bounds of its texts; only lists grow.
        let head_alone = self.items.is_empty() && self.searches.is_empty();
        head_alone || encoded_len(|out| put_event(out, self)) <= Self::MAX_BYTES
    }
}

struct Parts {
    /// The event without lists.
    head: Event,
    /// Bytes for items and searches in one part.
    room: usize,
    /// How many of them the last part has taken.
    used: usize,
    done: Vec<Event>,
}

impl Parts {
    fn item(&mut self, item: Item) {
        let len = encoded_len(|out| put_item(out, &item)) + 1;
        if len <= self.room {
            self.part_for(len).items.push(item);
            return;
        }
        for item in split_item(item, self.room) {
            let len = encoded_len(|out| put_item(out, &item)) + 1;
            self.part_for(len).items.push(item);
        }
    }

    fn search(&mut self, search: Search) {
        let len = encoded_len(|out| put_search(out, &search)) + 1;
        self.part_for(len).searches.push(search);
    }

    /// The part that takes `len` more bytes: the last, or a new one.
    fn part_for(&mut self, len: usize) -> &mut Event {
        if self.used + len > self.room && self.used > 0 {
            self.done.push(self.head.clone());
            self.used = 0;
        }
        self.used += len;
        match self.done.last_mut() {
            Some(part) => part,
            None => &mut self.head, // there is always one: `into_parts` begins with it
        }
    }

    fn finish(mut self) -> Vec<Event> {
        let of = u32::try_from(self.done.len()).unwrap_or(u32::MAX);
        for (part, n) in self.done.iter_mut().zip(1_u32..) {
            part.part = Some(Part { n, of });
            if n > 1 {
                part.id = self.head.id.of_part(n, self.head.time);
            }
        }
        self.done
    }
}

/// Splits one record's fields and hashes over several items that each fit `room`.
fn split_item(mut item: Item, room: usize) -> Vec<Item> {
    let (fields, hashes) = (mem::take(&mut item.fields), mem::take(&mut item.hashes));
    let head = encoded_len(|out| put_item(out, &item)) + ITEM_LISTS + 1;
    let mut done = Vec::new();
    let mut current = item.clone();
    let mut used = head;
    let mut take = |len: usize, current: &mut Item| {
        if used + len > room && used > head {
            done.push(mem::replace(current, item.clone()));
            used = head;
        }
        used += len;
    };
    for field in fields {
        take(label_len(&field) + 1, &mut current);
        current.fields.push(field);
    }
    for (column, hash) in hashes {
        let hash_len = match hash {
            ContentHash::Null => r#""null""#.len(),
            ContentHash::Sha256(_) => 2 + 64,
        };
        take(label_len(&column) + 1 + hash_len + 1, &mut current);
        current.hashes.insert(column, hash);
    }
    done.push(current);
    done
}

fn label_len(label: &Id) -> usize {
    encoded_len(|out| put_string(out, label.as_str()))
}
