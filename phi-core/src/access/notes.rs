use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::Id;
use crate::audit::{ContentHash, Item, Reason, Search};
use crate::crypto::sha256;
use crate::fast::FastSet;
use crate::record::{Place, RecordSchema, SealedRecord};

/// Numbers the searches of this process, so that one grant's is never taken for another's.
static SERIAL: AtomicU64 = AtomicU64::new(0);

/// What a grant has done so far: noted first, done then.
#[derive(Default)]
pub(crate) struct Notes {
    touched: Vec<Touched>,
    /// The records reached, as far as `shown` has had to look: most pages are opened whole first.
    reached: FastSet<(usize, Option<Id>, Id)>,
    looked: usize,
    searches: Vec<Searched>,
    /// The first refusal of policy inside the grant.
    pub(crate) denied: Option<Reason>,
}

fn key(schema: &'static RecordSchema, tenant: Option<&Id>, id: &Id) -> (usize, Option<Id>, Id) {
    (std::ptr::from_ref(schema).addr(), tenant.cloned(), id.clone())
}

/// One record, in a form that costs little until the event is written.
struct Touched {
    schema: &'static RecordSchema,
    tenant: Option<Id>,
    id: Id,
    subject: Id,
    /// Opened, shown or written; false for a record that was refused.
    reached: bool,
    hashes: Vec<(&'static str, ContentHash)>,
}

struct Searched {
    serial: u64,
    schema: &'static RecordSchema,
    field: usize,
    hits: u64,
}

impl Notes {
    /// Notes that all fields of a record struct are about to be opened.
    pub(crate) fn used(&mut self, schema: &'static RecordSchema, place: &Place) {
        self.push(schema, place, true, Vec::new());
    }

    /// Notes that all fields of a record struct are about to be shown.
    pub(crate) fn shown(&mut self, schema: &'static RecordSchema, place: &Place) {
        let new = self.touched.get(self.looked..).unwrap_or_default().iter();
        let opened = new.filter(|one| one.reached && one.hashes.is_empty());
        self.reached.extend(opened.map(|one| key(one.schema, one.tenant.as_ref(), &one.id)));
        self.looked = self.touched.len();
        // A view of a record that was opened under this grant is the same use.
        if !self.reached.contains(&key(schema, place.tenant.as_ref(), &place.id)) {
            self.used(schema, place);
        }
    }

    /// Notes what is about to be stored.
    pub(crate) fn written<S: SealedRecord>(
        &mut self,
        schema: &'static RecordSchema,
        place: &Place,
        row: &S,
    ) {
        let mut hashes = Vec::new();
        row.visit_stored(&mut |stored| {
            let hash = match stored.bytes {
                Some(bytes) => ContentHash::Sha256(sha256(&[bytes])),
                None => ContentHash::Null,
            };
            hashes.push((stored.label, hash));
        });
        self.push(schema, place, true, hashes);
    }

    /// Notes that a row is about to be removed: every column of it becomes NULL.
    pub(crate) fn deleted<S: SealedRecord>(
        &mut self,
        schema: &'static RecordSchema,
        place: &Place,
        row: &S,
    ) {
        let mut hashes = Vec::new();
        row.visit_stored(&mut |stored| hashes.push((stored.label, ContentHash::Null)));
        self.push(schema, place, true, hashes);
    }

    /// Notes a record that policy kept back.
    pub(crate) fn refused(&mut self, schema: &'static RecordSchema, place: &Place, reason: Reason) {
        self.push(schema, place, false, Vec::new());
        self.denied.get_or_insert(reason);
    }

    /// Notes a search, and gives it the number that its hits are noted under.
    pub(crate) fn searched(&mut self, schema: &'static RecordSchema, field: usize) -> u64 {
        let serial = SERIAL.fetch_add(1, Relaxed);
        self.searches.push(Searched { serial, schema, field, hits: 0 });
        serial
    }

    pub(crate) fn found(&mut self, serial: u64, hits: u64) {
        if let Some(search) = self.searches.iter_mut().find(|search| search.serial == serial) {
            search.hits = search.hits.saturating_add(hits);
        }
    }

    fn push(
        &mut self,
        schema: &'static RecordSchema,
        place: &Place,
        reached: bool,
        hashes: Vec<(&'static str, ContentHash)>,
    ) {
        self.touched.push(Touched {
            schema,
            tenant: place.tenant.clone(),
            id: place.id.clone(),
            subject: place.subject.clone(),
            reached,
            hashes,
        });
    }

    /// The lists of the audit event of this tenant.
    pub(crate) fn into_lists(self, tenant: Option<&crate::audit::Id>) -> (Vec<Item>, Vec<Search>) {
        let items = self.touched.into_iter().map(|touched| {
            let mut item = Item::new(touched.schema.record, &touched.id);
            let own = touched.subject == touched.id;
            item.subject = Some(if own { item.id.clone() } else { (&touched.subject).into() });
            if touched.reached {
                item.fields = touched.schema.fields.iter().map(|f| f.field.into()).collect();
            }
            let of = touched.tenant.as_ref().map(crate::audit::Id::from);
            item.tenant = of.filter(|of| Some(of) != tenant);
            item.hashes = touched.hashes.into_iter().map(|(c, h)| (c.into(), h)).collect();
            item
        });
        let searches = self.searches.into_iter().filter_map(|search| {
            let field = search.schema.fields.get(search.field)?.field;
            let record = search.schema.record.into();
            Some(Search { record, field: field.into(), hits: search.hits })
        });
        (items.collect(), searches.collect())
    }
}
